"""What an identity provider said becomes the fields of a profile: which source feeds which field, and what is refused.

For each field the candidates are tried in order and the first that holds a value wins: the connection's own mapping,
then its type's defaults (the guide), then `attribute_names`. A candidate names an attribute by its full Name, or else
by its Name in another case, or else by its FriendlyName; `@NameID` is the subject, unless its format is transient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from latchstring.model.connection import AttributeMaps
from latchstring.model.profile import Assertion
from latchstring.protocols import groups
from latchstring.protocols.attribute_lookup import SUBJECT, TRANSIENT, Found, Said, find, find_list, first, index
from latchstring.protocols.attribute_names import GENERAL, LISTS, PERHAPS_EMAIL, PREDEFINED
from latchstring.protocols.attribute_refusals import (
    IDENTIFIER_LIMIT,
    UNSTORABLE,
    AttributesMissing,
    IdentifierAmbiguous,
    IdentifierMalformed,
    IdentifierSourceMissing,
    IdentifierTooLong,
    IdentifierUnstable,
)
from latchstring.protocols.email_address import email_address, is_address
from latchstring.protocols.groups import AttributeCaution

Rule = Literal["settled", "mapping", "type", "general", "joined"]
Defaults = Mapping[str, tuple[str, ...]]


_PREDEFINED_BY_NAME: dict[str, set[str]] = {}
for _field, _sources in PREDEFINED.items():
    for _source in _sources:
        _PREDEFINED_BY_NAME.setdefault(_source.lower(), set()).add(_field)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where the value of a field came from."""

    source: str  # Name of the attribute that fed it, as received
    candidate: str  # how the rule names it
    rule: Rule  # the connection's settled identifier or own mapping, its type, the general list; or made of others
    passed_over: tuple[str, ...] = ()  # the candidates before it, which held nothing (or no address)


