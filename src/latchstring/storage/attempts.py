"""Rows of sign-ins, and the messages of identity providers that were used already."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from latchstring.model import ids
from latchstring.model.attempt import AttemptState, LoginAttempt, Step, advance
from latchstring.model.environment import TrustedRedirect
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, to_ms

COLUMNS = (
    "id, handle, connection_id, organization_id, state, redirect_uri, app_state, code_challenge, browser_hash, "
    "nonce, code_verifier, steps, created_at, expires_at"
)
_INSERT = insert("attempts", COLUMNS + ", email, refusal")
_GET = select(COLUMNS, "attempts", "id = :id")
_BY_HANDLE = select(COLUMNS, "attempts", "handle = :handle")
_UNASKED_REFUSALS = select(
    "id",
    "attempts",
    "connection_id = :connection_id AND id > :since AND state = :refused AND browser_hash = :nobody",
    tail="LIMIT :count",
)
_UNCONNECTED_REFUSALS = select(  # each of them is one: nothing else is without a connection
    "id", "attempts", "connection_id IS NULL AND id > :since", tail="LIMIT :count"
)
_ALIKE = select(
    "id, steps",
    "attempts",
    "refusal = :refusal AND id > :since AND coalesce(connection_id, '') = :connection_id",
    tail="ORDER BY id DESC LIMIT :count",
)
_RECENT = select(COLUMNS, "attempts", tail="ORDER BY created_at DESC, id DESC LIMIT :count")
_OUTCOMES = select(
    "state, (created_at - :start) / 86400000, count(*), max(created_at)",
    "attempts",
    "id IN (SELECT id FROM attempts WHERE environment_id = :environment_id AND connection_id = :connection_id "
    "AND id > :since AND NOT EXISTS (SELECT 1 FROM sign_in_tests WHERE sign_in_tests.environment_id = :environment_id "
    "AND sign_in_tests.id = attempts.id) ORDER BY id DESC LIMIT :count)",
    tail="GROUP BY 1, 2",
)
_BY_CERTIFICATE = select(
    "certificate, count(*), max(created_at)",
    "attempts",
    "id IN (SELECT id FROM attempts WHERE environment_id = :environment_id AND connection_id = :connection_id "
    "AND id > :since ORDER BY id DESC LIMIT :count) AND certificate IS NOT NULL",
    tail="GROUP BY certificate",
)
_ADVANCE = update("attempts", "state = :state, steps = :steps", "id = :id AND state = :before")
_ADVANCE_KNOWN = update(  # apart, so that the indexes are touched once only
    "attempts",
    "state = :state, steps = :steps, email = coalesce(:email, email), refusal = :refusal, "
    "certificate = coalesce(:certificate, certificate)",
    "id = :id AND state = :before",
)
_INSERT_USED = insert("used_messages", "connection_id, message_hash, forget_at", tail="ON CONFLICT DO NOTHING")
_OVERDUE = select(COLUMNS, "attempts", "state = :state AND expires_at <= :now", tail="ORDER BY expires_at LIMIT :count")
_FORGET = delete(
    "attempts",
    "id IN (SELECT id FROM attempts WHERE environment_id = :environment_id AND state = :state "
    "AND expires_at < :before LIMIT :count)",
)
_FORGET_USED = delete(
    "used_messages",
    "(connection_id, message_hash) IN (SELECT connection_id, message_hash FROM used_messages "
    "WHERE environment_id = :environment_id AND forget_at < :now LIMIT :count)",
)


class Outcome(msgspec.Struct, frozen=True):
    """Sign-ins of one day that stand in one state."""

    state: AttemptState
    day: int  # the first one is 0, and begins at `since`
    count: int
    newest: datetime


class Vouched(msgspec.Struct, frozen=True):
    """Good sign-ins for which one certificate vouched."""

    fingerprint: str
    count: int
    newest: datetime


_steps_decoder = msgspec.json.Decoder(tuple[Step, ...])


def add(scope: WritingScope, attempt: LoginAttempt, *, refusal: str | None = None) -> None:
    scope.change(
        _INSERT,
        id=attempt.id,
        handle=attempt.handle,
        connection_id=attempt.connection_id,
        organization_id=attempt.organization_id,
        state=attempt.state.value,
        redirect_uri=attempt.redirect_uri,
        app_state=attempt.app_state,
        code_challenge=attempt.code_challenge,
        browser_hash=attempt.browser_hash,
        nonce=attempt.nonce,
        code_verifier=attempt.code_verifier,
        steps=msgspec.json.encode(attempt.steps).decode(),
        created_at=to_ms(attempt.created_at),
        expires_at=to_ms(attempt.expires_at),
        email=None,
        refusal=refusal,
    )


def get(scope: Scope, attempt_id: str) -> LoginAttempt | None:
    row = scope.one(_GET, id=attempt_id)
    return of_row(row) if row else None


def by_handle(scope: Scope, handle: str) -> LoginAttempt | None:
    row = scope.one(_BY_HANDLE, handle=handle)
    return of_row(row) if row else None


def recent(scope: Scope, count: int) -> list[LoginAttempt]:
    return [of_row(row) for row in scope.all(_RECENT, count=count)]


def outcomes(scope: Scope, connection_id: str, *, since: datetime, at_most: int) -> list[Outcome]:
    """The connection's sign-ins since then by day and state, the newest `at_most` of them; tests are none."""
    rows = scope.all(_OUTCOMES, connection_id=connection_id, since=_id_after(since), start=to_ms(since), count=at_most)
    return [Outcome(AttemptState(state), day, count, from_ms(newest)) for state, day, count, newest in rows]


