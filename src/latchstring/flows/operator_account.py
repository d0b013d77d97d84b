"""One's own account in the Dashboard: the password, and the sessions that one has."""

from __future__ import annotations

from collections.abc import Sequence

from latchstring.flows import operator_sessions
from latchstring.flows.house import House
from latchstring.flows.operator_sessions import PasswordWrong
from latchstring.flows.story import Visitor
from latchstring.model.operator import IDLE, Operator, OperatorSession
from latchstring.model.secret import Secret
from latchstring.protocols import password
from latchstring.storage import operator_sessions as rows
from latchstring.storage import operators


def sessions(house: House, operator: Operator) -> Sequence[OperatorSession]:
    """Those that are good at this moment, the one used last first."""
    now = house.now()
    with house.database.house() as whole:
        return rows.of_operator(whole, operator.id, now=now, idle_since=now - IDLE)


def end(house: House, operator: Operator, handle: str) -> None:
    """One of one's own; one that has ended meanwhile is none to complain about."""
    try:
        token_hash = bytes.fromhex(handle)
    except ValueError:
        return
    with house.database.write_house() as whole:
        rows.end_one(whole, operator.id, token_hash)


def end_others(house: House, session: OperatorSession) -> None:
    """All but this one."""
    with house.database.write_house() as whole:
        rows.end_others(whole, session.operator.id, bytes.fromhex(session.handle))


def change_password(house: House, session: OperatorSession, *, current: str, new: str, visitor: Visitor) -> Secret[str]:
    """The new password counts, every other session ends, and this one goes on under a new secret (WEB-01).

    Raises `PasswordWrong` for the current one, `PasswordUnfit` for the new one, `TriedTooOften`, `SessionOver`.
    """
    desk = house.passwords()
    known = session.operator
    password.check(new, email=known.email, name=known.name)  # first: a slip in the new one costs no try
    hashed = operator_sessions.check_password(house, known, current, visitor)
    new_hash = desk.hash(new)
    with house.database.write_house() as whole:
        # Two changes at once: the second one has shown a password that is none any more.
        if operators.password_hash(whole, session.operator.id) != hashed:
            raise PasswordWrong
        operators.set_password(whole, session.operator.id, new_hash)
        operators.drop_links(whole, session.operator.email)
        return operator_sessions.renew(house, whole, session)
