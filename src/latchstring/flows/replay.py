"""A kept SAML response is run once more, against the connection as it is or as it might be; nothing is saved.

It runs the functions that decide a sign-in, at the moment at which the response came, but for the one check that it was
not used before: it was, of course.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from latchstring.flows import (
    connections,
    land,
    organizations,
    sign_ins,
    story,
    trace_answer,
    trace_checks,
    trace_differences,
    trace_further,
    trace_remedy,
)
from latchstring.flows.house import House
from latchstring.flows.trace_checks import Check
from latchstring.flows.trace_differences import Difference
from latchstring.flows.trace_remedy import Remedy
from latchstring.model.connection import AttributeMaps, Connection, SamlConfig, TestIdpConfig
from latchstring.model.environment import Pass
from latchstring.model.refusal import AssertionRefused, FieldError, InvalidFields, InvalidRequest, Refusal
from latchstring.model.sign_in import SignIn
from latchstring.protocols.saml import certificates, explain

FIELDS = ("idp_id", "email", "first_name", "last_name", "groups")
MAX_SKEW = 300  # seconds, as of a connection
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^-]*-----END [A-Z0-9 ]*CERTIFICATE-----")


class ReplayUnsupported(InvalidRequest):
    """Only a SAML response can be run again: the answers of other protocols live on codes that are good once."""

    code = "replay_unsupported"
    fix = "Sign in again, or test the sign-in of the connection."


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What can be tried out, as text."""

    certificates: str  # PEM, one after the other
    idp_entity_id: str
    sp_entity_id: str
    acs_url: str
    clock_skew: str  # seconds
    sources: Mapping[str, str]  # profile field -> attributes, with commas between them; empty: the type's own


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What would have come of it."""

    checks: tuple[Check, ...]
    remedy: Remedy | None  # None: it would be let in
    differences: tuple[Difference, ...]
    profile: tuple[tuple[str, str], ...]  # what the application would get


def settings(house: House, pass_: Pass, named: str) -> Settings:
    """Those of the connection now. Raises `NotFound`, `AnswerNotKept` and `ReplayUnsupported`."""
    _, connection, now = _stored(house, pass_, named)
    asked = trace_further.question(house, connection, None, now)
    standard = connection.attribute_maps.standard
    return Settings(
        certificates="\n".join(pem.strip() for pem in asked.idp_certificates),
        idp_entity_id=asked.idp_entity_id,
        sp_entity_id=asked.sp_entity_id,
        acs_url=asked.acs_url,
        clock_skew=str(int(asked.clock_skew.total_seconds())),
        sources={field: ", ".join(standard.get(field, ())) for field in FIELDS},
    )


def run(house: House, pass_: Pass, named: str, tried: Settings, say: Callable[[str], str] = str) -> Replayed:
    """Raises what `settings` raises, and `InvalidFields` for what cannot be tried."""
    sign_in, connection, now = _stored(house, pass_, named)
    _, answer = trace_answer.get(house, pass_, sign_in.id)
    asked = trace_further.question(house, connection, sign_in.attempt, now)
    asked = msgspec.structs.replace(
        asked,
        idp_certificates=_certificates(tried.certificates),
        idp_entity_id=tried.idp_entity_id.strip(),
        sp_entity_id=tried.sp_entity_id.strip(),
        acs_url=tried.acs_url.strip(),
        clock_skew=_skew(tried.clock_skew),
    )
    found = explain.explain(answer.document, asked, now)
    refusal = found.refusal
    profile: tuple[tuple[str, str], ...] = ()
    mapped = _mapped(connection, tried.sources)
    organization = None
    if connection.organization_id is not None:
        organization = organizations.get(house, pass_, connection.organization_id)
    if found.assertion is not None:
        try:
            normalized, _ = land.read(mapped, organization, found.assertion)
            values = {field: getattr(normalized, field, None) for field in FIELDS}
            profile = tuple((field, _text(value)) for field, value in values.items() if value)
        except Refusal as fault:
            refusal = fault
    if refusal is None:
        passed = tuple(name for name in trace_checks.CHECKS["saml"] if name not in ("unused", "code"))
        return Replayed(checks=_said(trace_checks.of_these(passed), say), remedy=None, differences=(), profile=profile)
    facts = {"check": _failed(found), **story.refused_facts(refusal)}
    facts["check"] = facts["check"] or _failed(found)
    checks = trace_checks.of_refused("saml", facts)
    if isinstance(refusal, AssertionRefused):
        further = trace_further.behind(mapped, organization, refusal)
        checks = trace_checks.informed(checks, further, connection.type, values=True, say=say)
    return Replayed(
        checks=_said(checks, say),
        remedy=trace_remedy.of(facts, connection.type, say),
        differences=trace_differences.of(facts, values=True, say=say),
        profile=(),
    )


def _stored(house: House, pass_: Pass, named: str) -> tuple[SignIn, Connection, datetime]:
    """The sign-in, its connection as it is now, and when the answer came."""
    sign_in = sign_ins.find(house, pass_, named)
    _, answer = trace_answer.get(house, pass_, sign_in.id)
    if sign_in.attempt.connection_id is None:
        raise ReplayUnsupported
    connection = connections.get(house, pass_, sign_in.attempt.connection_id).connection
    if not answer.document or not isinstance(connection.config, SamlConfig | TestIdpConfig):
        raise ReplayUnsupported
    return sign_in, connection, trace_further.came(sign_in.attempt)


def _mapped(connection: Connection, sources: Mapping[str, str]) -> Connection:
    standard = {
        field: tuple(filter(None, map(str.strip, text.split(",")))) for field, text in sources.items() if text.strip()
    }
    others = {field: held for field, held in connection.attribute_maps.standard.items() if field not in FIELDS}
    maps = AttributeMaps(
        standard={**others, **standard},
        custom=connection.attribute_maps.custom,
        required=connection.attribute_maps.required,
    )
    changed = standard.get("idp_id") != connection.attribute_maps.standard.get("idp_id")
    source = None if changed else connection.identifier_source
    return msgspec.structs.replace(connection, attribute_maps=maps, identifier_source=source)


def _certificates(text: str) -> tuple[str, ...]:
    found = tuple(_PEM.findall(text)) or ((text,) if text.strip() else ())
    try:
        return tuple(certificates.load(each).pem for each in found)
    except certificates.CertificateInvalid as refusal:
        raise InvalidFields(
            errors=(FieldError(field="certificates", code=refusal.code, message=refusal.message),)
        ) from None


def _skew(text: str) -> timedelta:
    if not (text.strip().isascii() and text.strip().isdigit() and int(text) <= MAX_SKEW):
        message = f"This is a number of seconds from 0 to {MAX_SKEW}."
        raise InvalidFields(errors=(FieldError(field="clock_skew", code="clock_skew_invalid", message=message),))
    return timedelta(seconds=int(text))


def _failed(found: explain.Explanation) -> str | None:
    return next((check.name for check in found.checks if check.result == "failed"), None)


def _said(checks: tuple[Check, ...], say: Callable[[str], str]) -> tuple[Check, ...]:
    """Without those that a replay does not make."""
    return tuple(
        msgspec.structs.replace(check, label=say(check.label))
        for check in checks
        if check.name not in ("unused", "code")
    )


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
