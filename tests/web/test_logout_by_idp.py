"""The identity provider signs somebody out, and everything that may go wrong or be forged on that way (SAML-43, 46)."""

from __future__ import annotations

import zlib
from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from latchstring.protocols.saml import names, signature
from latchstring.protocols.saml.signing import sign_query
from tests.events_for_tests import told
from tests.house_for_tests import BASE, CALLBACK, Answer, Rig
from tests.idp_for_tests import pair, saml_idp
from tests.protocols.saml import answers
from tests.protocols.saml.logouts import sealing
from tests.protocols.saml.sealing import OUR_KEY
from tests.slo_for_tests import IDP_DONE, IDP_SLO, LOGOUT_URI, SloIdp, deflated, id_of, ids, set_logout_uri, slo_idp

BINDINGS = ["redirected", "posted"]


def refused(answer: Answer, code: str) -> None:
    assert answer.status == 400 and answer.header("location") is None, (answer.status, answer.headers)
    assert code in answer.text


@pytest.mark.parametrize("binding", ["redirect", "post"])
@pytest.mark.parametrize("comes", BINDINGS)
def test_a_session_ends_and_the_provider_is_answered(rig: Rig, comes: str, binding: str) -> None:
    idp, browser = slo_idp(rig, slo_binding=binding), rig.browser()
    token, other = idp.signed_in(browser, "one"), idp.signed_in(rig.browser(), "two")
    document = idp.request("one")
    answer = getattr(idp, comes)(browser, document, relay_state="the provider's own & more")
    assert idp.status(answer, id_of(document)) == ("Success", "PartialLogout")
    assert idp.received(answer, IDP_DONE)[1] == "the provider's own & more"
    assert (idp.lives(token), idp.lives(other)) == (False, True)


def test_without_an_index_all_sessions_of_the_person_end_and_no_others(rig: Rig) -> None:
    idp = slo_idp(rig)
    ann = [idp.signed_in(rig.browser(), index) for index in ("one", "two")]
    bob = idp.signed_in(rig.browser(), "three", name="bob")
    idp.redirected(rig.browser(), idp.request())
    assert [idp.lives(token) for token in (*ann, bob)] == [False, False, True]


def test_the_application_clears_its_cookies_first_and_comes_back_once(rig: Rig) -> None:
    set_logout_uri(rig)
    idp, browser = slo_idp(rig), rig.browser()
    token = idp.signed_in(browser)
    document = idp.request("s1")
    told = idp.redirected(browser, document)
    assert told.location.partition("?")[0] == LOGOUT_URI
    facts = ids(told)
    assert facts["profile_id"] == token["profile"]["id"] and facts["connection_id"] == idp.connection["id"]
    assert facts["session_id"].startswith("sess_") and facts["return_to"].startswith(f"{BASE}/sso/logout/return?")
    answer = browser.get(facts["return_to"])
    assert idp.status(answer, id_of(document)) == ("Success",)
    refused(browser.get(facts["return_to"]), "logout_return_invalid")


def test_nothing_about_an_unknown_session_leaks(rig: Rig) -> None:
    idp = slo_idp(rig)
    idp.signed_in(rig.browser())
    known, unknown = idp.request("s1"), idp.request("s1", name="nobody")
    assert idp.status(idp.redirected(rig.browser(), known), id_of(known)) == idp.status(
        idp.redirected(rig.browser(), unknown), id_of(unknown)
    )
    set_logout_uri(rig)
    assert idp.status(idp.redirected(rig.browser(), idp.request(request_id="_x")), "_x") == ("Success",)


@pytest.mark.parametrize("comes", BINDINGS)
def test_saml_21_an_unsigned_request_ends_nothing(rig: Rig, comes: str) -> None:
    idp = slo_idp(rig)
    token = idp.signed_in(rig.browser())
    refused(getattr(idp, comes)(rig.browser(), idp.request(), key=None), "logout_signature_missing")
    assert idp.lives(token)


