"""latchstring serve: production, with its settings from the environment."""

from __future__ import annotations

from argparse import Namespace
from contextlib import nullcontext
from typing import Any

from latchstring.cli import output, workplace
from latchstring.flows import operators
from latchstring.model.attempt import SignInNews

_EXAMPLES = """\
examples:
  latchstring serve --migrate
  latchstring serve --host 0.0.0.0 --port 8000

Needs LATCHSTRING_BASE_URL, LATCHSTRING_SECRET_KEY and LATCHSTRING_DATABASE_URL, and tells what is missing. TLS is ended
in front of it. The log goes to stderr, one JSON object a line. Mails with magic links need LATCHSTRING_SMTP_URL
(smtp://user:password@mail.example.com:587) and LATCHSTRING_MAIL_FROM; all variables: docs/configuration.md

While the Dashboard has no operator, each start prints a link that makes the first administrator. Later on, links come
from `latchstring operator invite` and `latchstring operator reset`.
"""


def add_to(commands: Any, formatter: Any) -> None:
    parser = commands.add_parser("serve", help="production", description=_EXAMPLES, formatter_class=formatter)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
    parser.add_argument("--migrate", action="store_true", help="bring the database to this version first")
    parser.add_argument("--no-worker", action="store_true", help="leave the background work to `latchstring worker`")
    parser.set_defaults(run=_run)


def _run(asked: Namespace) -> int:
    from latchstring import app, worker
    from latchstring.cli import server
    from latchstring.effects import log, settings
    from latchstring.storage import migrate

    chosen = settings.from_environment()
    if not migrate.is_current(chosen.database):
        if not asked.migrate:
            raise workplace.DatabaseBehind
        migrate.upgrade(chosen.database)
    log.set_up()
    journal = log.logger("sign_in")

    def told(news: SignInNews) -> None:
        """Without the e-mail address: who signs in is for the database, not for the log."""
        journal.info(
            "sign_in",
            outcome="ok" if news.refusal is None else news.refusal.code,
            connection_id=news.connection_id,
            attempt_id=news.attempt_id,
            seconds=round(news.seconds, 3),
        )

    sockets = server.listen((asked.host,), asked.port)
    built = app.house(chosen, told=told)
    dashboard = operators.front_link(built).reveal()
    if "?" in dashboard:
        output.say(
            f"latchstring: no operator yet; this makes the first administrator, once, within 24 hours:\n  {dashboard}"
        )
    output.say(f"latchstring: serving {chosen.base_url} on {asked.host}:{sockets[0].getsockname()[1]}")
    with worker.noting(built), nullcontext() if asked.no_worker else worker.running(built):
        server.run(app.application(chosen, built), sockets)
    return 0
