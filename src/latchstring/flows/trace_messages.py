"""What went to the identity provider and what came back, decoded for people, without what opens something."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import msgspec

from latchstring.flows.trace_checks import Protocol
from latchstring.model.answer import HIDDEN, Answer
from latchstring.protocols.saml import display
from latchstring.protocols.saml import request as saml_request
from latchstring.protocols.saml.refusals import SamlRefused

_NOT_SHOWN = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "jti"})
_ABOUT_NOBODY = frozenset(
    {"iss", "aud", "azp", "exp", "iat", "nbf", "auth_time", "amr", "acr", "alg", "kid", "typ", "tid", "ver", "x5t"}
)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A document, parameters, or both."""

    document: str | None = None
    language: str = "xml"
    parameters: tuple[tuple[str, str], ...] = ()


def request(protocol: Protocol, sent: Mapping[str, Any]) -> Message | None:
    """What the browser carried there; None where nobody kept it, and where nobody asked."""
    parameters = {name: str(value) for name, value in sent.items()}
    document = _request_document(parameters.pop("SAMLRequest", "")) if protocol == "saml" else None
    if not parameters and document is None:
        return None
    return Message(document=document, parameters=tuple(parameters.items()))


def response(protocol: Protocol, answer: Answer | None, *, values: bool) -> Message | None:
    """What came back. `values`: whether what was said of the person is there."""
    if answer is None:
        return None
    parameters = tuple((name, value if values else _masked(name, value)) for name, value in answer.parameters.items())
    if protocol == "saml":
        document = display.pretty(answer.document, values=values) if answer.document else None
        return Message(document=document, parameters=parameters)
    heard = _cleaned(answer.heard, values=values)
    document = msgspec.json.format(msgspec.json.encode(heard), indent=2).decode() if heard else None
    return Message(document=document, language="json", parameters=parameters)


def attributes(protocol: Protocol, answer: Answer | None) -> Mapping[str, tuple[str, ...]]:
    """Everything that was said of the person, by name; proven or not."""
    if answer is None:
        return {}
    if protocol == "saml":
        return display.attributes(answer.document)
    found: dict[str, tuple[str, ...]] = {}
    for said in answer.heard.values():
        claims = said.get("claims", said) if isinstance(said, Mapping) else {}
        for name, value in claims.items():
            if name not in _ABOUT_NOBODY and name not in _NOT_SHOWN:
                found.setdefault(name, _texts(value))
    return found


def _request_document(field: str) -> str | None:
    if not field:
        return None
    try:
        return display.pretty(saml_request.inflate(field), values=False)
    except SamlRefused:
        pass
    try:
        return display.pretty(b64decode(field, validate=True), values=False)  # by POST it is not deflated
    except (binascii.Error, ValueError):
        return None


def _cleaned(value: Any, *, values: bool, name: str = "") -> Any:
    if name in _NOT_SHOWN:
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): _cleaned(each, values=values, name=str(key)) for key, each in value.items()}
    if values or name in _ABOUT_NOBODY:
        return value
    return HIDDEN


def _masked(name: str, value: str) -> str:
    return value if name in ("error", "error_description", "iss", "SigAlg") else HIDDEN


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
