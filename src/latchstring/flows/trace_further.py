"""The checks behind the one that refused a sign-in, made for information: on the kept answer, by the same verifier.

One trace then shows all that has to be mended. What comes out of here is the names of checks with what explains their
refusals, and nothing is written on the way: no assertion leaves, so that nobody can be let in by it. A test of a
sign-in has made these checks itself, whatever its protocol, and they are taken from its outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from latchstring.adapters import saml
from latchstring.flows import land, story, trace_checks
from latchstring.flows.house import House
from latchstring.model.answer import Answer
from latchstring.model.attempt import LoginAttempt
from latchstring.model.connection import Connection, SamlConfig, TestIdpConfig
from latchstring.model.environment import Pass
from latchstring.model.organization import Organization
from latchstring.model.refusal import AssertionRefused, LoginRefused
from latchstring.model.sign_in import SignIn
from latchstring.model.sign_in_test import Result
from latchstring.protocols.saml import explain, response, xml
from latchstring.storage import connections, organizations, sign_in_tests

Further = Mapping[str, Mapping[str, Any] | None]  # a check, and the `story.refused_facts` of its refusal; None: it fits

# Only behind the signature is there something to look at.
_ON_SIGNED_WORDS = frozenset((*(check.__name__ for check in response.CHECKS), "attributes"))
_AS_IN_TRACES = {  # what a test calls otherwise
    "userinfo_is_about_the_same_subject": "userinfo",
    "required_attributes": "fields",
    "stable_identifier": "fields",
    "email_belongs": "domains",
}


def of(house: House, pass_: Pass, sign_in: SignIn, answer: Answer | None) -> Further:
    """Nothing if it cannot be known: no answer is kept, it is no SAML, or it would be refused otherwise by now.

    The answer is held against the connection as it is now, at the moment at which it came.
    """
    if sign_in.attempt.is_test:
        return _of_test(house, pass_, sign_in)
    steps = sign_in.attempt.steps
    facts = steps[-1].facts if steps and steps[-1].name == "refused" else {}
    stopped = trace_checks.stopped_at(facts)
    if answer is None or not answer.document or stopped not in _ON_SIGNED_WORDS:
        return {}
    connection_id = sign_in.attempt.connection_id
    with house.database.read(pass_) as scope:
        connection = connections.get(scope, house.vault, connection_id) if connection_id else None
        if connection is None or not isinstance(connection.config, SamlConfig | TestIdpConfig):
            return {}
        organization = organizations.get(scope, connection.organization_id) if connection.organization_id else None
    now = came(sign_in.attempt)
    refusal = explain.explain(answer.document, question(house, connection, sign_in.attempt, now), now).refusal
    if not isinstance(refusal, AssertionRefused) or (refusal.code, refusal.check) != (facts.get("code"), stopped):
        return {}
    return behind(connection, organization, refusal)


def behind(connection: Connection, organization: Organization | None, refusal: AssertionRefused) -> Further:
    """What the verifier says of the checks behind its refusal, and what our own rules say of the same signed words."""
    found = _behind(connection, organization, refusal)
    return {name: None if fault is None else story.refused_facts(fault) for name, fault in found.items()}


def _of_test(house: House, pass_: Pass, sign_in: SignIn) -> Further:
    """What it found, as its own result shows it."""
    with house.database.read(pass_) as scope:
        test = sign_in_tests.get(scope, house.vault, sign_in.id)
    found: dict[str, Mapping[str, Any] | None] = {}
    for check in test.outcome.checks if test is not None and test.outcome is not None else ():
        name = _AS_IN_TRACES.get(check.name, check.name)
        if not check.trusted and check.result is not Result.NOT_REACHED and not found.get(name):
            found[name] = None if check.problem is None else msgspec.structs.asdict(check.problem)
    return found


def _behind(
    connection: Connection, organization: Organization | None, refusal: AssertionRefused
) -> Mapping[str, LoginRefused | None]:
    found: dict[str, LoginRefused | None] = dict(refusal.later)
    if refusal.unproven is None:
        return found
    assertion = msgspec.structs.replace(refusal.unproven, email_trusted=True)  # as if the protocol had said yes
    try:
        normalized = land.mapped(connection, assertion)
    except LoginRefused as fault:
        return {**found, "fields": fault}
    try:
        land.hold_to_domains(organization, assertion, normalized)
    except LoginRefused as fault:
        return {**found, "fields": None, "domains": fault}
    return {**found, "fields": None, "domains": None}


def came(attempt: LoginAttempt) -> datetime:
    """When the answer did."""
    ends = (step.at for step in attempt.steps if step.name in ("arrived", "refused", "tested"))
    return next(ends, attempt.created_at)


def question(house: House, connection: Connection, attempt: LoginAttempt | None, now: datetime) -> explain.Question:
    """What an answer to this sign-in is held against: the connection as it is. `attempt` None: nobody asked for it."""
    config = connection.config
    assert config is not None  # noqa: S101 - whoever asks saw to it
    request_id = None if attempt is None or attempt.idp_initiated else attempt.request_id
    return saml.question(house.door(connection, config), request_id=request_id, now=now, max_bytes=xml.MOST_BYTES)
