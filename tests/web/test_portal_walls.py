"""The walls of the Admin Portal, walked along its whole table: a session reaches its organization and intent alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from latchstring.model.portal import Intent
from latchstring.storage.tables import metadata
from latchstring.web.portal.guard import OpenPortalPage, PortalPage
from latchstring.web.portal.routes import PAGES
from tests.furniture_for_tests import Furnished, address, furnish, is_known, things
from tests.house_for_tests import BASE, Answer, Browser, Rig
from tests.house_for_tests import rig as build
from tests.operators_for_tests import page, post
from tests.portal_for_tests import api_link, csrf, follow
from tests.web.test_dashboard_walls import MARKED, POISON, is_html

ROOMS = [each for each in PAGES if isinstance(each, PortalPage)]
SHOWN = [each for each in ROOMS if each.method == "GET"]
WITH_A_THING = [each for each in ROOMS if things(each)]
NARROW = [each for each in ROOMS if set(Intent) - each.intents]
ENDS = "/portal/leave"


@dataclass
class Estate:
    """An organization with a session, its neighbour in the same environment, and one of another environment."""

    rig: Rig
    ours: Furnished
    neighbour: Furnished
    theirs: Furnished
    admin: Browser
    csrf: str

    def ask(self, found: PortalPage, path: str, **more: str) -> Answer:
        if found.method == "GET":
            return self.admin.get(path)
        return post(self.admin, path, {"csrf": self.csrf, "version": "0", **more})


def estate(folder: object, words: str = "") -> Estate:
    rig = build(folder)  # type: ignore[arg-type]
    environment, client = rig.another_environment()
    ours = furnish(rig, rig.client, rig.environment, words=words)
    neighbour = furnish(rig, rig.client, rig.environment, words=words, number=2)
    theirs = furnish(rig, client, environment, words=words)
    admin = follow(rig, api_link(rig, ours.things["organization"]))
    return Estate(rig, ours, neighbour, theirs, admin, csrf(admin))


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Nothing here changes what is somebody else's: that is what is tested."""
    found = estate(tmp_path_factory.mktemp("portal"))
    yield found
    found.rig.house.database.close()


def title(found: PortalPage | OpenPortalPage) -> str:
    return f"{found.method} {found.path}"


def everything(rig: Rig, *, but: str) -> dict[str, list[object]]:
    """All rows that do not name this organization, nor what is its own; of the tables of a session, none."""
    engine = rig.house.database._engine
    mine = {row[0] for row in engine.all("SELECT id FROM connections WHERE organization_id = :id", {"id": but})}
    mine |= {
        row[0] for row in engine.all("SELECT id FROM organization_domains WHERE organization_id = :id", {"id": but})
    }
    found = {}
    for name in metadata.tables:
        if name in ("portal_sessions", "audit_entries", "audit_chain", "events", "chores", "domain_watches"):
            continue
        rows = engine.all(f"SELECT * FROM {name}", {})  # noqa: S608 - our own names
        found[name] = [row for row in rows if not ({but, *mine} & {str(each) for each in row})]
    return found  # type: ignore[return-value]


def test_of_each_page_it_is_known_what_it_is_about() -> None:
    unknown = [each.path for each in PAGES if not is_known(each)]
    assert unknown == [], "say in tests/furniture_for_tests.py what these parameters name, and make one of it"


@pytest.mark.parametrize("found", WITH_A_THING, ids=title)
def test_web_07_a_thing_of_another_organization_is_not_there(still: Estate, found: PortalPage) -> None:
    for there in (still.neighbour, still.theirs):
        before = everything(still.rig, but="")
        answer = still.ask(found, address(found, there.things))
        assert answer.status == 404, (answer.status, answer.text[:500])
        assert there.things["name"] not in answer.text
        assert everything(still.rig, but="") == before


@pytest.mark.parametrize("found", [each for each in ROOMS if each.path != ENDS], ids=title)
def test_web_07_no_form_reaches_what_is_another_organizations(still: Estate, found: PortalPage) -> None:
    """Ids in fields, under every name that they may have, change and show nothing of theirs."""
    ours = still.ours.things["organization"]
    for there in (still.neighbour, still.theirs):
        before = everything(still.rig, but=ours)
        fields = {
            **there.things,
            **{f"{name}_id": value for name, value in there.things.items()},
            "id": there.things["connection"],
            "name": "Taken",
            "confirmed": "yes",
            "typed": there.things["name"],
        }
        answer = still.ask(found, address(found, still.ours.things), **fields)
        assert answer.status < 500, answer.text[:300]
        assert there.things["organization"] not in answer.text
        assert everything(still.rig, but=ours) == before


