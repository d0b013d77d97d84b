"""People who await reconciliation: listed with what they lack today, counted, and forgotten when somebody says so."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from latchstring.flows import attribute_findings, story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Connection
from latchstring.model.environment import Pass
from latchstring.model.organization import Organization
from latchstring.model.refusal import NotFound
from latchstring.model.testimony import Reconciliation
from latchstring.protocols.attribute_preview import Outcome
from latchstring.storage import events, reconciliations
from latchstring.storage.paging import Page, Window

_FOR_ATTRIBUTES = {"attributes_missing", "email_invalid", "email_outside_organization"}


def is_for_attributes(code: str | None) -> bool:
    """Whether another mapping may let in whom this refused."""
    return code in _FOR_ATTRIBUTES or (code or "").startswith("identifier_")


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who could not sign in, and what would come of it now."""

    entry: Reconciliation
    outcome: Outcome

    @property
    def can_sign_in(self) -> bool:
        return self.outcome.refusal is None


def page(house: House, pass_: Pass, connection_id: str, window: Window) -> tuple[Page[Awaited], int]:
    """A page, and how many there are in all. Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        case = attribute_findings.case(house, scope, connection_id)
        found = reconciliations.page(scope, house.vault, window, connection_id)
        count = reconciliations.count(scope, connection_id)
    items = judged(found.items, case.connection, case.organization)
    return Page(items=items, before=found.before, after=found.after), count


def count(house: House, pass_: Pass, connection_id: str) -> int:
    """How many wait."""
    with house.database.read(pass_) as scope:
        return reconciliations.count(scope, connection_id)


def judged(
    entries: Iterable[Reconciliation], connection: Connection, organization: Organization | None
) -> tuple[Awaited, ...]:
    """Each read again, as the connection reads what is said."""
    read = attribute_findings.reader(connection, organization)
    return tuple(Awaited(entry=entry, outcome=read(entry.testimony.assertion(entry.updated_at))) for entry in entries)


def delete(house: House, pass_: Pass, connection_id: str, reconciliation_id: str) -> None:
    """Whoever tries again is back. Raises `NotFound`."""
    now = house.now()
    with house.database.write(pass_) as scope:
        connection = attribute_findings.case(house, scope, connection_id).connection
        if not reconciliations.remove(scope, connection_id, reconciliation_id):
            raise NotFound(kind="Reconciliation", id=reconciliation_id)
        scope.note("reconciliation.deleted", ("reconciliation", reconciliation_id, connection.name))
        data = {
            "connection": story.connection_core(connection),
            "reconciliation": {"id": reconciliation_id},
            "actor": pass_.actor,
        }
        events.add(scope, house.id(ids.EVENT, now), "connection.reconciliation_deleted", data, now=now)
