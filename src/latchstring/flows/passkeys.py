"""Passkeys of operators: made, named and removed; asked for after a password, instead of one, and once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from latchstring.flows import half_sessions, operator_sessions, second_factors
from latchstring.flows.house import House
from latchstring.flows.operators import as_operator
from latchstring.flows.second_factors import Changed
from latchstring.flows.story import Visitor
from latchstring.model import ids
from latchstring.model.operator import Operator, OperatorSession, Way
from latchstring.model.refusal import Conflict, FieldError, InvalidFields, Mender, Unauthorized
from latchstring.model.second_factor import Passkey, Purpose
from latchstring.model.secret import Secret
from latchstring.storage import operators
from latchstring.storage import passkeys as rows
from latchstring.storage.database import HouseScope
from latchstring.storage.sqlite import AlreadyThere

if TYPE_CHECKING:
    from latchstring.protocols.webauthn import Asserted, RelyingParty

MAX_NAME = 60
MOST = 20  # of one operator


class PasskeyUnknown(Unauthorized):
    """This passkey is not known here: it was removed, or it belongs to an account that may not be here."""

    code = "operator_passkey_unknown"
    mender = Mender.USER
    fix = "Sign in with your password, and add the passkey anew at your second factors."


class PasskeyCopied(Unauthorized):
    """The counter of this passkey has not gone forward: there may be a copy of it."""

    code = "operator_passkey_copied"
    mender = Mender.USER
    fix = "Sign in with another second factor, remove this passkey, and add it anew."


class PasskeyThere(Conflict):
    """This passkey was added already, or the account has as many as it can hold."""

    code = "operator_passkey_exists"
    mender = Mender.USER
    fix = "Remove one that you do not need any more, or choose another device."


class Question(msgspec.Struct, frozen=True):
    """What the browser is asked for, as JSON; and the secret of the half-session that it belongs to."""

    half: Secret[str]
    options: str


def begin_new(house: House, operator: Operator) -> Question:
    """For `navigator.credentials.create`."""
    with house.database.write_house() as whole:
        half = half_sessions.begin(house, whole, Purpose.NEW_PASSKEY, operator)
        known = rows.of_operator(whole, operator.id)
    from latchstring.protocols import webauthn  # fido2 takes a tenth of a second, for those few who have a passkey

    options = webauthn.creation_options(
        _party(house),
        user_id=operator.id,
        email=operator.email,
        name=operator.name,
        challenge=half_sessions.challenge(half.reveal()),
        known=[each.credential_id for each in known],
    )
    return Question(half, msgspec.json.encode(options).decode())


def add(house: House, session: OperatorSession, half: str, *, name: str, answer: str) -> Changed:
    """Raises `InvalidFields` for the name, `PasskeyRefused`, `PasskeyThere`, `HalfSessionOver`."""
    from latchstring.protocols import webauthn

    operator = session.operator
    begun = half_sessions.current(house, half, Purpose.NEW_PASSKEY)
    if begun.operator is None or begun.operator.id != operator.id:
        raise half_sessions.HalfSessionOver
    called = _name(name)
    made = webauthn.registered(_party(house), challenge=half_sessions.challenge(half), answer=answer)
    now = house.now()
    passkey = Passkey(
        id=house.id(ids.PASSKEY, now),
        operator_id=operator.id,
        name=called,
        credential_id=made.id,
        credential=made.data,
        sign_count=made.sign_count,
        created_at=now,
        last_used_at=None,
    )
    with house.database.write_house() as whole:
        half_sessions.spend(house, whole, half)
        if len(rows.of_operator(whole, operator.id)) >= MOST:
            raise PasskeyThere
        try:
            rows.add(whole, passkey)
        except AlreadyThere:
            raise PasskeyThere from None
        return second_factors.changed(house, whole, session)


def remove(house: House, session: OperatorSession, passkey_id: str) -> Changed:
    """One of one's own; one that is gone already is none to complain about."""
    with house.database.write_house() as whole:
        rows.remove(whole, session.operator.id, passkey_id)
        return second_factors.changed(house, whole, session)


def begin_sign_in(house: House) -> Question:
    """For `navigator.credentials.get`, of somebody who has not said who they are."""
    with house.database.write_house() as whole:
        half = half_sessions.begin(house, whole, Purpose.PASSKEY_SIGN_IN, None)
    return Question(half, _asked(house, half.reveal(), [], alone=True))


