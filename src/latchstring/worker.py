"""The one loop that works in the background: a thread beside the server, or a process of its own.

Correctness needs none of it: what has ended counts for nothing, worker or not. Any number may run at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import msgspec

from latchstring.effects import log
from latchstring.flows import environments, operator_sessions, request_log, upkeep
from latchstring.flows.house import House
from latchstring.flows.upkeep import Done
from latchstring.model.refusal import Refusal
from latchstring.storage import front_door

FIRST = 10.0  # seconds: a start is not slowed down
INTERVAL = 60.0  # seconds between two rounds, a fifth more or less
NOTES = 2.0  # seconds between two times that requests are written down
_GRACE = 12.0  # seconds for the piece of work under way when told to stop: a call to somebody slow, and its end


def once(house: House, stopping: Callable[[], bool] = lambda: False) -> Done:
    """One round in every environment, after those that were forgotten are gone."""
    environments.drop_forgotten(house)
    operator_sessions.drop_ended(house)
    whole = Done()
    for environment in environments.every(house):
        if stopping():
            break
        done = upkeep.round_(house, front_door.by_worker(environment), stopping)
        whole = Done(**{name: getattr(whole, name) + getattr(done, name) for name in Done.__struct_fields__})
    return whole


@contextmanager
def running(house: House, *, first: float = FIRST, interval: float = INTERVAL) -> Iterator[None]:
    """Rounds go on until the end of the block; then the piece of work under way is finished."""
    with _beside("worker", lambda stop: _loop(house, stop, first, interval)):
        yield


@contextmanager
def noting(house: House, *, interval: float = NOTES) -> Iterator[None]:
    """What requests have put aside is written down every few seconds, and once more at the end of the block."""
    with _beside("notes", lambda stop: _note(house, stop, interval)):
        yield


@contextmanager
def _beside(name: str, work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Works in a thread of its own until the block ends and sets the event; then it has a moment to finish."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_GRACE)


def _note(house: House, stop: threading.Event, interval: float) -> None:
    journal = log.logger("notes")
    with ThreadPoolExecutor(1, thread_name_prefix="notes-write") as pool:
        over = False
        while not over:
            over = stop.wait(interval)
            error = pool.submit(request_log.write_down, house).exception()
            if isinstance(error, Refusal):
                journal.warning("notes_refused", code=error.code)
            elif error is not None:
                journal.error("notes_failed", exc_info=error)


def _loop(house: House, stop: threading.Event, first: float, interval: float) -> None:
    journal = log.logger("worker")
    # The pool hands every exception over as a value: a bug ends one round, is told, and does not end the rounds.
    with ThreadPoolExecutor(1, thread_name_prefix="worker-round") as pool:
        wait = first
        while not stop.wait(wait):
            future = pool.submit(once, house, stop.is_set)
            error = future.exception()
            if error is None:
                _tell(journal, future.result())
            elif isinstance(error, Refusal):
                journal.warning("round_refused", code=error.code)
            else:
                journal.error("round_failed", exc_info=error)
            wait = interval * (0.8 + int.from_bytes(house.chance(2), "big") / 65_535 * 0.4)


def _tell(journal: Any, done: Done) -> None:
    for failure in done.failed:
        journal.warning("metadata_not_refreshed", connection_id=failure.connection_id, code=failure.code)
    counts = {name: value for name, value in msgspec.structs.asdict(done).items() if value and name != "failed"}
    if counts:
        journal.info("round", **counts)
