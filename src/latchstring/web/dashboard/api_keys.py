"""/dashboard/{environment}/developers/keys: the API keys, a new one whose secret is seen once, and the end of one."""

from __future__ import annotations

from datetime import timedelta

from latchstring.flows import api_keys
from latchstring.flows.house import House
from latchstring.model.environment import ApiKey
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

KEYS = f"{HOME}/{{environment}}/developers/keys"
_KEY = f"{KEYS}/{{id}}"
_UNUSED = timedelta(days=90)  # a key that nobody shows for so long is one that nobody would miss
_SOON = timedelta(days=14)


def listed(house: House, visit: Visit) -> Reply:
    now = house.now()
    found = api_keys.every(house, visit.pass_)
    return render(
        house,
        visit,
        "dashboard_api_keys.html",
        keys=[{"key": key, "state": _state(key, visit, house)} for key in reversed(found) if key.opens(now)],
        ended=[key for key in reversed(found) if not key.opens(now)],
        may_change=visit.operator.role.may(Role.DEVELOPER),
    )


def new(house: House, visit: Visit) -> Reply:
    return _new(house, visit, name="", days="")


def create(house: House, visit: Visit) -> Reply:
    """The one sight of the secret: it is on this page, and nowhere else, not in a log either."""
    sent = browser.form(visit.inbound)
    name, days = sent.get("name", "").strip(), sent.get("days", "").strip()
    if not name:
        return _new(house, visit, name=name, days=days, faults={"name": _("Say what the key is for.")})
    if days and not (days.isascii() and days.isdigit() and len(days) < 6):
        return _new(house, visit, name=name, days=days, faults={"days": _("Write a number of days, or nothing.")})
    try:
        made = api_keys.create(house, visit.pass_, name=name, expires_in_days=int(days) if days else None)
    except InvalidFields as refusal:
        return _new(house, visit, name=name, days=days, faults={"days": refusal.errors[0].message})
    return render(house, visit, "dashboard_api_key_made.html", key=made.key, secret=made.secret.reveal())


def one(house: House, visit: Visit) -> Reply:
    return _one(house, visit, api_keys.get(house, visit.pass_, visit.params["id"]))


def revoke(house: House, visit: Visit) -> Reply:
    key = api_keys.get(house, visit.pass_, visit.params["id"])
    if browser.form(visit.inbound).get("typed", "").strip() != key.hint:
        return _one(house, visit, key, error=_("Type %(hint)s, the end of the key.") % {"hint": key.hint})
    if key.revoked_at is None:  # the page may be older than somebody else's click
        api_keys.revoke(house, visit.pass_, key.id)
    return redirect(KEYS.format(environment=visit.pass_.environment_id))


def _state(key: ApiKey, visit: Visit, house: House) -> tuple[str, str]:
    now = house.now()
    if key.expires_at is not None and key.expires_at - now < _SOON:
        return _("ends soon"), "warn"
    if now - (key.last_used_at or key.created_at) > _UNUSED:
        return _("not used for 90 days"), "warn"
    return _("works"), "ok"


def _new(house: House, visit: Visit, *, name: str, days: str, faults: dict[str, str] | None = None) -> Reply:
    found = faults or {}
    return render(
        house,
        visit,
        "dashboard_api_key_new.html",
        status=422 if faults else 200,
        name=name[:200],
        days=days[:20],
        errors={"name": found.get("name"), "days": found.get("days")},
        failed=bool(faults),
    )


def _one(house: House, visit: Visit, key: ApiKey, *, error: str | None = None) -> Reply:
    return render(
        house,
        visit,
        "dashboard_api_key.html",
        status=422 if error else 200,
        key=key,
        opens=key.opens(house.now()),
        error=error,
    )


PAGES = (
    Page(method="GET", path=KEYS, summary="API keys", least=Role.SUPPORT, show=listed),
    Page(method="GET", path=f"{KEYS}/new", summary="A new API key", least=Role.DEVELOPER, fresh=True, show=new),
    Page(
        method="POST",
        path=KEYS,
        summary="Make an API key",
        least=Role.DEVELOPER,
        fresh=True,
        back=f"{KEYS}/new",
        show=create,
    ),
    Page(method="GET", path=_KEY, summary="One API key", least=Role.DEVELOPER, fresh=True, show=one),
    Page(
        method="POST",
        path=f"{_KEY}/revoke",
        summary="Revoke an API key",
        least=Role.DEVELOPER,
        fresh=True,
        back=_KEY,
        show=revoke,
    ),
)
