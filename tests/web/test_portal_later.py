"""Who comes back to the portal later: health, sign-ins, another certificate, and starting over."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from latchstring.flows import connection_life, portal_links, portal_progress
from latchstring.flows.portal_links import PortalLinkFinished
from latchstring.model.operator import Role
from latchstring.model.portal import Intent, Step
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, pair, saml_idp
from tests.operators_for_tests import hire, page, post, send_multipart
from tests.portal_admin_for_tests import Admin, admin
from tests.portal_for_tests import address, csrf, follow, organization, set_up_link
from tests.web.test_audit import newest
from tests.web.test_portal_test import mails, version

CERTIFICATE = "/portal/certificate"
ADD = f"{CERTIFICATE}/add"
URL = "https://idp.acme.example/metadata"


@pytest.fixture
def ann(rig: Rig) -> Admin:
    """Of an organization whose people sign in already."""
    made = admin(rig, saml_idp(rig))
    connection_life.switch(rig.house, rig.pass_, made.connection_id, "on")
    return made


def sign_in(at: Admin, **changed: Any) -> Answer:
    assert isinstance(at.idp, SamlIdp)
    return at.idp.sign_in(at.rig.browser(), **changed)


def held(at: Admin) -> list[dict[str, Any]]:
    path = f"/connections/{at.connection_id}/saml_idp_signing_certs"
    found: list[dict[str, Any]] = at.rig.client("GET", path).json["data"]
    return found


def document(*names: str, entity_id: str = "https://idp.acme.example") -> str:
    """The provider's metadata, with these certificates."""
    keys = "".join(
        "<KeyDescriptor use='signing'><KeyInfo xmlns='http://www.w3.org/2000/09/xmldsig#'><X509Data><X509Certificate>"
        + "".join(pair(name)[0].split("-----")[2].split())
        + "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        for name in names
    )
    return (
        f"<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='{entity_id}'>"
        f"<IDPSSODescriptor protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'>{keys}"
        "<SingleSignOnService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' "
        "Location='https://idp.acme.example/sso'/></IDPSSODescriptor></EntityDescriptor>"
    )


# --- how it is ---


def test_the_connection_is_told_in_plain_words(ann: Admin) -> None:
    shown = page(ann.desk.get("/portal/connection")).text
    assert "It is on: people can sign in." in shown and "Nobody has signed in during the last 30 days." in shown
    assert "Its certificate is good until" in shown and "https://idp.acme.example/sso" in shown
    sign_in(ann)
    assert "1 of one sign-in of the last 30 days was successful." in page(ann.desk.get("/portal/connection")).text
    sign_in(ann, audience="https://elsewhere.example")
    assert "1 of 2 sign-ins of the last 30 days were successful." in page(ann.desk.get("/portal/connection")).text
    places = [link.attributes["href"] for link in page(ann.desk.get("/portal/connection")).one("main").every("a")]
    assert {"/portal/sign-ins", CERTIFICATE, "/portal/attributes", "/portal/reset", "/portal/test"} <= {*places}


def test_what_is_off_or_ends_is_said(ann: Admin) -> None:
    connection_life.switch(ann.rig.house, ann.rig.pass_, ann.connection_id, "off")
    ann.rig.clock.forward(days=3640)
    made = set_up_link(ann.rig, ann.idp.organization["id"])
    shown = page(follow(ann.rig, made).get("/portal/connection")).text
    assert "It is not on" in shown and "signs with a certificate that ends on" in shown


def test_there_is_nothing_later_without_a_connection(rig: Rig) -> None:
    browser = follow(rig, set_up_link(rig, organization(rig).id))
    for place in ("connection", "sign-ins", "certificate", "reset"):
        answer = browser.get(f"/portal/{place}")
        assert (answer.status, answer.location) == (303, "/portal")


def test_the_start_leads_to_what_is_there_later(ann: Admin) -> None:
    shown = page(ann.desk.get("/portal"))
    assert {"/portal/connection", CERTIFICATE} <= {link.attributes["href"] for link in shown.every("a")}
    renewal = follow(ann.rig, set_up_link(ann.rig, ann.idp.organization["id"], Intent.CERTIFICATE_RENEWAL))
    assert renewal.get("/portal/connection").status == renewal.get(CERTIFICATE).status == 200
    for place in ("sign-ins", "reset", "attributes", "test"):
        assert renewal.get(f"/portal/{place}").status == 403


# --- sign-ins ---


