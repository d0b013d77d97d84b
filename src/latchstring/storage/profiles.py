"""Rows of profiles: one a person and connection, refreshed at each sign-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from latchstring.model.connection import ConnectionState
from latchstring.model.profile import Profile
from latchstring.protocols.identifier_change import shown
from latchstring.storage import paging
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.organizations import like
from latchstring.storage.statement import insert, select, update
from latchstring.storage.times import from_ms, to_ms


class _Data(msgspec.Struct, frozen=True):
    first_name: str | None
    last_name: str | None
    name: str | None
    groups: tuple[str, ...]
    custom_attributes: Mapping[str, Any]
    raw_attributes: Mapping[str, Any]
    email_domain_verified: bool = False
    subject: str | None = None
    subject_format: str | None = None


_decoder = msgspec.json.Decoder(_Data)

# The id and the time of birth are kept when the person comes again: (connection, idp_id) is who they are (SAML-38). So
# is the organization, which a connection never changes: an index holds it, and would be written at each sign-in.
_UPSERT = insert(
    "profiles",
    "id, connection_id, organization_id, idp_id, email, data, created_at, updated_at",
    tail="ON CONFLICT (environment_id, connection_id, idp_id) DO UPDATE SET "
    "email = excluded.email, data = excluded.data, "
    "updated_at = excluded.updated_at RETURNING id, created_at",
)
_COLUMNS = (
    "profiles.id, profiles.connection_id, connections.type, profiles.organization_id, idp_id, email, data, "
    "profiles.created_at, profiles.updated_at"
)
_CONNECTION = (
    "connections ON connections.environment_id = profiles.environment_id AND connections.id = profiles.connection_id"
)
_GET = select(_COLUMNS, "profiles", "profiles.id = :id", join=_CONNECTION)
_WITH_STATE = select(f"connections.state, {_COLUMNS}", "profiles", "profiles.id = :id", join=_CONNECTION)
_OF_PERSON = select(
    _COLUMNS, "profiles", "profiles.connection_id = :connection_id AND idp_id = :idp_id", join=_CONNECTION
)
_OF_CONNECTION = select(
    _COLUMNS,
    "profiles",
    "profiles.connection_id = :connection_id AND profiles.id > :after",
    join=_CONNECTION,
    tail="ORDER BY profiles.id LIMIT :count",
)
_CONTAINS = "LIKE :search ESCAPE '\\'"
_NUMBER = select("count(*)", "profiles", "organization_id = :organization_id")
_REKEY = update("profiles", "idp_id = :idp_id", "id = :id")
_IN_ORDER = select("profiles.id, data", "profiles", "profiles.id > :after", tail="ORDER BY profiles.id LIMIT :count")
_SET_DATA = update("profiles", "data = :data", "id = :id")
_BATCH = 500


def of_person(scope: Scope, connection_id: str, idp_id: str) -> Profile | None:
    """Whoever a connection knows under this id."""
    row = scope.one(_OF_PERSON, connection_id=connection_id, idp_id=idp_id)
    return _profile(row) if row else None


def save(scope: WritingScope, profile: Profile) -> Profile:
    """The profile with the id it has had since its first sign-in."""
    data = _Data(
        profile.first_name,
        profile.last_name,
        profile.name,
        profile.groups,
        profile.custom_attributes,
        profile.raw_attributes,
        profile.email_domain_verified,
        profile.subject,
        profile.subject_format,
    )
    row = scope.one(
        _UPSERT,
        id=profile.id,
        connection_id=profile.connection_id,
        organization_id=profile.organization_id,
        idp_id=profile.idp_id,
        email=profile.email,
        data=msgspec.json.encode(data).decode(),
        created_at=to_ms(profile.created_at),
        updated_at=to_ms(profile.updated_at),
    )
    assert row is not None  # noqa: S101 - RETURNING answers for each row written
    return msgspec.structs.replace(profile, id=row[0], created_at=from_ms(row[1]))


def get(scope: Scope, profile_id: str) -> Profile | None:
    row = scope.one(_GET, id=profile_id)
    return _shown(row) if row else None


def admitted(scope: Scope, profile_id: str) -> Profile | None:
    """The same, if people may sign in through its connection now (SAML-35)."""
    row = scope.one(_WITH_STATE, id=profile_id)
    return _shown(row[1:]) if row and ConnectionState(row[0]).admits_logins else None


def of_connection(scope: Scope, connection_id: str) -> Iterator[Profile]:
    """All of them, oldest first, with `idp_id` as it is stored."""
    after = ""
    while rows := scope.all(_OF_CONNECTION, connection_id=connection_id, after=after, count=_BATCH):
        yield from map(_profile, rows)
        after = rows[-1][0]


def page_of_organization(
    scope: Scope, window: paging.Window, organization_id: str, *, search: str | None = None, whole: bool = False
) -> paging.Page[Profile]:
    """Newest first. `search` is a part of the e-mail address, or all of it where `whole`."""
    conditions, values = ["profiles.organization_id = :organization_id"], {"organization_id": organization_id}
    if search:
        conditions.append(f"lower(profiles.email) {'= :search' if whole else _CONTAINS}")
        values["search"] = search.lower() if whole else like(search)
    found = paging.rows(
        scope, window, columns=_COLUMNS, table="profiles", join=_CONNECTION, conditions=conditions, **values
    )
    return paging.Page(items=tuple(map(_shown, found.items)), before=found.before, after=found.after)


def number_of_organization(scope: Scope, organization_id: str) -> int:
    row = scope.one(_NUMBER, organization_id=organization_id)
    return int(row[0]) if row else 0


def rekey(scope: WritingScope, profile_id: str, idp_id: str) -> None:
    """Another identifier for the same profile. Raises `AlreadyThere`."""
    scope.change(_REKEY, id=profile_id, idp_id=idp_id)


def forget_raw(scope: WritingScope, after: str) -> str | None:
    """Empties what some profiles behind `after` were sent; the id of the last one, or None when there are no more."""
    rows = scope.all(_IN_ORDER, after=after, count=_BATCH)
    for id_, data in rows:
        emptied = msgspec.structs.replace(_decoder.decode(data), raw_attributes={}, subject=None)
        scope.change(_SET_DATA, id=id_, data=msgspec.json.encode(emptied).decode())
    return rows[-1][0] if rows else None


def _shown(row: Row) -> Profile:
    found = _profile(row)
    return msgspec.structs.replace(found, idp_id=shown(found.idp_id))


def _profile(row: Row) -> Profile:
    id_, connection_id, type_, organization_id, idp_id, email, data, created, updated = row
    more = _decoder.decode(data)
    return Profile(
        id=id_,
        connection_id=connection_id,
        connection_type=type_,
        organization_id=organization_id,
        idp_id=idp_id,
        email=email,
        email_domain_verified=more.email_domain_verified,
        first_name=more.first_name,
        last_name=more.last_name,
        name=more.name,
        groups=more.groups,
        custom_attributes=more.custom_attributes,
        raw_attributes=more.raw_attributes,
        subject=more.subject,
        subject_format=more.subject_format,
        created_at=from_ms(created),
        updated_at=from_ms(updated),
    )
