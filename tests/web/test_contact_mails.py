"""Mails that an organization's IT gets by itself, through a real mail server: each once, in their language, with a link
that opens what it is for; what could not be sent is tried again, not for ever, and shown.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

import pytest

from latchstring.effects import mail
from latchstring.flows import contact_mails, it_contacts, portal_links, upkeep
from latchstring.model.mail import Deliver, Mail
from latchstring.model.operator import Role
from latchstring.model.portal import Intent, LinkState
from latchstring.storage import front_door
from tests.effects.mail_server import MailServer, mail_server
from tests.flows.test_expiry import END, pair
from tests.house_for_tests import BASE, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.operators_for_tests import hire, page, signed_in
from tests.portal_admin_for_tests import Admin
from tests.portal_for_tests import press, set_up_link
from tests.real.child import free_port
from tests.web.test_magic_link_mail import smtp, with_postbox
from tests.web.test_portal_access import refused

IT, JOE = "it@acme.example", "joe@acme.example"
TURN_ON = "/portal/test/turn-on"
_readers = itertools.count()


@dataclass
class Post:
    """A house with a mail server and an identity provider whose certificate ends at END."""

    rig: Rig
    server: MailServer
    idp: SamlIdp

    @property
    def organization_id(self) -> str:
        return str(self.idp.organization["id"])

    def round(self) -> upkeep.Done:
        """As the worker does it, an hour after the last one."""
        self.rig.clock.forward(hours=1)
        return self.send()

    def send(self) -> upkeep.Done:
        return upkeep.round_(self.rig.house, front_door.by_worker(self.rig.environment), lambda: False)

    def contact(self, *emails: str) -> None:
        for email in emails:
            it_contacts.create(self.rig.house, self.rig.pass_, self.organization_id, email)

    def came(self) -> list[tuple[str, str]]:
        return [(message["To"], message["Subject"]) for message in self.server.messages]

    def links(self) -> list[LinkState]:
        """Those for a renewal, the newest first."""
        found = portal_links.of_organization(self.rig.house, self.rig.pass_, self.organization_id)
        return [each.state(self.rig.clock.now()) for each in found if each.intent is Intent.CERTIFICATE_RENEWAL]

    def seen(self) -> str:
        """The page of the organization's links."""
        path = f"/dashboard/{self.rig.environment.id}/organizations/{self.organization_id}/links"
        reader = hire(self.rig, Role.SUPPORT, f"reader-{next(_readers)}@example.com")
        return page(signed_in(self.rig, reader).get(path)).text

    def broken(self) -> Post:
        """The same house, whose mail server is not there."""
        rig = with_postbox(self.rig, smtp(free_port(), lambda: self.rig.house.database.scope_open))
        return Post(rig, self.server, self.idp)


@pytest.fixture
def post(rig: Rig) -> Iterator[Post]:
    with mail_server() as server:
        sending = with_postbox(rig, smtp(server.port, lambda: rig.house.database.scope_open))
        yield Post(sending, server, saml_idp(sending))


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def link(message: EmailMessage) -> str:
    (found,) = re.findall(r"http\S+/portal/launch\S+", plain(message))
    assert found in html(message)
    return str(found).removeprefix(BASE)


# --- a certificate ends ---


def test_saml_45_it_contacts_are_mailed_at_90_30_7_and_1_days_once_each(post: Post) -> None:
    post.contact(IT, JOE)
    for day in (91, 90, 89, 30, 29, 7, 2, 1):
        post.rig.clock.at = END - timedelta(days=day)
        for _ in range(2):
            post.round()
    subject = "Acme: a certificate ends on 20 Nov 2036"
    assert post.came() == [(to, subject) for _ in range(4) for to in (IT, JOE)]
    told = plain(post.server.messages[-1])
    assert "it ends on 20 Nov 2036. Days left: 1." in told and "The link is good until 19 Dec 2036" in told
    assert len({link(each) for each in post.server.messages}) == 4, "one link for all who get a mail"


