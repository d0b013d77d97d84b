"""Second factors of operators: an authenticator's codes and recovery codes, made, asked for and taken away."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from latchstring.flows import half_sessions, operator_sessions, operator_tries
from latchstring.flows.house import House
from latchstring.flows.operators import as_operator
from latchstring.flows.story import Visitor
from latchstring.model.operator import Operator, OperatorSession, Way
from latchstring.model.refusal import Conflict, InvalidRequest, Mender, Unauthorized
from latchstring.model.second_factor import RECOVERY_CODES, Factors, Purpose
from latchstring.model.secret import Secret
from latchstring.protocols import totp
from latchstring.storage import operator_factors, passkeys
from latchstring.storage.database import HouseScope

ISSUER = "latchstring"


class CodeWrong(Unauthorized):
    """This is not the code that the authenticator shows now, or it was used before."""

    code = "operator_code_wrong"
    mender = Mender.USER
    fix = "Wait for the next code and type that one. If none is taken, look whether the clock of the device is right."


class AuthenticatorThere(Conflict):
    """This account has an authenticator already."""

    code = "operator_authenticator_exists"
    mender = Mender.USER
    fix = "Remove the one there is; then set up the new one."


class AuthenticatorMissing(InvalidRequest):
    """No authenticator is being set up for this account."""

    code = "operator_authenticator_missing"
    mender = Mender.USER
    fix = "Go back to your second factors and begin again."


class SetUp(msgspec.Struct, frozen=True):
    """An authenticator that waits for its first code."""

    secret: Secret[str]  # as text
    address: Secret[str]  # otpauth:, for the QR code


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What lets somebody in has changed: the session goes on under this secret, and the codes are shown this once."""

    session: Secret[str]
    recovery_codes: tuple[str, ...] = ()


def of(house: House, operator: Operator) -> Factors:
    with house.database.house() as whole:
        found = operator_factors.totp(whole, house.vault, operator.id)
        return Factors(
            totp_since=None if found is None else found.proven_at,
            passkeys=tuple(passkeys.of_operator(whole, operator.id)),
            recovery_codes_left=operator_factors.recovery_codes_left(whole, operator.id),
        )


def begin_totp(house: House, operator: Operator) -> None:
    """A secret waits for its first code, in the place of one that still waits. Raises `AuthenticatorThere`."""
    secret = house.chance(totp.SECRET)
    with house.database.write_house() as whole:
        if not operator_factors.begin_totp(whole, house.vault, operator.id, secret, house.now()):
            raise AuthenticatorThere


def set_up(house: House, operator: Operator) -> SetUp | None:
    """The one that waits for its first code."""
    with house.database.house() as whole:
        found = operator_factors.totp(whole, house.vault, operator.id)
    if found is None or found.proven_at is not None:
        return None
    place = house.base_url.partition("://")[2]
    address = totp.address(found.secret, account=f"{operator.email} ({place})", issuer=ISSUER)
    return SetUp(Secret(totp.secret_text(found.secret)), Secret(address))


def prove_totp(house: House, session: OperatorSession, code: str) -> Changed:
    """From the first right code on, it is asked for. Raises `CodeWrong`, `TriedTooOften`, `AuthenticatorMissing`."""
    operator, now = session.operator, house.now()
    key = operator_tries.key_of_codes(operator)
    operator_tries.claim(house, key, operator.email)
    with house.database.write_house() as whole:
        found = operator_factors.totp(whole, house.vault, operator.id)
        if found is None or found.proven_at is not None:
            raise AuthenticatorMissing
        step = totp.matching_step(found.secret, _typed(code), now, after=None)
        if step is None or not operator_factors.prove_totp(whole, operator.id, step, now):
            raise CodeWrong
        operator_tries.forgive(whole, key)
        return changed(house, whole, session)


def remove_totp(house: House, session: OperatorSession, code: str) -> Changed:
    """With a code of it, or one of recovery. Raises `CodeWrong`, `TriedTooOften`."""
    operator = session.operator
    key = operator_tries.key_of_codes(operator)
    operator_tries.claim(house, key, operator.email)
    with house.database.write_house() as whole:
        _spend_code(house, whole, operator, code)
        operator_tries.forgive(whole, key)
        operator_factors.drop_totp(whole, operator.id)
        return changed(house, whole, session)


def new_recovery_codes(house: House, session: OperatorSession) -> Changed:
    """Those from before are good for nothing any more. Raises `AuthenticatorMissing` where nothing asks for them."""
    with house.database.write_house() as whole:
        if not operator_factors.exist(whole, session.operator.id):
            raise AuthenticatorMissing
        codes = _make_codes(house, whole, session.operator)
        return Changed(session=operator_sessions.renew(house, whole, session), recovery_codes=codes)


def finish(house: House, half: str, code: str, visitor: Visitor) -> Secret[str]:
    """The code after the password; the secret of the session.

    Raises `CodeWrong`, `TriedTooOften`, `HalfSessionOver`.
    """
    operator = half_sessions.current(house, half, Purpose.SECOND_FACTOR).operator
    if operator is None:
        raise half_sessions.HalfSessionOver
    key = operator_tries.key_of_codes(operator)
    operator_tries.claim(house, key, operator.email)
    with as_operator(house, operator).database.write_house() as whole:
        _spend_code(house, whole, operator, code)
        half_sessions.spend(house, whole, half)
        operator_tries.forgive(whole, key)
        return operator_sessions.begin_within(house, whole, operator, visitor, Way.SECOND_FACTOR)


def changed(house: House, whole: HouseScope, session: OperatorSession) -> Changed:
    """Ends the other sessions; the first factor brings recovery codes, and they go with the last one."""
    operator = session.operator
    codes: tuple[str, ...] = ()
    if not operator_factors.exist(whole, operator.id):
        operator_factors.drop_recovery_codes(whole, operator.id)
    elif operator_factors.recovery_codes_left(whole, operator.id) == 0:
        codes = _make_codes(house, whole, operator)
    return Changed(session=operator_sessions.renew(house, whole, session), recovery_codes=codes)


def _make_codes(house: House, whole: HouseScope, operator: Operator) -> tuple[str, ...]:
    codes = tuple(_recovery_code(house) for _ in range(RECOVERY_CODES))
    operator_factors.replace_recovery_codes(whole, operator.id, _hashes(operator, codes), house.now())
    whole.note("operator.recovery_codes_made", ("operator", operator.id, operator.email))
    return codes


def _recovery_code(house: House) -> str:
    """80 bits of chance: as many as one hash needs to keep them, in letters that are hard to take for each other."""
    text = b32encode(house.chance(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _hashes(operator: Operator, codes: Sequence[str]) -> list[bytes]:
    return [
        sha256(f"{operator.id}\n{code.replace('-', '')}".encode("utf-8", "surrogatepass")).digest() for code in codes
    ]


def _spend_code(house: House, whole: HouseScope, operator: Operator, code: str) -> None:
    """A code of the authenticator, or one of recovery; each once. Raises `CodeWrong`."""
    typed, now = _typed(code), house.now()
    found = operator_factors.totp(whole, house.vault, operator.id)
    if found is not None and found.proven_at is not None:
        step = totp.matching_step(found.secret, typed, now, after=found.last_step)
        if step is not None and operator_factors.spend_step(whole, operator.id, step):
            return
    (code_hash,) = _hashes(operator, [typed.lower()])
    if not operator_factors.spend_recovery_code(whole, operator.id, code_hash, now):
        raise CodeWrong


def _typed(code: str) -> str:
    """Without the spaces and hyphens that make it easier to read."""
    return "".join(code.split()).replace("-", "")[:64]
