"""latchstring environment: create, list, show, set, delete."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from typing import Any

from msgspec import UNSET, UnsetType

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import environment_settings, environments, story
from latchstring.flows.environment_settings import (
    MAX_API_LOG_DAYS,
    MAX_MAGIC_LINKS,
    MAX_RECONCILIATION_DAYS,
    MAX_TRACE_DAYS,
    SettingsWish,
)
from latchstring.model.environment import EnvironmentKind

_FIELDS = (
    *("id", "name", "kind", "client_id"),
    *("relay_state", "idp_initiated", "idp_initiated_consent", "logout_uri", "redirect_uri_rules", "domain_selector"),
    *("return_oauth_tokens", "magic_links_per_hour", "reconciliation_days", "raw_attributes"),
    *(
        "sign_in_answers",
        "trace_retention_days",
        "api_log_days",
        "portal_return_url",
        "portal_success_url",
        "created_at",
    ),
)


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
        "--idp-initiated",
        choices=("allow", "refuse"),
        help="what a new SAML connection does with such a sign-in unless it says so itself (default: refuse)",
    )
    settings.add_argument(
        "--idp-initiated-consent", choices=("on", "off"), help="ask the person before such a sign-in (default: off)"
    )
    settings.add_argument(
        "--return-oauth-tokens",
        choices=("on", "off"),
        help="hand the tokens of an OAuth provider on to the application (default: off)",
    )
    settings.add_argument(
        "--logout-uri",
        metavar="URI",
        help="where the browser goes when an identity provider signs somebody out; none for no such place (default)",
    )
    settings.add_argument(
        "--redirect-uri-rules",
        choices=("strict", "loose"),
        help="loose, for staging alone: http to any host, and wildcards for part of a label (default: strict)",
    )
    settings.add_argument(
        "--domain-selector",
        choices=("refuse", "resolve"),
        help="the old `domain` parameter of /sso/authorize: an error (default), or the organization it stands for",
    )
    settings.add_argument(
        "--magic-links-per-hour",
        type=_mails,
        metavar="COUNT",
        help="mails with a magic link to one address (default: 10)",
    )
    settings.add_argument(
        "--reconciliation-days",
        type=int,
        choices=range(1, MAX_RECONCILIATION_DAYS + 1),
        metavar="DAYS",
        help="how long somebody who could not sign in for their attributes is remembered (default: 30)",
    )
    settings.add_argument(
        "--raw-attributes",
        choices=("keep", "empty"),
        help="of profiles: as sent (default), or neither kept nor shown, and those that are kept go now",
    )
    settings.add_argument(
        "--sign-in-answers",
        choices=("keep", "off"),
        help="what identity providers answer, sealed, for the trace of a sign-in (default: keep); off drops them now",
    )
    settings.add_argument(
        "--api-log-days",
        type=int,
        choices=range(MAX_API_LOG_DAYS + 1),
        metavar="DAYS",
        help="how long API requests are listed in the Dashboard; 0 writes none down (default: 7)",
    )
    settings.add_argument(
        "--trace-retention-days",
        type=int,
        choices=range(1, MAX_TRACE_DAYS + 1),
        metavar="DAYS",
        help="how long a sign-in that ended is kept with its answer (default: 30)",
    )
    for name, what in (
        ("return", 'where "back" leads in the Admin Portal'),
        ("success", "where somebody goes who is done there"),
    ):
        settings.add_argument(
            f"--portal-{name}-url",
            metavar="URL",
            help=f"{what}, unless a link says it; none for no such place (default)",
        )
    noun.deletion("delete", "delete an environment with everything in it", _delete, scoped=False)


def _mails(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= MAX_MAGIC_LINKS:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is not a number from 0 to {MAX_MAGIC_LINKS}")


def _place(text: str | None) -> str | UnsetType | None:
    """Left alone, no such place, or this one."""
    return UNSET if text is None else None if text == "none" else text


def _create(asked: Namespace) -> int:
    built = workplace.house(asked)
    environment = environments.create(built, name=asked.name, kind=EnvironmentKind(asked.kind))
    output.show_one(asked, story.environment(environment), _FIELDS)
    if not asked.json:
        output.say(f"Next: latchstring key create --environment {environment.id}")
    return 0


def _list(asked: Namespace) -> int:
    every = [story.environment(environment) for environment in environments.every(workplace.house(asked))]
    output.show_list(asked, {"object": "list", "data": every}, _FIELDS[:4], empty="There is no environment yet.")
    return 0


def _show(asked: Namespace) -> int:
    output.show_one(asked, story.environment(environments.get(workplace.house(asked), asked.id)), _FIELDS)
    return 0


def _set(asked: Namespace) -> int:
    wish = SettingsWish(
        relay_state=UNSET if asked.relay_state is None else asked.relay_state,
        idp_initiated=UNSET if asked.idp_initiated is None else asked.idp_initiated,
        idp_initiated_consent=UNSET if asked.idp_initiated_consent is None else asked.idp_initiated_consent == "on",
        return_oauth_tokens=UNSET if asked.return_oauth_tokens is None else asked.return_oauth_tokens == "on",
        logout_uri=_place(asked.logout_uri),
        portal_return_url=_place(asked.portal_return_url),
        portal_success_url=_place(asked.portal_success_url),
        redirect_uri_rules=UNSET if asked.redirect_uri_rules is None else asked.redirect_uri_rules,
        domain_selector=UNSET if asked.domain_selector is None else asked.domain_selector,
        magic_links_per_hour=UNSET if asked.magic_links_per_hour is None else asked.magic_links_per_hour,
        reconciliation_days=UNSET if asked.reconciliation_days is None else asked.reconciliation_days,
        raw_attributes=UNSET if asked.raw_attributes is None else asked.raw_attributes,
        sign_in_answers=UNSET if asked.sign_in_answers is None else asked.sign_in_answers,
        api_log_days=UNSET if asked.api_log_days is None else asked.api_log_days,
        trace_retention_days=UNSET if asked.trace_retention_days is None else asked.trace_retention_days,
    )
    changed = environment_settings.change(workplace.house(asked), asked.id, wish)
    output.show_one(asked, story.environment(changed), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built = workplace.house(asked)
    environment = environments.get(built, asked.id)
    output.confirm(asked, f"the environment {environment.name} with everything in it")
    environments.delete(built, environment.id)
    return output.gone(asked, "environment", environment.id)
