"""/dashboard/settings/mail: what is set, without the password, and a test mail that really leaves."""

from __future__ import annotations

from dataclasses import replace

from latchstring.app import doors
from latchstring.effects import mail
from latchstring.model.mail import MailServer, Postbox
from latchstring.model.operator import Role
from latchstring.web.kit.endpoint import Endpoint
from tests.effects.mail_server import mail_server
from tests.house_for_tests import Rig
from tests.operators_for_tests import hire, send, signed_in
from tests.real.child import free_port
from tests.web.test_magic_link_mail import smtp

MAIL = "/dashboard/settings/mail"


def production(rig: Rig, port: int | None) -> Rig:
    """The same house, which is not a developer's, and its mail server, if it has one."""
    server: MailServer | None = None
    postbox: Postbox = mail.closed
    if port is not None:
        server = MailServer(host="127.0.0.1", port=port, encryption="none", user="ann", sender="Acme <a@acme.example>")
        postbox = smtp(port, lambda: rig.house.database.scope_open)
    house = replace(rig.house, mail_server=server, postbox=postbox, development=False)
    return replace(rig, house=house, endpoint=Endpoint(house, doors(development=False), secure=False))


def test_i5_an_administrator_sends_themselves_a_mail(rig: Rig) -> None:
    admin = hire(rig)
    with mail_server() as server:
        live = production(rig, server.port)
        browser = signed_in(live, admin)
        answer = browser.get(MAIL)
        assert f"127.0.0.1:{server.port}" in answer.text and "not encrypted" in answer.text
        assert "Acme &lt;a@acme.example&gt;" in answer.text
        sent = send(browser, answer, MAIL)
        assert (sent.status, sent.location) == (302, f"{MAIL}?sent=yes")
        assert "The mail server has taken it" in browser.get(sent.location).text
        (letter,) = server.messages
    assert admin.email in str(letter["to"]) and "This server can send mail." in letter.as_string()


def test_i5_what_the_mail_server_says_no_to_is_said_on_the_page(rig: Rig) -> None:
    admin = hire(rig)
    browser = signed_in(production(rig, free_port()), admin)
    refused = send(browser, browser.get(MAIL), MAIL)
    assert refused.status == 503 and "did not take the mail" in refused.text


def test_i5_without_mail_settings_the_page_says_what_that_means(rig: Rig) -> None:
    admin = hire(rig)
    browser = signed_in(production(rig, None), admin)
    assert "LATCHSTRING_SMTP_URL" in browser.get(MAIL).text
    in_development = signed_in(rig, admin)
    sent = send(in_development, in_development.get(MAIL), MAIL)
    assert "/dev/mail" in in_development.get(sent.location).text
    assert rig.house.kept_mail()[0].mail.to == admin.email
    developer = signed_in(rig, hire(rig, Role.DEVELOPER))
    assert developer.get(MAIL).status == 403 and MAIL not in developer.get("/dashboard").text
