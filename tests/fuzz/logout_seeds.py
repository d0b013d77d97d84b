"""Logout messages of both bindings as raw queries and forms, each of somebody else; good ones, and stolen ones."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from latchstring.model.session import NameId
from latchstring.protocols.saml import names, signing
from latchstring.protocols.saml.request import Message
from tests.protocols.saml import logouts
from tests.protocols.saml.answers import IDP, NOW, SP, Key, forge, pair
from tests.protocols.saml.logouts import SLO

_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_INCLUSIVE = {
    "inclusive": True,
    "transforms": f'<ds:Transform Algorithm="{names.ENVELOPED}"/><ds:Transform Algorithm="{_C14N}"/>',
    "canonicalization": f'<ds:CanonicalizationMethod Algorithm="{_C14N}"/>',
}
_SHA1 = {"algorithm": names.RSA_SHA1, "digest_algorithm": names.SHA1_DIGEST}


def request(who: str, *indexes: str, **changed: Any) -> bytes:
    name_id = NameId(value=who, format=names.FORMAT_PERSISTENT, name_qualifier=IDP, sp_name_qualifier=SP)
    return logouts.request(*indexes, **{"request_id": f"_of-{who}", "name_id": name_id, **changed})


def response(who: str, **changed: Any) -> bytes:
    return logouts.response(**{"response_id": f"_of-{who}", **changed})


def redirected(
    document: bytes, *, kind: Message = "SAMLRequest", relay_state: str | None = None, key: Key | None = "rsa"
) -> bytes:
    query = logouts.unsigned(document, kind=kind, relay_state=relay_state)
    return f"GET {signing.sign_query(query, pair(key).pem) if key else query}".encode()


def posted(
    document: bytes, *, kind: Message = "SAMLRequest", relay_state: str | None = None, key: Key | None = "rsa"
) -> bytes:
    if key is not None:
        document = logouts.posted(document, key=key)
    query = f"{kind}={quote(b64encode(document).decode(), safe='')}"
    return f"POST {query}{'' if relay_state is None else f'&RelayState={quote(relay_state)}'}".encode()


_PARTIAL = names.STATUS_PARTIAL_LOGOUT
GOOD: tuple[Callable[[str], bytes], ...] = (
    lambda who: redirected(request(who)),
    lambda who: redirected(request(who, "s1", "s2"), relay_state="the provider's & own"),
    lambda who: redirected(request(who, "s1"), relay_state="", key="ec256"),
    lambda who: redirected(request(who, name_id=NameId(value=who)), key="ec384"),
    lambda who: redirected(request(who, "a&amp;b"), key="ec521"),
    lambda who: redirected(response(who), kind="SAMLResponse", relay_state="r"),
    lambda who: redirected(response(who, detail=_PARTIAL), kind="SAMLResponse", key="ec256"),
    lambda who: posted(request(who)),
    lambda who: posted(request(who, "s1", "s2"), relay_state="r", key="ec256"),
    lambda who: posted(forge(request(who, "s1"), **_INCLUSIVE), key=None),
    lambda who: posted(forge(request(who, "s1"), **_SHA1), key=None),
    lambda who: redirected(request(who, edit=logouts.sealing()), key="ec256"),
    lambda who: posted(request(who, "s1", edit=logouts.sealing(content="aes128-cbc", beside=True))),
    lambda who: posted(response(who), kind="SAMLResponse"),
    lambda who: posted(response(who, status=names.STATUS_RESPONDER), kind="SAMLResponse", key="ec384"),
)
# Of our identity provider, or nearly; and by none of them may anybody be signed out.
STOLEN: tuple[Callable[[str], bytes], ...] = (
    lambda who: redirected(request(who), key=None),
    lambda who: redirected(request(who), key="other"),
    lambda who: redirected(request(who, destination=SLO + "2")),
    lambda who: redirected(request(who, sp_entity_id=IDP + "/")),
    lambda who: redirected(request(who, now=NOW - timedelta(days=1))),
    lambda who: redirected(response(who, in_response_to="_other"), kind="SAMLResponse"),
    lambda who: posted(request(who), key=None),
    lambda who: posted(request(who), key="other"),
    lambda who: posted(request(who, "s1", destination=SLO + "2")),
    lambda who: posted(request(who, now=NOW - timedelta(days=1))),
    lambda who: posted(request(who, edit=logouts.sealing()), key="other"),
)


@cache
def good() -> tuple[bytes, ...]:
    return tuple(make(f"good-{number}") for number, make in enumerate(GOOD))


@cache
def stolen() -> tuple[bytes, ...]:
    return tuple(make(f"stolen-{number}") for number, make in enumerate(STOLEN))


@cache
def documents() -> tuple[bytes, ...]:
    """Unsigned, for `SIGN-...` inputs, which are signed by the identity provider's own key when they are run."""
    return (
        request("ann", "s1", "s2"),
        request("ann", name_id=NameId(value="ann")),
        request("ann", edit=logouts.sealing()),
        response("ann", detail=_PARTIAL),
        response("ann", status=names.STATUS_REQUESTER),
    )
