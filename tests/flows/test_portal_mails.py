"""Mails to IT contacts: the set-up is finished, and the certificate ends, with a link that renews it."""

from __future__ import annotations

import re
from datetime import timedelta

from latchstring.flows import it_contacts, upkeep
from tests.house_for_tests import BASE, Rig
from tests.idp_for_tests import saml_idp
from tests.portal_admin_for_tests import admin
from tests.web.test_portal_test import TURN_ON, mails


def test_whoever_was_sent_the_link_and_the_contacts_hear_that_it_is_finished(rig: Rig) -> None:
    ann = admin(rig, saml_idp(rig))
    it_contacts.create(rig.house, rig.pass_, ann.idp.organization["id"], "joe@acme.example")
    ann.run()
    before = len(rig.house.kept_mail())
    assert ann.sends("/portal/test", TURN_ON).status == 303
    sent = [each for each in mails(rig, before) if "is on" in each.subject]
    assert sorted(each.to for each in sent) == ["it@acme.example", "joe@acme.example"]
    assert "People of Acme can sign in through it now." in sent[0].text


def test_the_contacts_hear_once_at_each_step_that_the_certificate_ends_with_a_link_that_renews_it(rig: Rig) -> None:
    idp = saml_idp(rig)
    it_contacts.create(rig.house, rig.pass_, idp.organization["id"], "joe@acme.example")
    path = f"/connections/{idp.connection['id']}/saml_idp_signing_certs"
    ends = rig.client("GET", path).json["data"][0]["not_after"]
    end = rig.clock.now().fromisoformat(ends.replace("Z", "+00:00"))
    before = len(rig.house.kept_mail())
    for days in (91, 90, 89, 30, 7, 6, 1):
        rig.clock.at = end - timedelta(days=days) + timedelta(minutes=1)
        for _twice in range(2):
            upkeep.inspect(rig.house, rig.pass_, lambda: False)
    sent = mails(rig, before)
    subjects = sorted(re.findall(r"ends in (\w+)", each.subject)[0] for each in sent)
    assert len(sent) == 4 and {each.to for each in sent} == {"joe@acme.example"}, subjects
    link = re.findall(r"https?://\S+/portal/launch\?token=\S+", sent[0].text)[0].removeprefix(BASE)
    assert "Renew a certificate" in rig.browser().get(link).text


def test_nobody_is_written_to_where_there_is_no_contact(rig: Rig) -> None:
    saml_idp(rig)
    before = len(rig.house.kept_mail())
    rig.clock.forward(days=3649)
    upkeep.inspect(rig.house, rig.pass_, lambda: False)
    assert mails(rig, before) == []
