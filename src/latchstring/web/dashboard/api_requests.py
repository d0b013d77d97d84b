"""/dashboard/{environment}/developers/requests: what was asked with API keys lately, and what was answered."""

from __future__ import annotations

from typing import Any

from latchstring.flows import api_keys, environment_settings, request_log
from latchstring.flows.house import House
from latchstring.model.api_call import KeptCall
from latchstring.model.operator import Role
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit.language import _
from latchstring.web.kit.leafing import Leaf
from latchstring.web.kit.message import Reply

REQUESTS = f"{HOME}/{{environment}}/developers/requests"
_STATUSES = {"ok": (200, 399), "4xx": (400, 499), "5xx": (500, 599), "failed": (400, 599)}


def listed(house: House, visit: Visit) -> Reply:
    leaf = Leaf(visit.inbound, "status", "path")
    status, path = leaf.chosen["status"], leaf.chosen["path"]
    page = request_log.page(house, visit.pass_, leaf.window, statuses=_statuses(status), path=path or None)
    keys = _keys(house, visit)
    return render(
        house,
        visit,
        "dashboard_requests.html",
        requests=[_shown(call, keys) for call in page.items],
        chosen=status,
        choices=[
            ("", _("All")),
            ("ok", _("Answered")),
            ("failed", _("Refused or failed")),
            ("4xx", "4xx"),
            ("5xx", "5xx"),
        ],
        path=path,
        filtered=bool(status or path or leaf.paged),
        days=environment_settings.of(house, visit.pass_).settings.api_log_days,
        kept=request_log.KEPT,
        newer_url=leaf.url("before", page.before),
        older_url=leaf.url("after", page.after),
    )


def one(house: House, visit: Visit) -> Reply:
    call = request_log.get(house, visit.pass_, visit.params["id"])
    return render(
        house,
        visit,
        "dashboard_request.html",
        request=_shown(call, _keys(house, visit)),
        docs_url=f"{house.base_url}/errors/{call.code}" if call.code else None,
    )


def _statuses(chosen: str) -> tuple[int, int] | None:
    """By one of our own names, or by a status itself; anything else is no filter."""
    if chosen in _STATUSES:
        return _STATUSES[chosen]
    return (int(chosen), int(chosen)) if chosen.isascii() and chosen.isdigit() and len(chosen) == 3 else None


def _keys(house: House, visit: Visit) -> dict[str, str]:
    return {key.id: f"sk_…{key.hint}" for key in api_keys.every(house, visit.pass_)}


def _shown(call: KeptCall, keys: dict[str, str]) -> dict[str, Any]:
    return {
        "id": call.id,
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "state": "ok" if call.status < 400 else "err",
        "code": call.code,
        "key": keys.get(call.key_id or ""),
        "key_id": call.key_id,
        "milliseconds": f"{call.microseconds / 1000:.1f}",
        "at": call.at,
    }


PAGES = (
    Page(method="GET", path=REQUESTS, summary="Requests of the API", least=Role.SUPPORT, show=listed),
    Page(method="GET", path=f"{REQUESTS}/{{id}}", summary="One request of the API", least=Role.SUPPORT, show=one),
)
