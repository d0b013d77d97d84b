"""Metadata URLs under watch: what a refresh may change, and what it must leave to a person (SAML-44, SAML-45)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from latchstring.flows import connections, refresh, upkeep
from latchstring.flows.connection_wishes import SamlWish
from latchstring.flows.connections import ConnectionWish
from latchstring.model.fetch import Fetched, Unreachable
from latchstring.protocols.saml import metadata
from latchstring.protocols.saml import names as saml
from latchstring.storage import front_door, watches
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import SamlIdp, pair
from tests.slo_for_tests import IDP_SLO, SloIdp
from tests.web.declared import matches

URL = "https://idp.acme.example/metadata"
ENTITY = "https://idp.acme.example"
SSO = "https://idp.acme.example/sso"
Edit = Callable[[bytes], bytes]


def publish(
    rig: Rig,
    *names: str,
    entity_id: str = ENTITY,
    sso_url: str = SSO,
    bindings: Any = ("redirect", "post"),
    edit: Edit = bytes,
) -> None:
    """From now on this stands at the URL."""
    document = metadata.write_idp(
        entity_id=entity_id,
        sso_url=sso_url,
        certificates=tuple(pair(name)[0] for name in names),
        bindings=bindings,
    )
    rig.network.put(URL, edit(document), content_type="application/samlmetadata+xml")


@pytest.fixture
def idp(rig: Rig) -> SamlIdp:
    publish(rig, "acme")
    organization = rig.client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json
    body = {"organization_id": organization["id"], "saml_options": {"idp_metadata_url": URL}}
    made = matches("POST /connections", rig.client("POST", "/connections", body), 201)
    rig.network.calls.clear()
    return SamlIdp(rig, made, organization)


def work(idp: SamlIdp, **later: float) -> upkeep.Done:
    """A round of the worker, that much later."""
    idp.rig.clock.forward(**later)
    return upkeep.round_(idp.rig.house, front_door.by_worker(idp.rig.environment), lambda: False)


def shown(idp: SamlIdp) -> dict[str, Any]:
    answer = idp.rig.client("GET", f"/connections/{idp.connection['id']}")
    options: dict[str, Any] = matches("GET /connections/{id}", answer, 200)["saml_options"]
    return options


def state(idp: SamlIdp) -> dict[str, Any]:
    found: dict[str, Any] = shown(idp)["idp_metadata"]
    return found


def post(idp: SamlIdp, act: str, body: Any = None) -> Answer:
    return idp.rig.client("POST", f"/connections/{idp.connection['id']}/saml_metadata/{act}", body)


def accepted(idp: SamlIdp, name: str, **changed: Any) -> bool:
    """Whether an answer signed with this key lets somebody in."""
    return "code" in idp.sign_in(idp.rig.browser(), key=name, **changed).returned


def test_saml_45_metadata_is_asked_every_six_hours_and_never_by_a_sign_in(idp: SamlIdp) -> None:
    rig = idp.rig
    assert state(idp)["refreshed_at"] == "2026-11-23T09:14:07.437Z"
    assert accepted(idp, "acme")
    assert work(idp, hours=5).refreshed == 0
    assert rig.network.calls == []
    assert work(idp, hours=2).refreshed == 1
    assert [call.url for call in rig.network.calls] == [URL]
    assert work(idp, minutes=1).refreshed == 0
    assert state(idp)["refreshed_at"] == "2026-11-23T16:14:07.437Z"
    assert told(rig, "connection.saml_metadata_applied") == []


def test_saml_45_a_new_certificate_is_accepted_beside_the_old_one(idp: SamlIdp) -> None:
    publish(idp.rig, "acme", "next")
    assert not accepted(idp, "next")
    work(idp, hours=7)
    assert accepted(idp, "acme") and accepted(idp, "next")
    (event,) = told(idp.rig, "connection.saml_certificate_renewed")
    assert event == {
        "connection": {"id": idp.connection["id"], "organization_id": idp.organization["id"]},
        "certificate": {"certificate_type": "ResponseSigning", "expiry_date": "2036-11-20T09:14:07.000Z"},
        "renewed_at": "2026-11-23T16:14:07.437Z",
    }


def test_saml_45_a_certificate_that_vanished_is_accepted_for_a_week_and_then_retired(idp: SamlIdp) -> None:
    publish(idp.rig, "next")
    work(idp, hours=7)
    path = f"/connections/{idp.connection['id']}/saml_idp_signing_certs"
    (old, new) = idp.rig.client("GET", path).json["data"]
    assert old["retire_at"] == "2026-11-30T16:14:07.437Z"
    assert "retire_at" not in new and new["source"] == "metadata"
    idp.rig.clock.forward(days=7, seconds=-1)
    assert accepted(idp, "acme") and accepted(idp, "next")
    idp.rig.clock.forward(seconds=1)  # the moment itself decides; the worker only tidies
    assert not accepted(idp, "acme") and accepted(idp, "next")
    work(idp)
    assert [entry["id"] for entry in idp.rig.client("GET", path).json["data"]] == [new["id"]]
    (gone,) = told(idp.rig, "connection.saml_certificate_retired")
    assert gone["certificate"]["id"] == old["id"]
    (applied,) = told(idp.rig, "connection.saml_metadata_applied")
    assert [entry["id"] for entry in applied["certificates_going"]] == [old["id"]]
    assert applied["actor"] == "worker"


def test_saml_45_a_certificate_that_comes_back_stays(idp: SamlIdp) -> None:
    publish(idp.rig, "next")
    work(idp, hours=7)
    publish(idp.rig, "acme", "next")
    work(idp, hours=7)
    work(idp, days=8)
    assert accepted(idp, "acme") and accepted(idp, "next")
    assert told(idp.rig, "connection.saml_certificate_retired") == []


def test_saml_45_what_a_person_added_is_not_retired_by_metadata(idp: SamlIdp) -> None:
    path = f"/connections/{idp.connection['id']}/saml_idp_signing_certs"
    assert idp.rig.client("POST", path, {"value": pair("by hand")[0]}).status == 201
    work(idp, hours=7)
    work(idp, days=30)
    assert accepted(idp, "by hand") and accepted(idp, "acme")


def test_saml_45_what_a_person_took_away_is_not_brought_back_by_metadata(idp: SamlIdp) -> None:
    publish(idp.rig, "acme", "next")
    work(idp, hours=7)
    path = f"/connections/{idp.connection['id']}/saml_idp_signing_certs"
    (old, _) = idp.rig.client("GET", path).json["data"]
    assert idp.rig.client("DELETE", f"{path}/{old['id']}").status == 204
    work(idp, hours=7)
    assert not accepted(idp, "acme") and accepted(idp, "next")
    assert idp.rig.client("POST", path, {"value": pair("acme")[0]}).status == 201  # a person may
    assert accepted(idp, "acme")


FAILURES: dict[str, tuple[Callable[[Rig], None], str]] = {
    "does not answer": (
        lambda rig: rig.network.answers.update({URL: Unreachable(url=URL, reason="tls")}),
        "idp_unreachable",
    ),
    "answers 500": (lambda rig: rig.network.put(URL, b"", status=500), "idp_bad_answer"),
    "is a page": (lambda rig: rig.network.put(URL, b"<html><body>Sign in"), "metadata_is_html"),
    "is nothing": (lambda rig: rig.network.put(URL, b""), "metadata_invalid"),
    "has a DTD": (
        lambda rig: publish(rig, "evil", edit=lambda text: text.replace(b"<md:Ent", b"<!DOCTYPE x><md:Ent", 1)),
        "metadata_invalid",
    ),
    "has no certificate": (lambda rig: publish(rig), "metadata_has_no_certificate"),
    "is out of date": (
        lambda rig: publish(
            rig,
            "evil",
            edit=lambda text: text.replace(b" entityID", b' validUntil="2026-11-23T10:00:00Z" entityID', 1),
        ),
        "metadata_expired",
    ),
    "names eleven certificates": (
        lambda rig: publish(rig, *(f"evil {number}" for number in range(11))),
        "metadata_invalid",
    ),
    "sends browsers to a script": (
        lambda rig: publish(rig, "evil", sso_url="javascript:alert(1)"),
        "metadata_no_usable_binding",
    ),
}


@pytest.mark.parametrize("row", FAILURES)
def test_saml_45_a_failure_keeps_what_was_there(idp: SamlIdp, row: str) -> None:
    break_, code = FAILURES[row]
    before = shown(idp)
    break_(idp.rig)
    done = work(idp, hours=7)
    assert [failure.code for failure in done.failed] == [code]
    after = shown(idp)
    assert (after["idp_metadata"]["error"]["code"], after["idp_metadata"]["failures"]) == (code, 1)
    assert after["idp_metadata"]["refreshed_at"] == "2026-11-23T09:14:07.437Z"
    for name in ("idp_entity_id", "idp_sso_url", "idp_signing_certs"):
        assert after[name] == before[name]
    assert accepted(idp, "acme") and not accepted(idp, "evil")
    publish(idp.rig, "acme")
    assert work(idp, minutes=6).refreshed == 1  # sooner than usual
    assert (state(idp)["error"], state(idp)["failures"]) == (None, 0)


def test_saml_45_failures_are_tried_again_less_and_less_often(idp: SamlIdp) -> None:
    idp.rig.network.answers.clear()
    waits = []
    work(idp, hours=7)
    for _ in range(9):
        with idp.rig.house.database.read(idp.rig.pass_) as scope:
            watch = watches.get(scope, idp.connection["id"])
        assert watch is not None
        waits.append((watch.next_at - idp.rig.clock.now()) / timedelta(minutes=1))
        idp.rig.clock.at = watch.next_at
        work(idp)
    expected = [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert all(0.9 * usual - 0.01 <= wait <= 1.1 * usual for wait, usual in zip(waits, expected, strict=True)), waits


@pytest.mark.parametrize(
    ("attributes", "least", "most"),
    [
        ("", 5.4, 6.6),
        ('cacheDuration="PT1H"', 0.9, 1.1),
        ('cacheDuration="P0DT2H30M0.5S"', 2.25, 2.76),
        ('cacheDuration="PT0S"', 0.22, 0.28),
        ('cacheDuration="P7D"', 5.4, 6.6),
        ('cacheDuration="P1M"', 5.4, 6.6),
        ('cacheDuration="soon"', 5.4, 6.6),
        ('cacheDuration="P"', 5.4, 6.6),
        ('validUntil="2026-11-23T20:14:07Z"', 1.8, 2.2),
        ('validUntil="2026-11-23T16:15:07Z"', 0.22, 0.28),
        ('validUntil="2027-11-23T20:14:07Z"', 5.4, 6.6),
    ],
)
def test_saml_45_the_document_may_ask_to_be_read_sooner(
    idp: SamlIdp, attributes: str, least: float, most: float
) -> None:
    publish(idp.rig, "acme", edit=lambda text: text.replace(b" entityID", f" {attributes} entityID".encode(), 1))
    assert work(idp, hours=7).refreshed == 1
    with idp.rig.house.database.read(idp.rig.pass_) as scope:
        watch = watches.get(scope, idp.connection["id"])
    assert watch is not None
    assert least <= (watch.next_at - idp.rig.clock.now()) / timedelta(hours=1) <= most


def test_saml_44_another_entity_id_waits_for_a_person(idp: SamlIdp) -> None:
    rig, before = idp.rig, shown(idp)
    publish(rig, "evil", entity_id="https://evil.example", sso_url="https://evil.example/sso")
    for _ in range(3):
        work(idp, hours=7)
    after = shown(idp)
    for name in ("idp_entity_id", "idp_sso_url", "idp_signing_certs"):
        assert after[name] == before[name]
    assert accepted(idp, "acme") and not accepted(idp, "evil")
    assert not accepted(idp, "evil", entity_id="https://evil.example")
    (event,) = told(rig, "connection.saml_metadata_changed")  # once, not at every refresh
    assert (event["expected"], event["received"]) == (ENTITY, "https://evil.example")
    pending = after["idp_metadata"]["pending"]
    assert (pending["idp_entity_id"], pending["idp_sso_url"]) == ("https://evil.example", "https://evil.example/sso")
    assert (pending["seen_at"], len(pending["fingerprints"])) == ("2026-11-23T16:14:07.437Z", 1)
    publish(rig, "acme")  # and back
    work(idp, hours=7)
    assert state(idp)["pending"] is None


def test_saml_44_a_person_accepts_another_entity_id_by_its_name(idp: SamlIdp) -> None:
    rig = idp.rig
    nothing = post(idp, "accept", {"idp_entity_id": "https://new.example"})
    assert (nothing.status, nothing.json["code"]) == (409, "metadata_change_absent")
    publish(rig, "new", entity_id="https://new.example", sso_url="https://new.example/sso")
    work(idp, hours=7)
    other = post(idp, "accept", {"idp_entity_id": "https://other.example"})
    assert (other.status, other.json["code"]) == (409, "metadata_change_other")
    assert not accepted(idp, "new", entity_id="https://new.example")
    # What is accepted is what was shown, whatever stands at the URL by now.
    publish(rig, "evil", entity_id="https://evil.example")
    answer = post(idp, "accept", {"idp_entity_id": "https://new.example"})
    options = matches("POST /connections/{id}/saml_metadata/accept", answer, 200)["saml_options"]
    assert (options["idp_entity_id"], options["idp_sso_url"]) == ("https://new.example", "https://new.example/sso")
    assert options["idp_metadata"]["pending"] is None
    assert accepted(idp, "new", entity_id="https://new.example")
    assert not accepted(idp, "acme") and not accepted(idp, "acme", entity_id="https://new.example")
    (event,) = told(rig, "connection.saml_metadata_accepted")
    assert (event["from"], event["to"], event["actor"]) == (ENTITY, "https://new.example", f"key:{rig.key.key.id}")


def test_another_sign_on_address_is_applied_and_told(idp: SamlIdp) -> None:
    publish(idp.rig, "acme", sso_url="https://idp.acme.example/new", bindings=("post",))
    work(idp, hours=7)
    options = shown(idp)
    assert (options["idp_sso_url"], options["sso_binding"]) == ("https://idp.acme.example/new", "post")
    (event,) = told(idp.rig, "connection.saml_metadata_applied")
    assert event["changes"] == {
        "idp_sso_url": {"from": SSO, "to": "https://idp.acme.example/new"},
        "sso_binding": {"from": "redirect", "to": "post"},
    }


def with_logout(document: bytes) -> bytes:
    """The same, and it offers Single Logout."""
    service = f'<md:SingleLogoutService Binding="{saml.REDIRECT_BINDING}" Location="{IDP_SLO}"/>'
    return document.replace(b"<md:NameIDFormat>", f"{service}<md:NameIDFormat>".encode(), 1)


def test_saml_46_logout_that_metadata_begin_to_offer_works_with_a_key_made_for_it(idp: SamlIdp) -> None:
    rig = idp.rig
    assert (shown(idp)["sp_slo_url"], shown(idp)["sp_signing_cert"]) == (None, None)
    publish(rig, "acme", edit=with_logout)
    work(idp, hours=7)
    options = shown(idp)
    assert options["idp_slo_url"] == IDP_SLO and options["sp_signing_cert"] is not None
    assert options["sign_requests"] is False, "sign-in requests go as they went"
    document = rig.browser().get(options["sp_metadata_url"]).text
    assert document.count(f'Location="{options["sp_slo_url"]}"') == 2
    assert "".join(options["sp_signing_cert"].split("-----")[2].split()) in document
    (event,) = told(rig, "connection.saml_metadata_applied")
    assert event["changes"] == {"idp_slo_url": {"from": None, "to": IDP_SLO}}
    offering = SloIdp(replace(idp, connection={**idp.connection, "saml_options": options}))
    browser = rig.browser()
    token = offering.signed_in(browser)
    asked, _ = offering.received(browser.get(offering.link(token["profile"]["id"])), IDP_SLO)
    assert asked.tag == saml.LOGOUT_REQUEST
    work(idp, hours=7)
    assert shown(idp)["sp_signing_cert"] == options["sp_signing_cert"], "one key, not one at every refresh"
    publish(rig, "acme")
    work(idp, hours=7)
    assert (shown(idp)["idp_slo_url"], shown(idp)["sp_slo_url"]) == (None, None)
    assert browser.get(offering.slo_url).status == 404


def test_saml_46_another_provider_that_a_person_accepts_brings_its_logout_along(idp: SamlIdp) -> None:
    publish(idp.rig, "new", entity_id="https://new.example", edit=with_logout)
    work(idp, hours=7)
    assert (shown(idp)["idp_slo_url"], shown(idp)["sp_signing_cert"]) == (None, None)
    assert post(idp, "accept", {"idp_entity_id": "https://new.example"}).status == 200
    assert shown(idp)["idp_slo_url"] == IDP_SLO and shown(idp)["sp_signing_cert"] is not None


def wanting(document: bytes) -> bytes:
    return document.replace(b'WantAuthnRequestsSigned="false"', b'WantAuthnRequestsSigned="true"')


def test_saml_42_a_refresh_that_begins_to_want_signed_requests_tells_a_person_and_switches_nothing(
    idp: SamlIdp,
) -> None:
    rig = idp.rig
    publish(rig, "acme", edit=wanting)
    work(idp, hours=7)
    work(idp, hours=7)
    assert (shown(idp)["idp_wants_signed_requests"], shown(idp)["sign_requests"]) == (True, False)
    assert shown(idp)["sp_signing_cert"] is None
    (event,) = told(rig, "connection.saml_signed_requests_wanted")
    assert (event["connection"]["id"], event["actor"]) == (idp.connection["id"], "worker")
    (applied,) = told(rig, "connection.saml_metadata_applied")
    assert applied["changes"] == {"idp_wants_signed_requests": {"from": False, "to": True}}
    assert told(rig, "connection.options_changed") == []
    publish(rig, "acme")
    work(idp, hours=7)
    assert shown(idp)["idp_wants_signed_requests"] is False
    assert len(told(rig, "connection.saml_signed_requests_wanted")) == 1


def test_saml_42_nobody_is_asked_to_sign_what_is_signed(idp: SamlIdp) -> None:
    rig = idp.rig
    assert rig.client("POST", f"/connections/{idp.connection['id']}/saml_sp_signing_cert").status == 201
    publish(rig, "acme", edit=wanting)
    work(idp, hours=7)
    assert (shown(idp)["idp_wants_signed_requests"], shown(idp)["sign_requests"]) == (True, True)
    assert told(rig, "connection.saml_signed_requests_wanted") == []


def test_saml_42_another_provider_that_a_person_accepts_may_want_signed_requests(idp: SamlIdp) -> None:
    publish(idp.rig, "new", entity_id="https://new.example", edit=wanting)
    work(idp, hours=7)
    assert shown(idp)["idp_wants_signed_requests"] is False
    assert post(idp, "accept", {"idp_entity_id": "https://new.example"}).status == 200
    assert (shown(idp)["idp_wants_signed_requests"], shown(idp)["sign_requests"]) == (True, False)
    assert len(told(idp.rig, "connection.saml_signed_requests_wanted")) == 1


def test_a_wish_for_signed_requests_overrides_nothing_that_was_set_by_hand(idp: SamlIdp) -> None:
    body = {"saml_options": {"idp_sso_url": "https://idp.acme.example/mine"}}
    assert idp.rig.client("PATCH", f"/connections/{idp.connection['id']}", body).status == 200
    publish(idp.rig, "acme", edit=wanting)
    work(idp, hours=7)
    assert shown(idp)["idp_sso_url"] == "https://idp.acme.example/mine"


def test_what_a_person_set_by_hand_stays_until_the_document_says_something_new(idp: SamlIdp) -> None:
    body = {"saml_options": {"sso_binding": "post", "idp_sso_url": "https://idp.acme.example/mine"}}
    assert idp.rig.client("PATCH", f"/connections/{idp.connection['id']}", body).status == 200
    work(idp, hours=7)
    assert (shown(idp)["sso_binding"], shown(idp)["idp_sso_url"]) == ("post", "https://idp.acme.example/mine")
    publish(idp.rig, "acme", sso_url="https://idp.acme.example/new")
    work(idp, hours=7)
    assert (shown(idp)["sso_binding"], shown(idp)["idp_sso_url"]) == ("redirect", "https://idp.acme.example/new")


def test_a_person_asks_now(idp: SamlIdp) -> None:
    publish(idp.rig, "acme", "next")
    options = matches("POST /connections/{id}/saml_metadata/refresh", post(idp, "refresh"), 200)["saml_options"]
    assert len(options["idp_signing_certs"]) == 2
    idp.rig.network.answers.clear()
    answer = post(idp, "refresh")
    assert (answer.status, answer.json["code"]) == (422, "idp_unreachable")
    assert state(idp)["error"]["code"] == "idp_unreachable"
    idp.rig.client("PATCH", f"/connections/{idp.connection['id']}", {"saml_options": {"idp_metadata_url": None}})
    none = post(idp, "refresh")
    assert (none.status, none.json["code"]) == (400, "metadata_not_watched")
    assert shown(idp)["idp_metadata"] is None
    assert work(idp, days=1).refreshed == 0


def test_saml_45_certificates_do_not_pile_up(idp: SamlIdp) -> None:
    for number in range(4):
        publish(idp.rig, *(f"pile {number} {one}" for one in range(8)))
        work(idp, hours=7)
    assert len(shown(idp)["idp_signing_certs"]) == refresh.MAX_KEPT
    assert all(accepted(idp, f"pile 3 {one}") for one in (0, 7))


def test_saml_45_of_two_nodes_one_asks(idp: SamlIdp) -> None:
    rig = idp.rig
    rig.clock.forward(hours=7)
    with rig.house.database.read(rig.pass_) as scope:
        (seen_by_both,) = watches.due(scope, rig.clock.now(), 10)
    claims = []
    for _ in range(2):
        with rig.house.database.write(rig.pass_) as scope:
            claims.append(watches.claim(scope, seen_by_both, rig.clock.now() + upkeep.LEASE))
    assert claims == [True, False]
    assert work(idp).refreshed == 0  # the one that claimed it is at work, as far as anybody knows
    assert work(idp, minutes=5).refreshed == 1  # ... and it died


def test_a_connection_that_changed_its_url_meanwhile_keeps_what_it_has(idp: SamlIdp) -> None:
    rig, other = idp.rig, "https://idp.acme.example/other"
    publish(rig, "next")
    document = metadata.write_idp(entity_id=ENTITY, sso_url=SSO, certificates=(pair("other")[0],))
    rig.network.put(other, document)
    slow = rig.network.answers[URL]
    assert callable(slow)

    def meanwhile(fetch: Any) -> Fetched:
        answer = slow(fetch)
        wish = ConnectionWish(saml_options=SamlWish(idp_metadata_url=other))
        connections.update(rig.house, rig.pass_, idp.connection["id"], wish)
        return answer

    rig.network.answers[URL] = meanwhile
    work(idp, hours=7)
    assert shown(idp)["idp_signing_certs"] == [pair("other")[0]]
