"""The team under pressure: many at once get no more tries, no second account, and no house without an administrator."""

from __future__ import annotations

from base64 import b32decode
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from latchstring.flows import operator_sessions, operators, second_factors
from latchstring.flows.operators import Newcomer
from latchstring.flows.story import Visitor
from latchstring.model.operator import Role
from latchstring.model.refusal import Refusal
from latchstring.protocols import totp
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


def test_web_11_a_code_that_many_show_at_once_is_taken_once(rig: Rig) -> None:
    ann, visitor = hire(rig), Visitor("192.0.2.1")
    first = operator_sessions.current(rig.house, operator_sessions.begin(rig.house, ann, visitor).reveal())
    second_factors.begin_totp(rig.house, ann)
    waiting = second_factors.set_up(rig.house, ann)
    assert waiting is not None
    secret = b32decode(waiting.secret.reveal())

    def code() -> str:
        return HOTP(secret, 6, SHA1()).generate(totp.step_of(rig.clock.now())).decode()  # noqa: S303 - RFC 6238's own

    second_factors.prove_totp(rig.house, first, code())
    rig.clock.forward(seconds=30)

    def half() -> str:
        found = operator_sessions.sign_in(rig.house, email=ann.email, password=PASSWORD, visitor=visitor)
        assert isinstance(found, operator_sessions.SecondFactorWanted)
        return found.half.reveal()

    def show(begun: str) -> Callable[[], object]:
        return lambda: second_factors.finish(rig.house, begun, code(), visitor)

    found = outcomes(*[show(half()) for _ in range(4)])
    assert found == {"done": 1, "operator_code_wrong": 3}
    rig.clock.forward(seconds=30)
    same = half()
    assert outcomes(show(same), show(same))["done"] == 1


def test_a_session_confirmed_twice_at_once_goes_on_once(rig: Rig) -> None:
    ann = hire(rig)
    visitor = Visitor("192.0.2.1")
    secret = operator_sessions.begin(rig.house, ann, visitor).reveal()

    def confirm() -> None:
        operator_sessions.confirm(rig.house, secret, PASSWORD, visitor)

    assert outcomes(confirm, confirm) == {"done": 1, "operator_session_over": 1}
