"""A genuine provider's answers that confirm nobody, or not now: confirmations, times and age (SAML-29 to SAML-31)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.forge import Build, Forge, altered, attack, attribute, composed
from latchstring.attacks.saml.scene import Scene
from latchstring.protocols.saml import xml

_DATA, _CONFIRMATION = "saml:SubjectConfirmationData", "saml:SubjectConfirmation"


def _method(method: str) -> Build:
    return composed(attribute(_CONFIRMATION, "Method", f"urn:oasis:names:tc:SAML:2.0:cm:{method}"))


def _shifted(element: str, name: str, **by: float) -> Build:
    """A time that is so far from now."""
    return lambda forge: forge.answer(in_assertion=attribute(element, name, xml.shown(forge.now + timedelta(**by))))


def _halves(forge: Forge) -> str:
    """Two confirmations: one has the right Recipient but has ended, the other is in time but for somebody else."""

    def double(text: str) -> str:
        start, end = text.index(f"<{_CONFIRMATION} "), text.index(f"</{_CONFIRMATION}>") + len(f"</{_CONFIRMATION}>")
        one = text[start:end]
        ended = attribute(_DATA, "NotOnOrAfter", xml.shown(forge.now - timedelta(minutes=5)))(one)
        foreign = attribute(_DATA, "Recipient", "https://other.example/acs")(one)
        return text[:start] + ended + foreign + text[end:]

    return forge.answer(in_assertion=double)


_CONFIRMATIONS: Mapping[str, tuple[str, str, Build]] = {
    "confirmation-none": (
        "no SubjectConfirmation",
        "subject_unconfirmed",
        composed(
            lambda text: (
                text[: text.index(f"<{_CONFIRMATION} ")]
                + text[text.index(f"</{_CONFIRMATION}>") + len(f"</{_CONFIRMATION}>") :]
            )
        ),
    ),
    "confirmation-holder-of-key": ("holder-of-key alone", "subject_unconfirmed", _method("holder-of-key")),
    "confirmation-sender-vouches": ("sender-vouches alone", "subject_unconfirmed", _method("sender-vouches")),
    "confirmation-methodless": (
        "a confirmation without a Method",
        "subject_unconfirmed",
        composed(attribute(_CONFIRMATION, "Method", None)),
    ),
    "confirmation-without-data": (
        "bearer without data",
        "subject_unconfirmed",
        composed(lambda text: text[: text.index(f"<{_DATA}")] + text[text.index(f"</{_CONFIRMATION}>") :]),
    ),
    "confirmation-endless": (
        "bearer without an end",
        "subject_unconfirmed",
        composed(attribute(_DATA, "NotOnOrAfter", None)),
    ),
    "confirmation-with-start": (
        "bearer with a NotBefore",
        "subject_unconfirmed",
        _shifted(_DATA, "NotBefore", minutes=-5),
    ),
    "recipient-missing": ("no Recipient", "recipient_mismatch", composed(attribute(_DATA, "Recipient", None))),
    "recipient-empty": ("an empty Recipient", "recipient_mismatch", composed(attribute(_DATA, "Recipient", ""))),
    "recipient-other": (
        "another application",
        "recipient_mismatch",
        composed(attribute(_DATA, "Recipient", "https://other.example/acs")),
    ),
    "recipient-query": ("a query more", "recipient_mismatch", lambda f: f.answer(recipient=f.party.acs_url + "?x")),
    "recipient-entity-id": (
        "our entity ID instead of the ACS URL",
        "recipient_mismatch",
        lambda f: f.answer(recipient=f.party.sp_entity_id),
    ),
    "confirmation-halves": ("one right but ended, one in time but foreign", "assertion_expired", _halves),
}

_SKEW = 60
_TIMES: dict[str, tuple[str, str, Build]] = {
    "conditions-ended": (
        "Conditions that ended a second before the skew",
        "assertion_expired",
        _shifted("saml:Conditions", "NotOnOrAfter", seconds=-_SKEW - 1),
    ),
    "conditions-future": (
        "Conditions that begin after the skew",
        "assertion_not_yet_valid",
        _shifted("saml:Conditions", "NotBefore", seconds=_SKEW + 5),
    ),
    "confirmation-ended": (
        "a confirmation that ended a second before the skew",
        "assertion_expired",
        _shifted(_DATA, "NotOnOrAfter", seconds=-_SKEW - 1),
    ),
    "session-ended": (
        "a session that ended",
        "assertion_expired",
        _shifted("saml:AuthnStatement", "SessionNotOnOrAfter", seconds=-_SKEW - 1),
    ),
    "offset-ended": (
        "an end in another zone, long ago",
        "assertion_expired",
        lambda f: f.answer(
            in_assertion=attribute(
                "saml:Conditions", "NotOnOrAfter", f"{f.now + timedelta(hours=13):%Y-%m-%dT%H:%M:%S}+14:00"
            )
        ),
    ),
}
_NO_TIMES = {
    "time-garbage": "tomorrow",
    "time-empty": "",
    "time-epoch": "4102444800",
    "time-zone-name": "2100-01-01T00:00:00 UTC",
    "time-leap-month": "2100-13-01T00:00:00Z",
    "time-year-zero": "0000-01-01T00:00:00Z",
    "time-long-year": "12100-01-01T00:00:00Z",
    "time-far-offset": "2100-01-01T00:00:00+15:00",
    "time-other-digits": "\u0662100-01-01T00:00:00Z",
    "time-date-alone": "2100-01-01",
}


def _aged(*, response: bool, **by: float) -> Build:
    def build(forge: Forge) -> str:
        moment = xml.shown(forge.now + timedelta(**by))
        if response:
            return forge.answer(after=attribute("samlp:Response", "IssueInstant", moment))
        return forge.answer(in_assertion=attribute("saml:Assertion", "IssueInstant", moment))

    return build


_AGES: dict[str, tuple[str, str, Build]] = {
    "assertion-old": ("an assertion of 12 minutes ago", "response_too_old", _aged(response=False, minutes=-12)),
    "response-old": ("a Response of 12 minutes ago", "response_too_old", _aged(response=True, minutes=-12)),
    "assertion-ancient": ("an assertion of last year", "response_too_old", _aged(response=False, days=-365)),
    "assertion-future": ("an assertion of tomorrow", "assertion_not_yet_valid", _aged(response=False, days=1)),
    "response-future": ("a Response of two minutes hence", "assertion_not_yet_valid", _aged(response=True, minutes=2)),
    "assertion-undated": (
        "no IssueInstant",
        "time_invalid",
        composed(attribute("saml:Assertion", "IssueInstant", None)),
    ),
    "response-undated": (
        "no IssueInstant on the Response",
        "time_invalid",
        altered(attribute("samlp:Response", "IssueInstant", None)),
    ),
}

ATTACKS: tuple[Attack[Scene], ...] = (
    *(attack(name, "SAML-29", tries, code, build) for name, (tries, code, build) in _CONFIRMATIONS.items()),
    attack(
        "authn-statement-missing",
        "SAML-29",
        "nobody has signed in",
        "authn_statement_missing",
        composed(
            lambda text: (
                text[: text.index("<saml:AuthnStatement")]
                + text[text.index("</saml:AuthnStatement>") + len("</saml:AuthnStatement>") :]
            )
        ),
    ),
    *(attack(name, "SAML-30", tries, code, build) for name, (tries, code, build) in _TIMES.items()),
    *(
        attack(
            name,
            "SAML-30",
            f"an end of {value or 'nothing'}",
            "time_invalid",
            composed(attribute("saml:Conditions", "NotOnOrAfter", value)),
        )
        for name, value in _NO_TIMES.items()
    ),
    *(attack(name, "SAML-31", tries, code, build) for name, (tries, code, build) in _AGES.items()),
)
