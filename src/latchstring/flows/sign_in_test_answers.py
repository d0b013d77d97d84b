"""An identity provider's answer to a test: every check, what arrived and what it would become; and nobody is let in.

The checks are those of a sign-in, made by the same functions. Behind the first one that fails, the others are made for
information, on words whose signature held: one test shows all that has to be mended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from latchstring.adapters.base import Adapter, Arrival
from latchstring.flows import attribute_samples, land, sign_in_test_remarks, story
from latchstring.flows.house import House
from latchstring.flows.land import EmailUnverified, OutsideOrganization, Replayed
from latchstring.model.attempt import AttemptState, LoginAttempt, Step
from latchstring.model.connection import Connection, ConnectionState, OidcConfig, SamlConfig, TestIdpConfig
from latchstring.model.environment import Pass
from latchstring.model.organization import Organization
from latchstring.model.profile import Assertion
from latchstring.model.refusal import AssertionRefused, LoginRefused
from latchstring.model.sign_in_test import Check, Outcome, Result
from latchstring.protocols import attribute_refusals as attributes
from latchstring.protocols.attributes import Normalized
from latchstring.protocols.oidc import id_token
from latchstring.protocols.saml import refusals, response
from latchstring.storage import attempts, connections, organizations, sign_in_tests
from latchstring.storage.database import Scope, WritingScope

_USERINFO = "userinfo_is_about_the_same_subject"
SAML = ("answer", "signature", "form", *(check.__name__ for check in response.CHECKS), "attributes")
OIDC = ("answer", "signature", *(check.__name__ for check in id_token.CHECKS), _USERINFO)
OURS = ("not_replayed", "required_attributes", "stable_identifier", "email_belongs")
_BEFORE_ANYTHING = frozenset({"", "document", "envelope"})
_IDENTIFIER = (
    attributes.IdentifierUnstable,
    attributes.IdentifierSourceMissing,
    attributes.IdentifierAmbiguous,
    attributes.IdentifierTooLong,
    attributes.IdentifierMalformed,
)
_FIELDS = ("idp_id", "email", "first_name", "last_name", "name", "groups", "custom_attributes")


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """A test came to its end. Its result stands at an address of its own."""

    attempt: LoginAttempt


class _Read(msgspec.Struct, frozen=True, kw_only=True):
    """What our own checks say of an assertion."""

    normalized: Normalized | None = None
    refusals: Mapping[str, LoginRefused] = {}
    reached: int = 0  # how many of OURS


def judge(
    house: House,
    pass_: Pass,
    connection: Connection,
    adapter: Adapter,
    attempt: LoginAttempt,
    arrival: Arrival,
    visitor: story.Visitor,
) -> Tested:
    """Never a refusal: that is the result."""
    if attempt.state is not AttemptState.AWAY:
        return Tested(attempt=attempt)  # the page was loaded again
    now = house.now()
    config = connection.config
    assert config is not None  # noqa: S101 - a test is of something that is set up
    try:
        attempt.expect(AttemptState.AWAY, now)
        assertion = adapter.finish(house.door(connection, config), arrival, attempt, house.fetch, now)
    except LoginRefused as refusal:
        return refuse(house, pass_, connection, attempt, refusal, visitor, arrival)
    _conclude(house, pass_, connection, attempt, assertion, None, visitor, now, arrival)
    return Tested(attempt=attempt)


def refuse(
    house: House,
    pass_: Pass,
    connection: Connection,
    attempt: LoginAttempt,
    refusal: LoginRefused,
    visitor: story.Visitor,
    arrival: Arrival | None = None,
) -> Tested:
    """The protocol said no. What was signed all the same is looked at, and marked as not to be trusted."""
    unproven = refusal.unproven if isinstance(refusal, AssertionRefused) else None
    if unproven is not None:  # as if the protocol had said yes, so that our own checks can be made
        unproven = msgspec.structs.replace(unproven, email_trusted=True)
    _conclude(house, pass_, connection, attempt, unproven, refusal, visitor, house.now(), arrival)
    return Tested(attempt=attempt)


def _conclude(
    house: House,
    pass_: Pass,
    connection: Connection,
    attempt: LoginAttempt,
    assertion: Assertion | None,
    refusal: LoginRefused | None,
    visitor: story.Visitor,
    now: datetime,
    arrival: Arrival | None,
) -> None:
    with house.database.read(pass_) as scope:
        organization = organizations.get(scope, connection.organization_id) if connection.organization_id else None
        read = _read(house, scope, pass_, connection, organization, assertion, now)
    with house.database.write(pass_) as scope:
        replayed: LoginRefused | None = None
        if assertion is not None and refusal is None:  # used up, as by a sign-in
            until = assertion.valid_until + land.REMEMBER_SKEW
            if not attempts.use_message(scope, connection.id, assertion.message_id, forget_at=until):
                replayed = Replayed()
        checks = tuple(_in_order(_checks(connection, assertion, refusal, replayed, read)))
        outcome = Outcome(
            checks=checks,
            proven=refusal is None and replayed is None,
            **_told(house, pass_, connection, organization, assertion, read, now),
            ip_address=visitor.ip_address,
            user_agent=visitor.user_agent,
        )
        first = refusal or replayed or next((read.refusals[name] for name in OURS if name in read.refusals), None)
        if not sign_in_tests.end(scope, house.vault, attempt.id, outcome, now):
            return  # it has ended before
        step = Step(name="tested", at=now, facts={"checks": [check.name for check in checks]})
        if first is not None:
            step = Step(name="refused", at=now, facts=story.refused_facts(first))
        email = read.normalized.email if read.normalized and first is None else None
        attempts.take_steps(scope, attempt, step, email=email, refusal=first.code if first else None)
        if arrival is not None:
            land.keep_answer(house, scope, pass_, attempt, arrival)
        if assertion is not None and outcome.proven:
            _keep_sample(house, scope, pass_, connection, assertion, first, now)
        if outcome.passed:
            _validate(house, scope, connection, now)


def _read(
    house: House,
    scope: Scope,
    pass_: Pass,
    connection: Connection,
    organization: Organization | None,
    assertion: Assertion | None,
    now: datetime,
) -> _Read:
    """Our own checks, as far as they can be made."""
    if assertion is None:
        return _Read()
    try:
        normalized = land.mapped(connection, assertion)
        if assertion.told_once:
            person = land.person(house, pass_, connection, organization, assertion, now)
            land.keep_names(scope, connection, assertion, person.profile)
    except (EmailUnverified, OutsideOrganization):
        pass  # below, with its own name
    except _IDENTIFIER as refusal:
        return _Read(refusals={"stable_identifier": refusal}, reached=3)
    except LoginRefused as refusal:
        return _Read(refusals={"required_attributes": refusal}, reached=2)
    try:
        land.hold_to_domains(organization, assertion, normalized)
    except LoginRefused as refusal:
        return _Read(normalized=normalized, refusals={"email_belongs": refusal}, reached=4)
    return _Read(normalized=normalized, reached=4)


def _checks(
    connection: Connection,
    assertion: Assertion | None,
    refusal: LoginRefused | None,
    replayed: LoginRefused | None,
    read: _Read,
) -> Iterator[tuple[str, LoginRefused | bool | None]]:
    """Name, and its refusal; None: passed, False: not reached."""
    if refusal is None and assertion is not None:
        yield from ((name, None) for name in _passed(connection, assertion))
        yield "not_replayed", replayed
    else:
        yield from _up_to(connection, refusal)
        yield "not_replayed", False
    for number, name in enumerate(OURS[1:], 2):
        yield name, read.refusals.get(name) if number <= read.reached else False


def _passed(connection: Connection, assertion: Assertion) -> tuple[str, ...]:
    if isinstance(connection.config, SamlConfig | TestIdpConfig):
        return SAML
    return ("answer", *assertion.passed)


def _up_to(connection: Connection, refusal: LoginRefused | None) -> Iterator[tuple[str, LoginRefused | bool | None]]:
    """The protocol's checks around the one that refused."""
    plan: tuple[str, ...] = ("answer",)
    if isinstance(connection.config, SamlConfig | TestIdpConfig):
        plan = SAML
    elif isinstance(connection.config, OidcConfig):
        plan = OIDC if connection.config.fetch_user_info else OIDC[:-1]
    failed, later = "answer", dict[str, AssertionRefused | None]()
    if isinstance(refusal, AssertionRefused):
        failed = "answer" if refusal.check in _BEFORE_ANYTHING else refusal.check
        later = dict(refusal.later)
    if failed not in plan:
        plan = (*plan, failed)
    at = plan.index(failed)
    yield from ((name, None) for name in plan[:at])
    yield failed, refusal
    yield from ((name, later.get(name, False)) for name in plan[at + 1 :])


