"""AuthnRequests as another parser and another verifier see them, and what is refused (SAML-03, SAML-42, SAML-43)."""

from __future__ import annotations

import base64
import random
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from signxml import XMLVerifier

from latchstring.protocols.saml import deflate, issue, names, refusals, request, signature, xml
from tests.protocols.saml.answers import ACS, NOW, REQUEST, SP, Key, answer, pair, swap

SSO = "https://idp.example.com/sso"
STATE = "state+/=&ä ?#"
WISHES: Mapping[str, Any] = {
    "request_id": REQUEST,
    "issue_instant": NOW,
    "sp_entity_id": SP,
    "acs_url": ACS,
    "destination": SSO,
}


def built(**wishes: Any) -> bytes:
    return request.build(**{**WISHES, **wishes})


def seen(document: bytes) -> ElementTree.Element:
    """The request as the standard library sees it."""
    return ElementTree.fromstring(document)  # noqa: S314 - a second opinion about a document of our own


def query_of(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def plain(url: str) -> bytes:
    return zlib.decompress(base64.b64decode(query_of(url)["SAMLRequest"], validate=True), -15)


def redirected(**wishes: Any) -> str:
    return request.redirect_url(SSO, built(), STATE, **wishes)


# What it says


def test_a_request_says_who_asks_and_where_to_answer_and_nothing_else() -> None:
    root = seen(built())
    assert root.tag == names.AUTHN_REQUEST
    assert root.attrib == {
        "ID": REQUEST,
        "Version": "2.0",
        "IssueInstant": "2026-03-04T05:06:07.000Z",
        "Destination": SSO,
        "AssertionConsumerServiceURL": ACS,
        "ProtocolBinding": names.POST_BINDING,
    }
    assert [(part.tag, part.text, part.attrib) for part in root] == [(names.ISSUER, SP, {})]


@pytest.mark.parametrize("wishes", [{}, {"force_authn": True}, {"subject_hint": "ann"}], ids=str)
def test_a_request_asks_for_no_name_format_and_no_authentication_context(wishes: dict[str, Any]) -> None:
    present = {part.tag.rpartition("}")[2] for part in seen(built(**wishes)).iter()}
    assert present.isdisjoint({"NameIDPolicy", "RequestedAuthnContext", "Scoping", "Conditions", "Extensions"})


@pytest.mark.parametrize("force", [True, False])
def test_force_authn_is_there_only_if_wished(force: bool) -> None:
    document = built(force_authn=force)
    assert seen(document).get("ForceAuthn") == ("true" if force else None)
    assert request.read(document).force_authn is force


def test_a_hint_names_the_subject() -> None:
    name = seen(built(subject_hint="ann & <bob>")).find(f"{names.SUBJECT}/{names.NAME_ID}")
    assert name is not None
    assert (name.text, name.attrib) == ("ann & <bob>", {})


@pytest.mark.parametrize("odd", ["https://h/?a=1&b=2", 'https://h/"x"', "https://h/'x'", "https://h/<x>", "urn:ä"])
def test_every_text_is_escaped(odd: str) -> None:
    root = seen(built(sp_entity_id=odd, acs_url=odd, destination=odd))
    assert (root.get("Destination"), root.get("AssertionConsumerServiceURL"), root[0].text) == (odd, odd, odd)


# The Redirect binding


def test_a_redirect_carries_the_request_deflated() -> None:
    url = redirected()
    assert url.startswith(f"{SSO}?SAMLRequest=")
    assert list(query_of(url)) == ["SAMLRequest", "RelayState"]
    assert plain(url) == built()
    assert query_of(url)["RelayState"] == STATE
    assert request.from_query(urlsplit(url).query) == (built(), STATE)


@pytest.mark.parametrize(
    ("sso_url", "start"),
    [
        ("https://i/sso", "https://i/sso?SAMLRequest="),
        ("https://i/sso?", "https://i/sso?SAMLRequest="),
        ("https://i/sso?idpid=C0%2F1", "https://i/sso?idpid=C0%2F1&SAMLRequest="),
        ("https://i/sso?a=1&b=2", "https://i/sso?a=1&b=2&SAMLRequest="),
        ("https://i/sso?a=1&", "https://i/sso?a=1&SAMLRequest="),
        ("https://i/sso#part", "https://i/sso?SAMLRequest="),
        ("https://i/sso?a=1#part", "https://i/sso?a=1&SAMLRequest="),
    ],
)
def test_a_query_of_the_destination_itself_is_kept(sso_url: str, start: str) -> None:
    url = request.redirect_url(sso_url, built(), STATE, signing_key_pem=pair().pem)
    assert url.startswith(start)
    assert urlsplit(url).fragment == ""
    assert plain(url) == built()
    _check_query(url, "rsa")


def test_extra_parameters_stand_behind_the_signature() -> None:
    url = redirected(extra={"login_hint": "ann+x@example.com&a=b"}, signing_key_pem=pair().pem)
    assert list(query_of(url)) == ["SAMLRequest", "RelayState", "SigAlg", "Signature", "login_hint"]
    assert query_of(url)["login_hint"] == "ann+x@example.com&a=b"
    _check_query(url, "rsa")


def _check_query(url: str, key: Key) -> None:
    """Verifies the raw octets as sent (bindings 3.4.4.1), by cryptography alone."""
    query = urlsplit(url).query
    query = query[query.index("SAMLRequest=") :]
    signed, _, rest = query.partition("&Signature=")
    assert [part.partition("=")[0] for part in signed.split("&")] == ["SAMLRequest", "RelayState", "SigAlg"]
    value = base64.b64decode(parse_qs(f"s={rest.partition('&')[0]}")["s"][0], validate=True)
    public = pair(key).key.public_key()
    if key == "rsa":
        assert query_of(url)["SigAlg"] == names.RSA_SHA256
        public.verify(value, signed.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    else:
        assert query_of(url)["SigAlg"] == names.ECDSA_SHA256
        half = len(value) // 2
        r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
        public.verify(utils.encode_dss_signature(r, s), signed.encode("ascii"), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("key", ["rsa", "ec256", "ec521"])
def test_saml_42_a_signed_query_is_signed_over_exactly_what_is_sent(key: Key) -> None:
    url = redirected(signing_key_pem=pair(key).pem)
    _check_query(url, key)
    for old, new in (("RelayState=s", "RelayState=S"), ("%2B", "%2b"), ("SAMLRequest=", "SAMLRequest=A")):
        spoilt = url.replace(old, new, 1)
        assert spoilt != url
        with pytest.raises(InvalidSignature):
            _check_query(spoilt, key)


# The POST binding


def test_a_form_carries_the_request_as_it_is() -> None:
    assert request.post_fields(built(), STATE) == {
        "SAMLRequest": base64.b64encode(built()).decode(),
        "RelayState": STATE,
    }


@pytest.mark.parametrize("key", ["rsa", "ec256"])
def test_saml_42_a_form_is_signed_inside_the_document(key: Key) -> None:
    fields = request.post_fields(
        built(), STATE, signing_key_pem=pair(key).pem, signing_certificate_pem=pair(key).certificate
    )
    document = base64.b64decode(fields["SAMLRequest"], validate=True)
    assert [part.tag for part in seen(document)] == [names.ISSUER, names.SIGNATURE]
    result = XMLVerifier().verify(document, x509_cert=pair(key).certificate, id_attribute="ID")
    assert not isinstance(result, list)
    assert result.signed_xml is not None
    assert result.signed_xml.get("ID") == REQUEST
    assert request.read(document) == request.read(built())


# Reading


def test_what_is_built_is_read() -> None:
    assert request.read(built()) == request.AuthnRequest(
        id=REQUEST, issuer=SP, acs_url=ACS, destination=SSO, force_authn=False, issue_instant=NOW
    )


def test_what_may_be_left_out_may_be_left_out() -> None:
    bare = swap(f' AssertionConsumerServiceURL="{ACS}"', "")(swap(f' Destination="{SSO}"', "")(built().decode()))
    said = request.read(bare.encode())
    assert (said.acs_url, said.destination) == (None, None)


@pytest.mark.parametrize(("text", "force"), [("true", True), ("1", True), ("false", False), ("0", False), ("", False)])
def test_force_authn_in_each_spelling(text: str, force: bool) -> None:
    spelt = built(force_authn=True).decode().replace('ForceAuthn="true"', f'ForceAuthn="{text}"')
    assert request.read(spelt.encode()).force_authn is force


UNREADABLE = {
    "response": answer(sign="none"),
    "logout-request": built().replace(b"AuthnRequest", b"LogoutRequest"),
    "saml-1": built().replace(names.SAMLP.encode(), b"urn:oasis:names:tc:SAML:1.0:protocol"),
    "version-1.1": built().replace(b'"2.0"', b'"1.1"'),
    "without-version": built().replace(b' Version="2.0"', b""),
    "without-id": built().replace(f' ID="{REQUEST}"'.encode(), b""),
    "with-an-empty-id": built().replace(REQUEST.encode(), b""),
    "without-issuer": built().replace(f"<saml:Issuer>{SP}</saml:Issuer>".encode(), b""),
    "with-an-empty-issuer": built(sp_entity_id=""),
    "with-elements-in-the-issuer": built().replace(SP.encode(), b"<x/>" + SP.encode()),
    "without-instant": built().replace(b"IssueInstant", b"When"),
    "with-a-strange-instant": built().replace(b"2026-03-04T", b"yesterday "),
    "with-a-dtd": b"<!DOCTYPE x>" + built(),
    "cut-off": built()[:-1],
    "empty": b"",
}


@pytest.mark.parametrize("row", UNREADABLE)
def test_what_is_no_request_is_refused(row: str) -> None:
    assert UNREADABLE[row] != built()
    with pytest.raises(request.AuthnRequestInvalid):
        request.read(UNREADABLE[row])


# Inflating (SAML-03) and the query (SAML-43)


def field(document: bytes, *, behind: bytes = b"", level: int = 9) -> str:
    engine = zlib.compressobj(level, zlib.DEFLATED, -15)
    return base64.b64encode(engine.compress(document) + engine.flush() + behind).decode()


@pytest.mark.parametrize("size", [65_537, deflate.MAX_INFLATED, deflate.MAX_INFLATED + 1, 40_000_000])
def test_saml_03_a_bomb_is_refused(size: int) -> None:
    with pytest.raises(refusals.DocumentTooLarge) as caught:
        request.inflate(field(b"a" * size))
    assert caught.value.limit == "inflated"


def test_saml_03_a_long_request_that_shrinks_as_text_does_is_read() -> None:
    noise = base64.b64encode(random.Random(7).randbytes(24_000))  # noqa: S311 - noise, not a secret
    assert request.inflate(field(noise * 20)) == noise * 20
    assert request.inflate(field(b"a" * 65_536)) == b"a" * 65_536
    with pytest.raises(refusals.DocumentTooLarge):
        request.inflate(field(noise * 40))


def test_saml_03_a_field_beyond_any_request_is_not_even_decoded() -> None:
    with pytest.raises(refusals.DocumentTooLarge) as caught:
        request.inflate("!" * (deflate.MAX_FIELD + 1))
    assert caught.value.limit == "bytes"
    with pytest.raises(request.AuthnRequestInvalid):
        request.inflate("!" * deflate.MAX_FIELD)


NOT_DEFLATED = {
    "empty": "",
    "not-base64": "%%%",
    "url-safe-base64": field(built()).replace("+", "-").replace("/", "_") + "-_",
    "not-ascii": "é",
    "not-deflated": base64.b64encode(built()).decode(),
    "with-a-zlib-header": base64.b64encode(zlib.compress(built())).decode(),
    "with-a-gzip-header": base64.b64encode(zlib.compress(built(), wbits=31)).decode(),
    "cut-off": base64.b64encode(base64.b64decode(field(built()))[:-4]).decode(),
    "with-more-behind": field(built(), behind=b"more"),
    "two-in-one": field(built(), behind=base64.b64decode(field(built()))),
}


@pytest.mark.parametrize("row", NOT_DEFLATED)
def test_saml_03_what_does_not_inflate_is_refused(row: str) -> None:
    with pytest.raises(request.AuthnRequestInvalid):
        request.inflate(NOT_DEFLATED[row])


GOOD = f"SAMLRequest={quote(field(built()), safe='')}"
BAD_QUERIES = {
    "empty": "",
    "relay-state-alone": "RelayState=x",
    "response-instead": GOOD.replace("SAMLRequest", "SAMLResponse"),
    "both": f"{GOOD}&SAMLResponse=x",
    "both-one-empty": f"{GOOD}&SAMLResponse=",
    "request-twice": f"{GOOD}&{GOOD}",
    "relay-state-twice": f"{GOOD}&RelayState=a&RelayState=b",
    "relay-state-twice-once-encoded": f"{GOOD}&RelayState=a&Relay%53tate=b",
    "another-twice": f"{GOOD}&x=1&x=1",
    "not-utf-8": f"{GOOD}&RelayState=%FF",
    "too-many-fields": GOOD + "".join(f"&a{at}=1" for at in range(40)),
    "request-empty": "SAMLRequest=",
    "name-in-another-case": GOOD.replace("SAMLRequest", "samlrequest"),
}


@pytest.mark.parametrize("row", BAD_QUERIES)
def test_saml_43_a_query_that_could_be_read_in_two_ways_is_refused(row: str) -> None:
    with pytest.raises(request.AuthnRequestInvalid):
        request.from_query(BAD_QUERIES[row])


@pytest.mark.parametrize(
    ("more", "state"), [("", None), ("&RelayState=", ""), ("&RelayState=a%26b+c", "a&b c"), ("&other=1", None)]
)
def test_a_query_with_and_without_relay_state(more: str, state: str | None) -> None:
    assert request.from_query(GOOD + more) == (built(), state)


def test_the_whole_way_from_our_request_to_their_answer() -> None:
    document, state = request.from_query(urlsplit(redirected(signing_key_pem=pair().pem)).query)
    asked = request.read(document)
    assert state == STATE
    response = issue.refuse(
        entity_id="https://idp.example.com/entity",
        acs_url=asked.acs_url or "",
        response_id="_r",
        in_response_to=asked.id,
        now=asked.issue_instant,
    )
    with pytest.raises(refusals.IdpRefused):
        signature.verify(response, certificates=[pair().certificate], policy=signature.SignaturePolicy())
    assert xml.parse(response).get("InResponseTo") == REQUEST
