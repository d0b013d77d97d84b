"""The walls of the Dashboard, walked along its whole table: no page leads into another environment or organization,
none can be framed, believes a Host header, or shows as markup what an identity provider has sent."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from latchstring.flows import operators
from latchstring.model.operator import Role
from latchstring.storage import connections
from latchstring.storage.tables import metadata
from latchstring.web.dashboard.guard import OpenPage, Page
from latchstring.web.dashboard.routes import PAGES
from tests.furniture_for_tests import Furnished, address, furnish, is_known, of_environments, things, token
from tests.house_for_tests import BASE, Answer, Browser, Rig, call
from tests.house_for_tests import rig as build
from tests.idp_for_tests import oidc_idp
from tests.operators_for_tests import PASSWORD, hire, page, post, signed_in

ROOMS = of_environments(PAGES)
WITH_A_THING = [each for each in ROOMS if things(each)]
WITH_TWO = [each for each in ROOMS if len(things(each)) > 1]


# Something in every field that there is, so that forms get as far as they can.
FILLED = {
    "name": "Another name",
    "type": "OktaSAML",
    "domain": "another.example",
    "untested": "yes",
    "confirmed": "yes",
    "typed": "anything",
    "idp_metadata_url": "https://idp.example/metadata",
}


@dataclass
class Estate:
    """Two environments with two organizations each, and an administrator."""

    rig: Rig
    ours: Furnished
    neighbour: Furnished  # another organization of the same environment
    theirs: Furnished  # of another environment
    admin: Browser
    csrf: str

    @property
    def things(self) -> dict[str, str]:
        """Ours, and those of the house."""
        return {**self.ours.things, "operator": operators.every(self.rig.house)[0].id}

    def ask(self, found: Page, path: str) -> Answer:
        if found.method == "GET":
            return self.admin.get(path)
        return post(self.admin, path, {"csrf": self.csrf, **FILLED})


def estate(folder: object, words: str = "") -> Estate:
    rig = build(folder)  # type: ignore[arg-type]
    environment, client = rig.another_environment()
    ours = furnish(rig, rig.client, rig.environment, words=words)
    neighbour = furnish(rig, rig.client, rig.environment, words=words, number=2)
    theirs = furnish(rig, client, environment, words=words)
    admin = signed_in(rig, hire(rig, Role.ADMIN, "ann@example.com"))
    return Estate(rig, ours, neighbour, theirs, admin, token(admin))


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Nothing here changes it: that is what is tested."""
    found = estate(tmp_path_factory.mktemp("estate"))
    yield found
    found.rig.house.database.close()


def everything(rig: Rig) -> dict[str, list[object]]:
    """All rows of all tables but those that tell when somebody was last here."""
    engine = rig.house.database._engine
    return {
        name: engine.all(f"SELECT * FROM {name}", {})  # type: ignore[misc] # noqa: S608 - our own names
        for name in metadata.tables
        if name not in ("operator_sessions", "operator_tries")
    }


def title(found: Page) -> str:
    return f"{found.method} {found.path}"


def test_of_each_page_it_is_known_what_it_is_about() -> None:
    unknown = [each.path for each in PAGES if "{environment}" in each.path and not is_known(each)]
    assert unknown == [], "say in tests/furniture_for_tests.py what these parameters name, and make one of it"


@pytest.mark.parametrize("found", WITH_A_THING, ids=title)
def test_web_07_i5_a_thing_of_another_environment_is_not_there(still: Estate, found: Page) -> None:
    before = everything(still.rig)
    for here, there in ((still.theirs, still.ours), (still.ours, still.theirs)):
        answer = still.ask(found, address(found, {**there.things, "environment": here.things["environment"]}))
        assert answer.status == 404, (answer.status, answer.location if answer.status == 302 else answer.text[:500])
        assert there.things["name"] not in answer.text
    assert everything(still.rig) == before


@pytest.mark.parametrize("found", WITH_TWO, ids=title)
def test_web_07_a_thing_of_another_organization_is_not_there(still: Estate, found: Page) -> None:
    first = things(found)[0]
    before = everything(still.rig)
    answer = still.ask(found, address(found, {**still.neighbour.things, first: still.ours.things[first]}))
    assert answer.status == 404, (answer.status, answer.text[:500])
    assert everything(still.rig) == before


# --- every page, as it is shown ---

# What a page says instead of itself: it leads on, or a password that was typed too long ago is asked for.
OPENED = [each for each in PAGES if each.method == "GET" and is_known(each)]
SHOWN = [each for each in ROOMS if each.method == "GET"]


