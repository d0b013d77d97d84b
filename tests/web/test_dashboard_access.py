"""The ways into the Dashboard and out of it, over HTTP: links, sign-in, sessions, forms from elsewhere, roles."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from latchstring import app
from latchstring.effects.settings import Settings
from latchstring.flows import operator_sessions, operators
from latchstring.flows.story import Visitor
from latchstring.model.operator import Role
from latchstring.model.secret import Secret
from latchstring.web.dashboard.browser import csrf as csrf_of
from latchstring.web.dashboard.guard import OpenPage, Page
from latchstring.web.dashboard.routes import PAGES
from tests.house_for_tests import BASE, Answer, Browser, Rig, call
from tests.operators_for_tests import HERE, PASSWORD, hire, page, post, send, signed_in

ALL = [page for page in PAGES if isinstance(page, Page)]
OPEN = [page for page in PAGES if isinstance(page, OpenPage)]


def first_link(rig: Rig) -> str:
    return operators.front_link(rig.house).reveal()


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/dashboard").status == 200


def alert(answer: Answer) -> str:
    return page(answer).one("div", role="alert").text


def cookies(answer: Answer) -> list[str]:
    return [value for name, value in answer.headers if name == "set-cookie"]


# --- the one-time link ---


def test_web_11_the_first_administrator_comes_by_a_link(rig: Rig) -> None:
    browser = rig.browser()
    followed = browser.get(first_link(rig))
    assert (followed.status, followed.location) == (302, "/dashboard/welcome")  # and it stands in no address any more
    shown = browser.get("/dashboard/welcome")
    assert page(shown).one("h1").text == "Become the first administrator"
    assert shown.header("referrer-policy") == "no-referrer" and shown.header("cache-control") == "no-store"
    done = send(browser, shown, "/dashboard/welcome", email="Ann@Example.com", name=" Ann  Lee ", password=PASSWORD)
    assert (done.status, done.location) == (302, "/dashboard")
    home = page(browser.get("/dashboard"))
    assert "Ann Lee" in home.text and "Ann@Example.com" in home.text and "Admin" in home.text
    assert [(made.email, made.name, made.role) for made in operators.every(rig.house)] == [
        ("Ann@Example.com", "Ann Lee", Role.ADMIN)
    ]


def test_web_11_a_link_is_used_once(rig: Rig) -> None:
    url = first_link(rig)
    first, second = rig.browser(), rig.browser()
    for browser in (first, second):
        browser.get(url)
    shown = second.get("/dashboard/welcome")
    fields = {"email": "ann@example.com", "name": "Ann", "password": PASSWORD}
    assert send(first, first.get("/dashboard/welcome"), "/dashboard/welcome", **fields).status == 302
    late = send(second, shown, "/dashboard/welcome", **{**fields, "email": "eve@example.com"})
    assert late.status == 400 and "operator_link_over" in late.text
    assert [made.email for made in operators.every(rig.house)] == ["ann@example.com"]
    assert operators.front_link(rig.house).reveal() == f"{BASE}/dashboard"


def test_looking_at_a_link_uses_nothing_up(rig: Rig) -> None:
    url = first_link(rig)
    for _ in range(3):  # scanners of mail, in browsers of their own
        scanner = rig.browser()
        scanner.get(url)
        assert scanner.get("/dashboard/welcome").status == 200
        call(rig.endpoint, "HEAD", url.removeprefix(BASE))
    browser = rig.browser()
    browser.get(url)
    done = send(
        browser,
        browser.get("/dashboard/welcome"),
        "/dashboard/welcome",
        email="a@b.example",
        name="A",
        password=PASSWORD,
    )
    assert done.status == 302


def test_web_11_a_link_ends(rig: Rig) -> None:
    browser = rig.browser()
    browser.get(first_link(rig))
    rig.clock.forward(hours=23, minutes=59)
    assert browser.get("/dashboard/welcome").status == 200
    rig.clock.forward(minutes=1)
    assert browser.get("/dashboard/welcome").status == 400


def test_a_newer_first_link_takes_the_place_of_the_one_before(rig: Rig) -> None:
    old, new = first_link(rig), first_link(rig)
    answers = []
    for url in (old, new):
        browser = rig.browser()
        browser.get(url)
        answers.append(browser.get("/dashboard/welcome").status)
    assert answers == [400, 200]


@pytest.mark.parametrize("token", ["x" * 43, "", "../..", "%0d%0aSet-Cookie:%20a=b", "a" * 5000, "%00", "é"])
def test_a_link_that_nobody_made_opens_nothing(rig: Rig, token: str) -> None:
    first_link(rig)
    browser = rig.browser()
    answer = browser.get(f"/dashboard/welcome?link={token}")
    assert [line for line in cookies(answer) if not line.startswith("latchstring_link=")] == []
    assert browser.get("/dashboard/welcome").status == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "ann"),
        ("email", "ann@example.com, eve@example.com"),
        ("name", " "),
        ("name", "n" * 101),
        ("password", "short"),
        ("password", "password1234"),
        ("password", "ann@example.com"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(rig: Rig, field: str, value: str) -> None:
    browser = rig.browser()
    browser.get(first_link(rig))
    typed = {"email": "ann@example.com", "name": "Ann Lee", "password": PASSWORD, field: value}
    answer = send(browser, browser.get("/dashboard/welcome"), "/dashboard/welcome", **typed)
    assert answer.status == 422
    shown = page(answer)
    at_fault = [entry.attributes["id"] for entry in shown.every("input") if "aria-invalid" in entry.attributes]
    assert at_fault == [field]
    for name in {"email", "name"} - {field}:
        assert shown.by_id(name).attributes["value"] == typed[name]
    assert shown.by_id("password").attributes["value"] == ""
    assert operators.every(rig.house) == []
    done = send(browser, answer, "/dashboard/welcome", email="ann@example.com", name="Ann", password=PASSWORD)
    assert done.status == 302  # the link was not used up by the mistake


def test_an_invitation_fixes_address_and_role(rig: Rig) -> None:
    hire(rig)
    url = operators.invite(rig.house, email="sue@example.com", role=Role.SUPPORT).url.reveal()
    browser = rig.browser()
    browser.get(url)
    shown = browser.get("/dashboard/welcome")
    assert "sue@example.com" in page(shown).text and "Support" in page(shown).text
    send(browser, shown, "/dashboard/welcome", name="Sue", password=PASSWORD, email="eve@example.com", role="admin")
    sue = operators.named(rig.house, "sue@example.com")
    assert (sue.name, sue.role) == ("Sue", Role.SUPPORT)


def test_a_link_to_a_new_password_ends_everything_before_it(rig: Rig) -> None:
    ann = hire(rig)
    before = signed_in(rig, ann)
    url = operators.reset(rig.house, ann.email).url.reveal()
    assert not is_signed_in(before)
    assert post(rig.browser(), "/dashboard/sign-in", {"email": ann.email, "password": PASSWORD}).status == 401
    browser = rig.browser()
    browser.get(url)
    shown = browser.get("/dashboard/welcome")
    assert page(shown).one("h1").text == "Choose a new password"
    assert send(browser, shown, "/dashboard/welcome", password="another quiet river 7").status == 302
    assert is_signed_in(browser)
    again = {"email": ann.email, "password": "another quiet river 7"}
    assert post(rig.browser(), "/dashboard/sign-in", again).status == 302


def test_what_happened_since_then_overtakes_a_link(rig: Rig) -> None:
    ann = hire(rig, Role.DEVELOPER)
    url = operators.reset(rig.house, ann.email).url.reveal()
    operators.disable(rig.house, ann.email)
    operators.enable(rig.house, ann.email)
    browser = rig.browser()
    browser.get(url)
    assert browser.get("/dashboard/welcome").status == 400


# --- signing in ---


def test_signing_in_and_out(rig: Rig) -> None:
    ann = hire(rig)
    browser = rig.browser()
    assert browser.get("/dashboard").location == "/dashboard/sign-in?next=/dashboard"
    shown = browser.get("/dashboard/sign-in?next=/dashboard")
    done = send(browser, shown, "/dashboard/sign-in", email=ann.email.upper(), password=PASSWORD)
    assert (done.status, done.location) == (302, "/dashboard")
    kept = dict(browser.cookies)
    gone = send(browser, browser.get("/dashboard"), "/dashboard/sign-out")
    assert (gone.status, gone.location) == (302, "/dashboard/sign-in")
    assert not is_signed_in(browser)
    assert not is_signed_in(Browser(rig.endpoint, kept))  # wherever the cookie went, it opens nothing


def test_web_11_nobody_learns_who_has_an_account(rig: Rig) -> None:
    """Same status, same headers, same words; and as much work, which `test_passwords` holds."""
    ann = hire(rig)
    gone = hire(rig, Role.SUPPORT)
    operators.disable(rig.house, gone.email)
    reset = hire(rig, Role.DEVELOPER)
    operators.reset(rig.house, reset.email)
    answers = []
    for email, password in (
        (ann.email, "violet harbour tango nin"),
        ("nobody@example.com", PASSWORD),
        (gone.email, PASSWORD),
        (reset.email, PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
        (ann.email + "\x00", PASSWORD),
    ):
        answer = post(rig.browser(), "/dashboard/sign-in", {"email": email, "password": password})
        shown = page(answer)
        headers = [pair for pair in answer.headers if pair[0] not in ("x-request-id", "content-length")]
        answers.append((answer.status, headers, shown.text, shown.one("div", role="alert").text))
    assert answers[0][0] == 401
    assert [answer for answer in answers if answer != answers[0]] == []


def test_web_11_an_account_that_nobody_has_costs_the_same_work(rig: Rig) -> None:
    ann = hire(rig)
    checked: list[bool] = []

    class Counted:
        def hash(self, password: str) -> str:
            raise AssertionError("nothing is hashed at a sign-in")

        def fits(self, password: str, hashed: str | None) -> bool:
            checked.append(hashed is not None)
            return False

    house = replace(rig.house, passwords=Counted)
    for email in (ann.email, "nobody@example.com"):
        with pytest.raises(operator_sessions.PasswordWrong):
            operator_sessions.sign_in(house, email=email, password=PASSWORD, visitor=Visitor("1.2.3.4"))
    assert checked == [True, False]


def tries(rig: Rig, email: str, count: int, password: str = "wrong password here") -> list[int]:  # noqa: S107
    return [
        post(rig.browser(), "/dashboard/sign-in", {"email": email, "password": password}).status for _ in range(count)
    ]


def test_web_10_five_tries_in_a_quarter_of_an_hour_then_a_pause_that_doubles(rig: Rig) -> None:
    ann = hire(rig)
    for minutes in (15, 30, 60, 120):
        assert tries(rig, ann.email, 6) == [401] * 5 + [429]
        refused = post(rig.browser(), "/dashboard/sign-in", {"email": ann.email, "password": PASSWORD})
        assert refused.status == 429, "the right password does not help now"
        assert refused.header("retry-after") == str(minutes * 60)
        rig.clock.forward(minutes=minutes, seconds=-1)
        assert tries(rig, ann.email, 1) == [429]
        rig.clock.forward(seconds=1)
    assert tries(rig, ann.email, 1, PASSWORD) == [302]  # and whoever was right is forgiven
    assert tries(rig, ann.email, 6) == [401] * 5 + [429]
    assert (
        post(rig.browser(), "/dashboard/sign-in", {"email": ann.email, "password": ""}).header("retry-after") == "900"
    )


def test_web_10_tries_are_counted_for_accounts_that_nobody_has_in_the_same_way(rig: Rig) -> None:
    hire(rig)
    assert tries(rig, "nobody@example.com", 6) == [401] * 5 + [429]
    assert tries(rig, "NOBODY@example.com", 1) == [429]


def test_web_10_others_are_not_kept_out(rig: Rig) -> None:
    ann, sue = hire(rig), hire(rig, Role.SUPPORT)
    tries(rig, ann.email, 6)
    assert tries(rig, sue.email, 1, PASSWORD) == [302]
    elsewhere = Visitor("198.51.100.9")
    assert isinstance(
        operator_sessions.sign_in(rig.house, email=ann.email, password=PASSWORD, visitor=elsewhere), Secret
    )


def test_web_10_a_restart_forgets_no_tries(rig: Rig) -> None:
    ann = hire(rig)
    tries(rig, ann.email, 5)
    settings = Settings(
        base_url=BASE,
        database=rig.folder / "house.db",
        secret_key=Secret("0123456789abcdefghijklmnopqrstuvwxyz"),
        development=True,
    )
    house = replace(app.house(settings), now=rig.clock.now)
    another = replace(rig, house=house, endpoint=app.application(settings, house))
    assert tries(another, ann.email, 1) == [429]
    house.database.close()


def test_few_wrong_tries_are_forgotten_after_a_while(rig: Rig) -> None:
    ann = hire(rig)
    for _ in range(4):
        assert tries(rig, ann.email, 4) == [401] * 4
        rig.clock.forward(minutes=15)


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("/dashboard/confirm", "/dashboard/confirm"),
        ("/dashboard?x=1", "/dashboard?x=1"),
        ("https://evil.example/dashboard", "/dashboard"),
        ("//evil.example", "/dashboard"),
        ("/dashboard//evil.example", "/dashboard"),
        ("/dashboard/\\evil.example", "/dashboard"),
        ("/dashboardx", "/dashboard"),
        ("/sso/authorize", "/dashboard"),
        ("javascript:alert(1)", "/dashboard"),
        ("/dashboard/\r\nSet-Cookie: a=b", "/dashboard"),
        ("/dashboard/é", "/dashboard"),
        ("", "/dashboard"),
    ],
)
def test_oauth_13_signing_in_leads_to_the_dashboard_and_nowhere_else(rig: Rig, place: str, where: str) -> None:
    ann = hire(rig)
    done = post(rig.browser(), "/dashboard/sign-in", {"email": ann.email, "password": PASSWORD, "next": place})
    assert (done.status, done.location) == (302, where)


# --- sessions ---


def test_web_01_the_cookie_of_a_session_is_locked_to_this_host(rig: Rig) -> None:
    ann = hire(rig)
    answer = post(rig.browser(), "/dashboard/sign-in", {"email": ann.email, "password": PASSWORD})
    (line,) = cookies(answer)
    assert re.fullmatch(r"latchstring_session=[\w-]{43}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax", line), (
        "on plain http, in development alone, browsers take neither Secure nor the prefix"
    )
    house = replace(rig.house, base_url="https://sso.example.com", development=False)
    settings = Settings(
        base_url=house.base_url, database=rig.folder / "house.db", secret_key=Secret("0123456789abcdefghijklmnopqrstuv")
    )
    served = Browser(app.application(settings, house))
    form = {"email": ann.email, "password": PASSWORD}
    (line,) = cookies(post(served, "/dashboard/sign-in", form))
    assert re.fullmatch(
        r"__Host-latchstring_session=[\w-]{43}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure", line
    )
    assert served.get("/dashboard").status == 200
    plain = Browser(served.endpoint, {"latchstring_session": served.cookies["__Host-latchstring_session"]})
    assert plain.get("/dashboard").status == 302  # a sub-domain could have planted that one


def test_web_01_a_session_is_new_at_each_sign_in_and_the_one_before_ends(rig: Rig) -> None:
    ann = hire(rig)
    browser = signed_in(rig, ann)
    before = Browser(rig.endpoint, dict(browser.cookies))
    assert post(browser, "/dashboard/sign-in", {"email": ann.email, "password": PASSWORD}).status == 302
    assert browser.cookies != before.cookies
    assert is_signed_in(browser) and not is_signed_in(before)


def test_web_01_a_planted_session_is_not_taken_over(rig: Rig) -> None:
    ann = hire(rig)
    browser = Browser(rig.endpoint, {"latchstring_session": "x" * 43})
    post(browser, "/dashboard/sign-in", {"email": ann.email, "password": PASSWORD})
    assert browser.cookies["latchstring_session"] != "x" * 43
    assert not is_signed_in(Browser(rig.endpoint, {"latchstring_session": "x" * 43}))


def test_web_01_a_session_ends_when_nobody_uses_it(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    for _ in range(3):
        rig.clock.forward(hours=11, minutes=59)
        assert is_signed_in(browser)
    rig.clock.forward(hours=12)
    assert not is_signed_in(browser)


def test_web_01_a_session_ends_after_a_week_whoever_uses_it(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    for _ in range(7 * 4 - 1):
        rig.clock.forward(hours=6)
        assert is_signed_in(browser)
    rig.clock.forward(hours=6)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("act", ["disable", "reset", "role"])
def test_web_01_what_changes_somebodys_rights_ends_their_sessions(rig: Rig, act: str) -> None:
    hire(rig)
    dev = hire(rig, Role.DEVELOPER)
    browser = signed_in(rig, dev)
    if act == "role":
        operators.set_role(rig.house, dev.email, Role.SUPPORT)
    else:
        {"disable": operators.disable, "reset": operators.reset}[act](rig.house, dev.email)
    assert not is_signed_in(browser)


def test_what_has_ended_goes(rig: Rig) -> None:
    ann = hire(rig)
    signed_in(rig, ann)
    operators.invite(rig.house, email="sue@example.com", role=Role.SUPPORT)
    tries(rig, ann.email, 1)
    assert operator_sessions.drop_ended(rig.house) == 0
    rig.clock.forward(days=8)
    assert operator_sessions.drop_ended(rig.house) == 5  # a session, two used links and an open one, a count
    assert operator_sessions.drop_ended(rig.house) == 0


# --- forms from elsewhere ---

ELSEWHERE = [
    {},
    {"sec_fetch_site": "cross-site", "origin": "https://evil.example"},
    {"sec_fetch_site": "same-site", "origin": "http://other.localhost:4100"},
    {"sec_fetch_site": "none", "origin": "null"},
    {"sec_fetch_site": "cross-site", "origin": BASE},
    {"sec_fetch_site": "same-origin", "origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"origin": f"{BASE}.evil.example"},
]
SAME = [HERE, {"sec_fetch_site": "same-origin"}, {"origin": BASE}, {"sec_fetch_site": "same-origin", "origin": BASE}]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_web_03_a_form_from_elsewhere_changes_nothing(rig: Rig, headers: dict[str, str]) -> None:
    browser = signed_in(rig, hire(rig))
    csrf = page(browser.get("/dashboard")).one("input", name="csrf").attributes["value"]
    for path in (found.path for found in PAGES if found.method == "POST"):
        answer = browser.post(path, {"csrf": csrf, "password": PASSWORD}, **headers)
        assert answer.status == 403 and "dashboard_form_from_elsewhere" in answer.text, path
        assert is_signed_in(browser), path


@pytest.mark.parametrize("headers", SAME, ids=str)
def test_web_03_a_form_of_ours_is_taken(rig: Rig, headers: dict[str, str]) -> None:
    browser = signed_in(rig, hire(rig))
    csrf = page(browser.get("/dashboard")).one("input", name="csrf").attributes["value"]
    assert browser.post("/dashboard/sign-out", {"csrf": csrf}, **headers).location == "/dashboard/sign-in"


@pytest.mark.parametrize("whose", ["nobody's", "another session's", "with a letter more", "the cookie's own"])
def test_web_03_a_form_needs_the_token_of_its_session(rig: Rig, whose: str) -> None:
    ann = hire(rig)
    browser, other = signed_in(rig, ann), signed_in(rig, ann)
    own, others = (
        page(each.get("/dashboard")).one("input", name="csrf").attributes["value"] for each in (browser, other)
    )
    tokens = {
        "nobody's": "",
        "another session's": others,
        "with a letter more": own + "x",
        "the cookie's own": browser.cookies["latchstring_session"],
    }
    for path in (found.path for found in ALL if found.method == "POST"):
        answer = post(browser, path, {"csrf": tokens[whose], "password": PASSWORD})
        assert answer.status == 403 and "dashboard_form_from_elsewhere" in answer.text, path
        assert is_signed_in(browser), path


def test_web_03_the_form_of_a_link_needs_its_own_token(rig: Rig) -> None:
    browser = rig.browser()
    browser.get(first_link(rig))
    fields = {"email": "ann@example.com", "name": "Ann", "password": PASSWORD}
    assert post(browser, "/dashboard/welcome", fields).status == 403
    assert operators.every(rig.house) == []


# --- the password once more ---


def test_web_11_what_matters_needs_a_fresh_password(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    session = operator_sessions.current(rig.house, browser.cookies["latchstring_session"])
    assert session.is_fresh(rig.clock.now() + timedelta(minutes=9, seconds=59))
    rig.clock.forward(minutes=10)
    assert not session.is_fresh(rig.clock.now())
    before = Browser(rig.endpoint, dict(browser.cookies))
    shown = browser.get("/dashboard/confirm?next=/dashboard")
    wrong = send(browser, shown, "/dashboard/confirm", password="wrong password here")
    assert wrong.status == 401 and "do not belong together" in alert(wrong)
    done = send(browser, wrong, "/dashboard/confirm", password=PASSWORD)
    assert (done.status, done.location) == (302, "/dashboard")
    after = operator_sessions.current(rig.house, browser.cookies["latchstring_session"])
    assert after.is_fresh(rig.clock.now()) and after.expires_at == session.expires_at
    assert not is_signed_in(before)  # rotated (WEB-01)


def test_web_10_typing_it_once_more_is_limited_as_well(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    shown = browser.get("/dashboard/confirm")
    statuses = [send(browser, shown, "/dashboard/confirm", password="wrong password here").status for _ in range(6)]
    assert statuses == [401] * 5 + [429]


# --- roles ---


def test_web_11_every_page_is_closed_to_whoever_is_not_signed_in(rig: Rig) -> None:
    hire(rig)
    for browser in (rig.browser(), Browser(rig.endpoint, {"latchstring_session": "x" * 43})):
        for found in ALL:
            path = re.sub(r"{\w+}", "x", found.path)
            answer = browser.get(path) if found.method == "GET" else post(browser, path, {"csrf": "x"})
            assert answer.status == 302 and answer.location.startswith("/dashboard/sign-in?next=/dashboard"), path
            assert rig.environment.client_id not in answer.text, path


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_web_11_every_page_is_closed_to_a_role_below_its_own(rig: Rig, role: Role) -> None:
    """Whatever it would do, it is not begun: the refusal comes before the page."""
    somebody = hire(rig, role)
    for found in ALL:
        browser = signed_in(rig, somebody)  # anew: a page may end the session
        csrf = csrf_of(browser.cookies["latchstring_session"])
        path = re.sub(r"{\w+}", "x", found.path)
        answer = browser.get(path) if found.method == "GET" else post(browser, path, {"csrf": csrf})
        refused = "operator_role_too_low" in answer.text
        assert refused is not role.may(found.least), (found.method, path)
        assert (answer.status == 403) is refused, (found.method, path)


def test_the_ways_in_are_the_only_open_pages() -> None:
    assert sorted(f"{page.method} {page.path}" for page in OPEN) == [
        "GET /dashboard/sign-in",
        "GET /dashboard/sign-in/passkey",
        "GET /dashboard/sign-in/second-factor",
        "GET /dashboard/sign-in/sso",
        "GET /dashboard/sign-in/sso/return",
        "GET /dashboard/welcome",
        "POST /dashboard/sign-in",
        "POST /dashboard/sign-in/passkey",
        "POST /dashboard/sign-in/second-factor",
        "POST /dashboard/sign-in/second-factor/passkey",
        "POST /dashboard/welcome",
    ]


def test_web_04_forms_of_the_dashboard_lead_to_us_alone(rig: Rig) -> None:
    for answer in (rig.browser().get("/dashboard/sign-in"), signed_in(rig, hire(rig)).get("/dashboard")):
        policy = dict(part.split(" ", 1) for part in (answer.header("content-security-policy") or "").split("; "))
        assert policy["form-action"] == policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert answer.header("x-frame-options") == "DENY" and answer.header("cache-control") == "no-store"


def test_web_09_what_people_typed_is_shown_as_text(rig: Rig) -> None:
    browser = rig.browser()
    browser.get(first_link(rig))
    name = "<script>alert(1)</script>"
    send(
        browser,
        browser.get("/dashboard/welcome"),
        "/dashboard/welcome",
        email="a@b.example",
        name=name,
        password=PASSWORD,
    )
    home = browser.get("/dashboard")
    assert name in page(home).text
    assert [script.attributes["src"] for script in page(home).every("script")] == ["/assets/copy.js"]


def test_web_13_no_secret_of_an_operator_is_in_a_page_or_in_the_database(rig: Rig) -> None:
    ann = hire(rig)
    token = operators.reset(rig.house, ann.email).url.reveal().partition("link=")[2]
    browser = rig.browser()
    browser.get(f"/dashboard/welcome?link={token}")
    shown = browser.get("/dashboard/welcome")
    assert token not in shown.text
    send(browser, shown, "/dashboard/welcome", password=PASSWORD)
    session = browser.cookies["latchstring_session"]
    assert session not in browser.get("/dashboard").text
    rig.house.database.close()
    kept = b"".join(path.read_bytes() for path in rig.folder.glob("house.db*"))
    for secret in (token, session, PASSWORD):
        assert secret.encode() not in kept