def test_sign_ins_are_told_in_a_sentence_and_nothing_else_of_the_person(ann: Admin) -> None:
    assert "Nobody has signed in yet." in page(ann.desk.get("/portal/sign-ins")).text
    sign_in(ann)
    sign_in(ann, audience="https://elsewhere.example")
    ann.run()
    shown = page(ann.desk.get("/portal/sign-ins"))
    rows = [row.text for row in shown.one("table").every("tr") if row.every("td")]
    assert len(rows) == 3 and "ann@acme.example" in rows[0] and "test" in rows[0]
    assert "audience" in rows[1].lower() and "How to mend it:" in rows[1]
    assert "203.0.113.7" not in shown.text and "firstName" not in shown.text and "Staff" not in shown.text
    refused = page(ann.desk.get("/portal/sign-ins?outcome=refused"))
    assert len([row for row in refused.one("table").every("tr") if row.every("td")]) == 1
    assert "There is none like this." in page(ann.desk.get("/portal/sign-ins?outcome=open")).text


def test_sign_ins_are_leafed_through(ann: Admin) -> None:
    for _ in range(26):
        sign_in(ann, audience="https://elsewhere.example")
    shown = page(ann.desk.get("/portal/sign-ins"))
    older = next(link.attributes["href"] for link in shown.every("a") if link.text == "Older")
    assert len([row for row in page(ann.desk.get(older)).one("table").every("tr") if row.every("td")]) == 1


def test_web_07_sign_ins_of_another_connection_are_not_shown(ann: Admin) -> None:
    sign_in(ann)
    other = admin(ann.rig, saml_idp(ann.rig))
    assert "ann@acme.example" not in other.desk.get("/portal/sign-ins").text


# --- certificates ---


def uploaded(at: Admin, content: bytes, **fields: str) -> Answer:
    return send_multipart(at.desk, at.desk.get(CERTIFICATE), ADD, {"file": ("new.cer", content)}, **fields)


def test_web_08_a_new_certificate_comes_beside_the_old_one_and_the_administrators_hear_of_it(ann: Admin) -> None:
    hire(ann.rig, Role.ADMIN, "admin@example.com")
    before = len(ann.rig.house.kept_mail())
    pem = pair("next")[0]
    der = base64.b64decode("".join(pem.split("-----")[2].split()))
    answer = uploaded(ann, der)
    assert (answer.status, answer.location) == (303, f"{CERTIFICATE}?done=added")
    assert "accepted side by side" in ann.desk.get(answer.location).text
    assert len(held(ann)) == 2
    told_to = {each.to for each in mails(ann.rig, before) if "its certificates were changed" in each.text}
    assert told_to == {"first@example.com", "admin@example.com"}
    entry = [each for each in newest(ann.rig, 10) if each.target_id == ann.connection_id][-1]
    assert (entry.action, entry.actor) == ("connection.updated", f"portal:{ann.made.link.id}")
    for key in ("acme", "next"):
        assert sign_in(ann, key=key).returned["code"]
        ann.rig.clock.forward(minutes=1)
    rows = [row.text for row in page(ann.desk.get(CERTIFICATE)).one("table").every("tr") if row.every("td")]
    assert "last 23 Nov" in rows[0] and "used last" not in rows[0] and "used last" in rows[1]


def test_a_certificate_is_pasted_and_what_is_none_is_said_beside_the_field(ann: Admin) -> None:
    form = {"csrf": csrf(ann.desk), "version": version(ann)}
    for text, words in (("", "certificate"), ("nonsense", "certificate"), (pair("acme")[0], "already")):
        answer = post(ann.desk, ADD, {**form, "version": version(ann), "pem": text})
        assert answer.status == 422 and words in page(answer).one("p", id="file-error").text, answer.text
        assert text.strip() in answer.text.replace("\r\n", "\n")
    assert post(ann.desk, ADD, {**form, "version": version(ann), "pem": pair("next")[0]}).status == 303
    assert len(held(ann)) == 2


def test_an_old_certificate_goes_when_sign_ins_use_the_new_one(ann: Admin) -> None:
    old = held(ann)[0]["id"]
    assert uploaded(ann, pair("next")[0].encode()).status == 303
    sent = {"csrf": csrf(ann.desk), "certificate": old}
    assert post(ann.desk, f"{CERTIFICATE}/remove", {**sent, "version": version(ann)}).status == 404, "it may be in use"
    sign_in(ann, key="next")
    form = page(ann.desk.get(CERTIFICATE)).one("form", action=f"{CERTIFICATE}/remove").sends()
    assert form["certificate"] == old
    assert post(ann.desk, f"{CERTIFICATE}/remove", form).status == 303
    assert [each["id"] for each in held(ann)] != [old] and len(held(ann)) == 1


def test_certificates_come_from_the_metadata_address_beside_the_old_one(ann: Admin) -> None:
    ann.rig.network.put(URL, document("next").encode())
    answer = ann.sends(CERTIFICATE, f"{CERTIFICATE}/address", url=URL)
    assert (answer.status, answer.location) == (303, f"{CERTIFICATE}?done=watched"), answer.text
    assert len(held(ann)) == 2
    for key in ("acme", "next"):
        assert sign_in(ann, key=key).returned["code"]
    shown = page(ann.desk.get(CERTIFICATE)).text
    assert URL in shown and "from the metadata" in shown
    (renewed,) = told(ann.rig, "connection.saml_certificate_renewed")
    assert ann.connection_id in str(renewed)