def _in_order(found: Iterator[tuple[str, LoginRefused | bool | None]]) -> Iterator[Check]:
    trusted = True
    for name, refusal in found:
        if isinstance(refusal, LoginRefused):
            yield Check(name=name, result=Result.FAILED, trusted=trusted, problem=story.problem(refusal))
            trusted = False
        else:
            yield Check(name=name, result=Result.PASSED if refusal is None else Result.NOT_REACHED, trusted=trusted)


def _told(
    house: House,
    pass_: Pass,
    connection: Connection,
    organization: Organization | None,
    assertion: Assertion | None,
    read: _Read,
    now: datetime,
) -> dict[str, Any]:
    """What arrived and what it becomes. Where the environment keeps no raw attributes, their names alone."""
    if assertion is None:
        return {}
    keeps = pass_.keeps_raw_attributes
    normalized = read.normalized
    return {
        "subject": assertion.subject if keeps else None,
        "subject_format": assertion.subject_format,
        "attributes": {name: values if keeps else () for name, values in assertion.attributes.items()},
        "profile": {field: getattr(normalized, field) for field in _FIELDS} if normalized else {},
        "sources": normalized.sources if normalized else {},
        "evidence": dict(assertion.evidence),
        "remarks": sign_in_test_remarks.of(house, connection, organization, assertion, normalized, now),
    }


