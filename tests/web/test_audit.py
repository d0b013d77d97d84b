"""What the audit log tells of each kind of act: who, what, from what to what, when, from where; and never a secret."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from latchstring.flows import audit, operators
from latchstring.model.audit import AuditEntry
from latchstring.model.operator import Role
from latchstring.storage import front_door
from latchstring.storage.audit import Filter
from tests.house_for_tests import START, Rig
from tests.idp_for_tests import oidc_idp, saml_idp
from tests.operators_for_tests import PASSWORD, hire, post, send, signed_in

ADDRESS = "203.0.113.7"  # of everybody who calls the house of the tests


def newest(rig: Rig, count: int = 1) -> list[AuditEntry]:
    """The last ones, in the order in which they were written."""
    return list(audit.page(rig.house, Filter(), count=count).entries[::-1])


def told(entry: AuditEntry) -> dict[str, Any]:
    return {change.field: (change.before, change.after) for change in entry.changes}


def test_i5_a_change_by_api_key_says_from_what_to_what_and_from_where(rig: Rig) -> None:
    made = rig.client("POST", "/organizations", {"name": "Acme"}, user_agent="acme-backend/1.0").json
    rig.clock.forward(seconds=5)
    rig.client("PUT", f"/organizations/{made['id']}", {"name": "Acme & Sons", "metadata": {"plan": "gold"}})
    created, updated = newest(rig, 2)
    assert (created.action, created.target_id, told(created)["name"]) == (
        "organization.created",
        made["id"],
        (None, "Acme"),
    )
    assert (created.actor, created.user_agent) == (f"key:{rig.key.key.id}", "acme-backend/1.0")
    assert created.ip_address == ADDRESS
    assert told(updated) == {"name": ("Acme", "Acme & Sons"), "metadata.plan": (None, "gold")}
    assert (updated.action, updated.target_name, updated.environment_id) == (
        "organization.updated",
        "Acme & Sons",
        rig.environment.id,
    )
    assert (updated.at - created.at).total_seconds() == 5 and created.at == START
    rig.client("PUT", f"/organizations/{made['id']}", {"name": "Acme & Sons"})
    assert newest(rig) == [updated], "nothing was changed"
    rig.client("DELETE", f"/organizations/{made['id']}")
    assert (newest(rig)[0].action, told(newest(rig)[0])["name"]) == ("organization.deleted", ("Acme & Sons", None))


def test_i5_secrets_are_said_to_have_changed_and_nothing_more(rig: Rig) -> None:
    idp = oidc_idp(rig)
    path = f"/connections/{idp.connection['id']}"
    (created,) = [entry for entry in newest(rig, 20) if entry.target_id == idp.connection["id"]][:1]
    assert (created.action, told(created)["secrets.oidc_client_secret"]) == ("connection.created", (None, "(set)"))
    rig.client("PATCH", path, {"oidc_options": {"client_secret": "marker-of-a-new-secret"}})
    (changed,) = newest(rig)
    assert (changed.action, told(changed)) == (
        "connection.updated",
        {"secrets.oidc_client_secret": ("(set)", "(changed)")},
    )
    rig.client("PATCH", path, {"name": "Another"})
    assert told(newest(rig)[0]) == {"name": (idp.connection["name"], "Another")}, "a secret that stays is not named"
    everything = msgspec.json.encode(list(audit.export(rig.house, Filter())))
    assert b"marker" not in everything and rig.key.secret.reveal().encode() not in everything
    assert front_door.digest(rig.key.secret.reveal()).hex().encode() not in everything


def test_i5_a_sign_in_writes_nothing_into_the_audit_log(rig: Rig) -> None:
    saml = saml_idp(rig)
    (before,) = newest(rig)
    rig.swap(saml.sign_in(rig.browser()).returned["code"])
    assert newest(rig) == [before]
    rig.client("PATCH", f"/connections/{saml.connection['id']}", {"name": "Other"})
    assert newest(rig)[0].sequence == before.sequence + 1


def test_i5_the_team_and_who_comes_in_stand_in_it(rig: Rig) -> None:
    admin = hire(rig)
    browser = signed_in(rig, admin)
    (signed,) = newest(rig)
    assert (signed.action, signed.actor, signed.target_id) == (
        "operator.signed_in",
        f"operator:{admin.id}",
        admin.id,
    )
    page = browser.get("/dashboard/team/invite")
    send(browser, page, "/dashboard/team/invite", email="new@example.com", role="support")
    (invited,) = newest(rig)
    assert invited.target_name == "new@example.com"
    assert (invited.action, invited.actor, invited.actor_name, invited.ip_address) == (
        "operator.invited",
        f"operator:{admin.id}",
        admin.name,
        ADDRESS,
    )
    assert told(invited) == {
        "purpose": (None, "invitation"),
        "role": (None, "support"),
    }
    one = hire(rig, Role.DEVELOPER)
    operators.set_role(rig.house, one.id, Role.SUPPORT)
    (changed,) = newest(rig)
    assert (changed.action, told(changed), changed.actor) == (
        "operator.role_changed",
        {"role": ("developer", "support")},
        "system",
    )
    send(browser, browser.get("/dashboard"), "/dashboard/sign-out")
    assert [entry.action for entry in newest(rig)] == ["operator.signed_out"]


def test_web_10_too_many_tries_stand_in_the_audit_log_and_what_was_typed_does_not(rig: Rig) -> None:
    admin = hire(rig)
    for email in (admin.email, "my-own-passw0rd"):
        for _ in range(6):
            post(rig.browser(), "/dashboard/sign-in", {"email": email, "password": "wrong"})
    known, unknown = newest(rig, 2)
    assert {known.action, unknown.action} == {"operator.sign_in_paused"}
    assert (known.actor, known.ip_address) == ("visitor", ADDRESS)
    assert (known.target_id, unknown.target_id) == (admin.id, None)
    assert b"passw0rd" not in msgspec.json.encode(list(audit.export(rig.house, Filter())))
    rig.clock.forward(hours=1)
    assert post(rig.browser(), "/dashboard/sign-in", {"email": admin.email, "password": PASSWORD}).status == 302
    assert newest(rig)[0].action == "operator.signed_in"


def test_i5_entries_are_found_by_who_what_where_and_when(rig: Rig) -> None:
    rig.clock.forward(days=1)
    made = rig.client("POST", "/organizations", {"name": "100% Acme"}).json
    environment, theirs = rig.another_environment()
    rig.clock.forward(days=1)
    theirs("POST", "/organizations", {"name": "Theirs"})

    def found(**wanted: Any) -> list[str | None]:
        return [entry.target_name for entry in audit.page(rig.house, Filter(**wanted), count=100).entries]

    assert found(actor=f"key:{rig.key.key.id}") == ["100% Acme"]
    assert found(action="organization.created")[:2] == ["Theirs", "Test Organization"]
    assert set(found(action="organization")) == {"Theirs", "Test Organization", "100% Acme"}
    assert found(target=made["id"]) == found(target="0% ACM") == ["100% Acme"]
    assert "Theirs" in found(environment=environment.id) and "100% Acme" not in found(environment=environment.id)
    assert found(since=rig.clock.now()) == ["Theirs"]
    assert "Theirs" not in found(until=rig.clock.now())
    assert found(environment="-") == []
    page = audit.page(rig.house, Filter(), count=2)
    older = audit.page(rig.house, Filter(), count=2, older_than=page.older)
    assert [entry.sequence for entry in (*page.entries, *older.entries)] == list(
        range(page.entries[0].sequence, page.entries[0].sequence - 4, -1)
    )
    assert audit.page(rig.house, Filter(), count=2, newer_than=older.newer).entries == page.entries
    assert re.fullmatch("[0-9a-f]{64}", page.entries[0].hash)
