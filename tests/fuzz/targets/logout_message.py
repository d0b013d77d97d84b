"""Single Logout: LogoutRequest and LogoutResponse as they come, by query and by form, through the adapter.

An input is `GET <raw query>`, `POST <form>`, or `SIGN-SAMLRequest <document>` (and `-SAMLResponse`): that document is
signed by the identity provider's own key when it is run, so that what stands behind the signature is reached too.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from functools import cache
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote

from latchstring.adapters import saml_logout
from latchstring.adapters.base import Door
from latchstring.adapters.saml_logout import LogoutArrival
from latchstring.model.connection import SamlConfig
from latchstring.model.refusal import Refusal
from latchstring.protocols.saml import deflate, logout, xml
from latchstring.protocols.saml.query import SignedQuery
from latchstring.protocols.saml.request import Message
from latchstring.web.kit import decode
from tests.fuzz import logout_seeds, mutations, saml_seeds
from tests.fuzz.target import Target, Violation
from tests.fuzz.targets.saml_response import LENIENT, connection
from tests.fuzz.xml_mutations import Spoiler
from tests.protocols.saml.answers import IDP, NOW, REQUEST, pair

_KINDS: dict[str, Message] = {"SIGN-SAMLRequest": "SAMLRequest", "SIGN-SAMLResponse": "SAMLResponse"}


@cache
def _doors() -> tuple[Door[SamlConfig], ...]:
    return connection(LENIENT), connection({})


def _arrival(way: str, data: bytes) -> LogoutArrival:
    if way == "POST":
        return saml_logout.receive_form(decode.singles(decode.pairs(data)))
    if way in _KINDS:
        data = logout_seeds.redirected(data, kind=_KINDS[way], key="ec256").partition(b" ")[2]
    return saml_logout.receive_query(data)


def _said(door: Door[SamlConfig], arrival: LogoutArrival) -> tuple[Any, ...]:
    """What the product acts on. A RelayState is part of it where the signature covers it."""
    verified = saml_logout.verify(door, arrival, NOW)
    expected = saml_logout.expected(door)
    read: logout.LogoutRequest | logout.LogoutResponse
    if arrival.kind == "SAMLRequest":
        keys = saml_logout.decryption_keys(door)
        read = logout.read_request(verified, expected, NOW, decryption_keys=keys)
    else:
        read = logout.read_response(verified, expected, REQUEST, NOW)
    relayed = arrival.relay_state if isinstance(arrival.content, SignedQuery) else None
    return verified.root.get("ID"), xml.text(xml.children(verified.root)[0]), read, relayed


@cache
def _honest() -> frozenset[tuple[Any, ...]]:
    found = set()
    for data in logout_seeds.good():
        way, _, rest = data.partition(b" ")
        found.add(_said(_doors()[0], _arrival(way.decode(), rest)))
    return frozenset(found)


def run(data: bytes) -> str:
    honest, outcome = _honest(), ""
    head, _, rest = data.partition(b" ")
    way = head.decode("latin-1")
    for door in _doors():
        try:
            said = _said(door, _arrival(way, rest))
        except Refusal as refusal:
            outcome = outcome or refusal.code
            if not refusal.message:
                raise Violation("a refusal without words") from None
            continue
        outcome = "accepted"
        if way not in _KINDS:
            if said not in honest:
                raise Violation("a logout that nobody has asked for")
        elif not said[0] or said[1] != IDP or (isinstance(said[2], logout.LogoutRequest) and not _named(said[2])):
            raise Violation("a logout without an ID, an issuer or a person")
    return outcome


def _named(request: logout.LogoutRequest) -> bool:
    return 0 < len(request.name_id.value.strip()) <= len(request.name_id.value) <= 256


def seeds() -> list[bytes]:
    saml_seeds.use_lasting_keys()
    signed = [b"SIGN-SAMLRequest " + one for one in logout_seeds.documents() if b"LogoutRequest" in one]
    signed += [b"SIGN-SAMLResponse " + one for one in logout_seeds.documents() if b"LogoutResponse" in one]
    return [*logout_seeds.good(), *logout_seeds.stolen(), *signed]


@cache
def _spoiler() -> Spoiler:
    donors = [found for data in (*logout_seeds.good(), *logout_seeds.stolen()) if (found := _opened(data))]
    return Spoiler([*donors, *logout_seeds.documents(), *saml_seeds.good()[:3]])


def _opened(data: bytes) -> bytes | None:
    """The document in an input."""
    way, _, rest = data.partition(b" ")
    if way.startswith(b"SIGN"):
        return rest
    for name, value in parse_qsl(rest.decode("latin-1")):
        if name in ("SAMLRequest", "SAMLResponse"):
            try:
                return deflate.inflate(value) if way == b"GET" else b64decode(value)
            except (Refusal, ValueError):
                return None
    return None


def _packed(way: bytes, rest: bytes, document: bytes) -> bytes:
    """The input with another document in it; what else it holds is as it was, so also the signature of a query."""
    if way.startswith(b"SIGN"):
        return way + b" " + document
    fields = rest.split(b"&")
    field = quote(deflate.deflate(document) if way == b"GET" else b64encode(document).decode(), safe="")
    for at, part in enumerate(fields):
        name = part.partition(b"=")[0]
        if name in (b"SAMLRequest", b"SAMLResponse"):
            fields[at] = name + b"=" + field.encode()
            break
    return way + b" " + b"&".join(fields)


_FORM = mutations.some(mutations.form)


def _mutate(data: bytes, chance: Random) -> bytes:
    way, _, rest = data.partition(b" ")
    document = _opened(data)
    if document is None or (not way.startswith(b"SIGN") and chance.random() < 0.4):
        return way + b" " + chance.choice((_FORM, _FORM, _FORM, _beside, _resigned))(rest, chance)
    spoilt = _spoiler()(document, chance)
    if chance.random() < 0.03:  # a form is no longer than what the web lets in; in a query it may be a bomb
        sizes = (70_000, 1_100_000, 10_000_000) if way == b"GET" else (70_000, 300_000)
        spoilt += chance.choice((b" ", b"x")) * chance.choice(sizes)
    return _packed(way, rest, spoilt)


def _beside(rest: bytes, chance: Random) -> bytes:
    """A parameter of the binding once more, with something else in it, before or behind, perhaps under a disguise."""
    name = chance.choice(("SAMLRequest", "SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "SAMLEncoding"))
    evil = chance.choice((logout_seeds.request("eve"), logout_seeds.response("eve")))
    said = chance.choice((deflate.deflate(evil), b64encode(evil).decode())) if name.startswith("SAML") else "evil"
    if chance.random() < 0.3:
        at = chance.randrange(len(name))
        name = f"{name[:at]}%{ord(name[at]):02X}{name[at + 1 :]}"
    fields = rest.split(b"&")
    fields.insert(chance.randint(0, len(fields)), f"{name}={quote(said, safe='')}".encode())
    return b"&".join(fields)


def _resigned(rest: bytes, chance: Random) -> bytes:
    """The query with the Signature and SigAlg of another good one, or spoilt where Base64 hides it."""
    other = chance.choice(logout_seeds.good()).partition(b" ")[2]
    kept = [part for part in rest.split(b"&") if not part.startswith((b"SigAlg=", b"Signature="))]
    taken = [part for part in other.split(b"&") if part.startswith((b"SigAlg=", b"Signature="))]
    value = mutations.letters(pair("ec256").der[: chance.choice((64, 70, 72, 96, 132))], chance)
    made = b"Signature=" + quote(b64encode(value).decode(), safe="").encode()
    return b"&".join([*kept, *chance.choice((taken, [*taken[:1], made], [*taken, made]))])


TARGET = Target(about="logout messages in queries and forms", seeds=seeds, mutate=_mutate, run=run)
