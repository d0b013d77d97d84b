"""/dashboard/{environment}: how an environment fares, and what is to be done before it goes live."""

from __future__ import annotations

from typing import Any

from latchstring.flows import go_live, overview
from latchstring.flows.house import House
from latchstring.flows.overview import Concern
from latchstring.model.environment import EnvironmentKind
from latchstring.model.operator import Role
from latchstring.model.portal import Intent
from latchstring.web.dashboard import charts, sign_ins
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit.language import _, many
from latchstring.web.kit.message import Reply

OVERVIEW = f"{HOME}/{{environment}}"


def shown(house: House, visit: Visit) -> Reply:
    found = overview.of(house, visit.pass_)
    ticks = go_live.checklist(house, visit.pass_)
    return render(
        house,
        visit,
        "dashboard_overview.html",
        concerns=[_concern(visit, concern) for concern in found.concerns],
        figures=found.figures,
        chart=charts.chart([(hour.since, hour.begun, hour.refused) for hour in found.figures.hours]),
        latest=[sign_ins.row(visit, one) for one in found.latest],
        steps=_steps(visit, found.started),
        started=found.started.done,
        still_open=sum(item.tick is go_live.Tick.OPEN for item in ticks),
        may_change=visit.operator.role.may(Role.DEVELOPER),
    )


def checklist(house: House, visit: Visit) -> Reply:
    ticks = go_live.checklist(house, visit.pass_)
    elsewhere = [each for each in visit.environments if each.kind is EnvironmentKind.PRODUCTION]
    return render(
        house,
        visit,
        "dashboard_go_live.html",
        items={item.name: {"tick": item.tick.value, **item.facts} for item in ticks},
        still_open=sum(item.tick is go_live.Tick.OPEN for item in ticks),
        production=elsewhere[0] if elsewhere else None,
    )


def _concern(visit: Visit, one: Concern) -> dict[str, Any]:
    """A sentence, how bad it is, and where it is mended."""
    here = f"{HOME}/{visit.pass_.environment_id}"
    connection, organization = f"{here}/connections/{one.connection_id}", f"{here}/organizations/{one.organization_id}"
    kind, url, renewal = "warn", connection, None
    match one.trouble:
        case overview.Trouble.FAILING:
            kind, url = "err", f"{here}/sign-ins?connection={one.connection_id}&outcome=refused"
            words = _("%(name)s: %(count)s of %(of)s sign-ins of the last hour were refused.")
        case overview.Trouble.CERTIFICATE:
            kind, url = "err" if one.count <= 7 else "warn", f"{connection}/certificates"
            if one.organization_id is not None and visit.operator.role.may(Role.DEVELOPER):
                renewal = f"{organization}/links?intent={Intent.CERTIFICATE_RENEWAL.value}"
            words = (
                _("%(name)s: a certificate is over since %(day)s.")
                if one.count <= 0
                else many(
                    "%(name)s: a certificate ends in one day, on %(day)s.",
                    "%(name)s: a certificate ends in %(count)s days, on %(day)s.",
                    one.count,
                )
            )
        case overview.Trouble.WAITING:
            url = f"{connection}/attributes/awaiting"
            words = many(
                "%(name)s: one person cannot sign in before the attributes are put right.",
                "%(name)s: %(count)s people cannot sign in before the attributes are put right.",
                one.count,
            )
        case overview.Trouble.DOMAIN:
            url = organization
            words = _("%(name)s was not proven: its record was not found within thirty days.")
        case overview.Trouble.STUCK:
            words = _("%(name)s: the set-up was begun on %(day)s and has not come to a sign-in.")
    day = one.at.strftime("%Y-%m-%d") if one.at else ""
    return {
        "kind": kind,
        "words": words % {"name": one.name, "count": one.count, "of": one.of, "day": day},
        "url": url,
        "renewal": renewal,
    }


def _steps(visit: Visit, done: overview.Started) -> list[tuple[bool, str, str]]:
    here = f"{HOME}/{visit.pass_.environment_id}"
    return [
        (done.redirect_uri, _("Register where people come back to"), f"{here}/developers/redirects"),
        (done.api_key, _("Call the API with a key"), f"{here}/developers/keys"),
        (done.organization, _("Create the first organization"), f"{here}/organizations"),
        (done.connection, _("Give it a connection"), f"{here}/organizations"),
        (done.sign_in, _("Sign in once"), f"{here}/organizations"),
    ]


PAGES = (
    Page(method="GET", path=OVERVIEW, summary="Overview", least=Role.SUPPORT, show=shown),
    Page(method="GET", path=f"{OVERVIEW}/go-live", summary="Before it goes live", least=Role.SUPPORT, show=checklist),
)
