"""The API of the Admin Portal: links as the contract has them, and the IT contacts to whom they are sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from latchstring.effects import mail
from latchstring.flows import it_contacts, portal_invitations, portal_links
from latchstring.model.environment import EnvironmentKind
from latchstring.model.mail import Mail
from latchstring.model.portal import Intent, IntentOptions, LinkKind
from tests.house_for_tests import BASE, Answer, Client, Rig
from tests.operators_for_tests import page
from tests.portal_for_tests import address, follow, organization, set_up_link
from tests.web.test_portal_access import refused
from tests.web.test_published_contract import fits


def generate(rig: Rig, client: Client | None = None, **body: Any) -> Answer:
    return (client or rig.client)("POST", "/portal/generate_link", body)


def launch(answer: Answer) -> str:
    link: str = answer.json["link"]
    assert link.startswith(f"{BASE}/portal/launch?token=")
    return link.removeprefix(BASE)


def test_web_07_a_link_of_the_api_leads_into_the_portal_of_its_organization(rig: Rig) -> None:
    globex = organization(rig)
    made = generate(rig, organization=globex.id, intent="sso", return_url="https://app.example/back")
    fits("PortalLinkResponse", made)
    assert set(made.json) == {"link"}
    browser = rig.browser()
    form = page(browser.get(launch(made))).one("form", action="/portal/launch")
    assert browser.post("/portal/launch", form.sends(), sec_fetch_site="same-origin").status == 303
    start = browser.get("/portal")
    assert "Globex" in start.text and 'href="https://app.example/back"' in start.text


def test_what_sdks_send_for_nothing_is_nothing(rig: Rig) -> None:
    globex = organization(rig)
    nothing = dict.fromkeys(
        (
            "intent",
            "return_url",
            "success_url",
            "intent_options",
            "it_contact_emails",
            "admin_emails",
            "external_user_id",
        )
    )
    assert generate(rig, organization=globex.id, **nothing).status == 201
    assert generate(rig, organization=globex.id, intent_options={"sso": None}).status == 201
    options = {"sso": {"bookmark_slug": "hub", "provider_type": "GoogleSAML"}}
    assert generate(rig, organization=globex.id, intent_options=options, success_url="https://a.example").status == 201
    newest, *_others = portal_links.of_organization(rig.house, rig.pass_, globex.id)
    assert newest.options == IntentOptions(provider_type="GoogleSAML", bookmark_slug="hub")
    assert (newest.kind, newest.intent, newest.success_url) == (LinkKind.API, Intent.SSO, "https://a.example")
    assert newest.made_by == f"key:{rig.key.key.id}"


def test_both_names_of_the_list_of_it_contacts_are_taken(rig: Rig) -> None:
    globex = organization(rig)
    generate(rig, organization=globex.id, it_contact_emails=["ann@globex.example", "joe@globex.example"])
    generate(rig, organization=globex.id, admin_emails=["zoe@globex.example", "ANN@globex.example"])
    found = it_contacts.listed(rig.house, rig.pass_, globex.id)
    assert [each.email for each in found] == ["ann@globex.example", "joe@globex.example", "zoe@globex.example"]
    assert rig.house.kept_mail() == (), "nothing is mailed"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"organization": "bogus-id"}, 400, "portal_organization_unknown"),
        ({"intent": "dsync"}, 422, "portal_intent_not_offered"),
        ({"intent": "audit_logs"}, 422, "portal_intent_not_offered"),
        ({"intent": "log_streams"}, 422, "portal_intent_not_offered"),
        ({"intent": "bring_your_own_key"}, 422, "portal_intent_not_offered"),
        ({"intent": "coffee"}, 422, "invalid_request_parameters"),
        ({"return_url": "javascript:alert(1)"}, 422, "invalid_request_parameters"),
        ({"success_url": "https://ann@app.example/"}, 422, "invalid_request_parameters"),
        ({"success_url": "/relative"}, 422, "invalid_request_parameters"),
        ({"it_contact_emails": ["nobody"]}, 422, "invalid_request_parameters"),
        ({"admin_emails": [f"a{n}@b.example" for n in range(21)]}, 422, "invalid_request_parameters"),
        ({"external_user_id": ""}, 422, "invalid_request_parameters"),
        ({"intent_options": {"sso": {"provider_type": "Nonsense"}}}, 422, "invalid_request_parameters"),
        ({"intent_options": {"sso": {"provider_type": "MagicLink"}}}, 422, "invalid_request_parameters"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_words(rig: Rig, body: dict[str, Any], status: int, code: str) -> None:
    globex = organization(rig)
    answer = generate(rig, **{"organization": globex.id, **body})
    assert (answer.status, answer.json["code"]) == (status, code), answer.text
    if code == "portal_organization_unknown":
        assert answer.json["message"] == "Could not find an organization with the id, bogus-id."
    assert portal_links.of_organization(rig.house, rig.pass_, globex.id) == []
    assert it_contacts.listed(rig.house, rig.pass_, globex.id) == []


def test_web_07_urls_are_https_in_production(rig: Rig) -> None:
    production, client = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    acme = client("POST", "/organizations", {"name": "Acme"}).json["id"]
    assert generate(rig, client, organization=acme, return_url="http://localhost:3000").status == 422
    assert generate(rig, client, organization=acme, return_url="https://app.example").status == 201
    globex = organization(rig).id
    assert generate(rig, organization=globex, return_url="http://localhost:3000").status == 201
    assert generate(rig, client, organization=globex).json["code"] == "portal_organization_unknown"
    assert production.id != rig.environment.id


def test_the_environment_says_where_a_link_leads_that_does_not_say_it(rig: Rig) -> None:
    globex = organization(rig).id
    ours = {"portal_return_url": "https://app.example/settings", "portal_success_url": "https://app.example/done"}
    assert rig.client("PATCH", "/environment", ours).json["portal_return_url"] == ours["portal_return_url"]
    for wrong in ("javascript:alert(1)", "settings"):
        refused_url = rig.client("PATCH", "/environment", {"portal_success_url": wrong})
        assert (refused_url.status, refused_url.json["errors"][0]["field"]) == (422, "portal_success_url")
    assert generate(rig, organization=globex).status == 201
    assert generate(rig, organization=globex, return_url="https://own.example").status == 201
    own, plain = portal_links.of_organization(rig.house, rig.pass_, globex)
    assert (plain.return_url, plain.success_url) == (ours["portal_return_url"], ours["portal_success_url"])
    assert (own.return_url, own.success_url) == ("https://own.example", ours["portal_success_url"])
    cleared = rig.client("PATCH", "/environment", {"portal_return_url": None}).json
    assert cleared["portal_return_url"] is None and cleared["portal_success_url"] == ours["portal_success_url"]


def test_web_07_somebodys_links_and_sessions_are_taken_back(rig: Rig) -> None:
    globex, acme = organization(rig).id, organization(rig, "Acme").id
    inside, unused, others, elsewhere = (
        generate(rig, organization=of, external_user_id=user)
        for of, user in ((globex, "ann"), (globex, "ann"), (globex, "joe"), (acme, "ann"))
    )
    browsers = []
    for link in (inside, others, elsewhere):
        browser = rig.browser()
        form = page(browser.get(launch(link))).one("form", action="/portal/launch")
        browser.post("/portal/launch", form.sends(), sec_fetch_site="same-origin")
        browsers.append(browser)
    body = {"organization": globex, "external_user_id": "ann"}
    assert rig.client("POST", "/portal/revoke_link", body).status == 204
    refused(browsers[0].get("/portal"), 401, "portal_session_over")
    refused(rig.browser().get(launch(unused)), 410, "portal_link_revoked")
    assert [each.get("/portal").status for each in browsers[1:]] == [200, 200]
    assert rig.client("POST", "/portal/revoke_link", body).status == 204
    assert rig.client("POST", "/portal/revoke_link", {**body, "organization": "org_none"}).status == 404
    assert rig.client("POST", "/portal/revoke_link", {"organization": globex}).status == 422
    assert rig.client("POST", "/portal/revoke_link", {**body, "external_user_id": None}).status == 422


# --- IT contacts ---


def test_it_contacts_are_added_listed_and_deleted(rig: Rig) -> None:
    globex = organization(rig)
    path = f"/organizations/{globex.id}/it_contacts"
    made = rig.client("POST", path, {"email": "it@globex.example"})
    assert made.status == 201 and set(made.json) == {"object", "id", "email", "created_at", "updated_at"}
    assert made.json["object"] == "it_contact" and made.json["id"].startswith("it_contact_")
    listed = rig.client("GET", path).json
    assert listed["data"] == [made.json] and listed["list_metadata"] == {"before": None, "after": None}
    taken = rig.client("POST", path, {"email": "IT@globex.example"})
    assert (taken.status, taken.json["code"]) == (409, "it_contact_exists")
    assert rig.client("POST", path, {"email": "nobody"}).status == 422
    assert rig.client("POST", "/organizations/org_none/it_contacts", {"email": "a@b.example"}).status == 404
    assert rig.client("GET", "/organizations/org_none/it_contacts").status == 404
    one = f"{path}/{made.json['id']}"
    acme = organization(rig, "Acme")
    assert rig.client("DELETE", one.replace(globex.id, acme.id)).status == 404
    assert rig.client("DELETE", one).status == 204
    assert rig.client("DELETE", one).status == 404
    assert rig.client("GET", path).json["data"] == []
    for number in range(it_contacts.MOST):
        it_contacts.create(rig.house, rig.pass_, globex.id, f"a{number}@globex.example")
    assert rig.client("POST", path, {"email": "one@more.example"}).json["code"] == "it_contacts_full"


def test_web_07_an_it_contact_is_invited_by_mail_and_uninvited(rig: Rig) -> None:
    globex = organization(rig)
    path = f"/organizations/{globex.id}/it_contacts"
    contact = f"{path}/{rig.client('POST', path, {'email': 'it@globex.example'}).json['id']}"
    assert rig.client("POST", f"{contact}/invite", {"intents": ["sso", "domain_verification"]}).status == 204
    (kept,) = rig.house.kept_mail()
    assert kept.mail.to == "it@globex.example" and kept.mail.subject == "Set up single sign-on for Globex"
    link = next(line for line in kept.mail.text.splitlines() if line.startswith(BASE))
    assert link in kept.mail.html
    invited = rig.browser()
    form = page(invited.get(link)).one("form", action="/portal/launch")
    assert invited.post("/portal/launch", form.sends(), sec_fetch_site="same-origin").status == 303
    again = rig.client("POST", f"{contact}/invite", {"intents": ["sso"]})
    assert (again.status, again.json["code"]) == (409, "portal_link_active")
    assert rig.client("POST", f"{contact}/revoke").status == 204
    refused(invited.get("/portal"), 401, "portal_session_over")
    refused(rig.browser().get(link), 410, "portal_link_revoked")
    assert rig.client("POST", f"{contact}/invite", {"intents": ["domain_verification"]}).status == 204
    assert rig.house.kept_mail()[0].mail.subject == "Verify the domains of Globex"
    assert rig.client("DELETE", contact).status == 204
    assert portal_links.of_organization(rig.house, rig.pass_, globex.id)[0].revoked_at is not None
    assert rig.client("POST", f"{contact}/invite", {"intents": ["sso"]}).status == 404


@pytest.mark.parametrize(
    ("intents", "code"),
    [
        ([], "invalid_request_parameters"),
        (["coffee"], "invalid_request_parameters"),
        (["sso", "directory_sync"], "it_contact_invitation_not_offered"),
        (["bring_your_own_key", "log_streams"], "it_contact_invitation_not_offered"),
    ],
)
def test_what_nobody_can_be_invited_to_is_said(rig: Rig, intents: list[str], code: str) -> None:
    globex = organization(rig)
    contact = it_contacts.create(rig.house, rig.pass_, globex.id, "it@globex.example")
    answer = rig.client("POST", f"/organizations/{globex.id}/it_contacts/{contact.id}/invite", {"intents": intents})
    assert (answer.status, answer.json["code"]) == (422, code)
    assert rig.house.kept_mail() == ()


def test_an_invitation_that_cannot_be_mailed_leaves_no_link(rig: Rig) -> None:
    def broken(_mail: Mail) -> None:
        raise mail.RecipientRefused

    globex = organization(rig)
    contact = it_contacts.create(rig.house, rig.pass_, globex.id, "it@globex.example")
    house = replace(rig.house, postbox=lambda: broken)
    with pytest.raises(mail.RecipientRefused):
        portal_invitations.invite(house, rig.pass_, globex.id, contact.id, ["sso"])
    (link,) = portal_links.of_organization(rig.house, rig.pass_, globex.id)
    assert link.revoked_at is not None


def test_web_07_a_set_up_link_that_went_to_somebody_else_stays(rig: Rig) -> None:
    globex = organization(rig)
    ann = it_contacts.create(rig.house, rig.pass_, globex.id, "ann@globex.example")
    made = set_up_link(rig, globex.id, Intent.SSO, "joe@globex.example")
    it_contacts.delete(rig.house, rig.pass_, globex.id, ann.id)
    assert follow(rig, made).get("/portal").status == 200 and address(made)
