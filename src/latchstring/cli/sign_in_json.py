"""A sign-in and its trace as JSON: stable names, for programs."""

from __future__ import annotations

from typing import Any

import msgspec

from latchstring.flows import story
from latchstring.flows.trace import Trace
from latchstring.flows.trace_checks import Check
from latchstring.model import ids
from latchstring.model.sign_in import SignIn


def row(one: SignIn) -> dict[str, Any]:
    """One line of `latchstring logs --json`."""
    seconds = one.seconds
    return {
        "object": "sign_in",
        "id": one.id,
        "reference": ids.reference(one.id),
        "outcome": one.outcome.value,
        "code": one.refusal,
        "email": one.email,
        "test": one.attempt.is_test,
        "idp_initiated": one.attempt.idp_initiated,
        "connection_id": one.attempt.connection_id,
        "connection_name": one.connection_name or None,
        "connection_type": one.connection_type or None,
        "organization_id": one.attempt.organization_id,
        "organization_name": one.organization_name,
        "created_at": story.instant(one.attempt.created_at),
        "ended_at": story.instant(one.ended_at) if one.ended_at else None,
        "seconds": None if seconds is None else round(seconds, 3),
    }


def whole(found: Trace) -> dict[str, Any]:
    """What `latchstring explain SIGNIN_ID --json` prints."""
    remedy = found.remedy
    return {
        **row(found.sign_in),
        "protocol": found.protocol if found.sign_in.attempt.connection_id else None,
        "message": found.sentence,
        "mender": remedy.mender.value if remedy else None,
        "fix": remedy.fix if remedy else None,
        "fix_at_provider": remedy.there if remedy else None,
        "hints": list(remedy.also) if remedy else list(found.stays_away),
        "differences": msgspec.to_builtins(found.differences),
        "steps": [
            {
                "name": moment.name,
                "at": story.instant(moment.at),
                "label": moment.label,
                "facts": dict(moment.facts),
                "checks": list(map(_check, moment.checks)),
            }
            for moment in found.moments
        ],
        "request": msgspec.to_builtins(found.request),
        "response": msgspec.to_builtins(found.response),
        "attributes": {name: list(values) for name, values in found.attributes.items()},
        "attributes_proven": found.proven,
    }


def _check(check: Check) -> dict[str, Any]:
    """`trusted`: no check before it has failed. `problem` is there where one that is not trusted failed as well."""
    remedy = check.remedy
    return {
        "name": check.name,
        "result": check.result.value,
        "trusted": check.trusted,
        "problem": None
        if remedy is None
        else {
            "code": remedy.code,
            "message": remedy.message,
            "mender": remedy.mender.value,
            "fix": remedy.fix,
            "fix_at_provider": remedy.there,
            "differences": msgspec.to_builtins(check.differences),
        },
    }
