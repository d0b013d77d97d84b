"""Sign-ins are found by an index and walked in its order, however many there are; and only those of one environment."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from datetime import timedelta

import msgspec
import pytest

from latchstring.model import ids
from latchstring.model.answer import Answer
from latchstring.model.attempt import AttemptState, LoginAttempt, Step
from latchstring.model.environment import TrustedRedirect
from latchstring.model.sign_in import Outcome, Wanted
from latchstring.storage import attempts, sign_in_answers, sign_ins
from latchstring.storage.paging import Window
from latchstring.storage.vault import VaultKeyUnknown
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT
from tests.storage.test_once import furnished

__all__ = ["furnished"]  # a fixture

_RANGE = {"id >= :since": "id>?", "id < :until": "id<?", "id < :cursor": "id<?", "id > :cursor": "id>?"}


def plan(twins: Twins, asked: tuple[str, ...], rest: tuple[str, ...], direction: str = "DESC") -> list[str]:
    text = sign_ins.listing(asked, rest, direction).text
    values = dict.fromkeys(
        ("environment_id", "email", "refusal", "connection_id", "organization_id", "since", "until", "cursor", "count"),
        "1",
    )
    with closing(sqlite3.connect(twins.path)) as connection:
        return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ((), "sqlite_autoindex_attempts_1"),
        (("email",), "ix_attempts_by_email"),
        (("refusal",), "ix_attempts_by_refusal"),
        (("connection_id",), "ix_attempts_environment_id_connection_id_id"),
        (("refused",), "ix_attempts_refused"),
        (("email", "connection_id", "refused"), "ix_attempts_by_email"),
        (("refusal", "connection_id"), "ix_attempts_by_refusal"),
        (("connection_id", "refused"), "ix_attempts_environment_id_connection_id_id"),
        (("unconnected",), "ix_attempts_unconnected"),
        (("unconnected", "email", "refusal"), "ix_attempts_unconnected"),
    ],
)
@pytest.mark.parametrize("rest", [(), ("id < :cursor",), ("id >= :since", "id < :until"), ("id > :cursor",)])
def test_every_list_is_read_from_one_index_in_its_order(
    twins: Twins, asked: tuple[str, ...], index: str, rest: tuple[str, ...]
) -> None:
    first, *others = plan(twins, asked, rest, "ASC" if "id > :cursor" in rest else "DESC")
    assert first.startswith("SEARCH attempts USING") and f" {index} " in first, first
    assert all(_RANGE[one] in first for one in rest), first
    assert not [one for one in others if "TEMP B-TREE" in one or "SCAN" in one], others


def test_the_open_ones_are_few_and_so_they_are_sorted(twins: Twins) -> None:
    first, *_ = plan(twins, ("open",), ())
    assert "ix_attempts_environment_id_state_expires_at" in first


def made(number: int, **changed: object) -> LoginAttempt:
    now = NOW + timedelta(minutes=number)
    attempt = LoginAttempt(
        id=ids.new(ids.ATTEMPT, now, bytes(10)),
        handle=f"{number:032x}",
        connection_id="conn_twin",
        organization_id="org_twin",
        state=AttemptState.AWAY,
        redirect_uri=TrustedRedirect("https://app.example.com/callback"),
        app_state=None,
        code_challenge=None,
        browser_hash=b"b",
        nonce=None,
        code_verifier=None,
        steps=(Step(name="begun", at=now),),
        created_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    return msgspec.structs.replace(attempt, **changed)


@pytest.fixture
def fifty(furnished: Twins) -> Twins:
    """Of each ten: five good, three refused, two open."""
    with furnished.database.write(furnished.a) as scope:
        for number in range(50):
            attempt = made(number)
            attempts.add(scope, attempt)
            now = attempt.created_at + timedelta(seconds=9)
            if number % 10 < 5:
                step = Step(name="granted", at=now)
                attempts.take_steps(scope, attempt, step, email=f"Person{number % 2}@acme.example")
            elif number % 10 < 8:
                code = ("audience_mismatch", "certificate_unknown")[number % 2]
                attempts.take_steps(scope, attempt, Step(name="refused", at=now), refusal=code)
    return furnished


def walked(twins: Twins, wanted: Wanted) -> tuple[list[str], list[str]]:
    """All ids, from the newest to the oldest, and back."""
    there: list[str] = []
    back: list[str] = []
    with twins.database.read(twins.a) as scope:
        page = sign_ins.page(scope, Window(limit=4), wanted)
        there += [one.id for one in page.items]
        assert page.before is None
        while page.after is not None:
            page = sign_ins.page(scope, Window(limit=4, after=page.after), wanted)
            there += [one.id for one in page.items]
        back += [one.id for one in reversed(page.items)]
        while page.before is not None:
            page = sign_ins.page(scope, Window(limit=4, before=page.before), wanted)
            back += [one.id for one in reversed(page.items)]
    return there, back


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(), 50),
        (Wanted(outcome=Outcome.GOOD), 25),
        (Wanted(outcome=Outcome.REFUSED), 15),
        (Wanted(outcome=Outcome.OPEN), 10),
        (Wanted(email="PERSON1@acme.example"), 10),
        (Wanted(refusal="audience_mismatch", connection_id="conn_twin"), 5),
        (Wanted(organization_id="org_twin", outcome=Outcome.REFUSED), 15),
        (Wanted(organization_id="org_twin", connection_id="conn_twin"), 50),
        (Wanted(organization_id="org_other"), 0),
        (Wanted(connection_id="conn_other"), 0),
        (Wanted(since=NOW + timedelta(minutes=10), until=NOW + timedelta(minutes=13)), 3),
    ],
)
def test_a_list_is_walked_to_its_end_and_back(fifty: Twins, wanted: Wanted, count: int) -> None:
    there, back = walked(fifty, wanted)
    assert there == sorted(there, reverse=True)
    assert len(there) == len(set(there)) == count
    assert back == list(reversed(there))
    with fifty.database.read(fifty.b) as scope:
        assert sign_ins.page(scope, Window(), wanted).items == ()


def test_a_sign_in_of_one_environment_is_nothing_to_its_twin(furnished: Twins) -> None:
    attempt = made(1)
    for pass_ in (furnished.a, furnished.b):  # the same id in both
        with furnished.database.write(pass_) as scope:
            attempts.add(scope, attempt)
            sign_in_answers.keep(scope, VAULT, attempt.id, Answer(document=pass_.environment_id.encode()))
    for pass_ in (furnished.a, furnished.b):
        with furnished.database.read(pass_) as scope:
            found = sign_in_answers.get(scope, VAULT, attempt.id)
            assert found is not None and found.document == pass_.environment_id.encode()
    with furnished.database.write(furnished.a) as scope:
        assert sign_in_answers.forget_all(scope, 10) == 1
        assert attempts.forget(scope, AttemptState.AWAY, NOW + timedelta(days=1), 10) == 1
        assert sign_ins.get(scope, attempt.id) is None
    with furnished.database.read(furnished.b) as scope:
        assert sign_ins.get(scope, attempt.id) is not None
        assert sign_in_answers.get(scope, VAULT, attempt.id) is not None


def test_a_sealed_answer_that_was_moved_to_another_sign_in_is_not_opened(furnished: Twins) -> None:
    with furnished.database.write(furnished.a) as scope:
        for number in (1, 2):
            attempts.add(scope, made(number))
        sign_in_answers.keep(scope, VAULT, made(1).id, Answer(document=b"one"))
    with closing(sqlite3.connect(furnished.path)) as connection:
        connection.execute("UPDATE sign_in_answers SET attempt_id = ?", [made(2).id])
        connection.commit()
    with furnished.database.read(furnished.a) as scope, pytest.raises(VaultKeyUnknown):
        sign_in_answers.get(scope, VAULT, made(2).id)


def test_a_reference_is_read_as_people_write_it() -> None:
    id_ = ids.new(ids.ATTEMPT, NOW, bytes(8) + b"\x12\x34")
    reference = ids.reference(id_)
    for spelt in (reference, reference.lower(), reference.replace("-", ""), f" {reference.replace('0', 'o')} "):
        span = ids.of_reference(ids.ATTEMPT, spelt, NOW + timedelta(days=300))
        assert span is not None and span[0] <= id_ < span[1] and id_.endswith(span[2])
    for none in ("", "K7Q-2MD", "response.xml", reference + "X", "UUUUU-UUUUU"):
        assert ids.of_reference(ids.ATTEMPT, none, NOW) is None


def test_the_ids_that_are_bounds_of_a_moment_lie_on_its_two_sides() -> None:
    moments = [NOW + timedelta(milliseconds=number) for number in range(3)]
    made_then = [ids.new(ids.ATTEMPT, moment, b"\xff" * 10) for moment in moments]
    for (moment, _), (other, id_) in itertools.product(zip(moments, made_then, strict=True), repeat=2):
        assert (ids.first(ids.ATTEMPT, moment) <= id_) is (moment <= other)
