"""latchstring dev: one process, everything set up, nothing to configure."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import msgspec

from latchstring import __version__
from latchstring.cli import workplace
from latchstring.cli.teller import Teller
from latchstring.effects import randomness
from latchstring.flows import api_keys, environments, operators
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.attempt import SignInNews
from latchstring.model.environment import Environment, EnvironmentKind, UnknownKey
from latchstring.model.mail import KeptMail
from latchstring.model.refusal import Mender, Refusal
from latchstring.storage import front_door

REDIRECT_URIS = ("http://localhost:*/callback", "http://localhost:*/auth/callback", "http://127.0.0.1:*/callback")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EXAMPLES = """\
examples:
  latchstring dev --open
  latchstring dev --port 4200 --data /tmp/trial
  latchstring dev --port 0 --json      for scripts: the first line on stdout is one JSON object

A staging environment in a SQLite file, a Client ID, an API key, redirect URIs for localhost, and a Test Organization
with a connection to the built-in Test IdP. A second start on the same folder keeps everything.
"""


class NotLoopback(Refusal):
    """{host} can be reached from other machines, and a development server lets anybody sign in as anybody."""

    code = "host_exposed"
    mender = Mender.OPERATOR
    fix = "Leave `--host` away; or add `--expose-development-server` if nobody else is on that network."
    host: str


class FolderUnusable(Refusal):
    """The folder {path} cannot be used: {reason}."""

    code = "data_folder_unusable"
    mender = Mender.OPERATOR
    fix = "Choose another one with `--data`."
    path: str
    reason: str


def add_to(commands: Any, formatter: Any) -> None:
    parser = commands.add_parser(
        "dev", help="development: everything set up", description=_EXAMPLES, formatter_class=formatter
    )
    parser.add_argument("--port", type=int, default=workplace.DEFAULT_PORT, help="0: any free one (default: 4100)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1 and ::1)")
    parser.add_argument("--data", type=Path, default=workplace.DATA, metavar="DIR", help="default: .latchstring")
    parser.add_argument("--json", action="store_true", help="print JSON lines; the first one when requests are served")
    parser.add_argument("--open", action="store_true", help="open the page to try it in the browser")
    parser.add_argument("--expose-development-server", action="store_true", help="allow a --host that others can reach")
    parser.set_defaults(run=_run)


def _run(asked: Namespace) -> int:
    import logging

    from latchstring import app, worker
    from latchstring.cli import server
    from latchstring.effects import log
    from latchstring.effects.settings import Settings, dns_servers
    from latchstring.model.secret import Secret
    from latchstring.storage import migrate

    if asked.host not in _LOOPBACK and not asked.expose_development_server:
        raise NotLoopback(host=asked.host)
    hosts = ("127.0.0.1", "::1") if asked.host in ("127.0.0.1", "localhost") else (asked.host,)
    sockets = server.listen(hosts, asked.port)
    port = sockets[0].getsockname()[1]
    secret = _folder(asked.data)
    database = asked.data / "dev.db"
    if not migrate.is_current(database):
        migrate.upgrade(database)
    log.set_up(level=logging.WARNING)
    settings = Settings(
        base_url=f"http://localhost:{port}",
        database=database,
        secret_key=Secret(secret),
        dns_servers=dns_servers(),
        development=True,
    )
    teller = Teller()
    line_of = as_json if asked.json else as_text
    lines_of = mail_as_json if asked.json else mail_as_text
    built = app.house(
        settings,
        told=lambda news: teller.tell(line_of(news)),
        mailed=lambda kept: teller.tell(lines_of(kept)),
    )
    environment, api_key, fresh = _furnish(built, asked.data)
    dashboard = operators.front_link(built)

    def ready() -> None:
        facts = {
            "base_url": settings.base_url,
            "api_key": api_key,
            "client_id": environment.client_id,
            "environment_id": environment.id,
            "try_url": f"{settings.base_url}/try",
            "test_organization_id": ids.TEST_ORGANIZATION,
            "test_connection_id": ids.TEST_CONNECTION,
            "dashboard_url": dashboard.reveal(),
        }
        if asked.json:
            print(msgspec.json.encode(facts).decode(), flush=True)
        else:
            _welcome(facts, asked.data, fresh=fresh)
        if asked.open:
            import webbrowser

            webbrowser.open(str(facts["try_url"]))

    with worker.noting(built), worker.running(built):
        server.run(app.application(settings, built), sockets, ready=ready)
    return 0


def _folder(folder: Path) -> str:
    """Makes the folder and its secret, readable by nobody else. The secret seals private keys in the database."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "secret"
        if not path.exists():
            _write(path, urlsafe_b64encode(randomness.bytes_(32)).decode() + "\n")
        return path.read_text().strip()
    except OSError as error:
        raise FolderUnusable(path=str(folder), reason=error.strerror or str(error)) from None


