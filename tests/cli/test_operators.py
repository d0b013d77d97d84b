"""`latchstring operator`, and the link that makes the first administrator."""

from __future__ import annotations

import re
import urllib.request

import pytest

from latchstring.cli import workplace
from latchstring.flows import operators
from latchstring.flows.operators import Newcomer
from latchstring.model.operator import Role
from tests.cli.program import Terminal
from tests.operators_for_tests import PASSWORD
from tests.real.product import Product


def accept(terminal: Terminal, url: str, email: str = "") -> str:
    """What the page does with the form of whoever follows the link; the operator's id."""
    from argparse import Namespace

    built = workplace.house(Namespace(data=terminal.folder))
    token = url.partition("link=")[2]
    return operators.accept(built, token, Newcomer(email=email, name="Somebody", password=PASSWORD)).id


def test_a_team_from_the_terminal(terminal: Terminal) -> None:
    assert terminal("operator", "list").err.strip() == "There is no operator yet."
    made = terminal("operator", "invite", "ann@example.com", "--role", "admin", "--json").json
    assert (made["object"], made["email"], made["role"], made["mailed"]) == (
        "operator_link",
        "ann@example.com",
        "admin",
        False,
    )
    assert re.fullmatch(r"http://localhost:\d+/dashboard/welcome\?link=[\w-]{43}", made["url"])
    (invited,) = terminal("operator", "list", "--json").json["data"]
    assert (invited["state"], invited["email"]) == ("invited", "ann@example.com")
    ann = accept(terminal, made["url"])
    (shown,) = terminal("operator", "list", "--json").json["data"]
    assert (shown["id"], shown["state"], shown["role"]) == (ann, "active", "admin")

    sue = accept(terminal, terminal("operator", "invite", "sue@example.com", "--role", "support", "--json").json["url"])
    assert terminal("operator", "role", "sue@example.com", "developer", "--json").json["role"] == "developer"
    assert terminal("operator", "disable", sue, "--json").json["state"] == "disabled"
    assert terminal("operator", "enable", sue, "--json").json["state"] == "active"
    assert terminal("operator", "second-factor", "needed", "--json").json["second_factor_needed"] is True
    assert terminal("operator", "second-factor", "optional", "--json").json["second_factor_needed"] is False
    assert {tuple(one["second_factors"]) for one in terminal("operator", "list", "--json").json["data"]} == {()}
    assert terminal("operator", "sso", "--json").json["on"] is False
    made = terminal("organization", "create", "--name", "Acme", "--json").json["id"]
    on = terminal("operator", "sso", "--organization", made, "--create", "--json").json
    assert (on["on"], on["organization"], on["creates_accounts"]) == (True, made, True)
    assert terminal("operator", "sso", "--json").json == on
    assert terminal("operator", "sso", "--off", "--json").json["on"] is False
    reset = terminal("operator", "reset", "SUE@example.com", "--json").json
    states = {entry["email"]: entry["state"] for entry in terminal("operator", "list", "--json").json["data"]}
    assert states == {"ann@example.com": "active", "sue@example.com": "needs a new password"}
    assert accept(terminal, reset["url"]) == sue


@pytest.mark.parametrize("words", [("disable",), ("role", "developer")])
def test_the_last_administrator_stays(terminal: Terminal, words: tuple[str, ...]) -> None:
    accept(terminal, terminal("operator", "invite", "ann@example.com", "--role", "admin", "--json").json["url"])
    accept(terminal, terminal("operator", "invite", "dev@example.com", "--role", "developer", "--json").json["url"])
    verb, *more = words
    done = terminal("operator", verb, "ann@example.com", *more, "--json")
    assert done.code == 1 and '"last_administrator"' in done.err
    accept(terminal, terminal("operator", "invite", "eve@example.com", "--role", "admin", "--json").json["url"])
    assert terminal("operator", verb, "ann@example.com", *more).code == 0
    assert terminal("operator", verb, "eve@example.com", *more).code == 1


def test_what_cannot_be(terminal: Terminal) -> None:
    accept(terminal, terminal("operator", "invite", "ann@example.com", "--role", "admin", "--json").json["url"])
    for words, code in (
        (("invite", "ANN@example.com", "--role", "support"), "operator_exists"),
        (("invite", "ann", "--role", "support"), "invalid_request_parameters"),
        (("disable", "nobody@example.com"), "entity_not_found"),
    ):
        done = terminal("operator", *words, "--json")
        assert (done.code, done.out) == (1, "") and f'"{code}"' in done.err
    assert terminal("operator", "invite", "sue@example.com").code == 2  # nobody gets a role by not saying which


def test_a_link_is_shown_with_what_to_do_with_it(terminal: Terminal) -> None:
    done = terminal("operator", "invite", "ann@example.com", "--role", Role.SUPPORT.value)
    assert "/dashboard/welcome?link=" in done.out and "Hand this link over yourself" in done.err


def test_dev_prints_the_way_in_until_somebody_took_it() -> None:
    with Product() as first:
        assert re.fullmatch(re.escape(first.base_url) + r"/dashboard/welcome\?link=[\w-]{43}", first.dashboard_url)
        with urllib.request.urlopen(first.base_url + "/dashboard/sign-in") as answer:
            assert answer.status == 200
        made = first.terminal("operator", "invite", "ann@example.com", "--role", "admin")
        assert made["url"].startswith(first.base_url)