def by_certificate(scope: Scope, connection_id: str, *, since: datetime, at_most: int) -> list[Vouched]:
    """Of the connection's newest `at_most` sign-ins since then, those that are good and SAML, by certificate."""
    rows = scope.all(_BY_CERTIFICATE, connection_id=connection_id, since=_id_after(since), count=at_most)
    return [Vouched(str(fingerprint), int(count), from_ms(newest)) for fingerprint, count, newest in rows]


def unasked_refusals(scope: Scope, connection_id: str | None, since: datetime, at_most: int) -> int:
    """How many of the connection's sign-ins since then ended refused without a browser of ours; counted that far.

    None: of those whose connection is not known.
    """
    if connection_id is None:
        return len(list(scope.all(_UNCONNECTED_REFUSALS, since=_id_after(since), count=at_most)))
    rows = scope.all(
        _UNASKED_REFUSALS,
        connection_id=connection_id,
        since=_id_after(since),
        refused=AttemptState.REFUSED.value,
        nobody=b"",
        count=at_most,
    )
    return len(list(rows))


def refused_alike(
    scope: Scope, connection_id: str | None, since: datetime, refusal: str, at_most: int
) -> list[tuple[str, tuple[Step, ...]]]:
    """Ids and steps of those since then that were refused with this code, the newest first."""
    rows = scope.all(_ALIKE, connection_id=connection_id or "", since=_id_after(since), refusal=refusal, count=at_most)
    return [(str(row[0]), _steps_decoder.decode(row[1])) for row in rows]


def take_steps(
    scope: WritingScope,
    attempt: LoginAttempt,
    *steps: Step,
    email: str | None = None,
    refusal: str | None = None,
    certificate: str | None = None,
) -> bool:
    """Append the steps; the last one moves the state. False if somebody moved it before us: then nothing changed.

    `certificate` is the fingerprint of the one that vouched for the answer, and goes with an address alone.
    """
    values: dict[str, str | None] = {
        "id": attempt.id,
        "before": attempt.state.value,
        "state": advance(attempt.state, steps[-1].name).value,
        "steps": msgspec.json.encode(attempt.steps + steps).decode(),
    }
    if email is None and refusal is None:
        return scope.change(_ADVANCE, **values) == 1
    values |= {"email": email and email.lower(), "refusal": refusal, "certificate": certificate}
    return scope.change(_ADVANCE_KNOWN, **values) == 1


def use_message(scope: WritingScope, connection_id: str, message_id: str, *, forget_at: datetime) -> bool:
    """Claim an assertion ID or nonce for ever. False: it was used before (SAML-34)."""
    digest = sha256(message_id.encode()).digest()
    return scope.change(_INSERT_USED, connection_id=connection_id, message_hash=digest, forget_at=to_ms(forget_at)) == 1


def overdue(scope: Scope, state: AttemptState, now: datetime, count: int) -> list[LoginAttempt]:
    """Those in `state` whose time is over, the oldest first."""
    return [of_row(row) for row in scope.all(_OVERDUE, state=state.value, now=to_ms(now), count=count)]


def forget(scope: WritingScope, state: AttemptState, before: datetime, count: int) -> int:
    """Drop up to `count` that ended in `state` and whose time was over before then."""
    return scope.change(_FORGET, state=state.value, before=to_ms(before), count=count)


def forget_used_messages(scope: WritingScope, now: datetime, count: int) -> int:
    """Drop up to `count` that could not be accepted any more by their own dates."""
    return scope.change(_FORGET_USED, now=to_ms(now), count=count)


def _id_after(moment: datetime) -> str:
    """Smaller than the ids of those that began later, and of no others: ids are made in the order of time."""
    return ids.first(ids.ATTEMPT, moment + timedelta(milliseconds=1))


def of_row(row: Row) -> LoginAttempt:
    """Of a row of `COLUMNS`."""
    (
        id_,
        handle,
        connection_id,
        organization_id,
        state,
        redirect_uri,
        app_state,
        code_challenge,
        browser_hash,
        nonce,
        code_verifier,
        steps,
        created,
        expires,
    ) = row
    return LoginAttempt(
        id=id_,
        handle=handle,
        connection_id=connection_id,
        organization_id=organization_id,
        state=AttemptState(state),
        redirect_uri=TrustedRedirect(redirect_uri),
        app_state=app_state,
        code_challenge=code_challenge,
        browser_hash=browser_hash,
        nonce=nonce,
        code_verifier=code_verifier,
        steps=_steps_decoder.decode(steps),
        created_at=from_ms(created),
        expires_at=from_ms(expires),
    )
