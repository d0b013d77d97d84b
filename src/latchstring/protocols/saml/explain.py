"""The verifier, told step by step: what was checked in which order, and where it stopped and why.

It runs the very functions that decide a sign-in; nothing is checked here that is not checked there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from latchstring.model.profile import Assertion
from latchstring.model.refusal import AssertionRefused, Refusal
from latchstring.protocols.saml import envelope, names, response, signature, xml
from latchstring.protocols.saml.signature import SignaturePolicy, VerifiedXml

Result = Literal["passed", "failed", "not reached"]

STAGES = ("document", "envelope", "signature", "form", *(check.__name__ for check in response.CHECKS), "attributes")
_EXPECTED = ("expected", "most", "now")  # facts of refusals that say what should have been
_RECEIVED = ("received", "not_before", "not_on_or_after", "issued", "reason", "status", "element", "limit")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a response is held against: both sides of a connection, and the request it should answer."""

    idp_certificates: tuple[str, ...]  # PEM
    idp_entity_id: str
    sp_entity_id: str
    acs_url: str
    request_id: str | None  # None: nobody asked, and an unsolicited response is acceptable
    sp_keys: tuple[str, ...] = ()  # PEM, for encrypted assertions
    policy: SignaturePolicy = SignaturePolicy()
    clock_skew: timedelta = timedelta(seconds=60)
    max_bytes: int = xml.MAX_BYTES  # of the document, decoded


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One step. What was expected and received is there where it failed."""

    name: str
    result: Result
    expected: Any = None
    received: Any = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Every step, and either who signed in or what was refused."""

    checks: tuple[Check, ...]
    refusal: Refusal | None
    # What the checks behind the one that failed say of the same signed words, for information; None: it fits.
    further: Mapping[str, AssertionRefused | None] = {}
    issuer: str | None = None
    name_id: str | None = None
    name_id_format: str | None = None
    session_index: str | None = None
    attributes: dict[str, tuple[str, ...]] | None = None
    signed: tuple[str, ...] = ()
    algorithms: dict[str, str] = {}
    assertion: Assertion | None = None  # what a sign-in would go on with


def explain(document: bytes, question: Question, now: datetime) -> Explanation:
    """Never raises a `Refusal`: it is the answer. `document` is XML, or the Base64 text in which it is posted."""
    stage = STAGES[0]
    try:
        root = xml.parse(_plain(document, question.max_bytes), max_bytes=question.max_bytes)
        stage = "envelope"
        envelope.open_envelope(root)
        stage = "signature"
        verified = signature.verify_tree(
            root,
            certificates=question.idp_certificates,
            policy=question.policy,
            decryption_keys=question.sp_keys,
        )
        stage = "form"
        assertion = response.read(verified, _expected(question), now)
    except Refusal as refusal:
        failed = getattr(refusal, "check", "") or stage
        further = dict(refusal.later) if isinstance(refusal, AssertionRefused) else {}
        return Explanation(checks=_checks(failed, refusal), refusal=refusal, further=further)
    issuer = xml.child(verified.assertion, names.ISSUER)
    statement = verified.assertion.find(names.AUTHN_STATEMENT)
    return Explanation(
        checks=tuple(Check(name=name, result="passed") for name in STAGES),
        refusal=None,
        issuer=None if issuer is None else xml.text(issuer),
        name_id=assertion.subject,
        name_id_format=assertion.subject_format,
        session_index=None if statement is None else statement.get("SessionIndex"),
        attributes=dict(assertion.attributes),
        signed=_signed(verified),
        algorithms={"signature": verified.algorithm, "digest": verified.digest},
        assertion=assertion,
    )


def _plain(document: bytes, max_bytes: int) -> bytes:
    """As XML if it begins like XML, in UTF-8 or UTF-16; else out of Base64, decoded as at the ACS."""
    if document.lstrip().startswith((b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00<")):
        return document
    return response.decode(document.decode("utf-8", "replace"), max_bytes=max_bytes)


def _expected(question: Question) -> response.Expected:
    return response.Expected(
        idp_entity_id=question.idp_entity_id,
        sp_entity_id=question.sp_entity_id,
        acs_url=question.acs_url,
        request_id=question.request_id,
        clock_skew=question.clock_skew,
    )


def _signed(verified: VerifiedXml) -> tuple[str, ...]:
    parts = (("response", verified.response_signed), ("assertion", verified.assertion_signed))
    return tuple(name for name, signed in parts if signed)


def _checks(failed: str, refusal: Refusal) -> tuple[Check, ...]:
    at = STAGES.index(failed)
    facts = refusal.facts
    here = Check(
        name=failed,
        result="failed",
        expected=next((facts[name] for name in _EXPECTED if name in facts), None),
        received=next((facts[name] for name in _RECEIVED if name in facts), None),
    )
    return (
        *(Check(name=name, result="passed") for name in STAGES[:at]),
        here,
        *(Check(name=name, result="not reached") for name in STAGES[at + 1 :]),
    )
