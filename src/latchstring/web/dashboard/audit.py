"""/dashboard/audit: who changed what, from what to what, when and from where; searched, checked and handed out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import urlencode

import msgspec

from latchstring.flows import audit, audit_check, audit_export
from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.protocols.audit_chain import AuditChainBroken
from latchstring.storage.audit import Filter
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit import decode
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply

AUDIT = f"{HOME}/audit"
CHECK = f"{AUDIT}/check"
MOST = 10_000  # entries that a browser is handed; `latchstring audit export` hands out all of them
_ON_A_PAGE = 25
_FILTERS = ("actor", "action", "target", "environment", "since", "until")


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the address says, and what is wrong with it."""

    filter: Filter
    typed: Mapping[str, str]
    errors: Mapping[str, str]


def listed(house: House, visit: Visit) -> Reply:
    sent = decode.singles(decode.pairs(visit.inbound.query))
    asked = _asked(sent)
    older, newer = _number(sent.get("older", "")), _number(sent.get("newer", ""))
    page = audit.page(
        house, asked.filter, count=_ON_A_PAGE, older_than=older, newer_than=None if older is not None else newer
    )
    checked, broken = None, None
    try:
        checked = audit.check_recent(house)
    except AuditChainBroken as refusal:
        broken = refusal
    used = {name: value for name, value in asked.typed.items() if value}

    def url(**more: object) -> str:
        query = urlencode({**used, **more})
        return f"{AUDIT}?{query}" if query else AUDIT

    return render(
        house,
        visit,
        "dashboard_audit.html",
        status=422 if asked.errors else 200,
        entries=page.entries,
        names={each.id: each.name for each in visit.environments},
        typed=asked.typed,
        errors={"since": None, "until": None, **asked.errors},
        failed=bool(asked.errors),
        filtered=bool(used) or older is not None or newer is not None,
        actors=[("", _("Everybody"))] + [(actor, name or actor) for actor, name in audit.actors(house)],
        actions=[("", _("Everything")), *((action, action) for action in _actions(house))],
        environment_choices=[
            ("", _("All")),
            ("-", _("None: the team, and the log itself")),
            *((each.id, each.name) for each in visit.environments),
        ],
        newer_url=url(newer=page.newer) if page.newer is not None else None,
        older_url=url(older=page.older) if page.older is not None else None,
        check_url=CHECK,
        checked=checked,
        broken=broken,
        export_urls=[(kind, f"{AUDIT}/export?{urlencode({**used, 'format': kind})}") for kind in ("json", "csv")],
        most=MOST,
    )


def check(house: House, visit: Visit) -> Reply:
    """As much of the log as one request may take, and the way to the rest."""
    after = _number(decode.singles(decode.pairs(visit.inbound.query)).get("after", ""))
    found, broken = None, None
    try:
        found = audit_check.check(house, after)
    except AuditChainBroken as refusal:
        broken = refusal
    next_url = f"{CHECK}?after={found.last}" if found is not None else None
    return render(house, visit, "dashboard_audit_check.html", found=found, broken=broken, next_url=next_url)


def export(house: House, visit: Visit) -> Reply:
    sent = decode.singles(decode.pairs(visit.inbound.query))
    wanted = _asked(sent).filter
    entries = islice(audit.export(house, wanted), MOST)
    if sent.get("format") == "csv":
        write, kind, name = audit_export.as_csv, b"text/csv; charset=utf-8", b"audit.csv"
    else:
        write, kind, name = audit_export.as_json, b"application/json; charset=utf-8", b"audit.json"
    headers = ((b"content-type", kind), (b"content-disposition", b'attachment; filename="' + name + b'"'))
    return Reply(headers=headers, body="".join(write(entries)).encode("utf-8", "replace"))


def _actions(house: House) -> list[str]:
    """Each kind of target, for all that is done to one, and each act."""
    every = audit.actions(house)
    return sorted({*every, *(action.partition(".")[0] for action in every)})


def _asked(sent: Mapping[str, str]) -> _Asked:
    typed = {name: sent.get(name, "").strip()[:200] for name in _FILTERS}
    errors: dict[str, str] = {}

    def day(name: str) -> datetime | None:
        try:
            return datetime.strptime(typed[name], "%Y-%m-%d").replace(tzinfo=UTC) if typed[name] else None
        except ValueError:
            errors[name] = _("Give a day such as 2026-01-31.")
            return None

    since, until = day("since"), day("until")
    return _Asked(
        filter=Filter(
            actor=typed["actor"] or None,
            action=typed["action"] or None,
            target=typed["target"] or None,
            environment=typed["environment"] or None,
            since=_in_reach(since),
            until=_in_reach(until + timedelta(days=1)) if until and until.year < 9999 else None,  # with that day
        ),
        typed=typed,
        errors=errors,
    )


def _in_reach(moment: datetime | None) -> datetime | None:
    return None if moment is None else max(moment, datetime(1970, 1, 1, tzinfo=UTC))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


# A log grows for ever: whatever goes through much of it does so beside the event loop, which has sign-ins to serve.
PAGES = (
    Page(method="GET", path=AUDIT, summary="The audit log", least=Role.ADMIN, show=listed, aside=True),
    Page(method="GET", path=CHECK, summary="Check every entry", least=Role.ADMIN, show=check, aside=True),
    Page(
        method="GET",
        path=f"{AUDIT}/export",
        summary="The audit log as a file",
        least=Role.ADMIN,
        show=export,
        aside=True,
    ),
)
