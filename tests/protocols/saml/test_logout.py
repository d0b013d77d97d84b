"""LogoutRequest and LogoutResponse as they are built and read: who, where, when, how it went (SAML-17, 25 to 39)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from latchstring.model.session import NameId
from latchstring.protocols.saml import logout, names, refusals, xml
from latchstring.protocols.saml.logout_refusals import (
    LogoutAnswerUnknown,
    LogoutDestinationMismatch,
    LogoutIssuerMismatch,
    LogoutMessageMalformed,
    LogoutMessageTooEarly,
    LogoutMessageTooLate,
    LogoutSubjectMissing,
)
from latchstring.protocols.saml.message import VerifiedMessage
from tests.protocols.saml.answers import IDP, NOW, REQUEST, SP, Edit, Key, pair, swap
from tests.protocols.saml.logouts import (
    ANN,
    EXPECTED,
    SLO,
    by_post,
    by_query,
    posted,
    redirected,
    request,
    response,
    sealing,
)
from tests.protocols.saml.sealing import OUR_KEY

SKEW = EXPECTED.clock_skew
TICK = timedelta(milliseconds=1)  # the smallest that `xml.shown` writes
ISSUER = f"<saml:Issuer>{IDP}</saml:Issuer>"
BOTH: dict[str, Callable[[bytes], VerifiedMessage]] = {
    "query": lambda document: by_query(redirected(document, key="ec256"), keys=["ec256"]),
    "form": lambda document: by_post(posted(document, key="ec256"), keys=["ec256"]),
}


def verified(document: bytes) -> VerifiedMessage:
    return BOTH["query"](document)


def answered(document: bytes) -> VerifiedMessage:
    return by_query(redirected(document, kind="SAMLResponse", key="ec256"), keys=["ec256"])


def asked(document: bytes, *, now: datetime = NOW, expected: logout.Expected = EXPECTED) -> logout.LogoutRequest:
    return logout.read_request(verified(document), expected, now)


def heard(document: bytes, *, now: datetime = NOW) -> logout.LogoutResponse:
    return logout.read_response(answered(document), EXPECTED, REQUEST, now)


def seen(document: bytes) -> ElementTree.Element:
    """As the standard library sees it."""
    return ElementTree.fromstring(document)  # noqa: S314 - a second opinion about a document of our own


# What we send


def test_a_request_names_the_person_as_the_assertion_did_and_says_until_when_it_is_good() -> None:
    root = seen(request("s1", "s2"))
    assert root.tag == names.LOGOUT_REQUEST
    assert root.attrib == {
        "ID": "_logout",
        "Version": "2.0",
        "IssueInstant": xml.shown(NOW),
        "Destination": SLO,
        "NotOnOrAfter": xml.shown(NOW + logout.LIFETIME),
        "Reason": "urn:oasis:names:tc:SAML:2.0:logout:user",
    }
    assert [(part.tag, part.text, part.attrib) for part in root] == [
        (names.ISSUER, IDP, {}),
        (
            names.NAME_ID,
            "ann",
            {"Format": names.FORMAT_PERSISTENT, "NameQualifier": IDP, "SPNameQualifier": SP},
        ),
        (names.SESSION_INDEX, "s1", {}),
        (names.SESSION_INDEX, "s2", {}),
    ]


def test_what_the_assertion_did_not_say_about_a_name_is_not_made_up() -> None:
    name = seen(request(name_id=NameId(value="ann")))[1]
    assert (name.text, name.attrib) == ("ann", {})


HOSTILE = "a\"b'c<d>&amp;&e]]>é\u2028"


def test_markup_in_what_others_have_said_stays_text() -> None:
    name = NameId(value=HOSTILE, format=HOSTILE, name_qualifier=HOSTILE, sp_name_qualifier=HOSTILE)
    root = seen(request(HOSTILE, request_id=HOSTILE, sp_entity_id=HOSTILE, destination=HOSTILE, name_id=name))
    assert (root.get("ID"), root.get("Destination")) == (HOSTILE, HOSTILE)
    assert [part.text for part in root] == [HOSTILE] * 3
    assert set(root[1].attrib.values()) == {HOSTILE}
    said = seen(response(response_id=HOSTILE, issuer=HOSTILE, destination=HOSTILE, in_response_to=HOSTILE))
    assert {said.get(name) for name in ("ID", "Destination", "InResponseTo")} == {said[0].text} == {HOSTILE}


@pytest.mark.parametrize("detail", [None, names.STATUS_PARTIAL_LOGOUT])
def test_a_response_says_whom_it_answers_and_how_it_went(detail: str | None) -> None:
    root = seen(response(detail=detail))
    assert root.tag == names.LOGOUT_RESPONSE
    assert root.attrib == {
        "ID": "_answer",
        "Version": "2.0",
        "IssueInstant": xml.shown(NOW),
        "Destination": SLO,
        "InResponseTo": REQUEST,
    }
    assert [part.tag for part in root] == [names.ISSUER, names.STATUS]
    codes = [code.get("Value") for code in root.iter(names.STATUS_CODE)]
    assert codes == [names.STATUS_SUCCESS, *([detail] if detail else [])]


# Who sent it, and to whom


@pytest.mark.parametrize("binding", BOTH)
def test_saml_26_28_a_message_of_our_identity_provider_to_us_passes(binding: str) -> None:
    entity = swap("<saml:Issuer>", f'<saml:Issuer Format="{names.FORMAT_ENTITY}">')
    split = swap(f"{IDP}<", f"{IDP[:9]}<!-- x -->{IDP[9:]}<")
    blank = swap(SLO, f" {SLO} ")
    for edit in (lambda text: text, entity, split, blank):
        logout.check_address(BOTH[binding](request(edit=edit)), EXPECTED)


ISSUERS: dict[str, tuple[Edit, str]] = {
    "another": (swap(IDP, "https://evil.example"), "https://evil.example"),
    "a-slash-more": (swap(f"{IDP}<", f"{IDP}/<"), f"{IDP}/"),
    "another-case": (swap(f"{IDP}<", f"{IDP.upper()}<"), IDP.upper()),
    "a-blank-more": (swap(f"{IDP}<", f"{IDP} <"), f"{IDP} "),
    "empty": (swap(f"{IDP}</saml:Issuer", "</saml:Issuer"), ""),
    "blank": (swap(f"{IDP}</saml:Issuer", " </saml:Issuer"), " "),
    "missing": (swap(ISSUER, ""), ""),
    "of-another-format": (swap("<saml:Issuer>", f'<saml:Issuer Format="{names.FORMAT_UNSPECIFIED}">'), IDP),
    "endless": (swap(f"{IDP}</saml:Issuer", f"{'x' * 5000}</saml:Issuer"), "x" * 1024),
}


@pytest.mark.parametrize("row", ISSUERS)
@pytest.mark.parametrize("binding", BOTH)
def test_saml_26_a_message_of_another_issuer_is_refused(binding: str, row: str) -> None:
    edit, received = ISSUERS[row]
    with pytest.raises(LogoutIssuerMismatch) as caught:
        logout.check_address(BOTH[binding](request(edit=edit)), EXPECTED)
    assert (caught.value.expected, caught.value.received) == (IDP, received)


@pytest.mark.parametrize("entity_id", ["", " "])
def test_saml_26_an_empty_issuer_does_not_fit_an_empty_entity_id(entity_id: str) -> None:
    expected = msgspec.structs.replace(EXPECTED, idp_entity_id=entity_id)
    with pytest.raises(LogoutIssuerMismatch):
        logout.check_address(verified(request(sp_entity_id=entity_id)), expected)


def test_saml_17_elements_in_the_issuer_are_refused() -> None:
    with pytest.raises(refusals.AssertionMalformed):
        logout.check_address(verified(request(edit=swap(ISSUER, f"<saml:Issuer>{IDP}<x/></saml:Issuer>"))), EXPECTED)


DESTINATIONS: dict[str, tuple[Edit, str | None]] = {
    "another": (swap(f'"{SLO}"', '"https://other.example/slo"'), "https://other.example/slo"),
    "another-connection": (swap("conn-key", "conn-yek"), SLO.replace("conn-key", "conn-yek")),
    "a-slash-more": (swap(f'{SLO}"', f'{SLO}/"'), f"{SLO}/"),
    "another-case": (swap("sso.example.net", "SSO.example.net"), SLO.replace("sso.", "SSO.", 1)),
    "http": (swap('"https://sso', '"http://sso'), SLO.replace("https", "http")),
    "a-query-more": (swap(f'{SLO}"', f'{SLO}?a=b"'), f"{SLO}?a=b"),
    "empty": (swap(f'"{SLO}"', '""'), ""),
    "missing": (swap(f' Destination="{SLO}"', ""), None),
    "endless": (swap(f'"{SLO}"', f'"{"x" * 5000}"'), "x" * 1024),
}


@pytest.mark.parametrize("row", DESTINATIONS)
@pytest.mark.parametrize("binding", BOTH)
def test_saml_28_36_a_message_to_another_address_is_refused(binding: str, row: str) -> None:
    edit, received = DESTINATIONS[row]
    with pytest.raises(LogoutDestinationMismatch) as caught:
        logout.check_address(BOTH[binding](request(edit=edit)), EXPECTED)
    assert (caught.value.expected, caught.value.received) == (SLO, received)


# Whom it is about


@pytest.mark.parametrize("binding", BOTH)
def test_a_request_is_read_with_its_name_and_all_its_indexes(binding: str) -> None:
    read = logout.read_request(BOTH[binding](request("s1", "s2", "", "s1")), EXPECTED, NOW)
    assert read == logout.LogoutRequest(name_id=ANN, indexes=("s1", "s2", "", "s1"))
    assert logout.read_request(BOTH[binding](request()), EXPECTED, NOW).indexes == ()


NAMES = [
    NameId(value="ann"),
    NameId(value="ann", format=names.FORMAT_EMAIL),
    NameId(value="ann", name_qualifier="https://elsewhere.example"),
    NameId(value="ann", sp_name_qualifier="urn:affiliation"),
    NameId(value=" ann ", format=""),
    NameId(value="é\U0001f600&<>"),
    NameId(value="x" * 256),
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_read_as_it_was_sent(name: NameId) -> None:
    assert asked(request(name_id=name)).name_id == name


def test_saml_17_a_comment_does_not_shorten_a_name_or_an_index() -> None:
    name = NameId(value="eve@acme.example.evil")
    document = request("s1", name_id=name).decode().replace("eve@", "eve<!-- -->@").replace("s1", "s<!-- -->1")
    for binding in BOTH.values():
        read = logout.read_request(binding(document.encode()), EXPECTED, NOW)
        assert (read.name_id, read.indexes) == (name, ("s1",))


@pytest.mark.parametrize("inside", ["<x/>", "<saml:NameID>eve</saml:NameID>"])
@pytest.mark.parametrize("where", [">ann<", ">s1<"])
def test_saml_17_elements_in_a_name_or_an_index_are_refused(where: str, inside: str) -> None:
    with pytest.raises(refusals.AssertionMalformed):
        asked(request("s1", edit=swap(where, f"{where[:-1]}{inside}<")))


WHOLE = request().decode()
NAMED = WHOLE[WHOLE.index("<saml:NameID") : WHOLE.index("</saml:NameID>") + len("</saml:NameID>")]
NOBODY: dict[str, tuple[Edit, str]] = {
    "no-name": (swap(NAMED, ""), "missing"),
    "a-base-id": (swap(NAMED, "<saml:BaseID/>"), "missing"),
    "an-encrypted-id": (swap(NAMED, "<saml:EncryptedID/>"), "encrypted"),
    "an-empty-name": (swap(">ann<", "><"), "blank"),
    "a-blank-name": (swap(">ann<", "> \n\t\u00a0<"), "blank"),
    "a-comment-for-a-name": (swap(">ann<", "><!-- ann --><"), "blank"),
    "an-endless-name": (swap(">ann<", f">{'x' * 257}<"), "too long"),
}


@pytest.mark.parametrize("row", NOBODY)
def test_saml_39_a_request_that_names_nobody_is_refused(row: str) -> None:
    edit, reason = NOBODY[row]
    with pytest.raises(LogoutSubjectMissing) as caught:
        asked(request("s1", edit=edit))
    assert caught.value.reason == reason


def opened(document: bytes, *keys: Key) -> logout.LogoutRequest:
    pems = [pair(key).pem for key in keys]
    return logout.read_request(verified(document), EXPECTED, NOW, decryption_keys=pems)


@pytest.mark.parametrize("content", ["aes128-gcm", "aes256-gcm", "aes128-cbc"])
def test_saml_22_an_encrypted_name_is_read_with_any_key_of_ours_and_whole(content: str) -> None:
    split = swap(">ann<", ">an<!-- -->n<")
    for how in ({}, {"beside": True}, {"plaintext": split}, {"plaintext": lambda text: f"<!-- x -->{text}"}):
        read = opened(request("s1", edit=sealing(content=content, **how)), "rsa", OUR_KEY)
        assert read == logout.LogoutRequest(name_id=ANN, indexes=("s1",))


# What is wrong; the reason that the log gets. Whoever asked is told the same of each, by the flow.
SHUT: dict[str, tuple[dict[str, Any], str]] = {
    "for-somebody-else": ({"to": "rsa"}, "unreadable"),
    "spoilt": ({"spoil": lambda body: body[:-1] + bytes([body[-1] ^ 1])}, "unreadable"),
    "short": ({"spoil": lambda body: body[:3]}, "unreadable"),
    "cbc-cut-off": ({"content": "aes128-cbc", "spoil": lambda body: body[:-1]}, "unreadable"),
    "no-key-beside": ({"keys": 0}, "unreadable"),
    "no-cipher-value": ({"cipher_data": lambda text: ""}, "unreadable"),
    "another-cipher": ({"content_uri": f"{names.XENC}tripledes-cbc"}, "unreadable"),
    "another-transport": ({"transport_uri": f"{names.XENC}rsa-1_5"}, "unreadable"),
    "no-xml": ({"plaintext": lambda text: "ann"}, "unreadable"),
    "a-dtd": ({"plaintext": lambda text: f"<!DOCTYPE x>{text}"}, "unreadable"),
    "two-names": ({"plaintext": lambda text: text + text}, "unreadable"),
    "no-name": ({"plaintext": lambda text: text.replace("NameID", "BaseID")}, "unreadable"),
    "a-name-of-no-namespace": ({"plaintext": lambda text: "<NameID>ann</NameID>"}, "unreadable"),
    "elements-in-the-name": ({"plaintext": swap(">ann<", "><b>ann</b><")}, "unreadable"),
    "nothing-in-the-name": ({"plaintext": swap(">ann<", "><")}, "blank"),
    "an-endless-name": ({"plaintext": swap(">ann<", f">{'x' * 257}<")}, "too long"),
}


@pytest.mark.parametrize("row", SHUT)
def test_saml_23_24_whatever_keeps_an_encrypted_name_shut_is_one_refusal(row: str) -> None:
    how, reason = SHUT[row]
    with pytest.raises(LogoutSubjectMissing) as caught:
        opened(request("s1", edit=sealing(**how)), OUR_KEY)
    assert caught.value.reason == reason


def test_saml_22_without_a_key_nothing_is_opened() -> None:
    with pytest.raises(LogoutSubjectMissing) as caught:
        opened(request(edit=sealing()))
    assert caught.value.reason == "encrypted"


SAME = [
    (ANN, ANN, True),
    (ANN, NameId(value="ann", format=names.FORMAT_PERSISTENT), True),
    (ANN, NameId(value="ann", format=names.FORMAT_PERSISTENT, name_qualifier=IDP), True),
    (ANN, NameId(value="ann"), False),
    (NameId(value="ann"), NameId(value="ann", format=names.FORMAT_UNSPECIFIED), True),
    (NameId(value="ann"), NameId(value="ann", format=names.FORMAT_EMAIL), False),
    (NameId(value="ann"), NameId(value="ann", name_qualifier=IDP, sp_name_qualifier=SP), True),
    (NameId(value="ann"), NameId(value="ann", name_qualifier=SP), False),
    (NameId(value="ann"), NameId(value="ann", sp_name_qualifier=IDP), False),
    (NameId(value="ann"), NameId(value="Ann"), False),
    (NameId(value="ann"), NameId(value="ann "), False),
    (NameId(value="ann", format=""), NameId(value="ann"), True),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_two_names_mean_one_person_if_every_part_is_the_same_or_left_out_for_its_default(
    one: NameId, other: NameId, same: bool
) -> None:
    for left, right in ((one, other), (other, one)):
        assert logout.same_person(left, right, idp_entity_id=IDP, sp_entity_id=SP) is same


# When

Edge = tuple[Callable[[datetime], bytes], timedelta, timedelta, type[LogoutMessageTooEarly | LogoutMessageTooLate]]


def issued(moment: datetime) -> bytes:
    return request(now=moment, edit=swap(f' NotOnOrAfter="{xml.shown(moment + logout.LIFETIME)}"', ""))


def ends(moment: datetime) -> bytes:
    return request(edit=swap(xml.shown(NOW + logout.LIFETIME), xml.shown(moment)))


# What is moved; how far from now it is just good; the tick that is too much; the refusal.
EDGES: dict[str, Edge] = {
    "in-the-future": (issued, SKEW, TICK, LogoutMessageTooEarly),
    "too-old": (issued, -logout.MAX_AGE - SKEW, -TICK, LogoutMessageTooLate),
    "over": (ends, TICK - SKEW, -TICK, LogoutMessageTooLate),
}


@pytest.mark.parametrize("row", EDGES)
def test_saml_30_31_each_window_of_a_request_ends_exactly_where_it_should(row: str) -> None:
    moved, good, tick, kind = EDGES[row]
    assert asked(moved(NOW + good)).name_id == ANN
    for beyond in (tick, tick * 1000):
        with pytest.raises(kind) as caught:
            asked(moved(NOW + good + beyond))
        refused: Any = caught.value
        assert (refused.moment, refused.now) == (NOW + good + beyond, NOW)


@pytest.mark.parametrize("good", [SKEW, -logout.MAX_AGE - SKEW])
def test_saml_30_31_so_does_that_of_a_response(good: timedelta) -> None:
    assert heard(response(now=NOW + good)).outcome == "success"
    tick = TICK if good > timedelta(0) else -TICK
    with pytest.raises((LogoutMessageTooEarly, LogoutMessageTooLate)):
        heard(response(now=NOW + good + tick))


@pytest.mark.parametrize(("skew", "counted"), [(0, 0), (60, 60), (300, 300), (301, 300), (86_400, 300)])
def test_saml_30_the_skew_of_a_connection_counts_up_to_five_minutes(skew: int, counted: int) -> None:
    expected = msgspec.structs.replace(EXPECTED, clock_skew=timedelta(seconds=skew))
    edge = NOW + timedelta(seconds=counted)
    assert asked(issued(edge), expected=expected).name_id == ANN
    with pytest.raises(LogoutMessageTooEarly):
        asked(issued(edge + TICK), expected=expected)


INSTANTS: dict[str, Edit] = {
    "no-instant": swap(f' IssueInstant="{xml.shown(NOW)}"', ""),
    "an-empty-instant": swap(f'IssueInstant="{xml.shown(NOW)}"', 'IssueInstant=""'),
    "a-strange-instant": swap(f'IssueInstant="{xml.shown(NOW)}"', 'IssueInstant="now"'),
    "an-empty-end": swap(f'NotOnOrAfter="{xml.shown(NOW + logout.LIFETIME)}"', 'NotOnOrAfter=""'),
    "a-strange-end": swap(f'NotOnOrAfter="{xml.shown(NOW + logout.LIFETIME)}"', 'NotOnOrAfter="never"'),
    "an-end-with-a-strange-zone": swap(xml.shown(NOW + logout.LIFETIME), "2099-01-01T00:00:00+15:00"),
}


@pytest.mark.parametrize("row", INSTANTS)
def test_saml_30_a_time_that_is_no_time_is_refused(row: str) -> None:
    with pytest.raises(refusals.TimeInvalid):
        asked(request(edit=INSTANTS[row]))


@pytest.mark.parametrize("skew", [0, 60, 300, 86_400])
def test_saml_34_an_id_is_remembered_until_no_clock_takes_its_request_any_more(skew: int) -> None:
    expected = msgspec.structs.replace(EXPECTED, clock_skew=timedelta(seconds=skew))
    latest = issued(NOW + expected.skew)  # the youngest that is taken now
    forgotten = logout.remember_until(expected, NOW)
    assert asked(latest, now=forgotten, expected=expected).name_id == ANN  # still taken by its time, so remembered
    with pytest.raises(LogoutMessageTooLate):
        asked(latest, now=forgotten + TICK, expected=expected)


# How it went

PARTIAL = f'<samlp:StatusCode Value="{names.STATUS_PARTIAL_LOGOUT}"/>'
OUTCOMES: dict[str, tuple[bytes, str]] = {
    "success": (response(), "success"),
    "partial": (response(detail=names.STATUS_PARTIAL_LOGOUT), "partial"),
    "success-with-another-detail": (response(detail="urn:x"), "success"),
    "requester": (response(status=names.STATUS_REQUESTER), "failed"),
    "responder-partial": (response(status=names.STATUS_RESPONDER, detail=names.STATUS_PARTIAL_LOGOUT), "failed"),
    "partial-on-the-first-level": (response(status=names.STATUS_PARTIAL_LOGOUT), "failed"),
    "unknown": (response(status="urn:x"), "failed"),
    "without-a-value": (response(edit=swap(f' Value="{names.STATUS_SUCCESS}"', "")), "failed"),
    "with-a-message": (
        response(edit=swap("</samlp:Status>", "<samlp:StatusMessage>x</samlp:StatusMessage></samlp:Status>")),
        "success",
    ),
    "success-in-a-failure": (response(status=names.STATUS_RESPONDER, detail=names.STATUS_SUCCESS), "failed"),
    "another-case": (response(status=names.STATUS_SUCCESS.upper()), "failed"),
}


@pytest.mark.parametrize("row", OUTCOMES)
def test_saml_25_a_response_is_a_success_by_its_first_level_alone(row: str) -> None:
    document, outcome = OUTCOMES[row]
    assert heard(document).outcome == outcome


def test_of_a_status_only_so_much_is_kept() -> None:
    many = response(status="x" * 1000, edit=swap("></samlp:StatusCode>", f">{PARTIAL * 9}</samlp:StatusCode>"))
    assert heard(many).status == ("x" * 256, *[names.STATUS_PARTIAL_LOGOUT] * 4)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("samlp:Status>", "samlp:Extensions>"),
        swap(f'<samlp:StatusCode Value="{names.STATUS_SUCCESS}"></samlp:StatusCode>', ""),
        swap("<samlp:StatusCode", f"{PARTIAL}<samlp:StatusCode"),
    ],
    ids=["no-status", "no-code", "two-codes"],
)
def test_saml_25_a_response_without_exactly_one_status_is_refused(edit: Edit) -> None:
    with pytest.raises(LogoutMessageMalformed):
        heard(response(edit=edit))


@pytest.mark.parametrize(
    "edit",
    [
        swap(f' InResponseTo="{REQUEST}"', ""),
        swap(REQUEST, ""),
        swap(REQUEST, "_other"),
        swap(REQUEST, f"{REQUEST} "),
        swap(REQUEST, REQUEST.upper()),
    ],
    ids=["missing", "empty", "another", "a-blank-more", "another-case"],
)
def test_saml_32_a_response_to_another_request_is_refused(edit: Edit) -> None:
    with pytest.raises(LogoutAnswerUnknown):
        heard(response(edit=edit))
