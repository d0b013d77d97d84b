"""/dashboard/{environment}/settings/oauth: the OAuth providers, such as Google, with an environment's credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from latchstring.flows import oauth_providers as flow
from latchstring.flows import oauth_settings
from latchstring.flows.house import House
from latchstring.flows.oauth_providers import ProviderMissing, ProviderWish
from latchstring.model.connection import Connection, ConnectionState, OAuthConfig
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields
from latchstring.protocols.oauth.providers import PROVIDERS
from latchstring.protocols.oauth.row import Provider
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

OAUTH = f"{HOME}/{{environment}}/settings/oauth"
_SECRETS = ("client_secret", "private_key")
_PLAIN = ("client_id", "tenant", "team_id", "key_id", "slug", "base_url")


class _Field(msgspec.Struct, frozen=True, kw_only=True):
    """One input of a provider's form."""

    name: str
    label: str
    hint: str
    required: bool
    secret: bool = False
    lines: bool = False
    value: str = ""  # never of a secret
    error: str | None = None


def listed(house: House, visit: Visit) -> Reply:
    have = {each.type: each for each in flow.listed(house, visit.pass_)}
    rows = sorted(PROVIDERS.values(), key=lambda row: (row.type not in have, row.name.lower()))
    return render(
        house,
        visit,
        "dashboard_oauth_providers.html",
        address=_address(visit),
        rows=[
            {"type": row.type, "name": row.name, "state": have[row.type].state.value if row.type in have else None}
            for row in rows
        ],
        may_change=_may_change(visit),
    )


def shown(house: House, visit: Visit) -> Reply:
    return _page(house, visit)


def save(house: House, visit: Visit) -> Reply:
    """The first time without credentials: the provider wants to know the redirect URI before it gives any."""
    row = oauth_settings.row_of(visit.params["type"])
    before = _found(house, visit, row)
    sent = browser.form(visit.inbound)
    if before is None:
        flow.put(house, visit.pass_, row.type, ProviderWish())
        return redirect(f"{_address(visit)}/{row.type}")
    try:
        flow.put(house, visit.pass_, row.type, _wish(row, before, sent))
    except InvalidFields as refusal:
        return _page(house, visit, typed=sent, errors={fault.field: fault.message for fault in refusal.errors})
    return redirect(f"{_address(visit)}/{row.type}?saved=yes")


def delete(house: House, visit: Visit) -> Reply:
    """The name has to be typed: the profiles of everybody who came this way go as well."""
    row = oauth_settings.row_of(visit.params["type"])
    if browser.form(visit.inbound).get("typed", "").strip() != row.name:
        words = _("Type %(name)s, the name of what you delete.") % {"name": row.name}
        return _page(house, visit, errors={"typed": words})
    flow.delete(house, visit.pass_, row.type)
    return redirect(_address(visit))


def _wish(row: Provider, before: Connection, sent: Mapping[str, str]) -> ProviderWish:
    """What stands in the form. A secret that is left empty stays what it is."""
    own = {"client_id", *row.needs, *row.takes}
    wished: dict[str, Any] = {name: sent.get(name, "").strip() or None for name in _PLAIN if name in own}
    wished |= {name: sent[name].strip() for name in _SECRETS if name in own and sent.get(name, "").strip()}
    wished["scopes"] = tuple(sent.get("scopes", "").split())
    wished["trust_email"] = "trust_email" in sent
    if before.config is not None:
        wished["enabled"] = sent.get("enabled", "yes") == "yes"
    return ProviderWish(**wished)


def _page(
    house: House, visit: Visit, *, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] = {}
) -> Reply:
    row = oauth_settings.row_of(visit.params["type"])
    found = _found(house, visit, row)
    config = found.config if found is not None and isinstance(found.config, OAuthConfig) else None
    values = {name: (getattr(config, name) or "") if config else "" for name in _PLAIN}
    values["scopes"] = " ".join(config.scopes) if config else ""
    if typed is not None:
        values |= {name: typed.get(name, "")[:2000] for name in values}
    fields = [] if found is None else _fields(row, found, values, errors)
    return render(
        house,
        visit,
        "dashboard_oauth_provider.html",
        status=422 if errors else 200,
        address=f"{_address(visit)}/{row.type}",
        back=_address(visit),
        name=row.name,
        state=found.state.value if found else None,
        callback=house.addresses(found).oauth_redirect_uri if found else None,
        connection_id=found.id if found else None,
        fields=fields,
        scopes=values["scopes"],
        default_scopes=row.scopes,
        trust_email="trust_email" in typed if typed is not None else bool(config and config.trust_email),
        enabled=_enabled(found, typed),
        configured=config is not None,
        errors={"scopes": errors.get("scopes"), "typed": errors.get("typed")},
        failed=bool(errors),
        saved=not errors and b"saved=yes" in visit.inbound.query,
        may_change=_may_change(visit),
    )


def _enabled(found: Connection | None, typed: Mapping[str, str] | None) -> str:
    if typed is not None:
        return typed.get("enabled", "yes")
    return "no" if found is not None and found.state is ConnectionState.INACTIVE else "yes"


def _fields(row: Provider, found: Connection, values: Mapping[str, str], errors: Mapping[str, str]) -> list[_Field]:
    """Those that this provider knows, in the order in which its own page shows them."""
    words = {
        "client_id": (_("Client ID"), _("Its own page calls it client ID, application ID or key.")),
        "client_secret": (_("Client secret"), ""),
        "team_id": (_("Team ID"), _("Ten characters, at the top right of Apple's developer pages.")),
        "key_id": (_("Key ID"), _("Of the key below.")),
        "private_key": (_("Private key"), _("The whole .p8 file that Apple lets you download once.")),
        "tenant": (_("Tenant"), _("A tenant's GUID, organizations, consumers, or common, which is for everybody.")),
        "slug": (_("Slug"), _("The integration's name in its own URLs.")),
        "base_url": (_("Base URL"), _("Of a server or domain of your own. Empty: the public service.")),
    }
    secrets = found.secrets.reveal()
    fields = []
    for name in dict.fromkeys(("client_id", *row.needs, *row.takes)):
        label, hint = words[name]
        held = bool(getattr(secrets, oauth_settings.SECRETS[name])) if name in _SECRETS else False
        if held:
            hint = _("It is kept, and not shown. Left empty, it stays.")
        fields.append(
            _Field(
                name=name,
                label=label,
                hint=hint,
                required=name in ("client_id", *row.needs) and not held,
                secret=name in _SECRETS,
                lines=name == "private_key",
                value=values.get(name, ""),
                error=errors.get(name),
            )
        )
    return fields


def _found(house: House, visit: Visit, row: Provider) -> Connection | None:
    try:
        return flow.get(house, visit.pass_, row.type)
    except ProviderMissing:
        return None


def _address(visit: Visit) -> str:
    return OAUTH.format(environment=visit.pass_.environment_id)


def _may_change(visit: Visit) -> bool:
    return visit.operator.role.may(Role.DEVELOPER)


PAGES = (
    Page(method="GET", path=OAUTH, summary="OAuth providers", least=Role.SUPPORT, show=listed),
    Page(method="GET", path=f"{OAUTH}/{{type}}", summary="One OAuth provider", least=Role.SUPPORT, show=shown),
    Page(method="POST", path=f"{OAUTH}/{{type}}", summary="Set up a provider", least=Role.DEVELOPER, show=save),
    Page(
        method="POST",
        path=f"{OAUTH}/{{type}}/delete",
        summary="Delete a provider's credentials",
        least=Role.DEVELOPER,
        show=delete,
    ),
)
