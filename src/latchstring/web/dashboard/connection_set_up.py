"""/dashboard/{environment}/connections/{id}/set-up: the provider's own steps, and bringing its details back."""

from __future__ import annotations

from latchstring import guides
from latchstring.flows.connections import Seen
from latchstring.flows.house import House
from latchstring.guides import Guide
from latchstring.model.operator import Role
from latchstring.model.refusal import NotFound
from latchstring.web.dashboard import connection_frame
from latchstring.web.dashboard.connection_frame import CONNECTION
from latchstring.web.dashboard.guard import Page, Visit
from latchstring.web.kit import connection_exchange, connection_forms, decode, guide_steps
from latchstring.web.kit.connection_forms import Forms
from latchstring.web.kit.message import Reply, redirect

SET_UP = f"{CONNECTION}/set-up"


def show(house: House, visit: Visit) -> Reply:
    found = connection_frame.seen(house, visit)
    return _page(house, visit, found, connection_forms.fresh(found.connection))


def save(house: House, visit: Visit) -> Reply:
    """What was brought is looked at, and kept if it will do; what it says stands on the page then."""
    found = connection_frame.seen(house, visit)
    after = connection_forms.bring(house, visit.pass_, found.connection, _guide(found), visit.inbound)
    if isinstance(after, Forms):
        return _page(house, visit, found, after)
    weak = any(caution.code == "weak_metadata_signature" for caution in after.cautions)
    return redirect(connection_frame.address(visit, after.connection.id, f"/set-up?read={'weak' if weak else 'yes'}"))


def _page(house: House, visit: Visit, found: Seen, forms: Forms) -> Reply:
    connection, guide = found.connection, _guide(found)
    given = connection_exchange.given(house, visit.pass_, connection)
    placed = {name for step in guide.steps for name in step.copy}
    read = decode.singles(decode.pairs(visit.inbound.query)).get("read") if not forms.errors else None
    return connection_frame.render(
        house,
        visit,
        "dashboard_connection_set_up.html",
        found=found,
        tab="set-up",
        status=422 if forms.errors else 200,
        read=read is not None,
        weak=read == "weak",
        findings=connection_exchange.findings(connection, house.now()) if connection.config is not None else [],
        given=[value for value in given if value.name not in placed],
        steps=guide_steps.steps(guide, given),
        about=guide_steps.about(guide),
        **connection_forms.values(connection, guide, forms),
    )


def _guide(found: Seen) -> Guide:
    guide = guides.guide(found.connection.type)
    if guide is None:
        raise NotFound(kind="Guide", id=found.connection.type)
    return guide


PAGES = (
    Page(method="GET", path=SET_UP, summary="Set a connection up", least=Role.SUPPORT, show=show),
    Page(
        method="POST",
        path=SET_UP,
        summary="Bring the provider's details",
        least=Role.DEVELOPER,
        fresh=True,
        back=SET_UP,
        max_body=connection_forms.MAX_BODY,
        show=save,
    ),
)