@pytest.mark.parametrize("found", SHOWN, ids=title)
def test_every_page_is_there_for_its_own(still: Estate, found: Page) -> None:
    """So that the tests of this file ask for pages that there are."""
    answer = still.ask(found, address(found, still.ours.things))
    assert answer.status == 200, (answer.status, answer.text[:300])


def test_no_page_weighs_more_than_forty_five_kilobytes_with_all_that_it_loads(still: Estate) -> None:
    heavy = []
    for found in SHOWN:
        answer = still.ask(found, address(found, still.ours.things))
        if is_html(answer):
            loaded = set(re.findall(r"/assets/[a-z.-]+", answer.text))
            assets = (call(still.rig.endpoint, "GET", path, headers={"accept_encoding": "gzip"}) for path in loaded)
            weight = sum(len(each.body) for each in (answer, *assets))
            if weight > 45_000:
                heavy.append((title(found), weight))
    assert heavy == []


@pytest.mark.parametrize("found", OPENED, ids=lambda each: each.path)
def test_web_04_no_page_can_be_framed_or_brings_anything_from_elsewhere(still: Estate, found: Page | OpenPage) -> None:
    answer = still.admin.get(address(found, still.things))
    assert answer.status < 500, answer.text[:300]
    assert answer.header("x-content-type-options") == "nosniff" and answer.header("cache-control") == "no-store"
    assert answer.header("referrer-policy") == "no-referrer"
    if answer.status == 302:
        return
    if not is_html(answer):
        assert is_no_page(answer)
        return
    policy = dict(part.split(" ", 1) for part in (answer.header("content-security-policy") or "").split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy[name] for name in ("form-action", "script-src", "style-src", "connect-src")} == {"'self'"}
    assert answer.header("x-frame-options") == "DENY"
    assert answer.header("cross-origin-opener-policy") == "same-origin"
    for element in page(answer).all():
        if element.tag == "a" and "noreferrer" in element.attributes.get("rel", ""):
            assert element.attributes["href"].startswith(("https://", f"{BASE}/")), "a link loads nothing by itself"
            continue
        for name in ("src", "href", "action"):
            there = element.attributes.get(name, "/")
            assert there.startswith(("/", "#", f"{BASE}/")) and not there.startswith("//"), (element.tag, there)
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]


def is_html(answer: Answer) -> bool:
    return (answer.header("content-type") or "").startswith("text/html")


def is_no_page(answer: Answer) -> bool:
    """Whatever stands in it, a browser shows none of it as a page of ours: a download, or what a script listens to."""
    listened = (answer.header("content-type") or "").startswith("text/event-stream")
    kept = (answer.header("content-disposition") or "").startswith("attachment")
    return (kept or listened) and answer.header("x-content-type-options") == "nosniff"


POISON: Any = {
    "host": "evil.example",
    "x_forwarded_host": "evil.example",
    "x_forwarded_proto": "https",
    "x_forwarded_for": "192.0.2.66",
    "forwarded": "host=evil.example;proto=https;for=192.0.2.66",
    "x_original_url": "/dashboard/evil.example",
    "x_rewrite_url": "/dashboard/evil.example",
}


@pytest.mark.parametrize("found", OPENED, ids=lambda each: each.path)
def test_web_05_a_poisoned_host_changes_nothing(still: Estate, found: Page | OpenPage) -> None:
    path = address(found, still.things)
    clean, poisoned = still.admin.get(path), still.admin.get(path, **POISON)
    assert (poisoned.status, poisoned.header("location")) == (clean.status, clean.header("location"))
    assert not is_html(clean) or page(poisoned).skeleton() == page(clean).skeleton()
    said = poisoned.text + repr(poisoned.headers)
    assert "evil.example" not in said and "192.0.2.66" not in said


def test_web_05_a_poisoned_host_is_in_no_mail_link_or_address(still: Estate) -> None:
    csrf = still.csrf
    rig = still.rig
    path = "/dashboard/team/invite"
    answer = post(still.admin, path, {"csrf": csrf, "email": "lou@example.com", "role": "support"}, **POISON)
    assert answer.status in (200, 302), answer.text
    (mailed,) = rig.house.kept_mail()
    assert BASE in mailed.mail.text and "evil.example" not in mailed.mail.text + mailed.mail.html + answer.text
    for path in (
        f"/sso/saml/metadata/{still.ours.idp.acs.rpartition('/')[2]}",
        "/sso/authorize?client_id=x&response_type=code",
    ):
        assert "evil.example" not in rig.browser().get(path, **POISON).text


