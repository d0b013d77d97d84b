"""People who await reconciliation, each beside their stored profile, with the remedy that would let them in."""

from __future__ import annotations

import msgspec

from latchstring.flows import attribute_findings, reconciliation
from latchstring.flows.attribute_findings import Findings, Recommendation
from latchstring.flows.house import House
from latchstring.flows.reconciliation import Awaited
from latchstring.model.environment import Pass
from latchstring.model.profile import Profile
from latchstring.protocols.attribute_preview import Reader, Shortfall
from latchstring.storage import profiles
from latchstring.storage.paging import Page, Window


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who waits."""

    awaited: Awaited
    stored: Profile | None  # who they are here, if what arrived says so
    remedy: Recommendation | None  # lets them in; None: they can sign in as it is, or no mapping helps
    still: Shortfall | None  # what would refuse them with the first remedy, where none lets them in


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A page of them, and what is wrong with the connection's attributes."""

    page: Page[Reviewed]
    count: int
    findings: Findings


def review(house: House, pass_: Pass, connection_id: str, window: Window) -> Review:
    """Raises `NotFound`."""
    page, count = reconciliation.page(house, pass_, connection_id, window)
    found = attribute_findings.look(house, pass_, connection_id)
    remedies = [(each, _reader(found, each)) for each in found.recommendations if each.foreseen]
    with house.database.read(pass_) as scope:
        stored = {
            each.entry.id: profiles.of_person(scope, connection_id, str(idp_id))
            for each in page.items
            if (idp_id := each.outcome.fields.get("idp_id"))
        }
    items = tuple(_reviewed(each, stored.get(each.entry.id), remedies) for each in page.items)
    return Review(page=Page(items=items, before=page.before, after=page.after), count=count, findings=found)


def _reader(found: Findings, each: Recommendation) -> Reader:
    connection, foreseen = found.case.connection, each.foreseen
    change = foreseen.change if foreseen else None
    after = msgspec.structs.replace(
        connection,
        attribute_maps=attribute_findings.with_sources(found.case, each.finding.maps),
        identifier_source=change.after if change else connection.identifier_source,
    )
    return attribute_findings.reader(after, found.case.organization)


def _reviewed(awaited: Awaited, stored: Profile | None, remedies: list[tuple[Recommendation, Reader]]) -> Reviewed:
    tried = remedies if not awaited.can_sign_in else []
    assertion = awaited.entry.testimony.assertion(awaited.entry.updated_at)
    outcomes = [(each, read(assertion).refusal) for each, read in tried]
    remedy = next((each for each, refusal in outcomes if refusal is None), None)
    still = outcomes[0][1] if outcomes and remedy is None else None
    return Reviewed(awaited=awaited, stored=stored, remedy=remedy, still=still)
