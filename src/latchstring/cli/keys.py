"""latchstring key: create, list, show, delete API keys; a secret is seen once."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import api_keys
from latchstring.flows.story import instant
from latchstring.model.environment import ApiKey

_FIELDS = ("id", "name", "hint", "created_at", "last_used_at", "expires_at", "revoked_at")


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
    create.add_argument(
        "--expires-in-days", type=int, metavar="DAYS", help="it ends by itself after so many days (default: never)"
    )
    noun.verb("list", "list API keys, without their secrets", _list)
    show = noun.verb("show", "show one API key, without its secret", _show)
    show.add_argument("id", metavar="ID")
    noun.deletion("delete", "revoke an API key at once", _delete)


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    made = api_keys.create(built, pass_, name=asked.name, expires_in_days=asked.expires_in_days)
    output.show_one(asked, {**_shown(made.key), "value": made.secret.reveal()}, ("id", "name", "expires_at", "value"))
    if not asked.json:
        output.say("Keep the value now: it is stored as a hash and cannot be shown again.")
    return 0


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    keys = [_shown(key) for key in api_keys.every(built, pass_)]
    output.show_list(asked, {"object": "list", "data": keys}, _FIELDS, empty="There is no API key yet.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    key = api_keys.get(built, pass_, asked.id)
    output.show_one(asked, _shown(key), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.confirm(asked, f"the API key {asked.id}")
    api_keys.revoke(built, pass_, asked.id)
    return output.gone(asked, "api_key", asked.id)


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "object": "api_key",
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "created_at": instant(key.created_at),
        "last_used_at": instant(key.last_used_at) if key.last_used_at else None,
        "expires_at": instant(key.expires_at) if key.expires_at else None,
        "revoked_at": instant(key.revoked_at) if key.revoked_at else None,
    }
