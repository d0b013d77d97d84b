"""A trace can be shown to somebody without an account: without the person in it, and until it is taken back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from latchstring.flows import trace_links, upkeep
from latchstring.model.operator import Role
from latchstring.storage import attempts, front_door
from tests.house_for_tests import BASE, Browser, Rig
from tests.idp_for_tests import saml_idp
from tests.operators_for_tests import hire, page, post, send, signed_in

SAID = {"id": ("u-4711",), "email": ("ann@acme.example",), "firstName": ("Annegret",)}


@pytest.fixture
def place(rig: Rig) -> str:
    """Of a refused sign-in."""
    idp = saml_idp(rig)
    changed: dict[str, Any] = {"audience": "https://somebody.example", "name_id": "u-4711", "attributes": SAID}
    idp.sign_in(rig.browser(), **changed)
    with rig.house.database.read(rig.pass_) as scope:
        (newest,) = attempts.recent(scope, 1)
    return f"/dashboard/{rig.environment.id}/sign-ins/{newest.id}"


def shared(browser: Browser, place: str) -> str:
    answer = send(browser, browser.get(place), f"{place}/share")
    assert answer.status == 200
    return page(answer).one("code", id="link").text.removeprefix(BASE)


def test_a_link_shows_everything_but_the_person(rig: Rig, place: str) -> None:
    link = shared(signed_in(rig, hire(rig, Role.DEVELOPER)), place)
    answer = rig.browser().get(link)
    assert answer.status == 200
    for words in ("meant for another application", "https://somebody.example", "…@acme.example", "firstName", "Issuer"):
        assert words in answer.text, words
    for secret in ("ann@", "u-4711", "Annegret", "203.0.113.7"):
        assert secret not in answer.text, secret
    assert answer.header("x-robots-tag") == "noindex, nofollow"
    assert (answer.header("cache-control"), answer.header("referrer-policy")) == ("no-store", "no-referrer")


def test_a_link_ends_and_can_be_taken_back(rig: Rig, place: str) -> None:
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    first, second = shared(browser, place), shared(browser, place)
    shown = browser.get(place)
    assert first not in shown.text and second not in shown.text  # nobody is told again
    forms = page(shown).every("form", action=f"{place}/unshare")
    assert len(forms) == 2
    answer = post(browser, f"{place}/unshare", forms[0].sends())  # the newest
    assert (answer.status, answer.location) == (302, f"{place}#links")
    assert [rig.browser().get(link).status for link in (first, second)] == [200, 404]
    rig.clock.forward(days=6, hours=23)
    assert rig.browser().get(first).status == 200
    rig.clock.forward(hours=2)
    over, unknown = rig.browser().get(first), rig.browser().get("/t/nonsense")
    assert (over.status, over.text.replace(first, "")) == (404, unknown.text.replace("/t/nonsense", ""))


def test_only_the_hash_of_a_link_is_stored_and_it_goes_when_it_is_over(rig: Rig, place: str) -> None:
    link = shared(signed_in(rig, hire(rig, Role.DEVELOPER)), place)
    token = link.rpartition("/")[2]
    assert len(token) == 43

    def rows() -> list[Any]:
        with closing(sqlite3.connect(rig.folder / "house.db")) as connection:
            return connection.execute("SELECT * FROM trace_links").fetchall()

    ((*columns,),) = rows()
    assert token not in repr(columns)
    rig.clock.forward(days=9)
    upkeep.round_(rig.house, front_door.by_worker(rig.environment), lambda: False)
    assert rows() == []


def test_of_one_sign_in_only_so_many_links_are_open(rig: Rig, place: str) -> None:
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    for _ in range(trace_links.MOST):
        shared(browser, place)
    answer = send(browser, browser.get(place), f"{place}/share")
    assert answer.status == 409 and "There are 10 open links" in answer.text


def test_support_can_share_nothing_and_another_environments_link_cannot_be_taken_back(rig: Rig, place: str) -> None:
    developer = signed_in(rig, hire(rig, Role.DEVELOPER))
    link = shared(developer, place)
    sends = page(developer.get(place)).one("form", action=f"{place}/unshare").sends()
    support = signed_in(rig, hire(rig, Role.SUPPORT))
    shown = page(support.get(place))
    assert not shown.every("form", action=f"{place}/share") and not shown.every("form", action=f"{place}/unshare")
    other, _ = rig.another_environment()
    elsewhere = place.replace(rig.environment.id, other.id)
    assert post(developer, f"{elsewhere}/unshare", sends).status == 404
    assert rig.browser().get(link).status == 200
