"""Argon2id: what a hash is, what it takes, and that the event loop never waits for it."""

from __future__ import annotations

import threading

import pytest

from latchstring.effects import randomness
from latchstring.effects.outbound import WouldBlock
from latchstring.effects.passwords import Argon2, Cost
from latchstring.model.refusal import Unavailable

CHEAP = Cost(memory_kib=64, passes=1)


def desk(cost: Cost | None = CHEAP, *, blocks: bool = False, at_once: int = 8) -> Argon2:
    return Argon2(would_block=lambda: blocks, chance=randomness.bytes_, cost=cost, at_once=at_once)


def test_web_11_a_password_is_kept_as_argon2id_with_what_owasp_asks_for() -> None:
    hashed = desk(None)().hash("violet harbour tango nine")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert desk()().fits("violet harbour tango nine", hashed)  # a hash names its own cost, whatever is used today


def test_web_11_each_hash_has_a_salt_of_its_own() -> None:
    assert desk().hash("violet harbour tango nine") != desk().hash("violet harbour tango nine")


@pytest.mark.parametrize(
    "typed", ["violet harbour tango nin", "Violet harbour tango nine", "", "x" * 100_000, "\ud800"]
)
def test_web_11_only_the_password_fits(typed: str) -> None:
    assert not desk().fits(typed, desk().hash("violet harbour tango nine"))


def test_the_same_letters_from_another_keyboard_fit() -> None:
    assert desk().fits("pa\u0308sse und ta\u0308ler", desk().hash("p\u00e4sse und t\u00e4ler"))


def test_web_11_nobodys_password_is_checked_as_well_and_never_fits() -> None:
    assert not desk().fits("violet harbour tango nine", None)


def test_the_event_loop_is_never_kept() -> None:
    with pytest.raises(WouldBlock):
        desk(blocks=True)()


def test_a_flood_of_passwords_is_turned_away() -> None:
    """One at a time here: while it is under way, and it hangs in its chance, the next one is told to come back."""
    inside, go_on = threading.Event(), threading.Event()

    def slow_chance(count: int) -> bytes:
        inside.set()
        go_on.wait(10)
        return randomness.bytes_(count)

    slow = Argon2(would_block=lambda: False, chance=slow_chance, cost=CHEAP, at_once=1)
    worker = threading.Thread(target=slow.hash, args=("violet harbour tango nine",))
    worker.start()
    assert inside.wait(10)
    with pytest.raises(Unavailable):
        slow.hash("another one of them")
    go_on.set()
    worker.join()
    assert slow.hash("another one of them")
