"""The log of API requests: put aside while a request is answered, written down in batches some seconds later, read.

It also tells when each API key was used last. Nothing of it is in the way of a request: what was not written down when
the process was killed is lost, and that is all.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from latchstring.flows.house import House
from latchstring.model.api_call import ApiCall, KeptCall
from latchstring.model.environment import KeyExpired, Pass, UnknownKey
from latchstring.model.refusal import NotFound
from latchstring.storage import api_calls, environments
from latchstring.storage.paging import Page, Window

KEPT = 100_000  # of an environment, however many days it is
NOTED = timedelta(hours=1)  # a key's last use is written down no more often
BATCH = 200  # in one transaction: nobody's sign-in waits for a log
_BATCHES = 250
_LONGEST_PATH = 300
_NOT_OPENED = (UnknownKey.code, KeyExpired.code)  # a key that counts no more was shown, which is no use of it


def write_down(house: House) -> int:
    """Everything that has been put aside; the number of requests."""
    written = 0
    while calls := house.unwritten(BATCH):
        for environment_id in {call.pass_.environment_id for call in calls}:
            _write(house, [call for call in calls if call.pass_.environment_id == environment_id])
        written += len(calls)
        if len(calls) < BATCH:
            break
    return written


def page(
    house: House, pass_: Pass, window: Window, *, statuses: tuple[int, int] | None, path: str | None
) -> Page[KeptCall]:
    """Newest first. `statuses`: from one to another."""
    with house.database.read(pass_) as scope:
        return api_calls.page(scope, window, statuses=statuses, path=path)


def get(house: House, pass_: Pass, call_id: str) -> KeptCall:
    """Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        found = api_calls.get(scope, call_id)
    if found is None:
        raise NotFound(kind="Request", id=call_id)
    return found


def trim(house: House, pass_: Pass, keep: int = KEPT) -> int:
    """Drops what is older than the environment's setting, and what is more than `keep`; the number dropped."""
    days = environments.settings(house.database, pass_.environment_id).api_log_days
    until = house.now() - timedelta(days=days)
    with house.database.read(pass_) as scope:
        surplus = api_calls.surplus(scope, keep)
    if surplus is not None:
        until = max(until, surplus)
    dropped = 0
    for _ in range(_BATCHES):
        with house.database.write(pass_) as scope:
            count = api_calls.forget(scope, until, BATCH)
        dropped += count
        if count < BATCH:
            break
    return dropped


def _write(house: House, calls: list[ApiCall]) -> None:
    """Those of one environment. One that was deleted meanwhile keeps nothing."""
    pass_ = calls[0].pass_
    kept = environments.known(house.database, pass_.environment_id)
    if kept is None:
        return
    with house.database.write(pass_) as scope:
        for key_id, at in _last_uses(calls):
            environments.note_use(scope, key_id, at, NOTED)
        if kept.api_log_days:
            for call in calls:
                api_calls.add(scope, msgspec.structs.replace(call, path=call.path[:_LONGEST_PATH]))


def _last_uses(calls: Iterable[ApiCall]) -> Iterable[tuple[str, datetime]]:
    last: dict[str, datetime] = {}
    for call in calls:
        if call.key_id is not None and call.code not in _NOT_OPENED:
            last[call.key_id] = call.at
    return last.items()
