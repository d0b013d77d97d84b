"""A verified Response becomes an `Assertion`, through a list of named checks (profiles 4.1.4.3); and two looks before.

`decode` and `glance` stand at the door: what they give is not to be trusted. `read` takes nothing but a `VerifiedXml`,
and reads who signed in from its signed assertion alone; the envelope around it can refuse, never admit.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from lxml import etree

from latchstring.model.profile import Assertion
from latchstring.model.secret import Secret
from latchstring.model.session import SamlSession
from latchstring.protocols.saml import checks, names, refusals, statements, xml
from latchstring.protocols.saml.checks import CHECKS as CHECKS
from latchstring.protocols.saml.checks import MAX_AGE as MAX_AGE
from latchstring.protocols.saml.checks import MAX_SKEW, Case
from latchstring.protocols.saml.checks import Expected as Expected
from latchstring.protocols.saml.signature import VerifiedXml


def decode(field: str, *, max_bytes: int = xml.MAX_BYTES) -> bytes:
    """The `SAMLResponse` form field as bytes; whitespace is let be, as in RFC 2045.

    Raises `DocumentTooLarge` or `DocumentNotBase64`.
    """
    if len(field) > max_bytes * 2:  # Base64 takes four thirds, the rest are line breaks
        raise refusals.DocumentTooLarge(limit="bytes", most=max_bytes)
    try:
        document = base64.b64decode("".join(field.split()), validate=True)
    except (binascii.Error, ValueError):
        raise refusals.DocumentNotBase64 from None
    if not document:
        raise refusals.DocumentNotBase64
    if len(document) > max_bytes:
        raise refusals.DocumentTooLarge(limit="bytes", most=max_bytes)
    return document


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """What a Response says of itself before anything is verified. For routing and for the trace, for nothing else."""

    in_response_to: str | None
    issuer: str | None
    response_id: str | None


def glance(document: bytes) -> Glance:
    """An untrusted look. Raises what `xml.parse` raises, or `NotAResponse`."""
    return glance_tree(xml.parse(document))


def glance_tree(root: etree._Element) -> Glance:
    """The same for a tree that `xml.parse` made."""
    if root.tag != names.RESPONSE:
        raise refusals.NotAResponse(received=str(root.tag)[:256])
    issuer = xml.child(root, names.ISSUER)
    return Glance(
        in_response_to=root.get("InResponseTo"),
        issuer=None if issuer is None else xml.full_text(issuer)[:1024],
        response_id=root.get("ID"),
    )


_OF_CONFIRMATIONS = (checks.recipient_is_ours, checks.answers_our_request, checks.bearer_is_in_time)


def read(verified: VerifiedXml, expected: Expected, now: datetime) -> Assertion:
    """What the identity provider said, after every check. `now` is aware.

    Raises a `refusals.SamlRefused` that knows the check (`check`) and those before it (`passed`).
    """
    passed = ["signature"]
    try:
        parts = statements.take_apart(verified.assertion)
    except refusals.SamlRefused as refusal:
        raise refusal.at("form", passed)  # noqa: B904 - it is the same refusal
    case = Case(
        envelope=verified.envelope,
        response_signed=verified.response_signed,
        parts=parts,
        expected=expected,
        now=now,
        skew=min(expected.clock_skew, MAX_SKEW),
    )
    name = ""
    confirmations: list[statements.Confirmation] = []
    try:
        for check in CHECKS:
            name, confirmations = check.__name__, case.confirmations
            check(case)
            passed.append(name)
        name = "attributes"
        said = statements.attributes(case.parts)
        session = statements.session(case.parts)
    except refusals.SamlRefused as refusal:
        case.confirmations = confirmations  # as before the check that left none
        later = [] if name == "attributes" else _further(case, CHECKS[len(passed) :])
        unproven = _unproven(case, verified)
        raise refusal.at(name, passed, later=later, unproven=unproven)  # noqa: B904 - it is the same refusal
    return _assertion(case, said, verified, session=session, passed=(*passed, name))


def _assertion(
    case: Case,
    said: statements.Attributes,
    verified: VerifiedXml,
    *,
    session: SamlSession | None = None,
    passed: tuple[str, ...] = (),
) -> Assertion:
    return Assertion(
        subject=case.parts.name_id or "",
        subject_format=case.parts.name_id_format,
        attributes=said.values,
        friendly_names=said.friendly_names,
        raw=said.raw,
        email_trusted=bool(passed),
        message_id=case.parts.assertion.get("ID", ""),
        valid_until=_remember_until(case) if passed else case.now,
        answers=case.expected.request_id,
        session=None if session is None else Secret(session),
        passed=passed,
        evidence=_evidence(verified),
    )


def _evidence(verified: VerifiedXml) -> dict[str, Any]:
    signed = (("response", verified.response_signed), ("assertion", verified.assertion_signed))
    return {
        "signed": tuple(name for name, held in signed if held),
        "algorithm": verified.algorithm,
        "digest": verified.digest,
        "certificate": verified.certificate_fingerprint,
        "encrypted": verified.encrypted,
    }


def _further(case: Case, behind: Sequence[Callable[[Case], None]]) -> list[tuple[str, refusals.SamlRefused | None]]:
    """What the checks behind the one that refused say; one that has nothing to look at is left out."""
    found: list[tuple[str, refusals.SamlRefused | None]] = []
    for check in behind:
        confirmations = case.confirmations
        if confirmations or check not in _OF_CONFIRMATIONS:
            found.append((check.__name__, _refusal_of(check, case)))
            case.confirmations = case.confirmations or confirmations
    return [*found, ("attributes", _refusal_of(lambda each: statements.attributes(each.parts), case))]


def _refusal_of(check: Callable[[Case], object], case: Case) -> refusals.SamlRefused | None:
    try:
        check(case)
    except refusals.SamlRefused as refusal:
        return refusal
    return None


def _unproven(case: Case, verified: VerifiedXml) -> Assertion | None:
    """The signed words of an answer that was refused."""
    try:
        return _assertion(case, statements.attributes(case.parts), verified)
    except refusals.SamlRefused:
        return None


def _remember_until(case: Case) -> datetime:
    """The latest NotOnOrAfter + 2 * skew (SAML-34), or when the answer is too old anyhow, whichever comes first."""
    ends = case.ends()
    if case.parts.conditions is not None and (end := checks.moment(case.parts.conditions, "NotOnOrAfter")):
        ends.append(end)
    return min(max(ends), case.issued + MAX_AGE + case.skew) + 2 * case.skew