def test_web_07_the_link_opens_a_renewal_alone_and_takes_the_place_of_the_one_before(post: Post) -> None:
    post.contact(IT)
    post.rig.clock.at = END - timedelta(days=30)
    post.round()
    post.rig.clock.at = END - timedelta(days=7)
    post.round()
    before, newest = map(link, post.server.messages)
    refused(post.rig.browser().get(before), 410, "portal_link_revoked")
    browser = post.rig.browser()
    assert press(browser, browser.get(newest)).location == "/portal"
    refused(browser.get("/portal/provider"), 403, "portal_intent_forbidden")
    assert post.links() == [LinkState.OPEN, LinkState.REVOKED]


def test_a_set_up_link_of_another_intent_stays_open(post: Post) -> None:
    post.contact(IT)
    post.rig.clock.at = END - timedelta(days=7)
    made = set_up_link(post.rig, post.organization_id)
    post.round()
    (newest,) = post.server.messages
    for url in (link(newest), made.url.reveal()):
        assert post.rig.browser().get(url).status == 200


def test_eight_nodes_that_send_at_once_send_one_mail(post: Post) -> None:
    post.contact(IT)
    post.rig.clock.at = END - timedelta(days=7)
    pass_ = front_door.by_worker(post.rig.environment)
    upkeep.inspect(post.rig.house, pass_, lambda: False)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: contact_mails.send_due(post.rig.house, pass_, lambda: False), range(8)))
    assert sum(sent for sent, _ in done) == len(post.came()) == 1


def test_what_a_node_was_about_to_send_when_it_died_is_sent_by_another(post: Post) -> None:
    def dying() -> Deliver:
        raise RuntimeError("the plug is pulled")

    post.contact(IT)
    post.rig.clock.at = END - timedelta(days=7)
    with pytest.raises(RuntimeError, match="the plug"):
        Post(with_postbox(post.rig, dying), post.server, post.idp).round()
    assert post.send().mailed == 0, "it is still another one's"
    post.rig.clock.forward(minutes=30)
    assert post.send().mailed == 1 and len(post.came()) == 1
    post.rig.clock.forward(days=2)
    assert post.send().mailed == 0 and len(post.came()) == 1


def test_a_mail_server_that_is_down_is_asked_again_five_times_and_takes_no_link_from_anybody(post: Post) -> None:
    post.contact(IT, JOE)
    post.rig.clock.at = END - timedelta(days=7)
    held = set_up_link(post.rig, post.organization_id, Intent.CERTIFICATE_RENEWAL)
    down = post.broken()
    assert (down.round().not_mailed, down.send().not_mailed) == (2, 0)
    seen = post.seen()
    assert "joe@acme.example: The mail server did not take it." in seen and "It is tried again:" in seen
    for wait in contact_mails.WAITS:
        post.rig.clock.forward(seconds=wait.total_seconds() - 1)
        assert down.send().not_mailed == 0
        post.rig.clock.forward(seconds=1)
        assert down.send().not_mailed == 2
    post.rig.clock.forward(days=2)
    assert down.send().not_mailed == post.send().mailed == 0, "that was all, until the next step"
    assert "It is not tried again." in post.seen()
    assert post.rig.browser().get(held.url.reveal()).status == 200
    assert post.links() == [LinkState.REVOKED] * contact_mails.TRIES + [LinkState.OPEN]
    post.rig.clock.at = END - timedelta(days=1)
    assert post.round().mailed == 2
    assert "did not reach" not in post.seen() and f"Mailed to {IT}, {JOE}:" in post.seen()


def test_a_server_that_comes_back_gets_the_mail(post: Post) -> None:
    post.contact(IT)
    post.rig.clock.at = END - timedelta(days=7)
    assert post.broken().round().not_mailed == 1
    assert post.round().mailed == 1 and len(post.came()) == 1


def test_without_mail_settings_the_page_says_so_and_no_link_is_made(post: Post) -> None:
    post.contact(IT)
    post.rig.clock.at = END - timedelta(days=7)
    silent = Post(with_postbox(post.rig, mail.closed), post.server, post.idp)
    assert silent.round().not_mailed == 1
    assert "Mail is not set up on this server." in post.seen() and post.links() == []