@pytest.mark.parametrize("found", OPENED, ids=lambda each: each.path)
def test_web_06_nothing_is_read_across_origins(still: Estate, found: Page | OpenPage) -> None:
    path = address(found, still.things)
    for answer in (
        still.admin.get(path, origin="https://evil.example"),
        still.admin.call("OPTIONS", path, headers={"origin": BASE, "access_control_request_method": "POST"}),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("access-control-")]


# --- what an identity provider says ---

MARKED = "</title></script></textarea></code><i data-hostile>x</i>\"'`{{7*191}}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    found = estate(tmp_path_factory.mktemp("hostile"), words=MARKED)
    yield found
    found.rig.house.database.close()


@pytest.mark.parametrize("found", SHOWN, ids=title)
def test_web_09_what_customers_and_their_providers_say_stays_text(hostile: Estate, found: Page) -> None:
    answer = hostile.ask(found, address(found, hostile.ours.things))
    assert answer.status == 200
    if not is_html(answer):
        assert is_no_page(answer)
        assert "<i data-hostile" not in answer.text or answer.header("content-disposition")
        return
    assert not [element for element in page(answer).all() if "data-hostile" in element.attributes]
    assert "{{7*191}}" in answer.text or "1337" not in answer.text


def test_web_09_the_hostile_words_are_on_the_pages_at_all(hostile: Estate) -> None:
    """Else the test before would say nothing."""
    showing = [
        each.path for each in SHOWN if "data-hostile" in hostile.ask(each, address(each, hostile.ours.things)).text
    ]
    assert len(showing) > 6, showing


# --- what an answer never holds ---


def secrets(rig: Rig, admin: Browser) -> list[str]:
    """Everything that lies in this house and is nobody's to read."""
    with rig.house.database.read(rig.pass_) as scope:
        kept = [
            connection.secrets.reveal()
            for row in rig.client("GET", "/connections").json["data"]
            if (connection := connections.get(scope, rig.house.vault, row["id"])) is not None
        ]
    found = [PASSWORD, admin.cookies["latchstring_session"], rig.key.secret.reveal()]
    found += [one.oidc_client_secret for one in kept if one.oidc_client_secret]
    found += [pair.key.splitlines()[1] for one in kept for pair in (*one.sp_signing_keys, *one.sp_encryption_keys)]
    return found


MACHINERY = ("Traceback", "sqlite3", "SELECT ", "no such table", "latchstring/", ".py", "site-packages", "<saml")


def test_web_13_no_secret_and_no_machinery_is_in_any_answer(tmp_path: Path) -> None:
    at = estate(tmp_path)
    rig = at.rig
    idp = oidc_idp(rig)
    assert rig.client("POST", f"/connections/{at.ours.things['connection']}/saml_sp_signing_cert").status == 201
    hidden = secrets(rig, at.admin)
    assert len(hidden) >= 5
    for known in (at.ours.things, {**at.ours.things, "connection": idp.connection["id"]}):
        for found in ROOMS:
            for odd in ("", "\x00", "%00", "'", "x" * 5000, "../../etc/passwd"):
                path = address(found, known) if not odd else address(found, dict.fromkeys(known, odd))
                answer = at.admin.get(path) if found.method == "GET" else post(at.admin, path, {"csrf": at.csrf})
                assert answer.status in (200, 302, 400, 403, 404, 409, 413, 422), (answer.status, path[:200])
                said = answer.text + repr([value for name, value in answer.headers if name != "set-cookie"])
                assert not [each for each in hidden if each in said], path[:200]
                if is_html(answer) or answer.status >= 400:
                    assert not [each for each in MACHINERY if each in said], path[:200]


@pytest.mark.parametrize("table", ["organizations", "connections", "sign_in_tests", "environments"])
def test_web_13_a_house_that_breaks_says_a_number_and_nothing_else(tmp_path: Path, table: str) -> None:
    at = estate(tmp_path)
    with closing(sqlite3.connect(at.rig.folder / "house.db")) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO gone")
    broken = 0
    for found in SHOWN:
        answer = at.ask(found, address(found, at.ours.things))
        if answer.status >= 500:
            broken += 1
            assert answer.header("x-request-id")
            assert not [each for each in (*MACHINERY, "gone") if each in answer.text]
    assert broken
