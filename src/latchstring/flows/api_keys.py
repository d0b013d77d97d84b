"""API keys of an environment: made, with an end or without; listed with what they did last; ended at once."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import ApiKey, EnvironmentKind, Pass
from latchstring.model.refusal import FieldError, InvalidFields, NotFound
from latchstring.model.secret import Secret
from latchstring.storage import environments, front_door

MAX_DAYS = 3650


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key and the only sight of its secret."""

    key: ApiKey
    secret: Secret[str]


def create(house: House, pass_: Pass, *, name: str, expires_in_days: int | None = None) -> NewKey:
    """None: it has no end. Raises `InvalidFields`."""
    if expires_in_days is not None and not 1 <= expires_in_days <= MAX_DAYS:
        message = f"A key ends after 1 to {MAX_DAYS} days, or never."
        raise InvalidFields(errors=(FieldError(field="expires_in_days", code="key_expiry_range", message=message),))
    now = house.now()
    word = "live" if pass_.kind is EnvironmentKind.PRODUCTION else "test"
    secret = f"sk_{word}_{house.secret()}"
    key = ApiKey(
        id=house.id(ids.API_KEY, now),
        name=name.strip()[:100],
        hint=secret[-4:],
        created_at=now,
        revoked_at=None,
        expires_at=None if expires_in_days is None else now + timedelta(days=expires_in_days),
    )
    with house.database.write(pass_) as scope:
        environments.add_key(scope, key, front_door.digest(secret))
    return NewKey(key=key, secret=Secret(secret))


def every(house: House, pass_: Pass) -> list[ApiKey]:
    """Oldest first; those that are revoked or over as well."""
    with house.database.read(pass_) as scope:
        return environments.keys(scope)


def get(house: House, pass_: Pass, key_id: str) -> ApiKey:
    """Raises `NotFound`."""
    for key in every(house, pass_):
        if key.id == key_id:
            return key
    raise NotFound(kind="API key", id=key_id)


def revoke(house: House, pass_: Pass, key_id: str) -> None:
    """Raises `NotFound` if there is no such key that is not revoked."""
    with house.database.write(pass_) as scope:
        if not environments.revoke_key(scope, key_id, house.now()):
            raise NotFound(kind="API key", id=key_id)
