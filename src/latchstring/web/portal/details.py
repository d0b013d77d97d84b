"""/portal/details: the identity provider's details are brought, looked at at once, and what they say stands there."""

from __future__ import annotations

from latchstring.flows import connections
from latchstring.flows.connection_wishes import SamlWish
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.house import House
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.model.connection import Connection, SamlConfig
from latchstring.model.portal import Intent, Step
from latchstring.web.kit import connection_exchange, connection_forms, decode
from latchstring.web.kit.connection_forms import Forms
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import places
from latchstring.web.portal.guard import PortalPage, PortalVisit, change, connection, product, render, save, saved
from latchstring.web.portal.guide import guide_of
from latchstring.web.portal.places import HOME

DETAILS = f"{HOME}/details"
_INTENTS = frozenset({Intent.SSO})


def show(house: House, visit: PortalVisit) -> Reply:
    if visit.progress.connection_type is None:
        return redirect(places.here(visit.intent, visit.progress))
    found = connection(house, visit)
    return _page(house, visit, found, connection_forms.fresh(found))


def bring(house: House, visit: PortalVisit) -> Reply:
    """Kept if it will do. What will not do comes back with what is wrong, and with what was typed.

    The place of the set-up is saved first: whoever sends an old form is shown what somebody else did meanwhile.
    """
    found = connection(house, visit)
    try:
        visit = saved(visit, save(house, visit, visit.progress.reaching(Step.DETAILS)))
    except PortalProgressStale as refusal:
        return _page(house, visit, found, connection_forms.again(found, visit.inbound), stale=refusal)
    try:
        change(house, visit, found, "details", lambda: _keep(house, visit, found))
    except _NotKept as fault:
        return _page(house, visit, found, fault.forms)
    return redirect(f"{DETAILS}?read=yes", status=303)


def go_on(house: House, visit: PortalVisit) -> Reply:
    """With what was read, if anything was."""
    found = connection(house, visit)
    if found.config is None:
        return redirect(DETAILS, status=303)
    try:
        save(house, visit, visit.progress.reaching(Step.ATTRIBUTES))
    except PortalProgressStale as refusal:
        return _page(house, visit, found, connection_forms.fresh(found), stale=refusal)
    return redirect(places.after(visit.intent, "details"), status=303)


class _NotKept(Exception):
    """Nothing was changed, and so nobody is told."""

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self.forms = forms


def _keep(house: House, visit: PortalVisit, found: Connection) -> None:
    """Until it is switched on, nobody signs in through it."""
    after = connection_forms.bring(house, visit.pass_, found, guide_of(found), visit.inbound, waits=True)
    if isinstance(after, Forms):
        raise _NotKept(after)
    _sign_if_wanted(house, visit, after.connection)


def _sign_if_wanted(house: House, visit: PortalVisit, found: Connection) -> None:
    """Who asks for signed requests in their metadata gets them: nobody here would know where to switch that on."""
    config = found.config
    if isinstance(config, SamlConfig) and config.idp_wants_signed_requests and not config.sign_requests:
        connections.update(
            house, visit.pass_, found.id, ConnectionWish(saml_options=SamlWish(sign_requests=True)), waits=True
        )


def _page(
    house: House,
    visit: PortalVisit,
    found: Connection,
    forms: Forms,
    *,
    stale: PortalProgressStale | None = None,
) -> Reply:
    guide, config = guide_of(found), found.config
    read = decode.singles(decode.pairs(visit.inbound.query)).get("read") == "yes"
    signs = isinstance(config, SamlConfig) and config.sign_requests and config.idp_wants_signed_requests
    shown = connection_forms.values(found, guide, forms)
    if config is not None and forms.source is None:
        shown["open"] = dict.fromkeys(shown["open"], False)  # the way on is the way, not another document
    return render(
        house,
        visit,
        "portal_details.html",
        place="details",
        status=422 if forms.errors else 200,
        stale=stale,
        product=product(visit, found),
        there=config is not None,
        read=read and not forms.errors,
        findings=connection_exchange.findings(found, house.now()) if config is not None else [],
        certificate=connection_exchange.certificate(found, house.now()) if signs else None,
        **shown,
    )


PAGES = (
    PortalPage(method="GET", path=DETAILS, summary="The provider's details", intents=_INTENTS, show=show),
    PortalPage(
        method="POST",
        path=DETAILS,
        summary="Bring the provider's details",
        intents=_INTENTS,
        max_body=connection_forms.MAX_BODY,
        show=bring,
        aside=True,  # it saves, and asks the provider afterwards
    ),
    PortalPage(method="POST", path=f"{DETAILS}/next", summary="Go on from the details", intents=_INTENTS, show=go_on),
)