def _furnish(built: House, folder: Path) -> tuple[Environment, str, bool]:
    """The environment, its API key, and whether the key is new."""
    every = [entry for entry in environments.every(built) if entry.kind is EnvironmentKind.STAGING]
    environment = every[0] if every else environments.create(built, name="Staging", kind=EnvironmentKind.STAGING)
    pass_ = front_door.by_operator(environment)
    if not every:
        # The first one becomes the default: there a sign-in lands that began at the identity provider.
        for uri in (f"{built.base_url}/callback", *REDIRECT_URIS):
            environments.create_redirect_uri(built, pass_, uri=uri)
    known = workplace.variables(folder)
    api_key, fresh = known.get("WORKOS_API_KEY", ""), False
    if not _opens(built, api_key, environment):
        api_key, fresh = api_keys.create(built, pass_, name="Development").secret.reveal(), True
    wanted = {"WORKOS_BASE_URL": built.base_url, "WORKOS_API_KEY": api_key, "WORKOS_CLIENT_ID": environment.client_id}
    if known != wanted:
        _write(folder / "env", "".join(f"{name}={value}\n" for name, value in wanted.items()))
    return environment, api_key, fresh


def _opens(built: House, api_key: str, environment: Environment) -> bool:
    try:
        return front_door.by_api_key(built.database, api_key, built.now()).environment_id == environment.id
    except UnknownKey:
        return False


def _write(path: Path, text: str) -> None:
    """For this user's eyes alone, and whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def _welcome(facts: dict[str, str], folder: Path, *, fresh: bool) -> None:
    key = facts["api_key"]
    where = folder / "env"
    shown = f"{key}   (kept in {where})" if fresh else f"{key[:12]}...   (in {where})"
    note = (
        "          <- makes you the first administrator: once, within 24 hours" if "?" in facts["dashboard_url"] else ""
    )
    title = f" latchstring {__version__}  development mode"
    print(
        f"""
{title.ljust(70)}data: {folder / "dev.db"} (SQLite)

  Try it       {_strong(facts["try_url"])}          <- signs in through the built-in Test IdP
  Dashboard    {facts["dashboard_url"]}{note}
  API          {facts["base_url"]}
  Mail         {facts["base_url"]}/dev/mail          <- nothing leaves this machine; each mail appears here, too

  Put this in your app's environment - your WorkOS SDK code stays as it is:
    WORKOS_BASE_URL={facts["base_url"]}
    WORKOS_API_KEY={shown}
    WORKOS_CLIENT_ID={facts["client_id"]}

  Ready: organization "Test Organization" (example.com), {facts["test_connection_id"]} (Test IdP, SAML, signed)
  Redirect URIs: {", ".join(REDIRECT_URIS)}

  Sign-ins appear here. Ctrl-C stops.
""",
        flush=True,
    )


def as_text(news: SignInNews) -> str:
    """A line for people; a second one where something has to be mended."""
    outcome = "ok" if news.refusal is None else f"FAIL  {news.refusal.code}: {news.refusal.message}"
    who, time = news.email or "-", f"{news.at.astimezone():%H:%M:%S}"
    line = _printable(f"  {time}  sign-in  {who}  {news.connection}  {outcome}  {news.seconds:.2f} s")
    return line if news.refusal is None else f"{line}\n            {news.refusal.fix}"


def as_json(news: SignInNews) -> str:
    line = {
        "event": "sign_in",
        "at": news.at,
        "connection_id": news.connection_id,
        "email": news.email,
        "outcome": "ok" if news.refusal is None else news.refusal.code,
        "seconds": round(news.seconds, 3),
    }
    return msgspec.json.encode(line).decode()


def mail_as_text(kept: KeptMail) -> str:
    """The whole mail, as its reader would see it."""
    mail = kept.mail
    head = _printable(f"  {kept.at.astimezone():%H:%M:%S}  mail     {mail.to}  {mail.subject}")
    return "\n".join((head, "", *(f"    {_printable(line)}".rstrip() for line in mail.text.splitlines()), ""))


def mail_as_json(kept: KeptMail) -> str:
    mail = kept.mail
    line = {"event": "mail", "at": kept.at, "to": mail.to, "subject": mail.subject, "text": mail.text}
    return msgspec.json.encode(line).decode()


def _printable(text: str) -> str:
    """Identity providers have a say in these words; they have none in what the terminal does."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _strong(text: str) -> str:
    """Bold on a terminal that wants it."""
    return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text
