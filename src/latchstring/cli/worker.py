"""latchstring worker: the background work in a process of its own, or one round of it."""

from __future__ import annotations

import signal
import threading
from argparse import Namespace
from typing import Any

import msgspec

from latchstring.cli import output, workplace

_EXAMPLES = """\
examples:
  latchstring worker --once        one round, for cron and for tests
  latchstring worker               until it is told to stop

Refreshes metadata, warns of certificates that are about to end, ends sign-ins that got no answer, and drops what is
past its use. `latchstring serve` and `latchstring dev` do this already, in a thread of their own, unless serve is
started with --no-worker. Any number may run at the same time.
"""


def add_to(commands: Any, formatter: Any) -> None:
    parser = commands.add_parser(
        "worker", help="background work, on its own", description=_EXAMPLES, formatter_class=formatter
    )
    workplace.add_options(parser, scoped=False)
    parser.add_argument("--once", action="store_true", help="one round, then tell what was done")
    parser.set_defaults(run=_run)


def _run(asked: Namespace) -> int:
    from latchstring import worker
    from latchstring.effects import log

    built = workplace.house(asked)
    if not asked.once:
        log.set_up()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        with worker.running(built, first=0.0):
            output.say("latchstring: working")
            stop.wait()
        return 0
    done = worker.once(built)
    shown = msgspec.to_builtins(done)
    if asked.json:
        output.as_json(shown)
        return 0
    for failure in done.failed:
        output.say(f"The metadata of {failure.connection_id} could not be refreshed: {failure.code}")
    output.show_one(asked, {**shown, "failed": len(done.failed)}, tuple(shown))
    return 0
