"""latchstring operator: invite, list, role, disable, enable, reset, second-factor, sso: the team of the Dashboard."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import dashboard_settings, operator_sso, operators
from latchstring.flows.house import House
from latchstring.flows.operators import HandedOver, NewLink
from latchstring.flows.story import instant
from latchstring.model.operator import Operator, Role

_FIELDS = ("id", "email", "name", "role", "state")
_ROLES = tuple(role.value for role in Role)


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "operator",
        "who works in the Dashboard, with which role",
        "  latchstring operator invite ann@example.com --role admin\n"
        "  latchstring operator reset ann@example.com       a link to choose a new password",
    )
    invite = noun.verb("invite", "make a link for somebody new, good once and for 7 days", _invite, scoped=False)
    invite.add_argument("email", metavar="EMAIL")
    invite.add_argument("--role", choices=_ROLES, required=True, help="admin, developer, or support (looks only)")
    noun.verb("list", "list operators and open invitations", _list, scoped=False)
    role = noun.verb("role", "change somebody's role; they sign in again", _role, scoped=False)
    role.add_argument("operator", metavar="OPERATOR", help="id or e-mail address")
    role.add_argument("role", choices=_ROLES)
    factor = noun.verb("second-factor", "whether everybody needs a second factor", _second_factor, scoped=False)
    factor.add_argument("needed", choices=("needed", "optional"), metavar="needed|optional")
    sso = noun.verb("sso", "whose identity provider lets operators in; without options: how it is", _sso)
    sso.add_argument("--organization", metavar="ID", help="the organization whose connection is used")
    sso.add_argument("--create", action="store_true", help="whoever has no account gets one, with the role support")
    sso.add_argument("--off", action="store_true", help="let nobody in this way")
    for name, about, run in (
        ("disable", "lock somebody out, at once and everywhere", _disable),
        ("enable", "let somebody in again who was locked out", _enable),
        (
            "reset",
            "end somebody's password, factors and sessions; make a link for a new one, good for 24 hours",
            _reset,
        ),
    ):
        noun.verb(name, about, run, scoped=False).add_argument(
            "operator", metavar="OPERATOR", help="id or e-mail address"
        )


def _second_factor(asked: Namespace) -> int:
    built = workplace.house(asked)
    settings = dashboard_settings.need_second_factor(built, needed=asked.needed == "needed")
    shown = {"object": "dashboard_settings", "second_factor_needed": settings.second_factor_needed}
    output.show_one(asked, shown, ("second_factor_needed",))
    return 0


def _sso(asked: Namespace) -> int:
    built = workplace.house(asked)
    if asked.off:
        operator_sso.switch_off(built)
    elif asked.organization is not None:
        environment = workplace.environment(built, asked.environment)
        operator_sso.choose(built, environment=environment.id, organization=asked.organization, creates=asked.create)
    found = operator_sso.chosen(built)
    shown = {
        "object": "operator_sso",
        "on": found is not None,
        "environment": found and found.environment.name,
        "organization": found and found.organization.id,
        "creates_accounts": found is not None and found.creates,
    }
    output.show_one(asked, shown, ("on", "environment", "organization", "creates_accounts"))
    return 0


def _invite(asked: Namespace) -> int:
    built = workplace.house(asked)
    return _hand_out(asked, built, lambda: operators.invite(built, email=asked.email, role=Role(asked.role)))


def _list(asked: Namespace) -> int:
    built = workplace.house(asked)
    has = dashboard_settings.who_has_what(built)
    data = [{**_shown(one), "second_factors": list(has.get(one.id, ()))} for one in operators.every(built)]
    data += [
        {
            "object": "operator_invitation",
            "email": link.email,
            "role": link.role.value,
            "state": "invited",
            "expires_at": instant(link.expires_at),
        }
        for link in operators.invitations(built)
    ]
    output.show_list(asked, {"object": "list", "data": data}, _FIELDS, empty="There is no operator yet.")
    return 0


def _role(asked: Namespace) -> int:
    built = workplace.house(asked)
    output.show_one(asked, _shown(operators.set_role(built, asked.operator, Role(asked.role))), _FIELDS)
    return 0


def _disable(asked: Namespace) -> int:
    built = workplace.house(asked)
    output.show_one(asked, _shown(operators.disable(built, asked.operator)), _FIELDS)
    return 0


def _enable(asked: Namespace) -> int:
    built = workplace.house(asked)
    output.show_one(asked, _shown(operators.enable(built, asked.operator)), _FIELDS)
    return 0


def _reset(asked: Namespace) -> int:
    built = workplace.house(asked)
    done = _hand_out(asked, built, lambda: operators.reset(built, asked.operator))
    if not asked.json:
        output.say("The password and all second factors are good for nothing any more, and every session has ended.")
    return done


def _hand_out(asked: Namespace, built: House, make: Callable[[], NewLink]) -> int:
    """The link is printed in any case: whoever runs this can hand it over as they like."""
    # Development keeps its mail in the memory of the very process that sends it: nobody would see ours.
    done = HandedOver(made=make(), mailed=False) if built.development else operators.hand_over(built, make)
    made = done.made
    shown = {
        "object": "operator_link",
        "email": made.link.email,
        "role": made.link.role.value,
        "url": made.url.reveal(),
        "expires_at": instant(made.link.expires_at),
        "mailed": done.mailed,
    }
    output.show_one(asked, shown, ("email", "role", "url", "expires_at", "mailed"))
    if done.failure is not None:
        output.say(f"It could not be mailed: {done.failure.message}")
    if not asked.json and not done.mailed:
        output.say("Hand this link over yourself, by a way that nobody else reads; it cannot be shown again.")
    return 0


def _shown(operator: Operator) -> dict[str, Any]:
    state = "active" if operator.has_password else "needs a new password"
    return {
        "object": "operator",
        "id": operator.id,
        "email": operator.email,
        "name": operator.name,
        "role": operator.role.value,
        "state": state if operator.disabled_at is None else "disabled",
        "created_at": instant(operator.created_at),
        "disabled_at": instant(operator.disabled_at) if operator.disabled_at else None,
    }