def _keep_sample(
    house: House,
    scope: WritingScope,
    pass_: Pass,
    connection: Connection,
    assertion: Assertion,
    refusal: LoginRefused | None,
    now: datetime,
) -> None:
    """For whoever maps the attributes of a connection that nobody has signed in through yet."""
    if not pass_.keeps_raw_attributes:
        return
    code = refusal.code if refusal else None
    attribute_samples.keep_tested(house, scope, connection, assertion, refusal=code, now=now)


def _validate(house: House, scope: WritingScope, connection: Connection, now: datetime) -> None:
    """The first good test of a draft (contract 3.2)."""
    if connection.state is ConnectionState.DRAFT:
        after = connection.state.after("configured")
        connections.change_state(scope, connection.id, before=connection.state, after=after, now=now)


def of_browser(
    house: House,
    pass_: Pass,
    connection: Connection,
    fields: Mapping[str, str],
    browser_secret: Mapping[str, str],
) -> LoginAttempt | None:
    """The test that this browser is in the middle of, by what came unsigned: enough to tell a refusal, never more."""
    handle = fields.get("RelayState") or fields.get("state") or ""
    secret = browser_secret.get(handle)
    if secret is None:
        return None
    with house.database.read(pass_) as scope:
        attempt = attempts.by_handle(scope, handle)
    if attempt is None or not attempt.is_test or attempt.connection_id != connection.id or not attempt.is_of(secret):
        return None
    return attempt if attempt.state is AttemptState.AWAY else None


def unasked(attempt: LoginAttempt, received: str | None) -> LoginRefused:
    """The answer to a test that does not say so: it names another request, or none."""
    if received is None:
        return refusals.UnsolicitedResponse(expected=attempt.request_id or "").at("envelope", ())
    return refusals.InResponseToUnknown(expected=attempt.request_id, received=("_" + received,)).at("envelope", ())