def test_an_address_of_another_provider_or_of_none_changes_nothing(ann: Admin) -> None:
    ann.rig.network.put(URL, document("next", entity_id="https://evil.example").encode())
    answer = ann.sends(CERTIFICATE, f"{CERTIFICATE}/address", url=URL)  # portal_other_provider
    assert answer.status == 422 and "https://evil.example" in page(answer).one("p", id="url-error").text
    assert page(answer).one("input", id="url").attributes["value"] == URL
    for url in ("nonsense", "https://nobody.example/metadata"):
        assert ann.sends(CERTIFICATE, f"{CERTIFICATE}/address", url=url).status == 422
    assert len(held(ann)) == 1
    assert not page(ann.desk.get(CERTIFICATE)).every("code", id="metadata-url")


def test_a_renewal_link_does_that_alone_and_ends_with_a_button(rig: Rig) -> None:
    joe = admin(rig, saml_idp(rig), Intent.CERTIFICATE_RENEWAL)
    start = page(joe.desk.get("/portal"))
    assert start.every("a", href=CERTIFICATE)
    assert uploaded(joe, pair("next")[0].encode()).status == 303
    assert page(joe.desk.get(CERTIFICATE)).every("a", href="/portal/done")
    assert joe.sends("/portal/done", "/portal/done").status == 303
    assert "portal_link_finished" in rig.browser().get(address(joe.made)).text
    with pytest.raises(PortalLinkFinished):
        portal_links.look(rig.house, address(joe.made).partition("token=")[2])


def test_openid_connect_has_no_certificate_to_renew(rig: Rig) -> None:
    joe = admin(rig, oidc_idp(rig))
    shown = page(joe.desk.get(CERTIFICATE))
    assert "There is nothing to renew" in shown.text and not shown.every("form", action=ADD)
    sent = {"csrf": csrf(joe.desk), "version": version(joe), "pem": pair("next")[0]}
    assert post(joe.desk, ADD, sent).status == 422


def test_somebody_else_went_on_meanwhile_and_no_certificate_is_added(ann: Admin) -> None:
    form = {"csrf": csrf(ann.desk), "version": version(ann), "pem": pair("next")[0]}
    progress = portal_progress.of(ann.rig.house, ann.rig.pass_, ann.idp.organization["id"])
    portal_progress.save(ann.rig.house, ann.rig.pass_, ann.idp.organization["id"], progress, seen=progress.version)
    answer = post(ann.desk, ADD, form)
    assert answer.status == 409 and "BEGIN CERTIFICATE" in answer.text and len(held(ann)) == 1


# --- starting over ---


def test_web_08_starting_over_is_told_and_what_is_lost_is_said_before(ann: Admin) -> None:
    hire(ann.rig, Role.ADMIN)
    sign_in(ann)
    shown = page(ann.desk.get("/portal/reset")).text
    assert "Nobody can sign in until the new set-up is switched on." in shown and "The old connection stays" in shown
    wrong = ann.sends("/portal/reset", "/portal/reset", typed="acme?")
    assert wrong.status == 422 and "acme?" in wrong.text and ann.state == "active"
    before = len(ann.rig.house.kept_mail())
    assert ann.sends("/portal/reset", "/portal/reset", typed="Acme").status == 303
    assert ann.state == "inactive", "with its people, for those who look after the application"
    assert any("it was reset" in each.text for each in mails(ann.rig, before))
    progress = portal_progress.of(ann.rig.house, ann.rig.pass_, ann.idp.organization["id"])
    assert progress.step is Step.START and progress.connection_id not in (None, ann.connection_id)
    assert "Begin" in page(ann.desk.get("/portal")).text
    actions = [each for each in newest(ann.rig, 10) if each.target_id == ann.connection_id]
    assert actions[-1].actor == f"portal:{ann.made.link.id}"


def test_what_was_never_switched_on_goes_with_it(rig: Rig) -> None:
    globex = organization(rig)
    browser = follow(rig, set_up_link(rig, globex.id))
    draft = rig.client("POST", "/connections", {"organization_id": globex.id, "draft": True}).json["id"]
    shown = page(browser.get("/portal/reset"))
    assert "Nobody has signed in through it." in shown.text
    form = shown.one("form", action="/portal/reset").sends()
    assert post(browser, "/portal/reset", {**form, "typed": "Globex"}).status == 303
    assert rig.client("GET", f"/connections/{draft}").status == 404
    stale = post(browser, "/portal/reset", {**form, "typed": "Globex"})
    assert stale.status == 409
