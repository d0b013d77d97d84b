"""A change in the portal to a connection that people use is in the audit log, and mailed to the administrators."""

from __future__ import annotations

from dataclasses import replace

from latchstring.effects import mail
from latchstring.flows import connection_life, connections, operators, organizations, portal_notices
from latchstring.flows.connections import ConnectionWish
from latchstring.model.audit import Doer
from latchstring.model.mail import Mail
from latchstring.model.operator import Role
from latchstring.storage import connections as rows
from tests.house_for_tests import Rig
from tests.idp_for_tests import saml_idp
from tests.operators_for_tests import hire
from tests.web.test_audit import newest


def change(rig: Rig, connection_id: str, name: str) -> None:
    """As a page of the portal does it."""
    doer = Doer(actor="portal:portal_link_1", name="it@acme.example")
    house = rig.house.acting(doer)
    with house.database.read(rig.pass_) as scope:
        found = rows.get(scope, house.vault, connection_id)
    assert found is not None
    organization = organizations.get(house, rig.pass_, found.organization_id or "")
    portal_notices.changing(
        house,
        rig.pass_,
        organization,
        found,
        lambda: connections.update(house, rig.pass_, connection_id, ConnectionWish(name=name)),
        what="details",
        by="it@acme.example",
    )


def test_web_08_a_change_to_a_connection_in_use_is_audited_and_mailed_to_each_administrator(rig: Rig) -> None:
    hire(rig, Role.ADMIN, "ann@example.com")
    locked = hire(rig, Role.ADMIN, "lou@example.com")
    operators.disable(rig.house, locked.id)
    hire(rig, Role.DEVELOPER)
    idp = saml_idp(rig)
    before = len(rig.house.kept_mail())
    change(rig, idp.connection["id"], "Theirs")
    (entry,) = newest(rig)
    assert (entry.action, entry.actor, entry.actor_name) == (
        "connection.updated",
        "portal:portal_link_1",
        "it@acme.example",
    )
    kept = rig.house.kept_mail()[: len(rig.house.kept_mail()) - before]
    assert {each.mail.to for each in kept} == {"ann@example.com", "first@example.com"}
    for each in kept:
        assert "it@acme.example" in each.mail.text and idp.connection["id"] in each.mail.text
        assert "the details of its identity provider were changed" in each.mail.text


def test_web_08_a_set_up_that_nobody_uses_yet_is_told_to_nobody(rig: Rig) -> None:
    hire(rig, Role.ADMIN, "ann@example.com")
    idp = saml_idp(rig)
    connection_life.switch(rig.house, rig.pass_, idp.connection["id"], "off")
    before = len(rig.house.kept_mail())
    change(rig, idp.connection["id"], "Theirs")
    assert len(rig.house.kept_mail()) == before
    assert newest(rig)[0].action == "connection.updated"


def test_web_08_a_mail_that_cannot_be_sent_takes_no_change_back(rig: Rig) -> None:
    def broken(_mail: Mail) -> None:
        raise mail.RecipientRefused

    hire(rig, Role.ADMIN, "ann@example.com")
    idp = saml_idp(rig)
    for postbox in (lambda: broken, mail.closed):
        change(replace(rig, house=replace(rig.house, postbox=postbox)), idp.connection["id"], f"By {postbox.__name__}")
        assert newest(rig)[0].action == "connection.updated"
