"""Rows of sign-in tests; what they found is sealed, because it is what an identity provider says of a person."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.model.sign_in_test import Outcome, SignInTest
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import Vault

_MADE = "id, handle, connection_id, made_by, configuration, created_at, expires_at"
_TEST = f"{_MADE}, begun_at, ended_at, passed, sealed"
_INSERT = insert("sign_in_tests", _MADE)
_GET = select(_TEST, "sign_in_tests", "id = :id")
_BY_HANDLE = select(_TEST, "sign_in_tests", "handle = :handle")
_NEWEST = select(
    _TEST,
    "sign_in_tests",
    "connection_id = :connection_id",
    tail="ORDER BY created_at DESC, id DESC LIMIT :count",
)
_LAST_GOOD = select(
    _TEST,
    "sign_in_tests",
    "connection_id = :connection_id AND configuration = :configuration AND passed",
    tail="ORDER BY created_at DESC, id DESC LIMIT 1",
)
_BEGIN = update(
    "sign_in_tests",
    "begun_at = :now, expires_at = :expires_at, configuration = :configuration",
    "id = :id AND begun_at IS NULL AND expires_at > :now",
)
_END = update("sign_in_tests", "ended_at = :now, passed = :passed, sealed = :sealed", "id = :id AND ended_at IS NULL")
_FORGET = delete(
    "sign_in_tests",
    "id IN (SELECT id FROM sign_in_tests WHERE environment_id = :environment_id AND created_at < :before LIMIT :count)",
)

_decoder = msgspec.json.Decoder(Outcome)


def add(scope: WritingScope, test: SignInTest) -> None:
    """Raises `OwnerGone`."""
    scope.change(
        _INSERT,
        id=test.id,
        handle=test.handle,
        connection_id=test.connection_id,
        made_by=test.made_by,
        configuration=test.configuration,
        created_at=to_ms(test.created_at),
        expires_at=to_ms(test.expires_at),
    )


def get(scope: Scope, vault: Vault, test_id: str) -> SignInTest | None:
    row = scope.one(_GET, id=test_id)
    return _test(scope, vault, row) if row else None


def by_handle(scope: Scope, vault: Vault, handle: str) -> SignInTest | None:
    row = scope.one(_BY_HANDLE, handle=handle)
    return _test(scope, vault, row) if row else None


def newest(scope: Scope, vault: Vault, connection_id: str, count: int) -> list[SignInTest]:
    return [_test(scope, vault, row) for row in scope.all(_NEWEST, connection_id=connection_id, count=count)]


def last_good(scope: Scope, vault: Vault, connection_id: str, configuration: str) -> SignInTest | None:
    """The newest one that this very configuration passed."""
    row = scope.one(_LAST_GOOD, connection_id=connection_id, configuration=configuration)
    return _test(scope, vault, row) if row else None


def begin(scope: WritingScope, test_id: str, *, now: datetime, expires_at: datetime, configuration: str) -> bool:
    """False if it was started already, or its time is over."""
    changed = scope.change(
        _BEGIN, id=test_id, now=to_ms(now), expires_at=to_ms(expires_at), configuration=configuration
    )
    return changed == 1


def end(scope: WritingScope, vault: Vault, test_id: str, outcome: Outcome, now: datetime) -> bool:
    """False if it has ended before."""
    sealed = vault.seal(msgspec.json.encode(outcome), **_place(scope.environment_id, test_id))
    return scope.change(_END, id=test_id, now=to_ms(now), passed=outcome.passed, sealed=sealed) == 1


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` that were made before then."""
    return scope.change(_FORGET, before=to_ms(before), count=count)


def _place(environment_id: str, test_id: str) -> dict[str, str]:
    return {"environment_id": environment_id, "table": "sign_in_tests", "row_id": test_id, "column": "sealed"}


def _test(scope: Scope, vault: Vault, row: Row) -> SignInTest:
    id_, handle, connection_id, made_by, configuration, created, expires, begun, ended, passed, sealed = row
    opened = None if sealed is None else vault.open(sealed, **_place(scope.environment_id, id_))
    return SignInTest(
        id=id_,
        handle=handle,
        connection_id=connection_id,
        made_by=made_by,
        configuration=configuration,
        created_at=from_ms(created),
        expires_at=from_ms(expires),
        begun_at=None if begun is None else from_ms(begun),
        ended_at=None if ended is None else from_ms(ended),
        passed=None if passed is None else bool(passed),
        outcome=None if opened is None else _decoder.decode(opened),
    )
