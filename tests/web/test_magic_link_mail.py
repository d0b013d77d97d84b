"""Magic links through a real mail server, and what the back end hears when there is none; the mails of development."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from latchstring.app import doors
from latchstring.cli import dev
from latchstring.effects import mail, mail_settings, randomness
from latchstring.model.mail import KeptMail, Mail, Postbox
from latchstring.storage import magic_links
from latchstring.web.kit.endpoint import Endpoint, inline
from tests.effects.mail_server import mail_server
from tests.house_for_tests import BASE, START, Rig, call
from tests.links_for_tests import EMAIL, mailed, make, press, send, signed_in, token_of
from tests.real.child import free_port
from tests.web.html import read


def with_postbox(rig: Rig, postbox: Postbox) -> Rig:
    """The same house, whose mail leaves through another box."""
    house = replace(rig.house, postbox=postbox)
    return replace(rig, house=house, endpoint=Endpoint(house, doors(development=True), secure=False))


def smtp(port: int, scope_open: Callable[[], bool]) -> Postbox:
    account, problems = mail_settings.account(
        url=f"smtp://127.0.0.1:{port}?starttls=never", sender="Acme <sign-in@acme.example>", timeout="5"
    )
    assert account is not None, problems
    return mail.Smtp(
        account,
        our_name="localhost",
        would_block=lambda: inline.active,
        scope_open=scope_open,
        now=lambda: START,
        chance=randomness.bytes_,
    )


def test_a_link_goes_through_a_mail_server_and_signs_in(rig: Rig) -> None:
    session = make(rig, state="s")
    with mail_server() as server:
        sending = with_postbox(rig, smtp(server.port, lambda: rig.house.database.scope_open))
        assert send(sending, session).json == {"success": True}
    (message,) = server.messages
    assert (message["To"], message["Subject"]) == (EMAIL, "Sign in to Staging")
    plain = message.get_body(("plain",))
    assert plain is not None
    (link,) = re.findall(r"http\S+/confirm", plain.get_content())
    assert token_of(link) != token_of(session["link"])
    assert signed_in(rig, link)["email"] == EMAIL


def test_a_server_without_mail_settings_names_them(rig: Rig) -> None:
    session = make(rig)
    answer = send(with_postbox(rig, mail.closed), session)
    assert (answer.status, answer.json["code"]) == (400, "mail_not_configured")
    assert "LATCHSTRING_SMTP_URL" in answer.json["message"] and "LATCHSTRING_MAIL_FROM" in answer.json["fix"]
    signed_in(rig, session["link"])  # the link of the answer works all the same


def test_a_mail_that_does_not_leave_counts_for_nothing(rig: Rig) -> None:
    session = make(rig)
    dead = with_postbox(rig, smtp(free_port(), lambda: rig.house.database.scope_open))
    for _ in range(12):
        answer = send(dead, session, idempotency_key="k")
        assert (answer.status, answer.json["code"], answer.header("retry-after")) == (503, "mail_server_failed", "1")
    with rig.house.database.read(rig.pass_) as scope:
        assert magic_links.sent_to(scope, EMAIL, since=START - timedelta(days=1), count=99) == []
    assert send(rig, session, idempotency_key="k").status == 201  # a refusal is not an answer to be kept


def test_an_address_that_the_mail_server_does_not_know(rig: Rig) -> None:
    session = make(rig)
    with mail_server() as server:
        server.recipient_answer = "550 5.1.1 no such user in our secret internal directory"
        answer = send(with_postbox(rig, smtp(server.port, lambda: rig.house.database.scope_open)), session)
    assert (answer.status, answer.json["code"]) == (422, "mail_recipient_refused")
    assert "secret" not in answer.text


# -- /dev/mail


def test_no_mail_yet_and_how_one_comes(rig: Rig) -> None:
    page = read(rig.browser().get("/dev/mail").text)
    assert page.one("h1").text == "Mail"
    assert "No mail yet." in page.text and "/passwordless/sessions" in page.text


def test_the_newest_mail_stands_first_and_its_link_can_be_followed(rig: Rig) -> None:
    send(rig, make(rig))
    send(rig, make(rig, email="joe@acme.example"))
    browser = rig.browser()
    page = read(browser.get("/dev/mail").text)
    letters = page.every("article")
    assert [letter.every("dd")[0].text for letter in letters] == ["joe@acme.example", EMAIL]
    assert letters[0].one("h2").text == "Sign in to Staging"
    link = letters[0].one("a").attributes["href"]
    assert link == mailed(rig) == letters[0].one("a").text
    assert browser.get(link).status == 200
    assert "code" in press(browser, link).returned


def test_only_addresses_of_ours_can_be_followed(rig: Rig) -> None:
    text = f"javascript:alert(1)\nhttps://evil.example/\n{BASE}.evil.example/\n<a href='{BASE}/x'>\n{BASE}/here\n"
    rig.house.postbox()(Mail(to=EMAIL, subject="<b>", text=text, html=""))
    page = read(rig.browser().get("/dev/mail").text)
    assert [link.attributes["href"] for link in page.one("main").every("a")] == [f"{BASE}/here"]


def test_mails_are_kept_within_bounds(rig: Rig) -> None:
    for number in range(mail.KEPT + 1):
        rig.house.postbox()(Mail(to=EMAIL, subject=str(number), text="", html=""))
    assert [kept.mail.subject for kept in rig.house.kept_mail()] == [str(n) for n in range(mail.KEPT, 0, -1)]


def test_in_production_there_is_no_such_page(rig: Rig) -> None:
    serving = Endpoint(rig.house, doors(development=False), secure=True)
    assert call(serving, "GET", "/dev/mail").status == 404


# -- the terminal of `latchstring dev`


def test_the_terminal_shows_the_whole_mail_and_nothing_that_moves_its_cursor() -> None:
    letter = Mail(to="ann@acme.example", subject="Sign\x1b[2J in", text="One\n\nhttp://x/\x1b[1A\n", html="")
    shown = dev.mail_as_text(KeptMail(at=START, mail=letter)).splitlines()
    assert shown[0].endswith("  mail     ann@acme.example  Sign?[2J in")
    assert shown[1:] == ["", "    One", "", "    http://x/?[1A"]


@pytest.mark.parametrize("key", ["event", "at", "to", "subject", "text"])
def test_scripts_get_a_line_of_json(key: str) -> None:
    letter = Mail(to="ann@acme.example", subject="s", text="a\nb", html="")
    line = dev.mail_as_json(KeptMail(at=START, mail=letter))
    assert "\n" not in line and f'"{key}":' in line