@pytest.mark.parametrize("comes", BINDINGS)
def test_saml_18_a_stranger_s_signature_ends_nothing(rig: Rig, comes: str) -> None:
    idp = slo_idp(rig)
    token = idp.signed_in(rig.browser())
    answer = getattr(idp, comes)(rig.browser(), idp.request(), key="stranger")
    assert answer.status == 400 and idp.lives(token)


@pytest.mark.parametrize("comes", BINDINGS)
def test_saml_34_a_request_is_good_once(rig: Rig, comes: str) -> None:
    idp = slo_idp(rig)
    document = idp.request()
    getattr(idp, comes)(rig.browser(), document)
    token = idp.signed_in(rig.browser())
    refused(getattr(idp, comes)(rig.browser(), document), "logout_request_replayed")
    assert idp.lives(token)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sp_entity_id": "https://evil.example"}, "logout_issuer_mismatch"),
        ({"destination": "https://other.example/slo"}, "logout_destination_mismatch"),
        ({"edit": lambda text: text.replace(" Destination=", " X=")}, "logout_destination_mismatch"),
    ],
    ids=["issuer", "destination", "no-destination"],
)
@pytest.mark.parametrize("comes", BINDINGS)
def test_saml_28_a_request_that_is_not_for_us_is_refused(
    rig: Rig, comes: str, changed: dict[str, Any], code: str
) -> None:
    idp = slo_idp(rig)
    token = idp.signed_in(rig.browser())
    refused(getattr(idp, comes)(rig.browser(), idp.request(**changed), key="acme"), code)
    assert idp.lives(token)


@pytest.mark.parametrize("shift", [timedelta(minutes=-7), timedelta(minutes=-12), timedelta(minutes=2)])
def test_saml_31_a_request_out_of_time_is_answered_with_requester(rig: Rig, shift: timedelta) -> None:
    idp = slo_idp(rig)
    token = idp.signed_in(rig.browser())
    document = idp.request(shift=shift)
    for _ in range(2):
        assert idp.status(idp.redirected(rig.browser(), document), id_of(document)) == ("Requester",)
    assert idp.lives(token)
    (event,) = told(rig, "authentication.sso_logout_refused")  # once, however often it is sent
    early = shift > timedelta(0)
    assert event["error"]["code"] == ("logout_message_not_yet_valid" if early else "logout_message_expired")
    assert event["sso"]["connection_id"] == idp.connection["id"]
    rig.clock.forward(minutes=1, seconds=30)
    good = idp.status(idp.redirected(rig.browser(), document), id_of(document))
    assert good[0] == ("Success" if early else "Requester"), "too early once, and not refused for it later"


@pytest.mark.parametrize("comes", BINDINGS)
def test_saml_21_whoever_is_not_the_provider_writes_nothing_into_the_event_log(rig: Rig, comes: str) -> None:
    idp = slo_idp(rig)
    getattr(idp, comes)(rig.browser(), idp.request(shift=timedelta(minutes=-12)), key="stranger")
    getattr(idp, comes)(rig.browser(), idp.request(shift=timedelta(minutes=-12)), key=None)
    assert told(rig, "authentication.sso_logout_refused") == []


def test_saml_36_a_request_for_one_connection_is_refused_at_another(rig: Rig) -> None:
    one, two = slo_idp(rig), slo_idp(rig)
    token = two.signed_in(rig.browser())
    query = one.query(one.request()).partition("?")[2]
    refused(rig.browser().get(f"{two.slo_url}?{query}"), "logout_destination_mismatch")
    assert two.lives(token)


