"""latchstring redirect-uri: create, list, show, default, delete."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import environments
from latchstring.model.refusal import NotFound
from latchstring.storage.paging import Window
from latchstring.web.api import shapes
from latchstring.web.api.redirect_uris import shown

_FIELDS = ("id", "uri", "default", "created_at")


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "redirect-uri",
        "redirect URIs: where browsers may be sent back to",
        "  latchstring redirect-uri create https://app.example.com/callback\n  latchstring redirect-uri list",
    )
    create = noun.verb("create", "register a redirect URI", _create)
    create.add_argument("uri", metavar="URI")
    create.add_argument("--default", action="store_true", help="make it the default one")
    noun.listing("list redirect URIs", _list)
    show = noun.verb("show", "show one redirect URI", _show)
    show.add_argument("id", metavar="ID")
    default = noun.verb("default", "make a redirect URI the default one", _default)
    default.add_argument("id", metavar="ID")
    noun.deletion("delete", "delete a redirect URI", _delete)


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    entry = environments.create_redirect_uri(built, pass_, uri=asked.uri)
    if asked.default and not entry.default:
        entry = environments.make_default_redirect_uri(built, pass_, entry.id)
    output.show_one(asked, shown(entry), _FIELDS)
    return 0


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    page = environments.redirect_uri_page(built, pass_, Window(limit=asked.limit, after=asked.after))
    output.show_list(asked, shapes.page(page, shown), _FIELDS, empty="There is no redirect URI yet.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    entry = next((entry for entry in environments.redirect_uris(built, pass_) if entry.id == asked.id), None)
    if entry is None:
        raise NotFound(kind="Redirect URI", id=asked.id)
    output.show_one(asked, shown(entry), _FIELDS)
    return 0


def _default(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.show_one(asked, shown(environments.make_default_redirect_uri(built, pass_, asked.id)), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.confirm(asked, f"the redirect URI {asked.id}")
    environments.delete_redirect_uri(built, pass_, asked.id)
    return output.gone(asked, "redirect_uri", asked.id)
