"""Query, form and JSON -> values, or a refusal that names the field."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from latchstring.model.refusal import FieldError, InvalidFields, InvalidRequest
from latchstring.protocols import json_object as strangers_json
from latchstring.storage.paging import Order, Window
from latchstring.web.kit.message import Inbound

T = TypeVar("T")

MAX_FIELDS = 200
MAX_LIMIT = 100
_ORDERS: Mapping[str, Order] = {"asc": "asc", "desc": "desc", "normal": "normal"}

_MISSING = re.compile(r"missing required field `(?P<field>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")
_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class BodyMalformed(InvalidRequest):
    """The request body is not the JSON object or form it claims to be."""

    code = "body_malformed"
    fix = "Send a JSON object with Content-Type: application/json."


class ParameterRepeated(InvalidRequest):
    """The parameter {name} is given more than once."""

    code = "parameter_repeated"
    fix = "Send each parameter once (RFC 6749, 3.1)."
    name: str


class TooManyFields(InvalidRequest):
    """The request has more parameters than any that we take."""

    code = "too_many_parameters"
    fix = "Send fewer parameters."


def pairs(raw: bytes, *, encoding: str = "utf-8", most: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """The parameters of a query or form, in order, percent-decoded."""
    try:
        return parse_qsl(
            raw.decode("latin-1"),
            keep_blank_values=True,
            encoding=encoding,
            errors="replace",
            max_num_fields=most,
        )
    except ValueError:
        raise TooManyFields from None


def singles(found: list[tuple[str, str]], *, many: frozenset[str] = frozenset()) -> dict[str, str]:
    """Name -> value. Raises `ParameterRepeated` unless the name (without its brackets) may come several times."""
    values: dict[str, str] = {}
    for name, value in found:
        if name in values and name.partition("[")[0] not in many:
            raise ParameterRepeated(name=name[:100])
        values[name] = value
    return values


def listed(found: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    """A list in any of the ways SDKs write one: repeated, comma or space list, `a[]`, `a[0]`, or a Python list."""
    values: list[str] = []
    for key, value in found:
        if key != name and not (key.startswith(name + "[") and key.endswith("]")):
            continue
        literal = _literal(value)
        if isinstance(literal, list | tuple):
            values += [str(item) for item in literal]
        else:
            values += value.replace(",", " ").split()
    return tuple(dict.fromkeys(values))


def mapped(found: list[tuple[str, str]], name: str) -> dict[str, str]:
    """A mapping in any of the ways SDKs write one: `a[k]=v`, a JSON object, or a Python dict."""
    values: dict[str, str] = {}
    for key, value in found:
        if key == name:
            literal = _literal(value)
            if isinstance(literal, dict):
                values |= {str(inner): str(item) for inner, item in literal.items()}
        elif key.startswith(name + "[") and key.endswith("]"):
            values[key[len(name) + 1 : -1]] = value
    return values


def _literal(text: str) -> Any:
    """The value of a JSON or Python literal of strings; None where it is neither."""
    if not text.startswith(("[", "{", "(")) or len(text) > 4096:
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        pass
    try:
        return literal_eval(text)  # literals only: nothing is called or looked up
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def window(found: list[tuple[str, str]]) -> Window:
    """limit, order, before and after (contract 1.6). Raises `InvalidFields`."""
    values = dict(found)
    limit_text = values.get("limit") or "10"
    if not (limit_text.isascii() and limit_text.isdigit()) or not 1 <= int(limit_text) <= MAX_LIMIT:
        raise _invalid("limit", "limit_invalid", f"limit is a number from 1 to {MAX_LIMIT}.")
    order = _ORDERS.get(values.get("order") or "desc")
    if order is None:
        raise _invalid("order", "order_invalid", "order is one of asc, desc, normal.")
    before, after = values.get("before") or None, values.get("after") or None
    if before and after:
        raise _invalid("before", "cursors_exclusive", "Give before or after, not both.")
    return Window(limit=int(limit_text), order=order, before=before, after=after)


def body(inbound: Inbound, shape: type[T]) -> T:
    """The JSON body as a value of `shape`. Raises `BodyMalformed`, `InvalidFields`."""
    raw = inbound.body or b"{}"
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        raise _field_error(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BodyMalformed from None


def json_object(raw: bytes) -> Mapping[str, Any]:
    """Any JSON object without a member twice, of which two readers would take two. Raises `BodyMalformed`."""
    try:
        return strangers_json.read(raw or b"{}")
    except ValueError:
        raise BodyMalformed from None


def _field_error(text: str) -> InvalidFields:
    """msgspec's message, as the field it speaks of."""
    missing = _MISSING.search(text)
    if missing is not None:
        field = ".".join(filter(None, (missing["path"], missing["field"])))
        return _invalid(field, f"{_word(field)}_required", f"{field} is required.")
    at = _AT.search(text)
    message = _AT.sub("", text).replace("`", "'")
    if at is None:
        return _invalid("", "body_invalid", f"{message}.")
    return _invalid(at["path"], f"{_word(at['path'])}_invalid", f"{at['path']}: {message}.")


def _word(field: str) -> str:
    """A field's path as part of a code."""
    return re.sub("[^a-z0-9]+", "_", field.lower()).strip("_")


def _invalid(field: str, code: str, message: str) -> InvalidFields:
    return InvalidFields(errors=(FieldError(field=field, code=code, message=message),))
