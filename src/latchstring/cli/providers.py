"""latchstring provider: list, show, set, delete an environment's credentials at OAuth providers."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType

from latchstring.cli import output, workplace
from latchstring.cli.connections import read
from latchstring.cli.nouns import Noun
from latchstring.flows import oauth_providers
from latchstring.flows.oauth_providers import ProviderWish
from latchstring.flows.oauth_settings import settings_of
from latchstring.web.api import oauth_providers as shapes

_FIELDS = ("type", "state", "client_id", "connection_id")
_ALL = (
    "type", "connection_id", "state", "redirect_uri", "client_id", "has_secret", "default_scopes", "scopes",
    "trust_email", "tenant", "team_id", "key_id", "slug", "base_url", "created_at",
)  # fmt: skip
_WORDS = {
    "client_id": "the app's client id at the provider",
    "tenant": "Microsoft: a tenant's GUID, organizations, consumers, or common (default)",
    "team_id": "Apple: the team that the key belongs to",
    "key_id": "Apple: the key",
    "slug": "Vercel Marketplace: the integration's URL slug",
    "base_url": "GitHub, GitLab, Salesforce: a server or domain of one's own; none for the public one",
}


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "provider",
        "OAuth providers: an environment's credentials at Google, GitHub, ...",
        "  latchstring provider set GoogleOAuth                   prints the redirect URI to register there\n"
        "  latchstring provider set GoogleOAuth --client-id 1234.apps.googleusercontent.com \\\n"
        "      --client-secret-file secret.txt\n"
        "  pass show google | latchstring provider set GoogleOAuth --client-secret-file -\n"
        "  latchstring provider list",
    )
    noun.verb("list", "list the providers that are set up", _list)
    noun.verb("show", "show one, without its secrets", _show).add_argument("type", metavar="TYPE")
    change = noun.verb("set", "set one up, or change it; what is not named stays", _set)
    change.add_argument("type", metavar="TYPE", help="GoogleOAuth, MicrosoftOAuth, GitHubOAuth, AppleOAuth, ...")
    for name, about in _WORDS.items():
        change.add_argument(f"--{name.replace('_', '-')}", metavar=name.rpartition("_")[2].upper(), help=about)
    change.add_argument("--client-secret-file", type=Path, metavar="FILE", help="where its secret is; - for stdin")
    change.add_argument("--private-key-file", type=Path, metavar="FILE", help="Apple: the .p8 file; - for stdin")
    change.add_argument(
        "--scope", action="append", metavar="SCOPE", help="asked for besides the usual ones; repeatable; none for none"
    )
    change.add_argument(
        "--trust-email", choices=("on", "off"), help="let people in whose address the provider does not vouch for"
    )
    change.add_argument("--enabled", choices=("on", "off"), help="off: nobody signs in through it")
    remove = noun.verb("delete", "delete one with the profiles of its people", _delete)
    remove.add_argument("type", metavar="TYPE")
    remove.add_argument("--yes", action="store_true", help="do not ask")


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    data = [shapes.shown(built, each) for each in oauth_providers.listed(built, pass_)]
    output.show_list(asked, {"object": "list", "data": data}, _FIELDS, empty="There is no OAuth provider yet.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.show_one(asked, shapes.shown(built, oauth_providers.get(built, pass_, asked.type)), _ALL)
    return 0


def _set(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    wish = ProviderWish(
        client_secret=_secret(asked.client_secret_file),
        private_key=_secret(asked.private_key_file),
        scopes=UNSET if asked.scope is None else tuple(scope for scope in asked.scope if scope != "none"),
        trust_email=_switch(asked.trust_email),
        enabled=_switch(asked.enabled),
        **{name: _word(getattr(asked, name)) for name in _WORDS},
    )
    connection, _ = oauth_providers.put(built, pass_, asked.type, wish)
    shown = shapes.shown(built, connection)
    output.show_one(asked, shown, _ALL)
    if connection.config is None and not asked.json:
        needs = ", ".join(("client_id", *settings_of(connection.type)))
        output.say(f"Register the redirect URI at the provider, then set what it gives you: {needs}.")
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    found = oauth_providers.get(built, pass_, asked.type)
    output.confirm(asked, f"the credentials at {found.type} with the profiles of everybody who came through them")
    oauth_providers.delete(built, pass_, found.type)
    return output.gone(asked, "oauth_provider", found.type)


def _secret(path: Path | None) -> str | UnsetType:
    """Never an argument of the command line, which every process of the machine can read."""
    if path is None:
        return UNSET
    return sys.stdin.read() if str(path) == "-" else read(path)


def _switch(word: str | None) -> bool | UnsetType:
    return UNSET if word is None else word == "on"


def _word(value: str | None) -> str | UnsetType | None:
    if value is None:
        return UNSET
    return None if value == "none" else value
