"""How often somebody may try a password or a code: five times, then a pause that doubles (WEB-10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from latchstring.flows.house import House
from latchstring.flows.story import Visitor
from latchstring.model.audit import Change
from latchstring.model.operator import Operator, Tries
from latchstring.model.refusal import Mender, Throttled
from latchstring.storage import operator_sessions as rows
from latchstring.storage import operators
from latchstring.storage.database import HouseScope

# WEB-10, for one account from one address: five tries in a quarter of an hour, then a pause that doubles each time.
WINDOW = timedelta(minutes=15)
TRIES = 5
LONGEST_PAUSE = timedelta(hours=24)


class TriedTooOften(Throttled):
    """Too many tries. Try again in {retry_after} seconds."""

    code = "operator_tried_too_often"
    mender = Mender.USER
    fix = "Wait. The next pause will be twice as long."


def key_of(email: str, visitor: Visitor) -> bytes:
    return sha256(f"{operators.email_key(email)}\n{visitor.ip_address}".encode("utf-8", "surrogatepass")).digest()


def key_of_codes(operator: Operator) -> bytes:
    """Wherever they come from: whoever tries codes knows the password already, and may have many addresses."""
    return sha256(f"code\n{operator.id}".encode()).digest()


def forgive(house: HouseScope, key: bytes) -> None:
    rows.forgive(house, key)


def claim(house: House, key: bytes, email: str) -> None:
    """Counted before the password or code is looked at, so that a hundred at once are five. Raises `TriedTooOften`."""
    now = house.now()
    with house.database.write_house() as whole:
        before = rows.tries(whole, key)
        if before is not None and before.blocked_until is not None and now < before.blocked_until:
            wait = before.blocked_until - now
            raise TriedTooOften(retry_after=max(1, -(-int(wait.total_seconds() * 1000) // 1000)))
        counted = _counted(before, now)
        rows.keep_tries(whole, key, counted)
        if counted.blocked_until is not None:
            found = operators.named(whole, email)  # what was typed may be anything, a password too: it is not kept
            who = ("operator", found.id, found.email) if found else ("operator", None, None)
            until = Change("blocked_until", None, counted.blocked_until)
            whole.note("operator.sign_in_paused", who, [until])


def _counted(before: Tries | None, now: datetime) -> Tries:
    """One try more. The fifth is let through, and the pause begins with it: whoever was right is forgiven."""
    if before is None or now - before.last_at >= LONGEST_PAUSE:
        return Tries(tries=1, began_at=now, last_at=now)
    paused = before.blocked_until is not None
    if paused or now - before.began_at >= WINDOW:
        return Tries(tries=1, rounds=before.rounds, began_at=now, last_at=now)
    tries = before.tries + 1
    if tries < TRIES:
        return Tries(tries=tries, rounds=before.rounds, began_at=before.began_at, last_at=now)
    pause = min(WINDOW * 2**before.rounds, LONGEST_PAUSE)
    return Tries(
        tries=tries, rounds=before.rounds + 1, began_at=before.began_at, blocked_until=now + pause, last_at=now
    )
