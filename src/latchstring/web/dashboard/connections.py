"""/dashboard/{environment}/connections/{id}: what to give the identity provider, what came from it, and how it goes."""

from __future__ import annotations

from latchstring.flows import connection_health
from latchstring.flows.house import House
from latchstring.model.connection import ConnectionState, OAuthConfig, OidcConfig, SamlConfig
from latchstring.model.operator import Role
from latchstring.web.dashboard import charts, connection_frame
from latchstring.web.dashboard.connection_frame import CONNECTION
from latchstring.web.dashboard.guard import Page, Visit
from latchstring.web.kit import connection_exchange
from latchstring.web.kit.message import Reply


def overview(house: House, visit: Visit) -> Reply:
    found = connection_frame.seen(house, visit)
    connection, now = found.connection, house.now()
    config = connection.config
    health = connection_health.of(house, visit.pass_, connection.id)
    trusted = config.idp_certificates if isinstance(config, SamlConfig) else ()
    return connection_frame.render(
        house,
        visit,
        "dashboard_connection.html",
        found=found,
        tab="overview",
        given=connection_exchange.given(house, visit.pass_, connection),
        saml=config if isinstance(config, SamlConfig) else None,
        oidc=config if isinstance(config, OidcConfig) else None,
        oauth=config if isinstance(config, OAuthConfig) else None,
        watch=found.watch,
        trusted=[connection_exchange.row(entry, now) for entry in trusted],
        ending=connection_exchange.ending(connection, connection_frame.customer(house, visit, found), now),
        may_set_up=connection.state in (ConnectionState.REQUIRES_TYPE, ConnectionState.DRAFT),
        may_test=connection.state is ConnectionState.VALIDATING,
        health=health,
        chart=charts.chart([(day.since, day.good + day.refused, day.refused) for day in health.days]),
    )


PAGES = (Page(method="GET", path=CONNECTION, summary="One connection", least=Role.SUPPORT, show=overview),)