def test_saml_43_two_readings_of_a_query_are_refused(rig: Rig) -> None:
    idp = slo_idp(rig)
    token = idp.signed_in(rig.browser())
    good = idp.query(idp.request(), relay_state="r")
    other = deflated(idp.request())
    for more in (
        f"&SAMLRequest={other}",
        f"&SAMLResponse={other}",
        "&RelayState=x",
        "&SigAlg=x",
        f"&SAML%52equest={other}",
    ):
        refused(rig.browser().get(good + more), "logout_message_malformed")
    signed = good.partition("?")[2]
    assert rig.browser().get(f"{idp.slo_url}?{signed.replace('RelayState=r', 'RelayState=s')}").status == 400
    assert rig.browser().get(f"{idp.slo_url}?{signed.replace('RelayState=r&', '')}").status == 400
    assert idp.lives(token)
    assert rig.browser().get(good).status == 302


def test_saml_20_sha1_in_a_query_is_refused(rig: Rig) -> None:
    idp = slo_idp(rig)
    query = sign_query(f"SAMLRequest={deflated(idp.request())}", pair("acme")[1])
    weak = query.replace(quote(names.RSA_SHA256, safe=""), quote(names.RSA_SHA1, safe=""))
    refused(rig.browser().get(f"{idp.slo_url}?{weak}"), "weak_algorithm")


def test_saml_03_a_bomb_in_the_address_is_refused(rig: Rig) -> None:
    idp = slo_idp(rig)
    bomb = quote(b64encode(zlib.compress(b"a" * 4_000_000, 9, -15)).decode(), safe="")
    query = sign_query(f"SAMLRequest={bomb}", pair("acme")[1])
    refused(rig.browser().get(f"{idp.slo_url}?{query}"), "document_too_large")


def test_saml_11_a_wrapped_request_is_refused(rig: Rig) -> None:
    idp = slo_idp(rig)
    token = idp.signed_in(rig.browser(), name="victim")
    certificate, key = pair("acme")
    signed = signature.sign(idp.request(name="nobody"), key_pem=key, certificate_pem=certificate).decode()
    evil = idp.request(name="victim").decode()
    start, end = signed.index("<ds:Signature"), signed.index("</ds:Signature>") + len("</ds:Signature>")
    inner = signed[:start] + signed[end:]
    for wrapped in (
        evil.replace("<saml:NameID", f"<samlp:Extensions>{signed}</samlp:Extensions><saml:NameID", 1),
        evil.replace("<saml:NameID", f"{signed[start:end]}<samlp:Extensions>{inner}</samlp:Extensions><saml:NameID", 1),
        evil.replace("<saml:NameID", f"{signed[start:end]}<saml:NameID", 1),
        signed.replace("nobody", "victim"),
    ):
        assert idp.posted(rig.browser(), wrapped.encode(), key=None).status == 400
    assert idp.lives(token)


def encrypting(rig: Rig) -> SloIdp:
    """A connection with a key of ours to encrypt to."""
    ours = answers.pair(OUR_KEY)
    return slo_idp(rig, sp_encryption_key_pairs=[{"key": ours.pem, "cert": ours.certificate}])


@pytest.mark.parametrize("comes", BINDINGS)
@pytest.mark.parametrize(("content", "beside"), [("aes256-gcm", False), ("aes128-gcm", True), ("aes128-cbc", False)])
def test_saml_22_an_encrypted_name_is_opened_once_the_signature_holds(
    rig: Rig, comes: str, content: str, beside: bool
) -> None:
    idp = encrypting(rig)
    ann, bob = idp.signed_in(rig.browser(), "one"), idp.signed_in(rig.browser(), "two", name="bob")
    document = idp.request("one", edit=sealing(content=content, beside=beside))
    assert getattr(idp, comes)(rig.browser(), document, key="stranger").status == 400
    assert getattr(idp, comes)(rig.browser(), document, key=None).status == 400
    assert idp.lives(ann)
    assert idp.status(getattr(idp, comes)(rig.browser(), document), id_of(document)) == ("Success", "PartialLogout")
    assert (idp.lives(ann), idp.lives(bob)) == (False, True)


