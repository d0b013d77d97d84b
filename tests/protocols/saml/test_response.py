"""Each check of a verified Response: what passes it, what it refuses, and with which facts (SAML-25 to SAML-33)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import pytest

from latchstring.protocols.saml import issue, names, refusals, response, xml
from tests.protocols.saml.answers import ACS, EXPECTED, IDP, NOW, REQUEST, SP, answer, read, swap, verify

OTHER = "https://elsewhere.example.org/"
UNSOLICITED = msgspec.structs.replace(EXPECTED, request_id=None)
DATA_END = 'NotOnOrAfter="2026-03-04T05:11:07.000Z"/>'
ISSUER = f"<saml:Issuer>{IDP}</saml:Issuer>"
AUDIENCE = f"<saml:Audience>{SP}</saml:Audience>"
RESTRICTION = f"<saml:AudienceRestriction>{AUDIENCE}</saml:AudienceRestriction>"
CONFIRMATION = (
    f'<saml:SubjectConfirmation Method="{names.BEARER}"><saml:SubjectConfirmationData InResponseTo="{REQUEST}"'
    f' Recipient="{ACS}" {DATA_END}</saml:SubjectConfirmation>'
)


def test_a_good_answer_passes_every_check_in_order() -> None:
    assertion = read(answer())
    assert assertion.subject == "ann"
    assert assertion.answers == REQUEST
    assert assertion.passed == ("signature", *(check.__name__ for check in response.CHECKS), "attributes")


class Bad(NamedTuple):
    """How the answer is spoilt, and the refusal with the check that gives it."""

    wishes: Mapping[str, Any]
    kind: type[refusals.SamlRefused]
    check: str
    facts: Mapping[str, Any] = {}


def assertion(old: str, new: str) -> dict[str, Any]:
    return {"in_assertion": swap(old, new)}


def envelope(old: str, new: str) -> dict[str, Any]:
    return {"in_response": swap(old, new)}


def confirmation(new: str) -> dict[str, Any]:
    return assertion(CONFIRMATION, new)


def confirmed(**changes: str | None) -> str:
    """A bearer confirmation with other attributes of its data; None leaves one out."""
    data: dict[str, str | None] = {
        "InResponseTo": REQUEST,
        "Recipient": ACS,
        "NotOnOrAfter": "2026-03-04T05:11:07.000Z",
        **changes,
    }
    method = data.pop("Method", names.BEARER)
    written = "".join(f' {name}="{value}"' for name, value in data.items() if value is not None)
    return (
        f'<saml:SubjectConfirmation Method="{method}"><saml:SubjectConfirmationData{written}/>'
        "</saml:SubjectConfirmation>"
    )


MALFORMED, ISSUED = refusals.AssertionMalformed, refusals.IssuerMismatch
REFUSED: dict[str, Bad] = {
    "saml-06-assertion-version-1.1": Bad(assertion('"2.0"', '"1.1"'), MALFORMED, "version_is_2"),
    "saml-06-assertion-version-missing": Bad(assertion(' Version="2.0"', ""), MALFORMED, "version_is_2"),
    # Issuer
    "saml-26-issuer-of-the-assertion": Bad(
        {"entity_id": OTHER}, ISSUED, "issuer_is_our_idp", {"expected": IDP, "received": OTHER}
    ),
    "saml-26-issuer-with-a-slash": Bad(
        assertion(ISSUER, f"<saml:Issuer>{IDP}/</saml:Issuer>"), ISSUED, "issuer_is_our_idp"
    ),
    "saml-26-issuer-in-capitals": Bad(
        assertion(ISSUER, f"<saml:Issuer>{IDP.upper()}</saml:Issuer>"), ISSUED, "issuer_is_our_idp"
    ),
    "saml-26-issuer-blank": Bad(assertion(ISSUER, "<saml:Issuer> </saml:Issuer>"), ISSUED, "issuer_is_our_idp"),
    "saml-26-issuer-empty": Bad(assertion(ISSUER, "<saml:Issuer/>"), ISSUED, "issuer_is_our_idp"),
    "saml-26-issuer-with-blanks": Bad(
        assertion(ISSUER, f"<saml:Issuer> {IDP} </saml:Issuer>"), ISSUED, "issuer_is_our_idp"
    ),
    "saml-26-issuer-of-another-format": Bad(
        assertion(ISSUER, f'<saml:Issuer Format="{names.FORMAT_EMAIL}">{IDP}</saml:Issuer>'),
        ISSUED,
        "issuer_is_our_idp",
    ),
    "saml-26-issuer-of-the-response": Bad(
        {"in_response": lambda text: text.replace(ISSUER, f"<saml:Issuer>{OTHER}</saml:Issuer>", 1)},
        ISSUED,
        "issuer_is_our_idp",
        {"received": OTHER},
    ),
    # Destination
    "saml-28-destination": Bad(
        {"destination": OTHER},
        refusals.DestinationMismatch,
        "destination_is_ours",
        {"expected": ACS, "received": OTHER},
    ),
    "saml-28-destination-empty": Bad(
        envelope(f'Destination="{ACS}"', 'Destination=""'), refusals.DestinationMismatch, "destination_is_ours"
    ),
    "saml-28-destination-longer": Bad({"destination": f"{ACS}/x"}, refusals.DestinationMismatch, "destination_is_ours"),
    "saml-28-destination-shorter": Bad({"destination": ACS[:-1]}, refusals.DestinationMismatch, "destination_is_ours"),
    "saml-28-destination-of-another-host": Bad(
        {"destination": ACS.replace("example.net", "example.org")}, refusals.DestinationMismatch, "destination_is_ours"
    ),
    "saml-28-destination-missing-when-signed": Bad(
        {"destination": None, "sign": "response"},
        refusals.DestinationMismatch,
        "destination_is_ours",
        {"received": None},
    ),
    "saml-28-destination-missing-when-both-signed": Bad(
        {"destination": None, "sign": "both"}, refusals.DestinationMismatch, "destination_is_ours"
    ),
    # Recipient and confirmation
    "saml-29-recipient": Bad(
        {"recipient": OTHER}, refusals.RecipientMismatch, "recipient_is_ours", {"expected": ACS, "received": (OTHER,)}
    ),
    "saml-29-recipient-empty": Bad(
        confirmation(confirmed(Recipient="")), refusals.RecipientMismatch, "recipient_is_ours", {"received": ("",)}
    ),
    "saml-29-recipient-missing": Bad(
        confirmation(confirmed(Recipient=None)), refusals.RecipientMismatch, "recipient_is_ours"
    ),
    "saml-29-no-confirmation": Bad(
        confirmation(""), refusals.SubjectUnconfirmed, "bearer_is_confirmed", {"received": ()}
    ),
    "saml-29-holder-of-key": Bad(
        confirmation(confirmed(Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key")),
        refusals.SubjectUnconfirmed,
        "bearer_is_confirmed",
        {"received": ("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",)},
    ),
    "saml-29-sender-vouches": Bad(
        confirmation(confirmed(Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches")),
        refusals.SubjectUnconfirmed,
        "bearer_is_confirmed",
    ),
    "saml-29-bearer-of-saml-1": Bad(
        confirmation(confirmed(Method="urn:oasis:names:tc:SAML:1.0:cm:bearer")),
        refusals.SubjectUnconfirmed,
        "bearer_is_confirmed",
    ),
    "saml-29-bearer-without-data": Bad(
        confirmation(f'<saml:SubjectConfirmation Method="{names.BEARER}"/>'),
        refusals.SubjectUnconfirmed,
        "bearer_is_confirmed",
    ),
    "saml-29-bearer-without-end": Bad(
        confirmation(confirmed(NotOnOrAfter=None)), refusals.SubjectUnconfirmed, "bearer_is_confirmed"
    ),
    "saml-29-bearer-with-not-before": Bad(
        confirmation(confirmed(NotBefore="2026-03-04T05:06:07Z")), refusals.SubjectUnconfirmed, "bearer_is_confirmed"
    ),
    "saml-29-bearer-with-two-data": Bad(
        assertion(DATA_END, DATA_END + "<saml:SubjectConfirmationData/>"), MALFORMED, "form"
    ),
    "saml-29-another-confirmation-lends-nothing": Bad(
        # One has the right recipient, the other the right request: neither confirms.
        confirmation(confirmed(InResponseTo="_other") + confirmed(Recipient=OTHER)),
        refusals.InResponseToUnknown,
        "answers_our_request",
    ),
    # InResponseTo
    "saml-32-in-response-to-another": Bad(
        {"in_response_to": "_other"},
        refusals.InResponseToUnknown,
        "answers_our_request",
        {"expected": REQUEST, "received": ("_other", "_other")},
    ),
    "saml-32-in-response-to-another-outside": Bad(
        envelope(f'InResponseTo="{REQUEST}"><saml:Issuer>', 'InResponseTo="_other"><saml:Issuer>'),
        refusals.InResponseToUnknown,
        "answers_our_request",
    ),
    "saml-32-in-response-to-another-inside": Bad(
        confirmation(confirmed(InResponseTo="_other")), refusals.InResponseToUnknown, "answers_our_request"
    ),
    "saml-32-in-response-to-empty": Bad({"in_response_to": ""}, refusals.InResponseToUnknown, "answers_our_request"),
    "saml-33-in-response-to-missing": Bad(
        {"in_response_to": None}, refusals.UnsolicitedResponse, "answers_our_request", {"expected": REQUEST}
    ),
    "saml-33-in-response-to-missing-outside": Bad(
        envelope(f' InResponseTo="{REQUEST}"><saml:Issuer>', "><saml:Issuer>"),
        refusals.UnsolicitedResponse,
        "answers_our_request",
    ),
    "saml-33-in-response-to-missing-inside": Bad(
        confirmation(confirmed(InResponseTo=None)), refusals.UnsolicitedResponse, "answers_our_request"
    ),
    # Conditions
    "saml-27-no-conditions": Bad(
        {"in_assertion": lambda text: text[: text.index("<saml:Cond")] + text[text.index("<saml:AuthnStatement") :]},
        refusals.AudienceMismatch,
        "audience_is_ours",
        {"received": ()},
    ),
    "saml-27-no-restriction": Bad(assertion(RESTRICTION, ""), refusals.AudienceMismatch, "audience_is_ours"),
    "saml-27-empty-restriction": Bad(
        assertion(RESTRICTION, "<saml:AudienceRestriction/>"), refusals.AudienceMismatch, "audience_is_ours"
    ),
    "saml-27-empty-audience": Bad(
        assertion(AUDIENCE, "<saml:Audience/>"), refusals.AudienceMismatch, "audience_is_ours", {"received": ("",)}
    ),
    "saml-27-audience": Bad(
        {"audience": OTHER},
        refusals.AudienceMismatch,
        "audience_is_ours",
        {"expected": SP, "received": (OTHER,)},
    ),
    "saml-27-audience-longer": Bad({"audience": f"{SP}-2"}, refusals.AudienceMismatch, "audience_is_ours"),
    "saml-27-audience-with-a-slash": Bad({"audience": f"{SP}/"}, refusals.AudienceMismatch, "audience_is_ours"),
    "saml-27-audience-in-one-of-two-restrictions": Bad(
        assertion(RESTRICTION, RESTRICTION + RESTRICTION.replace(SP, OTHER)),
        refusals.AudienceMismatch,
        "audience_is_ours",
        {"received": (SP, OTHER)},
    ),
    "saml-27-one-restriction-empty": Bad(
        assertion(RESTRICTION, RESTRICTION + "<saml:AudienceRestriction/>"),
        refusals.AudienceMismatch,
        "audience_is_ours",
    ),
    "saml-27-audience-outside-a-restriction": Bad(
        assertion(RESTRICTION, AUDIENCE), refusals.ConditionUnknown, "conditions_hold", {"received": "Audience"}
    ),
    "saml-27-an-unknown-condition": Bad(
        assertion(RESTRICTION, RESTRICTION + "<x:Moon xmlns:x='urn:x'/>"),
        refusals.ConditionUnknown,
        "conditions_hold",
        {"received": "Moon"},
    ),
    "saml-27-a-restriction-of-another-namespace": Bad(
        assertion(RESTRICTION, RESTRICTION.replace("<saml:A", "<saml:A", 1).replace("saml:", "")),
        refusals.ConditionUnknown,
        "conditions_hold",
    ),
    # Statements
    "saml-29-no-authn-statement": Bad(
        {
            "in_assertion": lambda text: (
                text[: text.index("<saml:AuthnStatement")] + text[text.index("<saml:AttributeStatement") :]
            )
        },
        refusals.AuthnStatementMissing,
        "somebody_signed_in",
    ),
    # Encryption
    "saml-22-encrypted-id": Bad(
        {"in_assertion": lambda text: text.replace("saml:NameID", "saml:EncryptedID")},
        refusals.EncryptedElementUnsupported,
        "form",
        {"element": "EncryptedID"},
    ),
    "saml-22-encrypted-attribute": Bad(
        assertion("</saml:AttributeStatement>", "<saml:EncryptedAttribute/></saml:AttributeStatement>"),
        refusals.EncryptedElementUnsupported,
        "attributes",
        {"element": "EncryptedAttribute"},
    ),
}


def rows(*requirements: str) -> pytest.MarkDecorator:
    """Those of `REFUSED` whose names begin so."""
    return pytest.mark.parametrize("row", [row for row in REFUSED if row.startswith(requirements)])


def is_refused_by_the_check_for_it(row: str) -> None:
    bad = REFUSED[row]
    with pytest.raises(refusals.SamlRefused) as caught:
        read(answer(**bad.wishes))
    assert type(caught.value) is bad.kind
    assert caught.value.check == bad.check
    assert caught.value.passed == read(answer()).passed[: len(caught.value.passed)]
    assert {name: caught.value.facts[name] for name in bad.facts} == bad.facts


@rows("saml-06", "saml-22")
def test_saml_06_22_an_assertion_of_another_version_or_partly_encrypted_is_refused(row: str) -> None:
    is_refused_by_the_check_for_it(row)


@rows("saml-26")
def test_saml_26_an_issuer_that_is_not_the_connections_is_refused(row: str) -> None:
    is_refused_by_the_check_for_it(row)


@rows("saml-27")
def test_saml_27_an_audience_restriction_that_does_not_name_us_is_refused_and_so_is_none(row: str) -> None:
    is_refused_by_the_check_for_it(row)


@rows("saml-28")
def test_saml_28_a_destination_that_is_not_this_acs_is_refused_and_so_is_none_under_a_signature(row: str) -> None:
    is_refused_by_the_check_for_it(row)


@rows("saml-29")
def test_saml_29_without_a_whole_bearer_confirmation_for_this_acs_nobody_is_confirmed(row: str) -> None:
    is_refused_by_the_check_for_it(row)


@rows("saml-32", "saml-33")
def test_saml_32_33_an_answer_to_another_request_or_to_none_is_refused(row: str) -> None:
    is_refused_by_the_check_for_it(row)


def test_every_row_of_the_table_is_tested() -> None:
    assert {row[:7] for row in REFUSED} == {
        f"saml-{number}" for number in ("06", "22", "26", "27", "28", "29", "32", "33")
    }


ACCEPTED: dict[str, dict[str, Any]] = {
    "saml-26-issuer-format-entity": assertion(
        ISSUER, f'<saml:Issuer Format="{names.FORMAT_ENTITY}">{IDP}</saml:Issuer>'
    ),
    "saml-26-no-issuer-in-the-response": {"in_response": lambda text: text.replace(ISSUER, "", 1)},
    "saml-27-one-of-several-audiences": assertion(AUDIENCE, f"<saml:Audience>{OTHER}</saml:Audience>{AUDIENCE}"),
    "saml-27-audience-with-line-breaks": assertion(AUDIENCE, f"<saml:Audience>\n  {SP}\n</saml:Audience>"),
    "saml-27-two-restrictions-that-both-name-us": assertion(RESTRICTION, RESTRICTION * 2),
    "saml-27-one-time-use-and-proxy-restriction": assertion(
        RESTRICTION, f"{RESTRICTION}<saml:OneTimeUse/><saml:ProxyRestriction Count='0'/>"
    ),
    "saml-28-no-destination-in-an-unsigned-response": {"destination": None},
    "saml-29-holder-of-key-beside-bearer": confirmation(
        confirmed(Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key") + CONFIRMATION
    ),
    "saml-29-one-bearer-of-two-for-us": confirmation(confirmed(Recipient=OTHER) + CONFIRMATION),
    "saml-30-one-bearer-of-two-in-time": confirmation(confirmed(NotOnOrAfter="2026-03-04T05:00:00Z") + CONFIRMATION),
    "saml-30-no-window-in-the-conditions": assertion(
        ' NotBefore="2026-03-04T05:06:07.000Z" NotOnOrAfter="2026-03-04T05:11:07.000Z"', ""
    ),
}


@pytest.mark.parametrize("row", ACCEPTED)
def test_saml_26_27_28_29_30_an_unusual_answer_is_accepted(row: str) -> None:
    assert read(answer(**ACCEPTED[row])).subject == "ann"


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_saml_33_an_unsolicited_answer_is_for_connections_that_expect_one(sign: issue.Signed) -> None:
    assert read(answer(in_response_to=None, sign=sign), expected=UNSOLICITED).answers is None


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"in_response_to": "_other"},
        envelope(f' InResponseTo="{REQUEST}"><saml:Issuer>', "><saml:Issuer>"),
        confirmation(confirmed(InResponseTo=None)),
    ],
    ids=["of-another-sign-in", "unknown", "only-inside", "only-outside"],
)
def test_saml_33_an_answer_to_some_request_is_never_taken_for_unsolicited(wishes: dict[str, Any]) -> None:
    with pytest.raises(refusals.InResponseToUnknown) as caught:
        read(answer(**wishes), expected=UNSOLICITED)
    assert caught.value.expected is None


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"idp_entity_id": OTHER}, refusals.IssuerMismatch),
        ({"acs_url": OTHER}, refusals.DestinationMismatch),
        ({"sp_entity_id": OTHER}, refusals.AudienceMismatch),
        ({"request_id": "_x"}, refusals.InResponseToUnknown),
    ],
)
def test_saml_36_a_good_answer_for_one_connection_is_none_for_another(
    change: dict[str, str], kind: type[refusals.SamlRefused]
) -> None:
    verified = verify(answer())
    assert response.read(verified, EXPECTED, NOW).subject == "ann"
    with pytest.raises(kind):
        response.read(verified, msgspec.structs.replace(EXPECTED, **change), NOW)


def test_saml_26_a_connection_without_an_entity_id_trusts_nobody() -> None:
    nameless = msgspec.structs.replace(EXPECTED, idp_entity_id="")
    with pytest.raises(refusals.IssuerMismatch):
        read(answer(entity_id=""), expected=nameless)


def test_saml_36_the_same_two_entities_at_another_acs_are_another_connection() -> None:
    with pytest.raises(refusals.RecipientMismatch):
        read(answer(destination=None), expected=msgspec.structs.replace(EXPECTED, acs_url=f"{ACS}-2"))


def test_saml_34_the_id_of_the_assertion_is_there_to_be_remembered_until_it_is_worthless() -> None:
    said = read(answer(assertion_id="_once", lifetime=timedelta(minutes=5)))
    assert said.message_id == "_once"
    assert said.valid_until == NOW + timedelta(minutes=5) + 2 * timedelta(seconds=60)


@pytest.mark.parametrize("later", [timedelta(minutes=5), timedelta(hours=8)], ids=["short", "long"])
def test_saml_34_when_it_may_be_forgotten_it_is_refused_anyhow(later: timedelta) -> None:
    document = answer(lifetime=later)
    until = read(document).valid_until
    with pytest.raises((refusals.AssertionExpired, refusals.ResponseTooOld)):
        read(document, now=until)


def test_an_encrypted_assertion_is_refused_by_name() -> None:
    document = answer(
        sign="none",
        in_response=lambda text: text[: text.index("<saml:Assertion")] + "<saml:EncryptedAssertion/></samlp:Response>",
    )
    with pytest.raises(refusals.EncryptedAssertionUnsupported):
        verify(document)


def test_saml_22_an_encrypted_assertion_beside_a_signed_one_is_refused() -> None:
    for place in ("<saml:Assertion", "</samlp:Response>"):
        evil = swap(place, f"<saml:EncryptedAssertion/>{place}")
        with pytest.raises(refusals.SeveralAssertions):
            read(answer(after=evil))


def test_a_glance_says_what_the_response_says_of_itself_and_no_more() -> None:
    seen = response.glance(answer(sign="none"))
    assert seen == response.Glance(in_response_to=REQUEST, issuer=IDP, response_id="_response")
    bare = f'<samlp:Response xmlns:samlp="{names.SAMLP}"/>'.encode()
    assert response.glance(bare) == response.Glance(in_response_to=None, issuer=None, response_id=None)
    with pytest.raises(refusals.NotAResponse):
        response.glance(b"<x/>")


def test_a_glance_looks_at_the_response_alone() -> None:
    root = xml.parse(answer(sign="none", in_response=lambda text: text.replace(ISSUER, "", 1)))
    assert root[0].tag == names.STATUS
    assert response.glance(answer(sign="none", in_response=lambda text: text.replace(ISSUER, "", 1))).issuer is None
