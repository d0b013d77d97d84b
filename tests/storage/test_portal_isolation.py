"""Portal links, sessions, progress and contacts are not seen or changed with their twins of another environment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from latchstring.model.portal import Intent, IntentOptions, LinkKind, PortalLink, PortalProgress, PortalSession, Step
from latchstring.storage import (
    front_door,
    it_contacts,
    organizations,
    portal_links,
    portal_mails,
    portal_progress,
    portal_sessions,
)
from latchstring.storage.it_contacts import ItContact
from latchstring.storage.portal_mails import About, Kind
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import organization

END = NOW + timedelta(days=1)


@pytest.fixture
def furnished_twins(twins: Twins) -> Twins:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        link = PortalLink(
            id="portal_link_twin",
            organization_id="org_twin",
            intent=Intent.SSO,
            kind=LinkKind.SET_UP,
            return_url=None,
            success_url=None,
            options=IntentOptions(),
            external_user_id=letter,
            recipients=(f"{letter}@example.com",),
            made_by="operator",
            created_at=NOW,
            expires_at=END,
        )
        session = PortalSession(link=link, created_at=NOW, last_seen_at=NOW, expires_at=END)
        contact = ItContact(
            id="it_contact_twin",
            organization_id="org_twin",
            email=f"{letter}@example.com",
            created_at=NOW,
            updated_at=NOW,
        )
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
            portal_links.add(scope, link, front_door.digest(f"link {letter}"))
            portal_sessions.begin(scope, front_door.digest(f"session {letter}"), session)
            portal_progress.save(scope, "org_twin", PortalProgress(updated_by=letter), seen=0, now=NOW)
            it_contacts.add(scope, contact)
            portal_mails.ask(scope, "org_twin", Kind.SET_UP_FINISHED, About(language=letter), NOW)
    return twins


def test_web_07_i5_each_environment_sees_its_own_alone(furnished_twins: Twins) -> None:
    twins = furnished_twins
    for letter, other, pass_ in (("a", "b", twins.a), ("b", "a", twins.b)):
        entered = front_door.by_portal_link(twins.database, f"link {letter}")
        within = front_door.by_portal_session(twins.database, f"session {letter}")
        assert entered is not None and within is not None
        assert entered.environment_id == within.environment_id == pass_.environment_id
        with twins.database.read(pass_) as scope:
            found = portal_links.active(scope, "org_twin", NOW)
            assert [each.external_user_id for each in found] == [letter]
            assert portal_links.by_token(scope, front_door.digest(f"link {other}")) is None
            assert portal_links.of_person(scope, "org_twin", other) == []
            digest = front_door.digest(f"session {other}")
            assert portal_sessions.current(scope, digest, now=NOW, idle_since=NOW - timedelta(hours=1)) is None
            assert portal_progress.get(scope, "org_twin").updated_by == letter
            assert [each.about.language for each in portal_mails.due(scope, NOW, 10)] == [letter]
            assert [each.about.language for each in portal_mails.of_organization(scope, "org_twin")] == [letter]
            assert [each.email for each in it_contacts.of_organization(scope, "org_twin")] == [f"{letter}@example.com"]


def test_web_07_i5_what_is_done_to_one_is_not_done_to_its_twin(furnished_twins: Twins) -> None:
    twins = furnished_twins
    with twins.database.write(twins.a) as scope:
        assert portal_links.open_(scope, "portal_link_twin", NOW)
        assert portal_links.finish(scope, "portal_link_twin", NOW)
        assert portal_links.revoke(scope, "portal_link_twin", NOW)
        assert portal_sessions.end_of(scope, "portal_link_twin") == 1
        assert portal_progress.save(scope, "org_twin", PortalProgress(step=Step.TEST), seen=1, now=NOW)
        it_contacts.speaks(scope, "org_twin", "a@example.com", "de")
        it_contacts.speaks(scope, "org_twin", "b@example.com", "de")
        (mine,) = portal_mails.due(scope, NOW, 10)
        claimed = portal_mails.claim(scope, mine, END)
        assert claimed is not None and claimed.tries == 1 and portal_mails.claim(scope, mine, END) is None
        assert portal_mails.keep(scope, claimed, next_at=None, mailed_at=NOW, mailed_to=("a",), missed={})
        assert not portal_mails.keep(scope, claimed, next_at=None, mailed_at=NOW, mailed_to=("a",), missed={})
        assert it_contacts.remove(scope, "org_twin", "it_contact_twin")
    with twins.database.write(twins.a) as scope:
        assert portal_links.forget(scope, END + timedelta(days=1), 10) == 1
    with twins.database.read(twins.b) as scope:
        link = portal_links.get(scope, "portal_link_twin")
        assert link is not None and (link.opened, link.finished_at, link.revoked_at) == (0, None, None)
        session = portal_sessions.current(
            scope, front_door.digest("session b"), now=NOW, idle_since=NOW - timedelta(hours=1)
        )
        assert session is not None and session.link == link
        assert portal_progress.get(scope, "org_twin").version == 1
        (contact,) = it_contacts.of_organization(scope, "org_twin")
        assert contact.language is None
        (errand,) = portal_mails.due(scope, NOW, 10)
        assert (errand.tries, errand.mailed_at, errand.mailed_to) == (0, None, ())


def test_a_mail_that_is_asked_for_anew_while_it_is_sent_stays_asked_for(furnished_twins: Twins) -> None:
    with furnished_twins.database.write(furnished_twins.a) as scope:
        claimed = portal_mails.claim(scope, portal_mails.due(scope, NOW, 10)[0], END)
        assert claimed is not None
        portal_mails.ask(scope, "org_twin", Kind.SET_UP_FINISHED, About(), NOW + timedelta(seconds=1))
        assert not portal_mails.keep(scope, claimed, next_at=None, mailed_at=NOW, mailed_to=("a",), missed={})
        assert [each.tries for each in portal_mails.due(scope, END, 10)] == [0]


def test_web_07_sessions_that_are_over_go_and_others_stay(furnished_twins: Twins) -> None:
    twins = furnished_twins
    with twins.database.write(twins.a) as scope:
        assert portal_sessions.forget(scope, END, 10) == 0
        assert portal_sessions.forget(scope, END + timedelta(seconds=1), 10) == 1
    with twins.database.write(twins.b) as scope:
        assert portal_sessions.forget(scope, END + timedelta(seconds=1), 10) == 1
