"""The attribute mapper of a connection: findings, remedies, and people who await reconciliation. Additions of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring.flows import attribute_findings, attribute_repair, reconciliation
from latchstring.flows.attribute_repair import RepairWish
from latchstring.flows.house import House
from latchstring.web.api import attribute_shapes as shapes
from latchstring.web.kit import decode
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask, Handler


def findings(house: House, ask: Ask) -> Reply:
    return as_json(shapes.findings(attribute_findings.look(house, ask.caller, ask.params["id"])))


def apply(house: House, ask: Ask) -> Reply:
    wish: RepairWish = ask.body
    return as_json(shapes.repair(attribute_repair.mend(house, ask.caller, ask.params["id"], wish)))


def reconciliations(house: House, ask: Ask) -> Reply:
    window = decode.window(decode.pairs(ask.inbound.query))
    page, count = reconciliation.page(house, ask.caller, ask.params["id"], window)
    return as_json(shapes.reconciliations(page, count))


def reconcile(house: House, ask: Ask) -> Reply:
    wish: RepairWish = ask.body
    return as_json(shapes.repair(attribute_repair.again(house, ask.caller, ask.params["id"], wish)))


def forget(house: House, ask: Ask) -> Reply:
    reconciliation.delete(house, ask.caller, ask.params["id"], ask.params["reconciliation_id"])
    return empty()


LINES = (
    (
        "GET",
        "/connections/{id}/attribute_findings",
        findings,
        "Look at what arrives, and what is wrong with it",
        {200: shapes.FindingsShape},
    ),
    (
        "POST",
        "/connections/{id}/attribute_findings/apply",
        apply,
        "Mend a finding, or apply a mapping; with `preview` see what it would do",
        {200: shapes.RepairShape},
    ),
    (
        "GET",
        "/connections/{id}/reconciliations",
        reconciliations,
        "List the people who await reconciliation",
        {200: shapes.ReconciliationsShape},
    ),
    (
        "POST",
        "/connections/{id}/reconciliations/apply",
        reconcile,
        "See who of them can sign in, as things are or with a remedy",
        {200: shapes.RepairShape},
    ),
    (
        "DELETE",
        "/connections/{id}/reconciliations/{reconciliation_id}",
        forget,
        "Wait for somebody no longer",
        {204: None},
    ),
)
READS_MUCH: frozenset[Handler] = frozenset({findings, apply, reconciliations, reconcile})
BODIES: Mapping[Handler, Any] = {apply: RepairWish, reconcile: RepairWish}
