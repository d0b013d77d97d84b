"""A finding about a connection's attributes is dismissed until its facts change, or shown again."""

from __future__ import annotations

from latchstring.flows import attribute_findings
from latchstring.flows.house import House
from latchstring.model.connection import Connection
from latchstring.model.environment import Pass
from latchstring.model.refusal import NotFound
from latchstring.protocols.attribute_findings import findings
from latchstring.storage import dismissed_findings
from latchstring.storage.database import WritingScope


def dismiss(house: House, pass_: Pass, connection_id: str, code: str) -> None:
    """Raises `NotFound`, also for what is not found there at the moment."""
    now = house.now()
    with house.database.write(pass_) as scope:
        case = attribute_findings.case(house, scope, connection_id)
        found = {each.code: each for each in findings(attribute_findings.evidence_of(case))}.get(code)
        if found is None:
            raise NotFound(kind="Attribute finding", id=code[:100])
        dismissed_findings.keep(scope, connection_id, code, facts=found.digest, by=pass_.actor, now=now)
        _note(scope, "dismissed", case.connection, code)


def show_again(house: House, pass_: Pass, connection_id: str, code: str) -> None:
    """Raises `NotFound` if it was not dismissed."""
    with house.database.write(pass_) as scope:
        case = attribute_findings.case(house, scope, connection_id)
        if not dismissed_findings.remove(scope, connection_id, code):
            raise NotFound(kind="Attribute finding", id=code[:100])
        _note(scope, "shown_again", case.connection, code)


def _note(scope: WritingScope, act: str, connection: Connection, code: str) -> None:
    scope.note(f"attribute_finding.{act}", ("connection", connection.id, f"{connection.name}: {code}"))
