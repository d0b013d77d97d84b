"""The team under pressure: many at once get no more tries, no second account, and no house without an administrator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from latchstring.flows import operator_sessions, operators
from latchstring.flows.operators import Newcomer
from latchstring.flows.story import Visitor
from latchstring.model.operator import Role
from latchstring.model.refusal import Refusal
from tests.house_for_tests import Rig
from tests.operators_for_tests import PASSWORD, hire

AT_ONCE = 8  # as many as may hash at once


def outcomes(*acts: Callable[[], object]) -> Counter[str]:
    """What came of acts that all began at the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait(20)
        try:
            act()
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def test_web_10_many_tries_at_once_are_five(rig: Rig) -> None:
    ann = hire(rig)

    def one_try() -> None:
        operator_sessions.sign_in(rig.house, email=ann.email, password="wrong password", visitor=Visitor("192.0.2.1"))

    found = outcomes(*[one_try] * AT_ONCE)
    assert found == {"operator_password_wrong": 5, "operator_tried_too_often": AT_ONCE - 5}


def test_web_11_a_link_that_several_follow_at_once_makes_one_account(rig: Rig) -> None:
    token = operators.front_link(rig.house).reveal().partition("link=")[2]

    def come(number: int) -> Callable[[], object]:
        newcomer = Newcomer(email=f"person{number}@example.com", name="Somebody", password=PASSWORD)
        return lambda: operators.accept(rig.house, token, newcomer)

    assert outcomes(*map(come, range(AT_ONCE))) == {"done": 1, "operator_link_over": AT_ONCE - 1}
    assert len(operators.every(rig.house)) == 1


def test_administrators_who_lock_each_other_out_at_once_leave_one(rig: Rig) -> None:
    ann = hire(rig, Role.ADMIN, "ann@example.com")
    first = operators.named(rig.house, "first@example.com")
    found = outcomes(
        lambda: operators.disable(rig.house, ann.id), lambda: operators.set_role(rig.house, first.id, Role.SUPPORT)
    )
    assert found == {"done": 1, "last_administrator": 1}


def test_a_session_confirmed_twice_at_once_goes_on_once(rig: Rig) -> None:
    ann = hire(rig)
    visitor = Visitor("192.0.2.1")
    secret = operator_sessions.begin(rig.house, ann, visitor).reveal()

    def confirm() -> None:
        operator_sessions.confirm(rig.house, secret, PASSWORD, visitor)

    assert outcomes(confirm, confirm) == {"done": 1, "operator_session_over": 1}
