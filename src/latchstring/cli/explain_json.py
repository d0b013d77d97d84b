"""An explanation as JSON: stable names, for programs. Who somebody is stands in it only if everything was accepted."""

from __future__ import annotations

from typing import Any

import msgspec

from latchstring.protocols.saml.explain import Explanation


def as_result(found: Explanation) -> dict[str, Any]:
    refusal = found.refusal
    result = {
        "verdict": "accept" if refusal is None else "reject",
        "code": None if refusal is None else refusal.code,
        "checks": [
            {
                "name": each.name,
                "result": each.result,
                "expected": shown(each.expected),
                "received": shown(each.received),
            }
            for each in found.checks
        ],
        **nobody(),
    }
    if refusal is not None:
        return {**result, "message": refusal.message, "mender": refusal.mender.value, "fix": refusal.fix}
    return {
        **result,
        "issuer": found.issuer,
        "name_id": found.name_id,
        "name_id_format": found.name_id_format,
        "session_index": found.session_index,
        "attributes": {name: list(values) for name, values in (found.attributes or {}).items()},
        "signed": list(found.signed),
        "algorithms": found.algorithms,
    }


def nobody() -> dict[str, Any]:
    """The members that speak of a person, without one."""
    return {
        "issuer": None,
        "name_id": None,
        "name_id_format": None,
        "session_index": None,
        "attributes": None,
        "signed": [],
        "algorithms": {},
    }


def shown(value: object) -> Any:
    """A fact of a refusal in plain values."""
    return msgspec.to_builtins(value, enc_hook=str)