@pytest.mark.parametrize(
    "how",
    [
        {"to": "rsa"},
        {"spoil": lambda body: body[:-1] + bytes([body[-1] ^ 1])},
        {"spoil": lambda body: body[:20]},
        {"content": "aes128-cbc", "spoil": lambda body: body[:-1]},
        {"content": "aes128-cbc", "spoil": lambda body: body[:-17] + bytes([body[-17] ^ 0x80]) + body[-16:]},
        {"content_uri": f"{names.XENC}tripledes-cbc"},
        {"transport_uri": f"{names.XENC}rsa-1_5"},
        {"keys": 0},
        {"keys": 5},
        {"cipher_data": lambda text: text.replace("CipherValue>", "CipherReference>")},
        {"plaintext": lambda text: "no XML"},
        {"plaintext": lambda text: "<!DOCTYPE x>" + text},
        {"plaintext": lambda text: text + text},
        {"plaintext": lambda text: text.replace("NameID", "BaseID")},
        {"plaintext": lambda text: text.replace("u1", "<b>u1</b>")},
        {"plaintext": lambda text: text.replace("u1", " ")},
        {"plaintext": lambda text: text.replace("u1", "u" * 257)},
    ],
    ids=lambda how: next(iter(how)),
)
def test_saml_23_whatever_keeps_an_encrypted_name_shut_is_answered_alike(rig: Rig, how: dict[str, Any]) -> None:
    idp = encrypting(rig)
    token = idp.signed_in(rig.browser())
    document = idp.request("s1", request_id="_x", edit=sealing(**how))
    assert idp.status(idp.posted(rig.browser(), document), "_x") == ("Requester",)
    assert idp.lives(token)
    (event,) = told(rig, "authentication.sso_logout_refused")
    assert event["error"]["code"] == "logout_subject_missing"


def test_saml_22_without_a_key_of_ours_an_encrypted_name_ends_nothing(rig: Rig) -> None:
    idp = slo_idp(rig)
    token = idp.signed_in(rig.browser())
    document = idp.request("s1", request_id="_x", edit=sealing())
    assert idp.status(idp.posted(rig.browser(), document), "_x") == ("Requester",)
    assert idp.lives(token)


@pytest.mark.parametrize("comes", BINDINGS)
def test_saml_32_an_answer_is_good_for_the_browser_that_asked_and_once(rig: Rig, comes: str) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    way = idp.link(idp.signed_in(browser)["profile"]["id"])
    asked, _ = idp.received(browser.get(f"{way}&return_to={CALLBACK}"), IDP_SLO)
    send, request_id = getattr(idp, comes), asked.get("ID", "")
    kind = "SAMLResponse"
    refused(send(browser, idp.response(request_id), kind=kind, key=None), "logout_signature_missing")
    assert send(browser, idp.response(request_id), kind=kind, key="stranger").status == 400
    refused(send(browser, idp.response("_" + "0" * 32), kind=kind), "logout_answer_unknown")
    refused(send(rig.browser(), idp.response(request_id), kind=kind), "logout_answer_unknown")
    refused(send(browser, idp.response(request_id, shift=timedelta(minutes=-12)), kind=kind), "logout_message_expired")
    good = idp.response(request_id)
    evil = send(browser, good, kind=kind, relay_state="https://evil.example/")
    assert evil.location == CALLBACK
    refused(send(browser, good, kind=kind), "logout_answer_unknown")


def test_saml_46_where_logout_is_not_offered_there_is_no_such_address(rig: Rig) -> None:
    plain = saml_idp(rig)
    for key in (plain.connection["external_key"], "x" * 25):
        path = f"/sso/saml/slo/{key}"
        assert rig.browser().get(f"{path}?SAMLRequest=x").status == 404
        assert rig.browser().post(path, {"SAMLRequest": "x"}).status == 404
    metadata = plain.connection["saml_options"]["sp_metadata_url"].removeprefix(BASE)
    assert "SingleLogoutService" not in rig.browser().get(metadata).text
    offered = slo_idp(rig)
    metadata = offered.connection["saml_options"]["sp_metadata_url"].removeprefix(BASE)
    assert rig.browser().get(metadata).text.count("SingleLogoutService") == 2