def test_an_address_that_there_is_not_keeps_nobody_else_from_the_mail(post: Post) -> None:
    post.contact(IT, JOE)
    post.server.unknown.add(IT)
    post.rig.clock.at = END - timedelta(days=7)
    done = post.round()
    assert (done.mailed, done.not_mailed) == (1, 1)
    assert "it@acme.example: The mail server delivers no mail to this address." in post.seen()
    post.rig.clock.forward(days=2)
    assert (post.send().mailed, [to for to, _ in post.came()]) == (0, [JOE])
    assert post.rig.browser().get(link(post.server.messages[0])).status == 200


def test_whoever_follows_their_link_is_written_to_in_their_language(post: Post) -> None:
    post.contact(IT, JOE)
    browser = post.rig.browser()
    made = set_up_link(post.rig, post.organization_id, Intent.SSO, IT)
    shown = browser.get(made.url.reveal())
    sent = page(shown).one("form", method="post", action="/portal/launch").sends()
    assert browser.post("/portal/launch", sent, accept_language="de", origin=BASE).status == 303
    post.rig.clock.at = END - timedelta(days=7)
    post.round()
    assert [subject for _, subject in post.came()] == [
        "Acme: Ein Zertifikat läuft am 20.11.2036 ab",
        "Acme: a certificate ends on 20 Nov 2036",
    ]
    german = post.server.messages[0]
    assert '<html lang="de">' in html(german) and "Verbleibende Tage: 7." in plain(german)


def test_two_connections_of_one_organization_are_one_mail(post: Post) -> None:
    post.contact(IT)
    body = {
        "organization_id": post.organization_id,
        "name": "Second",
        "saml_options": {
            "idp_entity_id": "https://second.acme.example",
            "idp_sso_url": "https://second.acme.example/sso",
            "idp_signing_certs": [pair(20)[0]],
        },
    }
    assert post.rig.client("POST", "/connections", body).status == 201
    post.round()
    (message,) = post.server.messages
    assert "Second: it ends on" in plain(message) and "Days left: 20." in plain(message)


@pytest.mark.parametrize("why", ["nobody to write to", "renewed", "ours"])
def test_who_need_not_hear_of_it_does_not(post: Post, why: str) -> None:
    path, newer = f"/connections/{post.idp.connection['id']}", {"value": pair(9000)[0]}
    if why != "nobody to write to":
        post.contact(IT)
    if why == "ours":
        assert post.rig.client("POST", f"{path}/saml_idp_signing_certs", newer).status == 201
        assert post.rig.client("POST", f"{path}/saml_sp_signing_certs", {}).status == 201
    post.rig.clock.at = END - timedelta(days=7)
    pass_ = front_door.by_worker(post.rig.environment)
    assert upkeep.inspect(post.rig.house, pass_, lambda: False) == 1
    if why == "renewed":
        assert post.rig.client("POST", f"{path}/saml_idp_signing_certs", newer).status == 201
    assert post.send().mailed == 0
    assert (post.came(), post.links()) == ([], [])


# --- the set-up is finished ---


def admin(post: Post, *recipients: str) -> Admin:
    return Admin(post.rig, post.idp, set_up_link(post.rig, post.organization_id, Intent.SSO, *recipients))


def test_who_got_the_link_and_every_it_contact_hear_once_that_it_is_set_up(post: Post) -> None:
    post.contact(IT)
    ann = admin(post, JOE)
    ann.run()
    sent = page(ann.desk.get("/portal/test")).one("form", action=TURN_ON).sends()
    assert ann.desk.post(TURN_ON, sent, origin=BASE).status == 303
    assert ann.desk.post(TURN_ON, sent, origin=BASE).status in (303, 409), "it is on already"
    post.server.came.clear()  # the administrators' mails, which leave at once
    assert post.round().mailed == 2 and post.round().mailed == 0
    assert post.came() == [(to, "Single sign-on is set up for Acme") for to in (IT, JOE)]
    told = plain(post.server.messages[0])
    assert "It was switched on by joe@acme.example." in told and "Before its certificate ends" in told