def sign_in(house: House, half: str, answer: str, visitor: Visitor) -> Secret[str]:
    """Instead of a password and a second factor; the secret of a session.

    Raises `PasskeyRefused`, `PasskeyUnknown`, `PasskeyCopied`, `HalfSessionOver`.
    """
    from latchstring.protocols import webauthn

    half_sessions.current(house, half, Purpose.PASSKEY_SIGN_IN)
    claimed = webauthn.credential_id(answer)
    with house.database.house() as whole:
        passkey = rows.by_credential(whole, claimed)
        operator = None if passkey is None else operators.named(whole, passkey.operator_id)
    if passkey is None or operator is None or operator.disabled_at is not None:
        raise PasskeyUnknown
    given = _checked(house, half, answer, [passkey], alone=True)
    if given.user_handle != operator.id.encode():  # WebAuthn, 7.2, step 6
        raise PasskeyUnknown
    with as_operator(house, operator).database.write_house() as whole:
        half_sessions.spend(house, whole, half)
        _use(house, whole, [passkey], given)
        return operator_sessions.begin_within(house, whole, operator, visitor, Way.PASSKEY)


def second_factor_options(house: House, half: str, passkeys: tuple[Passkey, ...]) -> str:
    """For `navigator.credentials.get`, after the password."""
    return _asked(house, half, [each.credential_id for each in passkeys], alone=False)


def finish(house: House, half: str, answer: str, visitor: Visitor) -> Secret[str]:
    """A passkey after the password; the secret of the session. Raises as `sign_in`."""
    operator = half_sessions.current(house, half, Purpose.SECOND_FACTOR).operator
    if operator is None:
        raise half_sessions.HalfSessionOver
    with house.database.house() as whole:
        known = rows.of_operator(whole, operator.id)
    given = _checked(house, half, answer, known, alone=False)
    with as_operator(house, operator).database.write_house() as whole:
        half_sessions.spend(house, whole, half)
        _use(house, whole, known, given)
        return operator_sessions.begin_within(house, whole, operator, visitor, Way.SECOND_FACTOR)


def begin_confirm(house: House, operator: Operator) -> Question | None:
    """For `navigator.credentials.get`, of somebody who is signed in; nothing for whoever has no passkey."""
    with house.database.house() as whole:
        known = rows.of_operator(whole, operator.id)
    if not known:
        return None
    with house.database.write_house() as whole:
        half = half_sessions.begin(house, whole, Purpose.CONFIRM, operator)
    return Question(half, _asked(house, half.reveal(), [each.credential_id for each in known], alone=True))


def confirm(house: House, session: OperatorSession, half: str, answer: str) -> Secret[str]:
    """Instead of the password, once more: the same session under a new secret.

    Raises as `sign_in`, and `SessionOver`.
    """
    begun = half_sessions.current(house, half, Purpose.CONFIRM)
    if begun.operator is None or begun.operator.id != session.operator.id:
        raise half_sessions.HalfSessionOver
    with house.database.house() as whole:
        known = rows.of_operator(whole, session.operator.id)
    given = _checked(house, half, answer, known, alone=True)
    with house.database.write_house() as whole:
        half_sessions.spend(house, whole, half)
        _use(house, whole, known, given)
        return operator_sessions.rotate_within(house, whole, session)


def _party(house: House) -> RelyingParty:
    from latchstring.protocols import webauthn

    return webauthn.relying_party(house.base_url)


def _asked(house: House, half: str, known: list[bytes], *, alone: bool) -> str:
    from latchstring.protocols import webauthn

    challenge = half_sessions.challenge(half)
    options = webauthn.request_options(_party(house), challenge=challenge, known=known, alone=alone)
    return msgspec.json.encode(options).decode()


def _checked(house: House, half: str, answer: str, known: list[Passkey], *, alone: bool) -> Asserted:
    from latchstring.protocols import webauthn

    return webauthn.asserted(
        _party(house),
        challenge=half_sessions.challenge(half),
        answer=answer,
        known=[each.credential for each in known],
        alone=alone,
    )


def _use(house: House, whole: HouseScope, known: list[Passkey], given: Asserted) -> None:
    """Raises `PasskeyCopied`, `PasskeyUnknown`."""
    used = next((each for each in known if each.credential_id == given.credential_id), None)
    if used is None or rows.by_credential(whole, given.credential_id) is None:  # removed while it was being checked
        raise PasskeyUnknown
    if not rows.used(whole, used.id, given.sign_count, house.now()):
        raise PasskeyCopied


def _name(name: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not plain or len(plain) > MAX_NAME:
        message = f"Give a name of 1 to {MAX_NAME} characters, by which you know it again."
        raise InvalidFields(errors=(FieldError("name", "name_invalid", message),))
    return plain
