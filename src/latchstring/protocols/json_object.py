"""JSON objects, and lists of them: those of strangers read strictly (OIDC-17), ours written in one way."""

from __future__ import annotations

import json
from typing import Any

MAX_DEPTH = 32
MAX_BYTES = 262_144


def read(raw: bytes) -> dict[str, Any]:
    """No duplicate members, no numbers beyond numbers, not too deep. Raises ValueError with a reason in words."""
    value = _value(raw)
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    return value


def read_list(raw: bytes) -> list[dict[str, Any]]:
    """The same for a list of objects."""
    value = _value(raw)
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ValueError("it is not a list of JSON objects")
    return value


def write(value: dict[str, Any]) -> bytes:
    """Without spaces, in the order given."""
    return json.dumps(value, separators=(",", ":")).encode()


def _value(raw: bytes) -> Any:
    if len(raw) > MAX_BYTES:
        raise ValueError("it is too large")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except json.JSONDecodeError:
        raise ValueError("it is not JSON") from None
    _check(value, MAX_DEPTH)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it has a member twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check(value: Any, depth: int) -> None:
    if depth < 0:
        raise ValueError("it is nested too deeply")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError("it holds a number that is none")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a character") from None