def test_the_mail_is_in_the_language_of_the_page_and_leads_back_to_the_application(post: Post) -> None:
    post.contact(IT)
    ends = portal_links.Ends(success_url="https://app.example/sso-done")
    made = portal_links.make_set_up(post.rig.house, post.rig.pass_, post.organization_id, ends=ends)
    ann = Admin(post.rig, post.idp, made)
    shown = ann.desk.get("/portal/test")
    sent = page(shown).one("form", action=TURN_ON).sends() | {"untested": "yes"}
    assert ann.desk.post(TURN_ON, sent, accept_language="de", origin=BASE).status == 303
    post.server.came.clear()
    post.round()
    (message,) = post.server.messages
    assert (message["To"], message["Subject"]) == (IT, "Single Sign-on für Acme ist eingerichtet")
    assert "https://app.example/sso-done" in plain(message) and 'href="https://app.example/sso-done"' in html(message)


def test_only_who_missed_the_mail_gets_it_later(post: Post) -> None:
    """Nothing in it ends, so another one for some takes nothing from the others."""
    post.contact(IT, JOE)
    ann = admin(post)
    assert ann.sends("/portal/test", TURN_ON, untested="yes").status == 303
    post.server.came.clear()
    real, missed = post.rig.house.postbox, [JOE]

    def flaky() -> Deliver:
        deliver = real()

        def send(letter: Mail) -> None:
            if letter.to in missed:
                raise mail.MailServerFailed(reason="later")
            deliver(letter)

        return send

    flaking = Post(with_postbox(post.rig, flaky), post.server, post.idp)
    done = flaking.round()
    assert (done.mailed, done.not_mailed) == (1, 1) and "joe@acme.example: The mail server did not" in post.seen()
    missed.clear()
    assert flaking.round().mailed == 1
    assert [to for to, _ in post.came()] == [IT, JOE] and "did not reach" not in post.seen()


def test_a_connection_that_was_switched_off_again_is_not_told_of(post: Post) -> None:
    post.contact(IT)
    ann = admin(post)
    assert ann.sends("/portal/test", TURN_ON, untested="yes").status == 303
    assert post.rig.client("POST", f"/connections/{ann.connection_id}/deactivate").status == 200
    post.server.came.clear()
    assert (post.round().mailed, post.came()) == (0, [])


def test_a_set_up_of_openid_connect_says_nothing_of_a_certificate(post: Post) -> None:
    idp = oidc_idp(post.rig)
    it_contacts.create(post.rig.house, post.rig.pass_, idp.organization["id"], IT)
    ann = Admin(post.rig, idp, set_up_link(post.rig, idp.organization["id"]))
    assert ann.sends("/portal/test", TURN_ON, untested="yes").status == 303
    post.server.came.clear()
    post.round()
    (message,) = post.server.messages
    assert "certificate" not in plain(message)


# --- in the Dashboard ---


def test_the_overview_leads_from_a_certificate_that_ends_to_a_link_for_it(post: Post) -> None:
    post.rig.clock.at = END - timedelta(days=7)
    post.round()
    here = f"/dashboard/{post.rig.environment.id}"
    developer = signed_in(post.rig, hire(post.rig, Role.DEVELOPER))
    wanted = f"{here}/organizations/{post.organization_id}/links?intent=certificate_renewal"
    assert page(developer.get(here)).one("a", href=wanted).text.startswith("Send a renewal link")
    choices = page(developer.get(wanted)).every("input", name="intent")
    assert [each.attributes["value"] for each in choices if "checked" in each.attributes] == ["certificate_renewal"]
    assert "Send a renewal link" not in signed_in(post.rig, hire(post.rig, Role.SUPPORT)).get(here).text
    assert developer.get(wanted.replace("certificate_renewal", "nothing")).status == 200
