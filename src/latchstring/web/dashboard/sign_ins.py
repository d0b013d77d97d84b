"""/dashboard/{environment}/sign-ins: every sign-in, found by what is known of it; and one with its whole story."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from latchstring.flows import reconciliation, sign_ins, trace, trace_answer, trace_letter, trace_links
from latchstring.flows.house import House
from latchstring.flows.trace import Sight
from latchstring.model import ids
from latchstring.model.operator import Role
from latchstring.model.refusal import NotFound, Refusal
from latchstring.model.sign_in import Outcome, SignIn, Wanted
from latchstring.storage import front_door
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit import masks, pages, test_results
from latchstring.web.kit.language import _
from latchstring.web.kit.leafing import Leaf
from latchstring.web.kit.message import Reply, redirect

SIGN_INS = f"{HOME}/{{environment}}/sign-ins"
_NOTHING = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
_FILTERS = ("email", "outcome", "code", "connection", "organization", "since", "until")


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the filters say, and what is wrong with them."""

    wanted: Wanted
    errors: Mapping[str, str]


def listed(house: House, visit: Visit) -> Reply:
    leaf = Leaf(visit.inbound, "named", *_FILTERS)
    typed = leaf.chosen
    errors: dict[str, str] = {}
    if typed["named"]:
        try:
            return redirect(address(visit, sign_ins.find(house, visit.pass_, typed["named"]).id))
        except NotFound:
            errors["named"] = _("There is no sign-in of this id or reference in this environment, or not any more.")
    asked = _asked(typed)
    errors |= asked.errors
    page = sign_ins.page(house, visit.pass_, leaf.window, asked.wanted)
    return render(
        house,
        visit,
        "dashboard_sign_ins.html",
        status=422 if errors else 200,
        rows=[row(visit, one) for one in page.items],
        typed=typed,
        errors={"named": None, "since": None, "until": None, **errors},
        failed=bool(errors),
        filtered=any(typed.values()) or leaf.paged,
        outcomes=[
            ("", _("All")),
            (Outcome.GOOD.value, _("Signed in")),
            (Outcome.REFUSED.value, _("Refused")),
            (Outcome.OPEN.value, _("Under way")),
        ],
        live_url=None if leaf.paged or errors else _live_url(visit, typed),
        newer_url=leaf.url("before", page.before),
        older_url=leaf.url("after", page.after),
    )


def live(house: House, visit: Visit) -> Reply:
    """The rows of sign-ins that begin or end from now on, one server-sent event each (HTML, "Server-sent events")."""
    wanted = _asked(Leaf(visit.inbound, *_FILTERS).chosen).wanted
    tail = sign_ins.watch(house)

    def more() -> bytes:
        nonlocal tail
        fresh, tail = sign_ins.news(house, visit.pass_, tail)
        return b"".join(_event(visit, one) for one in fresh if sign_ins.fits(one, wanted))

    headers = (
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"content-security-policy", _NOTHING),
        (b"x-frame-options", b"DENY"),
        (b"content-disposition", b"attachment"),  # opened by hand it is a file, and no page
        (b"x-accel-buffering", b"no"),
    )
    listens = "text/event-stream" in (visit.inbound.header(b"accept") or "")  # whoever only looks does not wait
    return Reply(headers=headers, body=b"retry: 3000\n\n", more=more if listens else None)


def _event(visit: Visit, one: SignIn) -> bytes:
    html = pages.fragment("sign_in_rows.html", rows=[row(visit, one)], environment_id=visit.pass_.environment_id)
    return b"".join(b"data: " + line.encode() + b"\n" for line in html.splitlines() if line.strip()) + b"\n"


def shown(house: House, visit: Visit) -> Reply:
    return _page(house, visit)


def share(house: House, visit: Visit) -> Reply:
    """A link for somebody without an account. Its address stands on this one page and nowhere again."""
    try:
        made = trace_links.create(house, visit.pass_, visit.params["id"])
    except trace_links.TooManyTraceLinks as refusal:
        return _page(house, visit, status=409, refusal=refusal)
    return _page(house, visit, made=made)


def unshare(house: House, visit: Visit) -> Reply:
    link_id = browser.form(visit.inbound).get("link", "")
    trace_links.revoke(house, visit.pass_, visit.params["id"], link_id)
    return redirect(address(visit, visit.params["id"], "#links"))


