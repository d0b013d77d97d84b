"""latchstring environment: create, list, show, set, delete."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import environments
from latchstring.flows.story import instant
from latchstring.model.environment import Environment, EnvironmentKind

_FIELDS = ("id", "name", "kind", "client_id", "relay_state", "idp_initiated_consent", "logout_uri", "created_at")


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "environment",
        "environments: staging or production, each a world of its own",
        "  latchstring environment create --name Production --kind production\n  latchstring environment list",
    )
    create = noun.verb("create", "make an environment", _create, scoped=False)
    create.add_argument("--name", required=True)
    create.add_argument("--kind", choices=[kind.value for kind in EnvironmentKind], default="staging")
    noun.verb("list", "list all environments", _list, scoped=False)
    show = noun.verb("show", "show one environment", _show, scoped=False)
    show.add_argument("id", metavar="NAME", help="name or id")
    settings = noun.verb("set", "change what an environment does", _set, scoped=False)
    settings.add_argument("id", metavar="NAME", help="name or id")
    settings.add_argument(
        "--relay-state",
        choices=("refuse", "redirect_uri"),
        help="in a sign-in that began at the identity provider: an error (default), or redirect_uri=... chooses",
    )
    settings.add_argument(
        "--idp-initiated-consent", choices=("on", "off"), help="ask the person before such a sign-in (default: off)"
    )
    settings.add_argument(
        "--logout-uri",
        metavar="URI",
        help="where the browser goes when an identity provider signs somebody out; none for no such place (default)",
    )
    noun.deletion("delete", "delete an environment with everything in it", _delete, scoped=False)


def _create(asked: Namespace) -> int:
    built = workplace.house(asked)
    environment = environments.create(built, name=asked.name, kind=EnvironmentKind(asked.kind))
    output.show_one(asked, _shown(environment), _FIELDS)
    if not asked.json:
        output.say(f"Next: latchstring key create --environment {environment.id}")
    return 0


def _list(asked: Namespace) -> int:
    every = [_shown(environment) for environment in environments.every(workplace.house(asked))]
    output.show_list(asked, {"object": "list", "data": every}, _FIELDS[:4], empty="There is no environment yet.")
    return 0


def _show(asked: Namespace) -> int:
    output.show_one(asked, _shown(environments.get(workplace.house(asked), asked.id)), _FIELDS)
    return 0


def _set(asked: Namespace) -> int:
    changes: dict[str, Any] = {}
    if asked.relay_state is not None:
        changes["relay_state"] = asked.relay_state
    if asked.idp_initiated_consent is not None:
        changes["idp_initiated_consent"] = asked.idp_initiated_consent == "on"
    if asked.logout_uri is not None:
        changes["logout_uri"] = None if asked.logout_uri == "none" else asked.logout_uri
    output.show_one(asked, _shown(environments.change_settings(workplace.house(asked), asked.id, **changes)), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built = workplace.house(asked)
    environment = environments.get(built, asked.id)
    output.confirm(asked, f"the environment {environment.name} with everything in it")
    environments.delete(built, environment.id)
    return output.gone(asked, "environment", environment.id)


def _shown(environment: Environment) -> dict[str, Any]:
    return {
        "object": "environment",
        "id": environment.id,
        "name": environment.name,
        "kind": environment.kind.value,
        "client_id": environment.client_id,
        "relay_state": environment.settings.relay_state,
        "idp_initiated_consent": environment.settings.idp_initiated_consent,
        "logout_uri": environment.settings.logout_uri,
        "created_at": instant(environment.created_at),
        "updated_at": instant(environment.updated_at),
    }
