"""/dashboard/{environment}/connections/{id}/settings: its name, every option with what it costs, off, and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring.flows import connection_life, connections
from latchstring.flows.connections import ConnectionWish, Seen
from latchstring.flows.house import House
from latchstring.model.connection import ConnectionState
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields, InvalidRequest, LoginRefused
from latchstring.web.dashboard import browser, connection_frame, connection_options
from latchstring.web.dashboard.connection_frame import CONNECTION
from latchstring.web.dashboard.connection_option_rows import GROUPS
from latchstring.web.dashboard.guard import Page, Visit
from latchstring.web.dashboard.organizations import ORGANIZATION, ORGANIZATIONS
from latchstring.web.kit import connection_details
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

SETTINGS = f"{CONNECTION}/settings"
_HELP = {  # where the API's own words speak of calls
    "signing_certificate_missing": "There is no key to sign with yet. Make one on the page Certificates first.",
    "encryption_certificate_missing": "There is no key to encrypt for yet. Make one on the page Certificates first.",
    "client_secret_required": "This needs a client secret. Give one on the page Set up.",
}


def show(house: House, visit: Visit) -> Reply:
    return _page(house, visit, connection_frame.seen(house, visit))


def rename(house: House, visit: Visit) -> Reply:
    found, sent = connection_frame.seen(house, visit), browser.form(visit.inbound)
    name, external_id = sent.get("name", "").strip(), sent.get("external_id", "").strip()
    if not name:
        return _page(house, visit, found, typed=sent, errors={"name": _("A connection needs a name.")})
    wish = ConnectionWish(name=name, external_id=external_id or None)
    try:
        connections.update(house, visit.pass_, found.connection.id, wish)
    except InvalidFields as refusal:
        return _page(house, visit, found, typed=sent, errors=_errors(refusal))
    except connections.ExternalIdTaken as refusal:
        return _page(house, visit, found, typed=sent, errors={"external_id": connection_details.said(refusal)})
    return redirect(_address(visit))


def change(house: House, visit: Visit) -> Reply:
    """Only what is other than it was is changed, and told."""
    found, sent = connection_frame.seen(house, visit), browser.form(visit.inbound)
    try:
        wish = connection_options.wish(found.connection, sent)
        if wish is not None:
            connections.update(house, visit.pass_, found.connection.id, wish)
    except InvalidFields as refusal:
        return _page(house, visit, found, typed=sent, errors=_errors(refusal), options=True)
    except (InvalidRequest, LoginRefused) as refusal:
        first = connection_options.of(found.connection.config)[0].name
        return _page(house, visit, found, typed=sent, errors={first: connection_details.said(refusal)}, options=True)
    return redirect(f"{_address(visit)}#options")


def switch_off(house: House, visit: Visit) -> Reply:
    connection_life.switch(house, visit.pass_, visit.params["id"], "off")
    return redirect(f"{_address(visit)}#state")


def deletion(house: House, visit: Visit) -> Reply:
    return _deletion(house, visit, connection_frame.seen(house, visit))


def delete(house: House, visit: Visit) -> Reply:
    """The name has to be typed: with the connection its people go, and nothing brings them back."""
    found = connection_frame.seen(house, visit)
    connection = found.connection
    if browser.form(visit.inbound).get("typed", "").strip() != connection.name.strip():
        text = _("Type %(name)s, the name of the connection that you delete.") % {"name": connection.name}
        return _deletion(house, visit, found, error=text)
    connection_life.delete(house, visit.pass_, connection.id)
    place = ORGANIZATION if connection.organization_id is not None else ORGANIZATIONS
    return redirect(place.format(environment=visit.pass_.environment_id, id=connection.organization_id))


def _page(
    house: House,
    visit: Visit,
    found: Seen,
    *,
    typed: Mapping[str, str] = {},
    errors: Mapping[str, str] = {},
    options: bool = False,
) -> Reply:
    connection = found.connection
    return connection_frame.render(
        house,
        visit,
        "dashboard_connection_settings.html",
        found=found,
        tab="settings",
        status=422 if errors else 200,
        name=connection.name if options else typed.get("name", connection.name)[:500],
        external_id=(connection.external_id or "")
        if options
        else typed.get("external_id", connection.external_id or ""),
        groups=_groups(connection.config, typed if options else None, errors),
        errors=errors,
        on=connection.state.admits_logins,
        can_be_on=connection.state in (ConnectionState.VALIDATING, ConnectionState.INACTIVE),
        deleting=connection.state is ConnectionState.DELETING,
    )


def _groups(config: Any, typed: Mapping[str, str] | None, errors: Mapping[str, str]) -> list[dict[str, Any]]:
    """The options in their groups, with what is set or, after a fault, what was typed."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
    for option in connection_options.of(config):
        value = connection_options.value(config, option) if typed is None else typed.get(option.name, "")[:2048]
        found[option.group].append(
            {
                "name": option.name,
                "label": _(option.label),
                "cost": _(option.cost),
                "value": value,
                "check": option.kind == "check",
                "choices": [(chosen, _(label), chosen == value) for chosen, label in option.choices],
                "type": {"number": "number", "moment": "datetime-local"}.get(option.kind, "text"),
                "error": errors.get(option.name),
            }
        )
    return [
        {"heading": _(heading), "about": _(about) if about else None, "weak": name == "weak", "options": found[name]}
        for name, (heading, about) in GROUPS.items()
        if found[name]
    ]


def _errors(refusal: InvalidFields) -> dict[str, str]:
    return {error.field.rpartition(".")[2]: _(_HELP.get(error.code, error.message)) for error in refusal.errors}


def _deletion(house: House, visit: Visit, found: Seen, *, error: str | None = None) -> Reply:
    return connection_frame.render(
        house,
        visit,
        "dashboard_connection_delete.html",
        found=found,
        tab="settings",
        status=422 if error else 200,
        error=error,
    )


def _address(visit: Visit) -> str:
    return connection_frame.address(visit, visit.params["id"], "/settings")


PAGES = (
    Page(method="GET", path=SETTINGS, summary="A connection's settings", least=Role.SUPPORT, show=show),
    Page(
        method="GET",
        path=f"{SETTINGS}/delete",
        summary="Delete a connection",
        least=Role.DEVELOPER,
        fresh=True,
        show=deletion,
    ),
    Page(
        method="POST",
        path=f"{SETTINGS}/name",
        summary="Rename a connection",
        least=Role.DEVELOPER,
        show=rename,
    ),
    *(
        Page(
            method="POST",
            path=f"{SETTINGS}/{verb}",
            summary=summary,
            least=Role.DEVELOPER,
            fresh=True,
            back=back,
            aside=verb == "options",
            show=act,
        )
        for verb, summary, back, act in (
            ("options", "Change a connection's options", SETTINGS, change),
            ("off", "Switch a connection off", SETTINGS, switch_off),
            ("delete", "Delete a connection", f"{SETTINGS}/delete", delete),
        )
    ),
)