def _page(
    house: House,
    visit: Visit,
    *,
    status: int = 200,
    made: trace_links.Made | None = None,
    refusal: Refusal | None = None,
) -> Reply:
    found = trace.of(house, visit.pass_, visit.params["id"], sight(visit), _)
    return render(
        house,
        visit,
        "dashboard_trace.html",
        status=status,
        links=trace_links.of(house, visit.pass_, found.sign_in.id),
        link_url=made.url.reveal() if made else None,
        refusal=refusal,
        trace=found,
        row=row(visit, found.sign_in),
        address=address(visit, found.sign_in.id),
        letter=trace_letter.letter(found, _),
        menders=test_results.menders(),
        may_see=found.sight is Sight.VALUES,
        for_attributes=reconciliation.is_for_attributes(found.sign_in.refusal),
    )


def raw(house: House, visit: Visit) -> Reply:
    """What the identity provider answered, as it was kept; a document of somebody else's, so no browser opens it."""
    name, content = trace_answer.download(house, visit.pass_, visit.params["id"])
    headers = (
        (b"content-type", b"application/octet-stream"),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"content-security-policy", _NOTHING),
        (b"x-frame-options", b"DENY"),
    )
    return Reply(headers=headers, body=content)


def anywhere(house: House, visit: Visit) -> Reply:
    """A reference that somebody was told, whichever environment it is of."""
    for environment in visit.environments:
        pass_ = front_door.by_person(environment, visit.operator.id)
        try:
            found = sign_ins.find(house, pass_, visit.params["id"])
        except NotFound:
            continue
        return redirect(f"{SIGN_INS.format(environment=environment.id)}/{found.id}")
    raise NotFound(kind="Sign-in", id=visit.params["id"][:100])


def _live_url(visit: Visit, typed: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in typed.items() if value})
    path = f"{SIGN_INS.format(environment=visit.pass_.environment_id)}/live"
    return f"{path}?{query}" if query else path


def sight(visit: Visit) -> Sight:
    """What this operator may see of the person."""
    return Sight.VALUES if visit.operator.role.may(Role.DEVELOPER) else Sight.SHAPE


def address(visit: Visit, sign_in_id: str, tail: str = "") -> str:
    return f"{SIGN_INS.format(environment=visit.pass_.environment_id)}/{sign_in_id}{tail}"


def row(visit: Visit, one: SignIn) -> dict[str, Any]:
    """A line of the list."""
    email = one.email
    if email and sight(visit) is not Sight.VALUES:
        email = masks.email(email)
    return {
        "id": one.id,
        "reference": ids.reference(one.id),
        "url": address(visit, one.id),
        "outcome": one.outcome,
        "code": one.refusal,
        "email": email,
        "is_test": one.attempt.is_test,
        "idp_initiated": one.attempt.idp_initiated,
        "connection_id": one.attempt.connection_id,
        "connection_name": one.connection_name,
        "organization_id": one.attempt.organization_id,
        "organization_name": one.organization_name,
        "created_at": one.attempt.created_at,
        "seconds": None if one.seconds is None else f"{one.seconds:.1f}",
    }


def _asked(typed: Mapping[str, str]) -> _Asked:
    errors: dict[str, str] = {}

    def day(name: str) -> datetime | None:
        if not typed[name]:
            return None
        try:
            return datetime.strptime(typed[name], "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            errors[name] = _("This is not a date, like 2026-11-30.")
            return None

    since, until = day("since"), day("until")
    outcome = next((one for one in Outcome if one.value == typed["outcome"]), None)
    wanted = Wanted(
        email=typed["email"] or None,
        outcome=outcome,
        refusal=typed["code"] or None,
        connection_id=typed["connection"] or None,
        organization_id=typed["organization"] or None,
        since=since,
        until=None if until is None else until + timedelta(days=1),
    )
    return _Asked(wanted=wanted, errors=errors)


PAGES = (
    Page(method="GET", path=SIGN_INS, summary="Sign-ins", least=Role.SUPPORT, show=listed),
    Page(method="GET", path=f"{SIGN_INS}/live", summary="Sign-ins as they happen", least=Role.SUPPORT, show=live),
    Page(method="GET", path=f"{SIGN_INS}/{{id}}", summary="The trace of a sign-in", least=Role.SUPPORT, show=shown),
    Page(
        method="POST",
        path=f"{SIGN_INS}/{{id}}/share",
        summary="Make a link to a trace",
        least=Role.DEVELOPER,
        show=share,
    ),
    Page(
        method="POST",
        path=f"{SIGN_INS}/{{id}}/unshare",
        summary="Take a link to a trace back",
        least=Role.DEVELOPER,
        show=unshare,
    ),
    Page(
        method="GET",
        path=f"{SIGN_INS}/{{id}}/raw",
        summary="An identity provider's answer as it came",
        least=Role.DEVELOPER,
        show=raw,
    ),
    Page(
        method="GET",
        path=f"{HOME}/sign-ins/{{id}}",
        summary="A sign-in of any environment",
        least=Role.SUPPORT,
        show=anywhere,
    ),
)
