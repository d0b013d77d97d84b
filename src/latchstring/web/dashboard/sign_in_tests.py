"""/dashboard/{environment}/connections/{id}/test: testing the sign-in of a connection, its results, and turning it on.

The form opens the test in a tab of its own; this page waits for it, and follows by itself where scripts may run.
"""

from __future__ import annotations

from typing import Any

from latchstring.flows import sign_in_tests
from latchstring.flows.house import House
from latchstring.flows.sign_in_tests import UntestedConnection
from latchstring.model import addresses
from latchstring.model.connection import ConnectionState
from latchstring.model.operator import Role
from latchstring.model.sign_in_test import SignInTest
from latchstring.web.dashboard import browser, connection_frame
from latchstring.web.dashboard.connection_frame import CONNECTION
from latchstring.web.dashboard.guard import HOME, Page, Visit
from latchstring.web.kit import masks, test_results
from latchstring.web.kit.message import Reply, redirect

TEST = f"{CONNECTION}/test"


def tab(house: House, visit: Visit) -> Reply:
    return _tab(house, visit)


def begin(house: House, visit: Visit) -> Reply:
    """In the new tab: to the page that starts it, whose address can be taken to another browser as well."""
    connection, test = sign_in_tests.create(house, visit.pass_, visit.params["id"], by=visit.operator.email)
    return redirect(addresses.of_test(house.base_url, connection.external_key, test.handle))


def result(house: House, visit: Visit) -> Reply:
    found = connection_frame.seen(house, visit)
    connection, test = sign_in_tests.get(house, visit.pass_, visit.params["id"], visit.params["test"])
    return connection_frame.render(
        house,
        visit,
        "dashboard_sign_in_test.html",
        found=found,
        tab="test",
        row=_row(house, visit, test),
        result=test_results.shown(test, connection.type, values=_sees_values(visit)),
    )


def turn_on(house: House, visit: Visit) -> Reply:
    untested = browser.form(visit.inbound).get("untested") == "yes"
    try:
        sign_in_tests.turn_on(house, visit.pass_, visit.params["id"], by=visit.operator.email, untested=untested)
    except UntestedConnection as refusal:
        return _tab(house, visit, refusal=refusal)
    return redirect(connection_frame.address(visit, visit.params["id"]))


def _tab(house: House, visit: Visit, *, refusal: UntestedConnection | None = None) -> Reply:
    found = connection_frame.seen(house, visit)
    tests = sign_in_tests.of_connection(house, visit.pass_, visit.params["id"])
    rows = [_row(house, visit, test) for test in tests.newest]
    newest = tests.newest[0] if tests.newest else None
    state = tests.connection.state
    return connection_frame.render(
        house,
        visit,
        "dashboard_sign_in_tests.html",
        status=422 if refusal else 200,
        found=found,
        tab="test",
        can_test=sign_in_tests.is_testable(tests.connection),
        rows=rows,
        newest=rows[0] if rows else None,
        result=test_results.shown(newest, tests.connection.type, values=_sees_values(visit)) if newest else None,
        good=tests.good is not None,
        can_turn_on=state in (ConnectionState.VALIDATING, ConnectionState.INACTIVE),
        refusal=refusal,
    )


def _row(house: House, visit: Visit, test: SignInTest) -> dict[str, Any]:
    now = house.now()
    outcome = test.outcome
    who = str(outcome.profile.get("email") or outcome.subject or "") if outcome else ""
    if not _sees_values(visit):
        who = masks.email(who) if "@" in who else masks.word(who)
    return {
        "id": test.id,
        "state": test.state(now),
        "silent": test.is_silent(now),
        "created_at": test.created_at,
        "made_by": test.made_by,
        "who": who,
        "code": outcome.problem.code if outcome and outcome.problem else "",
        "path": connection_frame.address(visit, test.connection_id, f"/test/{test.id}"),
        "trace_url": f"{HOME}/{visit.pass_.environment_id}/sign-ins/{test.id}" if test.begun_at else None,
    }


def _sees_values(visit: Visit) -> bool:
    """What was said of the person, as in the traces (WEB-14)."""
    return visit.operator.role.may(Role.DEVELOPER)


PAGES = (
    Page(method="GET", path=TEST, summary="Testing the sign-in of a connection", least=Role.SUPPORT, show=tab),
    Page(method="POST", path=TEST, summary="Test a sign-in", least=Role.DEVELOPER, show=begin, back=TEST),
    Page(
        method="POST",
        path=f"{TEST}/turn-on",
        summary="Turn a connection on",
        least=Role.DEVELOPER,
        show=turn_on,
        back=TEST,
    ),
    Page(method="GET", path=f"{TEST}/{{test}}", summary="The result of a test", least=Role.SUPPORT, show=result),
)
