"""/portal/test: the real way to the identity provider and back, with its result; and switching single sign-on on.

The form opens the test in a tab of its own; this page waits for it, and follows by itself where scripts may run.
"""

from __future__ import annotations

from typing import Any

from latchstring.flows import connection_life, connections, contact_mails, sign_in_tests, trace_remedy
from latchstring.flows.house import House
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.flows.sign_in_tests import UntestedConnection
from latchstring.model import addresses
from latchstring.model.connection import Connection, ConnectionState, MagicLinkConfig
from latchstring.model.portal import Intent, Step
from latchstring.model.refusal import Conflict, Mender, NotFound, Refusal
from latchstring.model.sign_in_test import SignInTest
from latchstring.storage.paging import Window
from latchstring.web.kit import language, test_results
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import done, guard, places
from latchstring.web.portal.guard import PortalPage, PortalVisit
from latchstring.web.portal.places import HOME

TEST = f"{HOME}/test"
_SSO = frozenset({Intent.SSO})
_CAN = (ConnectionState.VALIDATING, ConnectionState.INACTIVE)  # become active


class PortalConnectionOff(Conflict):
    """This connection was switched off."""

    code = "portal_connection_off"
    mender = Mender.DEVELOPER
    fix = "Ask those who look after the application to switch it on again: only they can."


def shown(house: House, visit: PortalVisit) -> Reply:
    try:
        found = guard.connection(house, visit)
    except NotFound:
        return redirect(HOME, status=303)  # which says what comes first
    return _page(house, visit, found)


def begin(house: House, visit: PortalVisit) -> Reply:
    """In the new tab: to the page that starts it, whose address can be taken to another browser as well.

    It changes nothing that anybody else may be at work on, and so it saves nothing.
    """
    connection = guard.connection(house, visit)
    test = sign_in_tests.create(house, visit.pass_, connection.id, by=_by(visit))[1]
    return redirect(addresses.of_test(house.base_url, connection.external_key, test.handle), status=303)


def turn_on(house: House, visit: PortalVisit) -> Reply:
    """After a good test of the present set-up, or by a decision without one, which is written down."""
    found = guard.connection(house, visit)
    good = sign_in_tests.of_connection(house, visit.pass_, found.id).good is not None
    works = found.state is ConnectionState.ACTIVE
    if _is_off(visit, found):
        return _page(house, visit, found, refusal=PortalConnectionOff())
    if not (works or good or visit.sent.get("untested") == "yes"):
        return _page(house, visit, found, refusal=UntestedConnection())
    try:
        guard.save(house, visit, visit.progress.reaching(Step.DONE))
    except PortalProgressStale as refusal:
        return _page(house, visit, found, stale=refusal)
    if not works:
        guard.change(
            house,
            visit,
            found,
            "switched_on" if good else "switched_on_untested",
            lambda: sign_in_tests.turn_on(house, visit.pass_, found.id, by=_by(visit), untested=not good),
        )
        contact_mails.ask_finished(house, visit.pass_, visit.link, found.id, language.current())
        for other in _others(house, visit, found):
            if visit.sent.get(f"off.{other.id}") == "yes":
                _switch_off(house, visit, other)
    done.finish(house, visit)
    return redirect(done.DONE, status=303)


def _page(
    house: House,
    visit: PortalVisit,
    found: Connection,
    *,
    refusal: Refusal | None = None,
    stale: PortalProgressStale | None = None,
) -> Reply:
    tests = sign_in_tests.of_connection(house, visit.pass_, found.id)
    rows = [_row(house, test) for test in tests.newest]
    newest = tests.newest[0] if tests.newest else None
    others = [] if found.state is ConnectionState.ACTIVE else _others(house, visit, found)
    return guard.render(
        house,
        visit,
        "portal_test.html",
        place="test",
        status=422 if refusal else 200,
        stale=stale,
        refusal=refusal,
        product=guard.product(visit, found),
        can_test=sign_in_tests.is_testable(found),
        rows=rows,
        newest=rows[0] if rows else None,
        result=test_results.shown(newest, found.type) if newest else None,
        not_assigned=trace_remedy.not_assigned(found.type, _),
        good=tests.good is not None,
        works=found.state is ConnectionState.ACTIVE,
        is_off=_is_off(visit, found),
        can_turn_on=found.state in _CAN and not _is_off(visit, found),
        others=[(other.id, other.name, not visit.sent or f"off.{other.id}" in visit.sent) for other in others],
        untested=visit.sent.get("untested") == "yes",
        back=places.before(visit.intent, "test"),
    )


def _is_off(visit: PortalVisit, found: Connection) -> bool:
    """Switched off by those who look after the application; and not one that waits here to be switched on at all."""
    being_set_up = visit.progress.connection_id == found.id and visit.progress.step is not Step.DONE
    return found.state is ConnectionState.INACTIVE and not being_set_up


def _others(house: House, visit: PortalVisit, found: Connection) -> list[Connection]:
    """Through which people of the organization sign in until now."""
    page = connections.page(
        house,
        visit.pass_,
        Window(limit=20),
        connection_type=None,
        organization_id=visit.organization.id,
        domain=None,
        search=None,
    )
    live = [seen.connection for seen in page.items if seen.connection.state.admits_logins]
    return [each for each in live if each.id != found.id and not isinstance(each.config, MagicLinkConfig)]


def _switch_off(house: House, visit: PortalVisit, other: Connection) -> None:
    guard.change(
        house, visit, other, "switched_off", lambda: connection_life.switch(house, visit.pass_, other.id, "off")
    )


def _row(house: House, test: SignInTest) -> dict[str, Any]:
    now, outcome = house.now(), test.outcome
    return {
        "state": test.state(now),
        "silent": test.is_silent(now),
        "created_at": test.created_at,
        "who": str(outcome.profile.get("email") or outcome.subject or "") if outcome else "",
        "trouble": outcome.problem.message if outcome and outcome.problem else "",
    }


def _by(visit: PortalVisit) -> str:
    return visit.by or visit.link.id


PAGES = (
    PortalPage(method="GET", path=TEST, summary="Testing the sign-in", intents=_SSO, show=shown),
    PortalPage(method="POST", path=TEST, summary="Test a sign-in", intents=_SSO, show=begin),
    PortalPage(
        method="POST", path=f"{TEST}/turn-on", summary="Turn single sign-on on", intents=_SSO, show=turn_on, aside=True
    ),
)
