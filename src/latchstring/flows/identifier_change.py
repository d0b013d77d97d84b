"""Another source of `idp_id` for a connection that has profiles: shown first, and done only if somebody insists."""

from __future__ import annotations

from typing import Any

from latchstring import guides
from latchstring.model.connection import AttributeMaps, Connection
from latchstring.model.refusal import Conflict
from latchstring.protocols.attribute_names import GENERAL
from latchstring.protocols.identifier_change import Holding, IdentifierChange, holding, plan, shown
from latchstring.storage import connections, profiles
from latchstring.storage.database import Scope, WritingScope

EXAMPLES = 20


class IdentifierChangeUnconfirmed(Conflict):
    """People would be known by '{after}' instead of '{before}', and {orphaned} of {profiles} would be strangers."""

    code = "identifier_change_unconfirmed"
    fix = (
        "Look at who is listed: at their next sign-in they would get a new profile id. If that is meant, send the "
        "change again with `confirm_identifier_change` true (`--confirm-identifier-change`)."
    )
    before: str
    after: str
    profiles: int
    kept: int
    rekeyed: int
    orphaned: int
    examples: tuple[dict[str, str], ...]  # of those orphaned: id, email, idp_id


def settle(
    scope: WritingScope, connection: Connection, maps: AttributeMaps, *, confirmed: bool
) -> IdentifierChange | None:
    """Does what the new mapping means for who people are; None if it means nothing.

    Raises `IdentifierChangeUnconfirmed`.
    """
    held, change = _weighed(scope, connection, maps, confirmed=confirmed)
    if change is None:
        return None
    if not confirmed and needs_confirmation(connection, change):
        raise _unconfirmed(change)
    _carry_over(scope, held, change)
    connections.set_identifier_source(scope, connection.id, change.after)
    return change


def foreseen(
    scope: Scope, connection: Connection, maps: AttributeMaps, *, confirmed: bool = False
) -> IdentifierChange | None:
    """What the new mapping would mean, if it were done; None if nothing."""
    return _weighed(scope, connection, maps, confirmed=confirmed)[1]


def needs_confirmation(connection: Connection, change: IdentifierChange) -> bool:
    """Whether anybody is known by what would be given up."""
    return connection.identifier_source is not None or bool(change.rekeyed or change.orphaned)


def _weighed(
    scope: Scope, connection: Connection, maps: AttributeMaps, *, confirmed: bool
) -> tuple[list[Holding], IdentifierChange | None]:
    mapped = maps.standard.get("idp_id", ())
    if mapped == connection.attribute_maps.standard.get("idp_id", ()) and not confirmed:
        return [], None
    guide = guides.guide(connection.type)
    usual = tuple(dict.fromkeys((*(guide.attributes.get("idp_id", ()) if guide else ()), *GENERAL["idp_id"])))
    held = [holding(each, mapped or usual) for each in profiles.of_connection(scope, connection.id)]
    if not held and connection.identifier_source is None:
        return held, None
    change = plan(held, mapped=mapped, usual=usual, before=connection.identifier_source)
    return held, None if change.is_none else change


def told(change: IdentifierChange) -> dict[str, Any]:
    """For the event log."""
    return {
        "from": change.before,
        "to": change.after,
        "kept": change.kept,
        "rekeyed": len(change.rekeyed),
        "orphaned": len(change.orphaned),
    }


def _carry_over(scope: WritingScope, held: list[Holding], change: IdentifierChange) -> None:
    """First everybody steps aside, then takes the new key: two may swap theirs."""
    leaving = {one.id for one in change.orphaned}
    for one in held:
        if one.id in change.rekeyed or one.id in leaving:
            profiles.rekey(scope, one.id, one.put_aside)
    for profile_id, idp_id in change.rekeyed.items():
        profiles.rekey(scope, profile_id, idp_id)


def _unconfirmed(change: IdentifierChange) -> IdentifierChangeUnconfirmed:
    return IdentifierChangeUnconfirmed(
        before=change.before or "what was found first",
        after=change.after or "what is found first",
        profiles=change.profiles,
        kept=change.kept,
        rekeyed=len(change.rekeyed),
        orphaned=len(change.orphaned),
        examples=tuple(
            {"id": one.id, "email": one.email, "idp_id": shown(one.idp_id)} for one in change.orphaned[:EXAMPLES]
        ),
    )
