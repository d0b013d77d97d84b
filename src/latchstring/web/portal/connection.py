"""/portal/connection: how it is with single sign-on, in plain words, for whoever comes back later."""

from __future__ import annotations

from collections.abc import Iterator

from latchstring.flows import connection_health, connections
from latchstring.flows.connection_health import Health
from latchstring.flows.connections import Seen
from latchstring.flows.house import House
from latchstring.model.connection import Connection, ConnectionState, OidcConfig, SamlConfig
from latchstring.model.portal import Intent
from latchstring.model.refusal import NotFound
from latchstring.web.kit import connection_exchange, language
from latchstring.web.kit.connection_exchange import Finding
from latchstring.web.kit.language import _, many
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import guard, places
from latchstring.web.portal.guard import PortalPage, PortalVisit
from latchstring.web.portal.places import HOME

CONNECTION = f"{HOME}/connection"
_OFTEN = 5  # one refused in so many is a matter to look at


def shown(house: House, visit: PortalVisit) -> Reply:
    try:
        found = guard.connection(house, visit)
    except NotFound:
        return redirect(HOME, status=303)
    seen = connections.get(house, visit.pass_, found.id)
    return guard.render(
        house,
        visit,
        "portal_connection.html",
        place="connection",
        connection=found,
        product=guard.product(visit, found),
        facts=list(_facts(found)),
        health=list(_health(house, visit, seen)),
        later_places=[
            (_(place.label), place.path) for place in places.later_places(visit.intent) if place.name != "connection"
        ],
        can_test=visit.intent is Intent.SSO and found.config is not None,
    )


def _health(house: House, visit: PortalVisit, seen: Seen) -> Iterator[Finding]:
    found, now = seen.connection, house.now()
    if found.state is ConnectionState.ACTIVE:
        yield Finding("ok", _("It is on: people can sign in."))
    else:
        yield Finding("warn", _("It is not on: people cannot sign in through it, or have not done so yet."))
    yield _sign_ins(connection_health.of(house, visit.pass_, found.id))
    ending = connection_exchange.ending(found, visit.organization.name, now)
    yield from ending
    if isinstance(found.config, SamlConfig) and not ending:
        last = max((each.not_after for each in found.config.trusted_certificates(now)), default=None)
        if last is not None:
            yield Finding("ok", _("Its certificate is good until %(date)s.") % {"date": language.day(last)})
    if seen.watch is not None and seen.watch.error is not None:
        yield Finding("err", _("Its metadata address could not be read the last time. What was known stays in use."))
    if seen.watch is not None and seen.watch.pending is not None:
        yield Finding("err", _("Its metadata address names another identity provider now. Nothing of it is used yet."))


def _sign_ins(health: Health) -> Finding:
    if not health.ended:
        return Finding("warn", _("Nobody has signed in during the last 30 days."))
    text = many(
        "%(good)s of one sign-in of the last 30 days was successful.",
        "%(good)s of %(num)s sign-ins of the last 30 days were successful.",
        health.ended,
    ) % {"good": health.good, "num": health.ended}
    return Finding("warn" if health.refused * _OFTEN > health.ended else "ok", text)


def _facts(found: Connection) -> Iterator[tuple[str, str]]:
    config = found.config
    yield _("Name"), found.name
    if isinstance(config, SamlConfig):
        yield _("Issuer"), config.idp_entity_id
        yield _("Sign-in URL"), config.idp_sso_url
    if isinstance(config, OidcConfig):
        yield _("Discovery endpoint"), config.discovery_endpoint
        yield _("Client ID"), config.client_id


PAGES = (
    PortalPage(
        method="GET",
        path=CONNECTION,
        summary="How it is with single sign-on",
        intents=frozenset({Intent.SSO, Intent.CERTIFICATE_RENEWAL}),
        show=shown,
    ),
)
