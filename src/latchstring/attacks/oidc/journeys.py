"""The attacks that are more than one bent sign-in: other browsers, other connections, answers used twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import unquote

import msgspec

from latchstring.attacks.browser import Browser, Line, verdict
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.stage import Departed, Door, Scene
from latchstring.attacks.oidc.values import Behaviour, Token
from latchstring.attacks.outcome import Verdict

Journey = Callable[[Scene, Row], Verdict]

_AT_ONCE = 6
_IN_A_ROW = 5
_LOSERS = frozenset({"attempt_already_used", "assertion_replayed"})  # which one, is a matter of microseconds


def set_up(scene: Scene, row: Row) -> Verdict:
    """An IT admin names the hostile provider: it is accepted if the connection is made."""
    answer = scene.set_up(row.behaviour, row.options)
    said = answer.json if isinstance(answer.json, dict) else {}
    return Verdict(accepted=answer.status == 201, code=said.get("code"), status=answer.status)


def in_another_browser(scene: Scene, row: Row) -> Verdict:
    """The attacker's answer opens in the browser of a victim, who has a sign-in of their own under way."""
    door, attacker, victim = _two_begin(scene, row)
    return scene.arrive(door, Departed(browser=victim.browser, fields=attacker.fields))


def in_a_fresh_browser(scene: Scene, row: Row) -> Verdict:
    """The attacker's answer opens in a browser that never began anything."""
    door = scene.connect(row.behaviour, row.options)
    attacker = _departed(scene, door)
    return scene.arrive(door, Departed(browser=scene.browser(), fields=attacker.fields))


def twice(scene: Scene, row: Row) -> Verdict:
    """A good answer, and the same once more by a browser that lost nothing."""
    door = scene.connect(row.behaviour, row.options)
    departed = _departed(scene, door)
    cookies = dict(departed.browser.cookies)
    first = scene.arrive(door, departed)
    if not first.accepted:
        return Verdict(accepted=False, code=f"first: {first.words}", status=first.status)
    departed.browser.cookies.update(cookies)
    return scene.arrive(door, departed)


def at_once(scene: Scene, row: Row) -> Verdict:
    """A good answer, many times in the same moment: one of them may win."""
    door = scene.connect(row.behaviour, row.options)
    departed = _departed(scene, door)

    def arrive(_: int) -> Verdict:
        with closing(Line(scene.stage.target.base_url)) as line:
            browser = Browser(line)
            browser.cookies |= departed.browser.cookies
            return verdict(scene.answer(door, Departed(browser=browser, fields=departed.fields)))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(arrive, range(_AT_ONCE)))
    winners = [each for each in found if each.accepted]
    strange = [each.words for each in found if not each.accepted and each.code not in _LOSERS]
    if len(winners) > 1:
        return winners[0]
    if not winners or strange:
        return Verdict(accepted=False, code=f"{len(winners)} let in, {strange}")
    return Verdict(accepted=False, code="attempt_already_used", status=302)


def after_a_denial(scene: Scene, row: Row) -> Verdict:
    """The person cancels; then somebody comes with a code for the same sign-in."""
    door = scene.connect(row.behaviour, row.options)
    departed = _departed(scene, door)
    cookies = dict(departed.browser.cookies)
    denied = scene.arrive(door, departed.having(code=None, error="access_denied"))
    if denied.code != "provider_denied":
        return Verdict(accepted=denied.accepted, code=f"first: {denied.words}", status=denied.status)
    departed.browser.cookies.update(cookies)
    return scene.arrive(door, departed)


def at_another_connection(scene: Scene, row: Row) -> Verdict:
    """The answer of one connection's provider at the callback of another connection, in the right browser."""
    door, other = scene.connect(row.behaviour, row.options), scene.connect(row.behaviour, row.options)
    departed = _departed(scene, door)
    _departed(scene, other, departed)  # the other one is under way in the same browser as well
    return scene.arrive(other, departed)


def with_the_code_of_another_connection(scene: Scene, row: Row) -> Verdict:
    """Mix-up: the code of one provider, with the state of a sign-in at another one."""
    door, other = scene.connect(row.behaviour, row.options), scene.connect(row.behaviour, row.options)
    departed = _departed(scene, door)
    elsewhere = _departed(scene, other, departed)
    return scene.arrive(other, elsewhere.having(code=dict(departed.fields)["code"]))


def with_the_code_of_another_attempt(scene: Scene, row: Row) -> Verdict:
    """Code injection (RFC 9700, 4.5): a code stolen from one sign-in, put into another at the same provider."""
    door, stolen, own = _two_begin(scene, row)
    return scene.arrive(door, own.having(code=dict(stolen.fields)["code"]))


def after_the_connection_was_switched_off(scene: Scene, row: Row) -> Verdict:
    """An administrator closes the connection while the person is at the provider."""
    door = scene.connect(row.behaviour, row.options)
    departed = _departed(scene, door)
    scene.stage.switch_off(door.connection_id)
    return scene.arrive(door, departed)


def again_and_again(scene: Scene, row: Row) -> Verdict:
    """Five sign-ins in a row at one connection; what came of the last."""
    door = scene.connect(row.behaviour, row.options)
    return [scene.arrive(door, _departed(scene, door)) for _ in range(_IN_A_ROW)][-1]


def two_people(second: str) -> Journey:
    """The provider's subject, and then another one with this name, who must be somebody else."""

    def journey(scene: Scene, row: Row) -> Verdict:
        door = scene.connect(row.behaviour, row.options)
        first = scene.arrive(door, _departed(scene, door))
        door.tenant.behaviour = Behaviour(token=Token(claims={"sub": second}), userinfo={"sub": second})
        return _somebody_else(first, scene.arrive(door, _departed(scene, door)))

    return journey


def at_two_connections(scene: Scene, row: Row) -> Verdict:
    """The same subject at two connections, which are two customers' for all we know."""
    doors = [scene.connect(row.behaviour, row.options) for _ in range(2)]
    return _somebody_else(*(scene.arrive(door, _departed(scene, door)) for door in doors))


def without_an_echo(marks: str) -> Journey:
    """One sign-in, of whose answer nothing that contains `marks` may come back."""

    def journey(scene: Scene, row: Row) -> Verdict:
        door = scene.connect(row.behaviour, row.options)
        answer = scene.answer(door, _departed(scene, door))
        echo = marks in unquote(answer.location or "") or marks in answer.body.decode("utf-8", "replace")
        return Verdict(accepted=False, code="echoed", status=answer.status) if echo else verdict(answer)

    return journey


def _somebody_else(first: Verdict, second: Verdict) -> Verdict:
    if not first.accepted:
        return first
    if (first.profile or {}).get("id") == (second.profile or {}).get("id"):
        return msgspec.structs.replace(second, note="taken for one and the same person")
    return second


def _two_begin(scene: Scene, row: Row) -> tuple[Door, Departed, Departed]:
    door = scene.connect(row.behaviour, row.options)
    return door, _departed(scene, door), _departed(scene, door)


def _departed(scene: Scene, door: Door, beside: Departed | None = None) -> Departed:
    """In a browser of its own, or in the one that another sign-in began in."""
    return scene.departed(door, beside.browser if beside else scene.browser())
