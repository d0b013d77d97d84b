"""A connection's mapping as a table: each field with its sources, the values of one sign-in, and what is wrong."""

from __future__ import annotations

import msgspec

from latchstring import guides
from latchstring.flows import attribute_findings
from latchstring.flows.attribute_findings import Findings
from latchstring.flows.house import House
from latchstring.model.connection import MagicLinkConfig
from latchstring.model.environment import Pass
from latchstring.model.testimony import AttributeSample
from latchstring.protocols import attribute_table
from latchstring.protocols.attribute_table import Row


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to say about a mapping, and the sample whose values stand in it."""

    findings: Findings
    rows: tuple[Row, ...]
    looked_at: int | None  # which sample, from the newest; None: there is none
    keeps_nothing: bool  # the environment keeps no raw attributes, and so no samples
    maps_nothing: bool  # magic links: nobody sends anything

    @property
    def sample(self) -> AttributeSample | None:
        return None if self.looked_at is None else self.findings.case.samples[self.looked_at]


def look(house: House, pass_: Pass, connection_id: str, *, sample: int = 0) -> Table:
    """`sample` is looked at, or the newest one where there are fewer. Raises `NotFound`."""
    found = attribute_findings.look(house, pass_, connection_id)
    evidence = attribute_findings.evidence_of(found.case)
    connection = found.case.connection
    guide = guides.guide(connection.type)
    entries = evidence.entries
    at = (sample if 0 <= sample < len(entries) else 0) if entries else None
    return Table(
        findings=found,
        rows=attribute_table.rows(
            evidence,
            [each.finding for each in found.recommendations],
            None if at is None else entries[at],
            maps=connection.attribute_maps,
            defaults=guide.attributes if guide else {},
        ),
        looked_at=at,
        keeps_nothing=not pass_.keeps_raw_attributes,
        maps_nothing=isinstance(connection.config, MagicLinkConfig),
    )
