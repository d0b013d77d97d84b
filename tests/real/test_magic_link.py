"""Magic links as people and applications meet them: a real browser, the official SDKs, and our own page about them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from latchstring.protocols import sign_in_mail
from tests.real.child import BIN, ROOT
from tests.real.chromium import SCHEMES, overflows, page, unfit, violations
from tests.real.login import Browser as Person
from tests.real.login import query
from tests.real.product import Product
from tests.real.sdks import SDKS, Sdk

_CALLBACK = "http://localhost:5999/callback"
_STATE = 'a state / with "everything" & more'


@pytest.fixture(scope="module")
def acme(product: Product, app: str) -> Product:
    """An environment whose name stands in its mails."""
    return product.environment("Acme", app)


def _mailed(product: Product, email: str, **wish: Any) -> dict[str, Any]:
    wanted = {"email": email, "type": "MagicLink", **wish}
    session = product.create("/passwordless/sessions", wanted)
    assert product.create(f"/passwordless/sessions/{session['id']}/send", {}) == {"success": True}
    return session


def _letter(opened: Page, product: Product, email: str) -> str:
    """Opens the mails of development; the link in the newest one to this address."""
    opened.goto(f"{product.base_url}/dev/mail")
    letter = opened.locator("article").filter(has_text=email).first
    return letter.get_by_role("link").get_attribute("href") or ""


def _returned(opened: Page, app: str) -> dict[str, str]:
    opened.wait_for_url(f"{app}?*")
    return {name: values[0] for name, values in parse_qs(urlsplit(opened.url).query).items()}


def test_a_person_opens_the_mail_and_signs_in(browser: Browser, acme: Product, app: str) -> None:
    _mailed(acme, "ann@acme.example", state="s")
    with page(browser) as opened:
        link = _letter(opened, acme, "ann@acme.example")
        opened.goto(f"{acme.base_url}/dev/mail")
        opened.locator("article").first.get_by_role("link").click()
        expect(opened.get_by_role("heading", name="Sign in to Acme")).to_be_visible()
        assert opened.url == link
        said = opened.get_by_role("main").inner_text()
        assert f"You are signing in to {urlsplit(app).netloc} as ann@acme.example." in said
        opened.get_by_role("button", name="Sign in").click()
        came = _returned(opened, app)
        assert came["state"] == "s"
        assert acme.redeem(came["code"])["email"] == "ann@acme.example"
        opened.goto(link)
        assert _returned(opened, app)["error"] == "access_denied"


def test_the_pages_are_fit_for_everybody(browser: Browser, acme: Product) -> None:
    _mailed(acme, "a.person.with.a.very.long.name.indeed@department.acme.example")
    with page(browser) as opened:
        link = _letter(opened, acme, "very.long.name")
        for url, title in ((f"{acme.base_url}/dev/mail", "Mail"), (link, "Sign in to Acme")):
            opened.goto(url)
            assert opened.title() == title
            assert unfit(opened, title) == []


def test_the_mail_itself_is_fit_for_everybody(browser: Browser) -> None:
    mail = sign_in_mail.compose(
        application="Acme",
        place="app.acme.example",
        email="a.person.with.a.very.long.name.indeed@department.acme.example",
        url=f"https://sso.example.com/passwordless/{'x' * 43}/confirm",
        remaining=timedelta(minutes=15),
    )
    with page(browser, width=320) as opened:
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.set_content(mail.html)
        for scheme in SCHEMES:
            opened.emulate_media(color_scheme=scheme)
            assert violations(opened) == []
        assert not overflows(opened)
        assert asked == []  # nothing is fetched: opening the mail tells nobody


def test_no_mail_yet_is_fit_for_everybody(browser: Browser) -> None:
    with Product() as fresh, page(browser) as opened:
        opened.goto(f"{fresh.base_url}/dev/mail")
        expect(opened.get_by_text("No mail yet.")).to_be_visible()
        assert unfit(opened, "no mail") == []


def test_the_button_by_keyboard_alone(browser: Browser, acme: Product, app: str) -> None:
    session = _mailed(acme, "keyboard@acme.example")
    with page(browser) as opened:
        opened.goto(session["link"])
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("link", name="Skip to the content")).to_be_focused()
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("button", name="Sign in")).to_be_focused()
        opened.keyboard.press("Enter")
        assert "code" in _returned(opened, app)


def test_the_button_without_javascript(browser: Browser, acme: Product, app: str) -> None:
    session = _mailed(acme, "plain@acme.example")
    with page(browser, javascript=False) as opened:
        opened.goto(session["link"])
        opened.get_by_role("button", name="Sign in").click()
        assert "code" in _returned(opened, app)


def test_a_double_click_signs_in_once(browser: Browser, acme: Product, app: str) -> None:
    session = _mailed(acme, "twice@acme.example")
    with page(browser) as opened:
        opened.goto(session["link"])
        opened.get_by_role("button", name="Sign in").dblclick()
        assert acme.redeem(_returned(opened, app)["code"])["email"] == "twice@acme.example"


def test_a_scanner_with_a_browser_spends_nothing(browser: Browser, acme: Product, app: str) -> None:
    """As some do: the page is loaded, scripts run, and every link on it is looked at."""
    session = _mailed(acme, "scanned@acme.example")
    with page(browser) as scanner:
        for _ in range(3):
            scanner.goto(session["link"], wait_until="networkidle")
            scanner.reload()
    for method in ("GET", "HEAD"):
        request = urllib.request.Request(session["link"], method=method, headers={"Purpose": "prefetch"})
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
    with page(browser) as opened:
        opened.goto(session["link"])
        opened.get_by_role("button", name="Sign in").click()
        assert "code" in _returned(opened, app)


def test_saml_32_a_page_of_somebody_else_cannot_press_the_button(browser: Browser, acme: Product, app: str) -> None:
    session = _mailed(acme, "mallory@evil.example")
    with page(browser) as victim:
        victim.goto(app.replace("localhost", "127.0.0.1"))  # another site, as browsers see it
        victim.evaluate(
            """(to) => {
              const form = Object.assign(document.createElement("form"), {method: "post", action: to});
              document.body.append(form);
              form.submit();
            }""",
            session["link"],
        )
        expect(victim.locator("details")).to_contain_text("magic_link_confirmed_elsewhere")


# -- the official SDKs


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.version)
def test_an_application_with_the_official_sdk_mails_a_link(product: Product, sdk: Sdk) -> None:
    email = f"ann@sdk-{sdk.version}.example"
    asked = {"do": "mail_a_link", "email": email, "redirect_uri": _CALLBACK, "state": _STATE}
    report = sdk.run(asked, product.variables)
    assert report["version"] == sdk.version
    session = report["session"]
    assert (session["object"], session["email"]) == ("passwordless_session", email)
    assert session["id"].startswith("passwordless_session_") and session["expires_at"]
    assert report["sent"] == {"success": True}
    assert (report["unknown"]["class"], report["unknown"]["status"]) == (sdk.errors[2], 422)
    assert "has expired or is invalid" in str(report["unknown"]["message"])
    assert (report["wrong"]["class"], report["wrong"]["status"]) == (sdk.errors[2], 422)

    person = Person(_CALLBACK)
    mails = person.open(f"{product.base_url}/dev/mail")
    link = mails.link("/confirm")  # the newest
    assert email in mails.text and link != session["link"]
    confirm = person.open(link)
    came = query(person.submit(confirm, confirm.forms[0]).url)
    assert came["state"] == _STATE
    token = sdk.run({"do": "called_back", "query": came}, product.variables)
    profile = token["profile"]
    assert (profile["email"], profile["idp_id"], profile["connection_type"]) == (email, email, "MagicLink")
    assert token["profile_again"] == profile


# -- the documentation


def _snippets(language: str) -> list[str]:
    text = (ROOT / "docs" / "magic-link.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_python_of_the_page_does_what_it_says(product: Product, tmp_path: Path) -> None:
    application = product.environment("Snippets in Python", "http://localhost:3000/callback")
    (snippet,) = _snippets("python")
    program = tmp_path / "snippet.py"
    program.write_text(snippet + "\nimport sys, json\n\nprint(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))\n")

    def call(*words: str) -> str:
        environ = {**os.environ, **application.variables}
        done = subprocess.run([BIN / "python", "-P", program, *words], env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    call("mail_a_link", "snippet@acme.example", "s")
    person = Person("http://localhost:3000/callback")
    confirm = person.open(person.open(f"{product.base_url}/dev/mail").link("/confirm"))
    came = query(person.submit(confirm, confirm.forms[0]).url)
    assert came["state"] == "s"
    assert '"email": "snippet@acme.example"' in call("signed_in", came["code"])


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_shell_of_the_page_does_what_it_says(product: Product) -> None:
    application = product.environment("Snippets in a shell", "http://localhost:3000/callback")
    environ = {**os.environ, **application.variables}

    def run(command: str) -> dict[str, Any]:
        done = subprocess.run(["bash", "-ec", command], env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    alone, both = _snippets("bash")
    assert run(alone)["object"] == "passwordless_session"
    making, naming = re.findall(r"^curl.*?(?=^curl|\Z)", both, re.MULTILINE | re.DOTALL)
    made = run(making.replace("org_01...", application.organization("Acme", "acme.example")))
    assert (made["connection_type"], made["state"]) == ("MagicLink", "validating")
    assert run(naming.replace("conn_01...", made["id"]))["email"] == "ann@acme.example"
