"""Signed queries of the Redirect binding: which octets are signed, and what is refused (SAML-03, 18 to 21, 42, 43)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from latchstring.model.refusal import Refusal
from latchstring.protocols.saml import deflate, names, query, refusals, signature, signing
from latchstring.protocols.saml.logout_refusals import LogoutMessageMalformed, LogoutSignatureMissing
from tests.protocols.saml.answers import Key, pair, swap
from tests.protocols.saml.logouts import by_query, posted, redirected, request, response, unsigned

SHA256 = hashes.SHA256()
RELAY = "the provider's own & more/+ä"


def read(raw: str) -> query.SignedQuery:
    return query.read(raw.encode())


def sign_octets(octets: str, algorithm: hashes.HashAlgorithm = SHA256) -> str:
    """A good signature behind octets that hold a SigAlg already."""
    value = pair().key.sign(octets.encode(), padding.PKCS1v15(), algorithm)
    return f"{octets}&Signature={quote(base64.b64encode(value).decode(), safe='')}"


def relabelled(algorithm: str) -> str:
    """A good query, but for the name of the algorithm."""
    return swap(quote(names.RSA_SHA256, safe=""), quote(algorithm, safe=""))(redirected(request()))


# What is read


@pytest.mark.parametrize("relay_state", [None, "", RELAY])
def test_a_query_is_read_and_the_signed_octets_are_those_that_were_sent(relay_state: str | None) -> None:
    raw = redirected(request(), relay_state=relay_state)
    found = read(raw)
    assert found.kind == "SAMLRequest"
    assert found.document == request()
    assert found.relay_state == relay_state
    assert found.algorithm == names.RSA_SHA256
    assert found.octets == raw.partition("&Signature=")[0].encode()
    assert len(found.value) == 256


def test_a_response_is_read_as_one() -> None:
    assert read(redirected(response(), kind="SAMLResponse")).kind == "SAMLResponse"


# Percent-encoding in other ways: the same values, other octets (bindings 3.4.4.1)

ENCODINGS: dict[str, Callable[[str], str]] = {
    "lower-case": lambda text: re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text),
    "space-as-plus": lambda text: text.replace("%20", "+"),
    "slashes-as-they-are": lambda text: text.replace("%2F", "/"),
    "all-letters-encoded": lambda text: re.sub(
        "(?<==)[^&]+", lambda part: re.sub("(?<!%)(?<!%.)[A-Za-z]", lambda one: f"%{ord(one[0]):02X}", part[0]), text
    ),
    "utf-8-as-it-is": lambda text: text.replace("%C3%A4", "ä"),
}


@pytest.mark.parametrize("row", ENCODINGS)
def test_saml_42_a_query_encoded_in_another_way_verifies_if_that_was_signed(row: str) -> None:
    start = unsigned(request(), relay_state=RELAY)
    other = ENCODINGS[row](start)
    assert other != start
    made = sign_octets(f"{other}&SigAlg={quote(names.RSA_SHA256, safe='')}")
    assert by_query(made).root.get("ID") == "_logout"
    if other.isascii():
        assert read(made).relay_state == RELAY


@pytest.mark.parametrize("row", ENCODINGS)
def test_saml_42_a_query_encoded_anew_on_its_way_is_refused(row: str) -> None:
    signed, mark, value = redirected(request(), relay_state=RELAY).partition("&Signature=")
    with pytest.raises(refusals.SignatureInvalid) as caught:
        by_query(ENCODINGS[row](signed) + mark + value)
    assert (caught.value.element, caught.value.reason) == ("query", "key")


def test_saml_42_sigalg_may_be_encoded_in_any_way_too_if_that_was_signed() -> None:
    for spelt in (names.RSA_SHA256, quote(names.RSA_SHA256, safe="").lower(), quote(names.RSA_SHA256, safe=":/#")):
        assert by_query(sign_octets(f"{unsigned(request())}&SigAlg={spelt}")).root.get("ID") == "_logout"


def test_saml_42_the_order_of_the_parameters_is_free_and_that_of_the_signed_octets_is_not() -> None:
    parts = redirected(request(), relay_state=RELAY).split("&")
    for turned in (parts[::-1], [parts[1], parts[0], parts[3], parts[2]], ["a=1", *parts[:2], "b", "", *parts[2:]]):
        assert by_query("&".join(turned)).root.get("ID") == "_logout"
    backwards = sign_octets("&".join((parts[1], parts[0], parts[2])))  # signed in the order in which they stand
    with pytest.raises(refusals.SignatureInvalid):
        by_query(backwards)


@pytest.mark.parametrize(
    ("signed", "sent"),
    [(None, ""), (None, "x"), ("", None), ("", "x"), ("x", None), ("x", ""), ("x", "X"), ("x", "x ")],
)
def test_saml_42_a_relay_state_is_signed_whether_empty_or_not_there(signed: str | None, sent: str | None) -> None:
    start, other = unsigned(request(), relay_state=signed), unsigned(request(), relay_state=sent)
    made = signing.sign_query(start, pair().pem)
    assert by_query(made).root.get("ID") == "_logout"
    with pytest.raises(refusals.SignatureInvalid):
        by_query(made.replace(start, other))


def test_saml_42_a_message_in_the_place_of_another_is_refused() -> None:
    mine, other = unsigned(request()), unsigned(request(request_id="_other"))
    with pytest.raises(refusals.SignatureInvalid):
        by_query(signing.sign_query(mine, pair().pem).replace(mine, other))
    as_response = signing.sign_query(mine, pair().pem).replace("SAMLRequest=", "SAMLResponse=")
    with pytest.raises(refusals.SignatureInvalid):
        by_query(as_response)


# Two readings (SAML-43)

GOOD = redirected(request(), relay_state="r")
VALUE = unsigned(request(request_id="_other")).partition("=")[2]
TWO_READINGS = {
    "request-twice": f"{GOOD}&SAMLRequest={VALUE}",
    "request-twice-the-same": f"{GOOD}&{GOOD.partition('&')[0]}",
    "request-twice-once-empty": f"SAMLRequest=&{GOOD}",
    "request-disguised": f"{GOOD}&SAML%52equest={VALUE}",
    "request-disguised-first": f"%53AMLRequest={VALUE}&{GOOD}",
    "request-disguised-alone": GOOD.replace("SAMLRequest", "SAMLReques%74"),
    "response-beside": f"{GOOD}&SAMLResponse={VALUE}",
    "response-beside-empty": f"{GOOD}&SAMLResponse",
    "relay-state-twice": f"{GOOD}&RelayState=r",
    "relay-state-disguised": f"{GOOD}&Relay%53tate=x",
    "algorithm-twice": f"{GOOD}&SigAlg={quote(names.RSA_SHA1, safe='')}",
    "algorithm-disguised": f"{GOOD}&%53igAlg={quote(names.RSA_SHA1, safe='')}",
    "signature-twice": f"{GOOD}&Signature=AAAA",
    "signature-disguised": f"{GOOD}&S%69gnature=AAAA",
    "encoding-twice": f"{GOOD}&SAMLEncoding={query.DEFLATE}&SAMLEncoding={query.DEFLATE}",
    "another-encoding": f"{GOOD}&SAMLEncoding=urn:example:gzip",
    "an-empty-encoding": f"{GOOD}&SAMLEncoding=",
    "no-message": GOOD.replace("SAMLRequest", "SAMLArt"),
    "name-in-another-case": GOOD.replace("SAMLRequest", "samlrequest"),
    "empty": "",
    "too-many": GOOD + "&x=1" * (query.MAX_PARAMETERS - 3),
    "signature-not-base64": re.sub("Signature=.*", "Signature=%21%21", GOOD),
    "signature-in-url-safe-base64": re.sub("Signature=.*", "Signature=-_-_", GOOD),
    "signature-cut-off": GOOD.removesuffix("%3D%3D"),
}


@pytest.mark.parametrize("row", TWO_READINGS)
def test_saml_43_a_query_that_could_be_read_in_two_ways_or_in_none_is_refused(row: str) -> None:
    assert TWO_READINGS[row] != GOOD
    with pytest.raises(LogoutMessageMalformed):
        read(TWO_READINGS[row])


def test_saml_43_what_is_none_of_ours_may_stand_there_and_stand_there_twice() -> None:
    for more in ("&x=1&x=2", "&samlrequest=x", "&", f"&SAMLEncoding={quote(query.DEFLATE)}", "&x" * 28):
        assert by_query(GOOD + more).root.get("ID") == "_logout"


# Without a signature, or with one that does not count


@pytest.mark.parametrize("without", ["SigAlg", "Signature", "SigAlg=", "Signature="])
def test_saml_21_a_query_with_half_a_signature_has_none(without: str) -> None:
    name = without.removesuffix("=")
    kept = [part for part in GOOD.split("&") if not part.startswith(f"{name}=")]
    raw = "&".join([*kept, without] if without.endswith("=") else kept)
    with pytest.raises(LogoutSignatureMissing):
        read(raw)


def test_saml_21_a_query_without_a_signature_is_refused() -> None:
    with pytest.raises(LogoutSignatureMissing):
        read(unsigned(request(), relay_state="r"))


NEVER = [
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "none",
    " ",
    f"{names.RSA_SHA256} ",
    names.RSA_SHA256.upper(),
]
LENIENT = signature.SignaturePolicy(allow_sha1=True, allow_rsa1024=True, allow_inclusive_c14n=True)


@pytest.mark.parametrize("algorithm", NEVER)
def test_saml_19_an_algorithm_that_is_on_no_list_is_refused_whatever_is_allowed(algorithm: str) -> None:
    raw = relabelled(algorithm)
    with pytest.raises(refusals.AlgorithmNotAllowed) as caught:
        by_query(raw, policy=LENIENT)
    assert caught.value.received == algorithm


@pytest.mark.parametrize("algorithm", [name for name in names.SIGNATURES if "sha1" in name])
def test_saml_20_sha_1_is_refused_where_it_is_not_allowed(algorithm: str) -> None:
    with pytest.raises(refusals.WeakAlgorithm):
        by_query(relabelled(algorithm))


def test_saml_20_sha_1_holds_where_it_is_allowed_and_only_over_what_it_signed() -> None:
    octets = f"{unsigned(request())}&SigAlg={quote(names.RSA_SHA1, safe='')}"
    raw = sign_octets(octets, hashes.SHA1())  # noqa: S303 - the weak hash is the point
    assert by_query(raw, policy=LENIENT).root.get("ID") == "_logout"
    with pytest.raises(refusals.SignatureInvalid):
        by_query(raw.replace(quote(names.RSA_SHA1, safe=""), quote(names.RSA_SHA256, safe="")), policy=LENIENT)


def test_saml_20_a_short_key_is_refused_where_it_is_not_allowed() -> None:
    raw = redirected(request(), key="rsa1024")
    with pytest.raises(refusals.WeakAlgorithm):
        by_query(raw, keys=["rsa1024"])
    assert by_query(raw, keys=["rsa1024"], policy=LENIENT).root.get("ID") == "_logout"
    with pytest.raises(refusals.WeakAlgorithm):
        by_query(redirected(request(), key="ec224"), keys=["ec224"], policy=LENIENT)


@pytest.mark.parametrize("keys", [["other"], ["ec256"], ["other", "ec256", "ec384"]])
def test_saml_18_a_signature_of_another_key_is_refused(keys: list[Key]) -> None:
    with pytest.raises(refusals.SignatureInvalid) as caught:
        by_query(redirected(request()), keys=keys)
    assert (caught.value.element, caught.value.reason) == ("query", "key")


def test_saml_18_any_of_the_stored_certificates_will_do_and_none_is_none() -> None:
    verified = by_query(redirected(request()), keys=["other", "ec256", "rsa"])
    assert verified.certificate_fingerprint == by_query(redirected(request())).certificate_fingerprint
    with pytest.raises(refusals.CertificateMissing):
        by_query(redirected(request()), keys=[])


def test_saml_19_the_kind_of_the_stored_key_decides_not_the_name_of_the_algorithm() -> None:
    with pytest.raises(refusals.SignatureInvalid):
        by_query(relabelled(names.ECDSA_SHA256), keys=["rsa", "ec256"])


def test_saml_09_a_signature_inside_a_message_that_comes_in_a_query_is_refused() -> None:
    with pytest.raises(refusals.SignatureMisplaced):
        by_query(redirected(posted(request())))


# The message in it (SAML-03)

NOT_DEFLATED: dict[str, tuple[str, type[Refusal]]] = {
    "not-base64": ("%21", refusals.DocumentNotDeflated),
    "empty": ("", refusals.DocumentNotDeflated),
    "not-deflated": (quote(base64.b64encode(request()).decode(), safe=""), refusals.DocumentNotDeflated),
    "plus-sent-as-it-is": ("+", refusals.DocumentNotDeflated),  # which means a space in a query
    "too-long": ("A" * (deflate.MAX_FIELD + 1), refusals.DocumentTooLarge),
    "bomb": (quote(deflate.deflate(b"a" * 5_000_000), safe=""), refusals.DocumentTooLarge),
}


@pytest.mark.parametrize("row", NOT_DEFLATED)
def test_saml_03_what_does_not_inflate_is_refused_before_its_signature_is_looked_at(row: str) -> None:
    value, kind = NOT_DEFLATED[row]
    with pytest.raises(kind):
        read(swap(unsigned(request()), f"SAMLRequest={value}")(redirected(request())))