@pytest.mark.parametrize("found", SHOWN, ids=title)
def test_web_07_a_page_shows_nothing_of_another_organization(still: Estate, found: PortalPage) -> None:
    answer = still.ask(found, address(found, still.ours.things))
    assert answer.status in (200, 302, 303, 404), (answer.status, answer.text[:300])
    for there in (still.neighbour, still.theirs):
        hidden = {name: value for name, value in there.things.items() if len(value) > 12}
        assert not [
            name for name, value in hidden.items() if value in answer.text and value not in still.ours.things.values()
        ]


@pytest.mark.parametrize("found", NARROW, ids=title)
def test_web_07_a_session_reaches_the_pages_of_its_intent_alone(still: Estate, found: PortalPage) -> None:
    rig, organization = still.rig, still.ours.things["organization"]
    path = address(found, still.ours.things)
    for intent in set(Intent) - found.intents:
        browser = follow(rig, api_link(rig, organization, intent))
        before = everything(rig, but="")
        answer = browser.get(path) if found.method == "GET" else post(browser, path, {"csrf": csrf(browser)})
        assert answer.status == 403 and "portal_intent_forbidden" in answer.text, (intent, answer.status)
        assert everything(rig, but="") == before


@pytest.mark.parametrize("found", ROOMS, ids=title)
def test_web_03_web_07_nobody_is_in_without_a_session_and_no_form_counts_without_its_token(
    still: Estate, found: PortalPage
) -> None:
    path = address(found, still.ours.things)
    stranger = still.rig.browser()
    answer = stranger.get(path) if found.method == "GET" else post(stranger, path, {"csrf": still.csrf})
    assert answer.status == 401 and "portal_session_over" in answer.text
    if found.method != "GET":
        for sent in ({"csrf": "wrong"}, {}):
            assert post(still.admin, path, sent).status == 403
        away = still.admin.post(path, {"csrf": still.csrf}, sec_fetch_site="cross-site", origin="https://evil.example")
        assert away.status == 403


@pytest.mark.parametrize("found", SHOWN, ids=title)
def test_web_04_web_05_no_page_can_be_framed_or_believes_a_host(still: Estate, found: PortalPage) -> None:
    path = address(found, still.ours.things)
    answer, poisoned = still.admin.get(path), still.admin.get(path, **POISON)
    assert "evil.example" not in poisoned.text + repr(poisoned.headers)
    assert answer.header("cache-control") == "no-store" and answer.header("referrer-policy") == "no-referrer"
    if not is_html(answer):
        return
    policy = dict(part.split(" ", 1) for part in (answer.header("content-security-policy") or "").split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == policy["script-src"] == "'self'"
    for element in page(answer).all():
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
        for name in ("src", "action"):
            there = element.attributes.get(name, "/")
            assert there.startswith(("/", "#", f"{BASE}/", "data:image/svg+xml,")) and not there.startswith("//"), there
        if element.tag == "a" and "://" in element.attributes.get("href", ""):
            assert element.attributes["href"].startswith(("https://", f"{BASE}/"))


def test_web_09_what_a_customer_is_called_stays_text(tmp_path_factory: pytest.TempPathFactory) -> None:
    hostile = estate(tmp_path_factory.mktemp("hostile"), words=MARKED)
    try:
        marked = 0
        for found in SHOWN:
            answer = hostile.ask(found, address(found, hostile.ours.things))
            if answer.status == 200 and is_html(answer):
                assert not [each for each in page(answer).all() if "data-hostile" in each.attributes], found.path
                marked += "data-hostile" in answer.text
        assert marked
    finally:
        hostile.rig.house.database.close()


MACHINERY: Any = ("Traceback", "sqlite3", "SELECT ", ".py", "site-packages")


def test_web_13_odd_paths_and_fields_break_nothing(still: Estate) -> None:
    for found in ROOMS:
        if found.path == ENDS:
            continue
        for odd in ("\x00", "'", "x" * 3000, "../../etc/passwd"):
            named = dict.fromkeys(still.ours.things, odd)
            answer = still.ask(found, address(found, named), version=odd, connection_type=odd, name=odd)
            assert answer.status in (200, 302, 303, 400, 403, 404, 409, 413, 422), (answer.status, found.path)
            assert not [each for each in MACHINERY if each in answer.text], found.path
