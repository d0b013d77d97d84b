"""latchstring key: create, list, show, delete API keys; a secret is seen once."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import environments
from latchstring.flows.story import instant
from latchstring.model.environment import ApiKey
from latchstring.model.refusal import NotFound

_FIELDS = ("id", "name", "hint", "created_at", "revoked_at")


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "key",
        "API keys: what an application's back end shows",
        "  latchstring key create --name 'web servers' --environment Production\n"
        "  latchstring key delete api_key_01...",
    )
    create = noun.verb("create", "make an API key; its secret is shown once", _create)
    create.add_argument("--name", default="", help="what it is for")
    noun.verb("list", "list API keys, without their secrets", _list)
    show = noun.verb("show", "show one API key, without its secret", _show)
    show.add_argument("id", metavar="ID")
    noun.deletion("delete", "revoke an API key at once", _delete)


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    made = environments.create_key(built, pass_, name=asked.name)
    output.show_one(asked, {**_shown(made.key), "value": made.secret.reveal()}, ("id", "name", "value"))
    if not asked.json:
        output.say("Keep the value now: it is stored as a hash and cannot be shown again.")
    return 0


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    keys = [_shown(key) for key in environments.keys(built, pass_)]
    output.show_list(asked, {"object": "list", "data": keys}, _FIELDS, empty="There is no API key yet.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    key = next((key for key in environments.keys(built, pass_) if key.id == asked.id), None)
    if key is None:
        raise NotFound(kind="API key", id=asked.id)
    output.show_one(asked, _shown(key), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.confirm(asked, f"the API key {asked.id}")
    environments.revoke_key(built, pass_, asked.id)
    return output.gone(asked, "api_key", asked.id)


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "object": "api_key",
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "created_at": instant(key.created_at),
        "revoked_at": instant(key.revoked_at) if key.revoked_at else None,
    }
