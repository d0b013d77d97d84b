"""Where a management command works: the database of `latchstring dev`, or the one of LATCHSTRING_DATABASE_URL."""

from __future__ import annotations

import getpass
import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from latchstring.flows import environments
from latchstring.flows.house import House
from latchstring.model.audit import Doer
from latchstring.model.environment import Environment, Pass
from latchstring.model.refusal import Mender, Refusal
from latchstring.model.secret import Secret
from latchstring.storage import front_door

DATA = Path(".latchstring")
DEFAULT_PORT = 4100


class NoDatabase(Refusal):
    """There is no database at {path}."""

    code = "database_missing"
    mender = Mender.OPERATOR
    fix = "Start `latchstring dev` once, name its folder with `--data`, or set the server's LATCHSTRING_... variables."
    path: str


class DatabaseBehind(Refusal):
    """The database is not at the revision of this version of latchstring."""

    code = "database_behind"
    mender = Mender.OPERATOR
    fix = "Run `latchstring migrate`."


class EnvironmentAmbiguous(Refusal):
    """There are several environments: {names}."""

    code = "environment_ambiguous"
    mender = Mender.OPERATOR
    fix = "Say which one with `--environment`."
    names: tuple[str, ...]


class NoEnvironment(Refusal):
    """There is no environment yet."""

    code = "environment_missing"
    mender = Mender.OPERATOR
    fix = "Make one: `latchstring environment create --name Production --kind production`."


def add_options(parser: ArgumentParser, *, scoped: bool = True) -> None:
    """The options that every management command has."""
    parser.add_argument("--json", action="store_true", help="print the API's own JSON")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of `latchstring dev` (default: .latchstring)")
    if scoped:
        parser.add_argument("--environment", metavar="NAME", help="name or id; needed where there are several")


def house(asked: Namespace) -> House:
    """Raises `NoDatabase`, `DatabaseBehind`, `SettingsWrong`."""
    from latchstring import app
    from latchstring.effects import settings
    from latchstring.effects.settings import Settings
    from latchstring.storage import migrate

    if asked.data is None and os.environ.get("LATCHSTRING_DATABASE_URL"):
        chosen = settings.from_environment()
    else:
        folder = asked.data or DATA
        if not (folder / "dev.db").exists():
            raise NoDatabase(path=str(folder / "dev.db"))
        chosen = Settings(
            base_url=variables(folder).get("WORKOS_BASE_URL", f"http://localhost:{DEFAULT_PORT}"),
            database=folder / "dev.db",
            secret_key=Secret((folder / "secret").read_text().strip()),
            dns_servers=settings.dns_servers(),
            development=True,
        )
    if not chosen.database.exists():
        raise NoDatabase(path=str(chosen.database))
    if not migrate.is_current(chosen.database):
        raise DatabaseBehind
    return app.house(chosen).acting(Doer(actor=f"terminal:{_user()}"))


def _user() -> str:
    """Who sits at the terminal, as the machine knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may have a number for a user, and no name
        return str(os.getuid())


def enter(asked: Namespace) -> tuple[House, Pass]:
    """The house and the environment that is meant. Raises `EnvironmentAmbiguous` too."""
    built = house(asked)
    return built, front_door.by_operator(environment(built, asked.environment))


def variables(folder: Path) -> dict[str, str]:
    """What `latchstring dev` wrote for the application."""
    try:
        lines = (folder / "env").read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def environment(built: House, named: str | None) -> Environment:
    """By id or name; the only one, where none is named. Raises `NotFound`, `NoEnvironment`, `EnvironmentAmbiguous`."""
    if named is not None:
        return environments.get(built, named)
    every = environments.every(built)
    if not every:
        raise NoEnvironment
    if len(every) > 1:
        raise EnvironmentAmbiguous(names=tuple(environment.name for environment in every))
    return every[0]