class Normalized(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a profile, and where each came from."""

    idp_id: str
    email: str
    emails: tuple[str, ...]  # all values of the winning source, `email` first: the domain rule asks about each
    first_name: str | None
    last_name: str | None
    name: str | None
    groups: tuple[str, ...]
    custom_attributes: Mapping[str, Any]  # text or a list of texts; None: mapped, but not sent
    raw_attributes: Mapping[str, Any]
    origins: Mapping[str, Origin]  # of the fields that have a value
    cautions: tuple[AttributeCaution, ...] = ()

    @property
    def sources(self) -> dict[str, str]:
        """Field -> Name of the attribute that fed it, for the trace."""
        return {field: origin.source for field, origin in self.origins.items()}

    @property
    def identifier_source(self) -> str:
        """What is to feed `idp_id` from now on, as a candidate."""
        origin = self.origins["idp_id"]
        return origin.candidate if origin.rule == "settled" or origin.candidate in SUBJECT else origin.source


class _Won(msgspec.Struct, frozen=True):
    values: tuple[str, ...]
    origin: Origin


def normalize(
    assertion: Assertion, *, maps: AttributeMaps, defaults: Defaults, identifier_source: str | None = None
) -> Normalized:
    """The profile fields of an assertion; `defaults` are those of the connection's type (`Guide.attributes`), and
    `identifier_source`, once there is one, alone feeds `idp_id`.

    Raises `AttributesMissing`, `EmailInvalid` and the `Identifier...` refusals. What else must be there is
    `maps.required`; of what this provider tells once, whoever knows the person already has to say whether it is there.
    """
    said = index(assertion)
    won = {field: _settle(said, field, maps, defaults, identifier_source) for field in GENERAL}
    cautions = _groups_cautions(said, won, maps, defaults)
    custom = _custom(said, maps)
    identifier, email = won["idp_id"], won["email"]
    name, origins = _name(won)
    required = (field for field in maps.required if field not in assertion.told_once)
    lacking = _lacking(required, {**won, "name": name}, custom)
    if identifier is None or email is None or lacking:
        raise _refused(assertion, won, lacking, identifier_source)
    emails = tuple(email_address(value, email.origin.source) for value in email.values)
    held = won["groups"]
    return Normalized(
        idp_id=_identifier(identifier),
        email=emails[0],
        emails=emails,
        first_name=_one(won["first_name"]),
        last_name=_one(won["last_name"]),
        name=name,
        groups=held.values if held else (),
        custom_attributes=custom,
        raw_attributes=assertion.raw,
        origins=origins,
        cautions=cautions,
    )


class Fed(msgspec.Struct, frozen=True, kw_only=True):
    """What feeds a field, and the values there as sent."""

    origin: Origin
    values: tuple[str, ...]


def fed(
    assertion: Assertion, *, maps: AttributeMaps, defaults: Defaults, identifier_source: str | None = None
) -> dict[str, Fed]:
    """Of each standard field that has a source, also where the whole makes no profile."""
    said = index(assertion)
    won = {field: _settle(said, field, maps, defaults, identifier_source) for field in GENERAL}
    _groups_cautions(said, won, maps, defaults)
    return {field: Fed(origin=hit.origin, values=hit.values) for field, hit in won.items() if hit}


def candidates(
    field: str, maps: AttributeMaps, defaults: Defaults, identifier_source: str | None = None
) -> Iterator[tuple[Rule, str]]:
    """Where a field may come from, in order, each with the rule that says so."""
    if field == "idp_id" and identifier_source is not None:
        yield "settled", identifier_source
        return
    yield from (("mapping", candidate) for candidate in maps.standard.get(field, ()))
    yield from (("type", candidate) for candidate in defaults.get(field, ()))
    yield from (("general", candidate) for candidate in GENERAL[field])


def _settle(
    said: Said, field: str, maps: AttributeMaps, defaults: Defaults, identifier_source: str | None
) -> _Won | None:
    passed_over: list[str] = []
    for rule, candidate in candidates(field, maps, defaults, identifier_source):
        hit = find_list(said, candidate) if field == "groups" else find(said, candidate)
        # What somebody chose is taken at its word: a bad address is refused, not passed over.
        if hit and (rule == "mapping" or field != "email" or not _only_looks_like_email(candidate, hit)):
            return _Won(
                hit.values,
                Origin(source=hit.source, candidate=candidate, rule=rule, passed_over=tuple(passed_over)),
            )
        passed_over.append(candidate)
    return None


def _only_looks_like_email(candidate: str, hit: Found) -> bool:
    if candidate not in PERHAPS_EMAIL and hit.source not in PERHAPS_EMAIL:
        return False
    return not all(is_address(value) for value in hit.values)


def _groups_cautions(
    said: Said, won: dict[str, _Won | None], maps: AttributeMaps, defaults: Defaults
) -> tuple[AttributeCaution, ...]:
    """What is odd about the groups. Where they are elsewhere, only a mapping may say that something else is them."""
    held = won["groups"]
    if groups.are_elsewhere(said.assertion) and (held is None or held.origin.rule != "mapping"):
        won["groups"] = None  # roles, say, would pass for the groups of this one person
        return (groups.OVERAGE,)
    if held:
        asked: Iterable[str] = (*held.origin.passed_over, held.origin.candidate)
    else:
        asked = (candidate for _, candidate in candidates("groups", maps, defaults))
    caution = groups.structured(said.assertion, asked)
    return (caution,) if caution else ()


def _custom(said: Said, maps: AttributeMaps) -> dict[str, Any]:
    """Those that are mapped, found or not, and the predefined ones that are there without a mapping."""
    held: dict[str, Any] = {}
    for field, sources in maps.custom.items():
        held[field] = _shaped(field, first(said, (*sources, *PREDEFINED.get(field, ()))))
    for field in _perhaps_sent(said):
        if field not in held and (hit := first(said, PREDEFINED[field])):
            held[field] = _shaped(field, hit)
    return held


def _perhaps_sent(said: Said) -> list[str]:
    """Predefined custom attributes that a name which arrived may mean, in their order: each sign-in asks for all."""
    names = (*said.by_lower_name, *said.by_friendly_name)
    return sorted({field for name in names for field in _PREDEFINED_BY_NAME.get(name, ())})


def _shaped(field: str, hit: Found | None) -> str | list[str] | None:
    if hit is None:
        return None
    return list(hit.values) if field in LISTS or len(hit.values) > 1 else hit.values[0]


def _name(won: Mapping[str, _Won | None]) -> tuple[str | None, dict[str, Origin]]:
    """The display name, and the origins of everything with it."""
    origins = {field: hit.origin for field, hit in won.items() if hit}
    name = _one(won["name"])
    given = (_one(won["first_name"]), _one(won["last_name"]))
    if name is None and any(given):
        name = " ".join(filter(None, given))
        origins["name"] = Origin(source="first_name + last_name", candidate="first_name + last_name", rule="joined")
    return name, origins


def _lacking(required: Iterable[str], standard: Mapping[str, object], custom: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(field for field in required if not standard.get(field) and not custom.get(field))


def _refused(
    assertion: Assertion, won: Mapping[str, _Won | None], lacking: tuple[str, ...], identifier_source: str | None
) -> IdentifierUnstable | IdentifierSourceMissing | AttributesMissing:
    received = tuple(assertion.attributes)
    if not won["idp_id"] and won["email"]:
        if assertion.subject_format == TRANSIENT and (identifier_source is None or identifier_source in SUBJECT):
            return IdentifierUnstable(received=received)
        if identifier_source is not None:
            return IdentifierSourceMissing(source=identifier_source, received=received)
    always = tuple(field for field in ("idp_id", "email") if not won[field])
    return AttributesMissing(missing=(*always, *(each for each in lacking if each not in always)), received=received)


def _identifier(found: _Won) -> str:
    # Kept to the last space: were "ann" and "ann " one person here, whoever may choose a user name could be Ann.
    identifier, source = found.values[0], found.origin.source
    if len(set(found.values)) > 1:
        raise IdentifierAmbiguous(source=source, count=len(set(found.values)))
    if len(identifier) > IDENTIFIER_LIMIT:
        raise IdentifierTooLong(source=source, length=len(identifier))
    if UNSTORABLE.search(identifier):
        raise IdentifierMalformed(source=source)
    return identifier


def _one(found: _Won | None) -> str | None:
    return found.values[0].strip() if found else None
