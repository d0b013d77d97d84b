"""The first half of the walk through the Admin Portal: domains, identity provider, guide, and details brought back."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from latchstring import guides
from latchstring.flows import connection_life, connections, portal_choice, portal_links, portal_progress
from latchstring.flows.portal_choice import PortalChoiceLosesDetails
from latchstring.flows.portal_links import Ends
from latchstring.guides import wording
from latchstring.model.connection import Connection, ConnectionState, OidcConfig, SamlConfig
from latchstring.model.dns import TxtRecords
from latchstring.model.portal import Intent, IntentOptions, LinkState, PortalProgress, Step
from latchstring.protocols.saml import metadata as saml_metadata
from latchstring.web.kit import language
from tests.house_for_tests import Answer, Browser, Rig
from tests.idp_for_tests import pair
from tests.operators_for_tests import page, post, send_multipart
from tests.portal_for_tests import api_link, follow, organization, set_up_link
from tests.web.html import Element
from tests.web.test_audit import newest

ENTITY = "https://idp.globex.example"
METADATA = f"{ENTITY}/metadata"


def metadata() -> bytes:
    return saml_metadata.write_idp(entity_id=ENTITY, sso_url=f"{ENTITY}/sso", certificates=(pair("globex")[0],))


def admin(rig: Rig, name: str = "Globex") -> tuple[Browser, str]:
    made = organization(rig, name)
    return follow(rig, set_up_link(rig, made.id, Intent.SSO, f"it@{name.lower()}.example")), made.id


def progress(rig: Rig, organization_id: str) -> PortalProgress:
    return portal_progress.of(rig.house, rig.pass_, organization_id)


def forms(answer: Answer, action: str) -> list[Element]:
    return page(answer).every("form", action=action, method="post")


def send(browser: Browser, place: str, action: str | None = None, *, at: int = 0, **fields: str) -> Answer:
    """The form of the page at this place, with these fields."""
    action = action or place.partition("?")[0]
    return post(browser, action, {**forms(browser.get(place), action)[at].sends(), **fields})


def choose(browser: Browser, type_: str) -> Answer:
    return send(browser, "/portal/provider", at=-1, type=type_)


def bring(browser: Browser, source: str, **fields: str) -> Answer:
    (found,) = [
        one for one in forms(browser.get("/portal/details"), "/portal/details") if one.sends()["source"] == source
    ]
    return post(browser, "/portal/details", {**found.sends(), **fields})


def upload(browser: Browser, content: bytes) -> Answer:
    """A form with a file: the second one of the page."""
    return send_multipart(
        browser, browser.get("/portal/details"), "/portal/details", {"idp_metadata_file": ("idp.xml", content)}
    )


def being_set_up(rig: Rig, organization_id: str) -> Connection:
    found = portal_progress.connection(rig.house, rig.pass_, organization_id, progress(rig, organization_id))
    assert found is not None
    return found


def test_the_walk_from_the_start_to_the_details(rig: Rig) -> None:
    browser, globex = admin(rig)
    start = page(browser.get("/portal"))
    assert start.one("a", **{"class": "button primary"}).attributes["href"] == "/portal/domain"
    assert send(browser, "/portal/domain", "/portal/domain/next").location == "/portal/provider"
    assert choose(browser, "OktaSAML").location == "/portal/guide"
    number = 0
    while (answer := send(browser, "/portal/guide")).location.startswith("/portal/guide?"):
        number += 1
        assert progress(rig, globex).part == number and number < 20
    assert answer.location == "/portal/details"
    rig.network.put(METADATA, metadata(), content_type="text/xml")
    assert bring(browser, "url", idp_metadata_url=METADATA).location == "/portal/details?read=yes"
    shown = page(browser.get("/portal/details?read=yes"))
    assert "Read and kept" in shown.text and f"Issuer: {ENTITY}" in shown.text
    send(browser, "/portal/details", "/portal/details/next")
    assert progress(rig, globex).step is Step.ATTRIBUTES
    found = being_set_up(rig, globex)
    assert (found.type, found.organization_id, found.state) == ("OktaSAML", globex, ConnectionState.INACTIVE)


def test_a_domain_is_added_looked_for_and_taken_away(rig: Rig) -> None:
    browser, _globex = admin(rig)
    assert "No domain yet" in browser.get("/portal/domain").text
    added = send(browser, "/portal/domain", domain="Globex.example")
    assert added.location.startswith("/portal/domain#org_domain_")
    shown = page(browser.get("/portal/domain"))
    value = shown.by_id("value-1").text
    assert shown.by_id("name-1").text == "globex.example" and value.startswith("latchstring-domain-verification-")
    again = send(browser, "/portal/domain", domain="globex.example")
    assert again.status == 422 and "in the list already" in page(again).by_id("domain-error").text
    consumer = send(browser, "/portal/domain", domain="gmail.com")
    assert consumer.status == 422 and "everybody with such an address" in page(consumer).by_id("domain-error").text
    assert page(consumer).by_id("domain").attributes["value"] == "gmail.com"
    verify = added.location.replace("/portal/domain#", "/portal/domains/") + "/verify"
    rig.names.records["globex.example"] = TxtRecords(exists=True)
    assert send(browser, "/portal/domain", verify).location == added.location
    assert "The record is not there yet" in browser.get("/portal/domain").text
    assert "Go on without it" in browser.get("/portal/domain").text
    rig.names.records["globex.example"] = TxtRecords(exists=True, texts=(value,))
    send(browser, "/portal/domain", verify)
    shown = page(browser.get("/portal/domain"))
    assert "Proven by a record in DNS" in shown.text and "Go on without it" not in shown.text
    remove = verify.replace("/verify", "/remove")
    fields = forms(browser.get("/portal/domain"), "/portal/domain")[0].sends()
    post(browser, remove, fields)
    assert "globex.example" in browser.get("/portal/domain").text, "a proven one stays"
    wrong = send(browser, "/portal/domain", domain="glovex.example").location
    send(browser, "/portal/domain", wrong.replace("/portal/domain#", "/portal/domains/") + "/remove")
    assert "glovex" not in browser.get("/portal/domain").text


def test_web_07_a_domain_of_another_organization_is_not_there(rig: Rig) -> None:
    theirs, _acme = admin(rig, "Acme")
    domain = send(theirs, "/portal/domain", domain="acme.example").location.partition("#")[2]
    browser, _globex = admin(rig)
    fields = forms(browser.get("/portal/domain"), "/portal/domain")[0].sends()
    for act in ("verify", "remove"):
        assert post(browser, f"/portal/domains/{domain}/{act}", fields).status == 404
    assert "acme.example" in theirs.get("/portal/domain").text


def test_a_link_for_domains_alone_ends_when_all_are_proven(rig: Rig) -> None:
    globex = organization(rig)
    ends = Ends(success_url="https://app.example/done")
    intent = Intent.DOMAIN_VERIFICATION
    browser = follow(rig, portal_links.make_set_up(rig.house, rig.pass_, globex.id, intent=intent, ends=ends))
    assert browser.get("/portal/provider").status == 403
    send(browser, "/portal/domain", domain="globex.example")
    send(browser, "/portal/domain", "/portal/domain/next")
    (link,) = portal_links.of_organization(rig.house, rig.pass_, globex.id)
    assert link.state(rig.house.now()) is LinkState.OPEN, "the record is not there yet"
    assert "We look for the records for thirty days" in browser.get("/portal").text
    value = page(browser.get("/portal/domain")).by_id("value-1").text
    rig.names.records["globex.example"] = TxtRecords(exists=True, texts=(value,))
    (verify,) = [
        one.attributes["action"]
        for one in page(browser.get("/portal/domain")).every("form", method="post")
        if one.attributes["action"].endswith("/verify")
    ]
    send(browser, "/portal/domain", verify)
    finished = send(browser, "/portal/domain", "/portal/domain/next")
    assert finished.location == "/portal", "a form may not end at another site"
    assert page(browser.get("/portal")).one("a", href="https://app.example/done").text == "Back to the application"
    (link,) = portal_links.of_organization(rig.house, rig.pass_, globex.id)
    assert link.state(rig.house.now()) is LinkState.FINISHED
    assert "All your domains are proven" in browser.get("/portal").text
    assert progress(rig, globex.id).step is Step.START, "the set-up of single sign-on is another walk"


def test_providers_are_found_by_a_word_and_any_other_one_has_a_way(rig: Rig) -> None:
    browser, _globex = admin(rig)

    def names(place: str) -> list[str]:
        return [one.attributes["value"] for one in page(browser.get(place)).every("button", name="type")]

    every = names("/portal/provider")
    assert len(set(every)) == 33 and {"GenericSAML", "GenericOIDC"} <= set(every)
    assert not {"GoogleOAuth", "MagicLink", "TestIdp"} & set(every)
    assert {"OktaSAML", "EntraIdOIDC"} <= set(every[:10]), "the common ones come first"
    assert names("/portal/provider?search=okta")[:2] == ["OktaOIDC", "OktaSAML"]
    nothing = page(browser.get("/portal/provider?search=%3Cb%3Enobody"))
    assert "<b>nobody" in nothing.text
    assert names("/portal/provider?search=nobody") == ["GenericSAML", "GenericOIDC"]
    refused = choose(browser, "GoogleOAuth")
    assert refused.status == 422 and "There is no identity provider of this kind" in refused.text, (
        "portal_provider_unknown"
    )


def test_what_whoever_made_the_link_knows_is_suggested(rig: Rig) -> None:
    globex = organization(rig)
    ends = Ends(options=IntentOptions(provider_type="KeycloakSAML"))
    browser = follow(rig, portal_links.make_set_up(rig.house, rig.pass_, globex.id, ends=ends))
    assert "thinks that it is Keycloak" in page(browser.get("/portal/provider")).text
    assert send(browser, "/portal/provider", type="KeycloakSAML").location == "/portal/guide"
    assert "Chosen: Keycloak" in page(browser.get("/portal/provider")).text


def test_changing_ones_mind_costs_nothing_before_details_and_asks_after_them(rig: Rig) -> None:
    browser, globex = admin(rig)
    choose(browser, "OktaSAML")
    first = being_set_up(rig, globex)
    choose(browser, "GoogleSAML")
    assert being_set_up(rig, globex).id == first.id and being_set_up(rig, globex).type == "GoogleSAML"
    assert upload(browser, metadata()).location == "/portal/details?read=yes"
    asked = choose(browser, "EntraIdOIDC")
    assert asked.status == 409 and "were brought already" in asked.text and "thrown away" in asked.text
    with pytest.raises(PortalChoiceLosesDetails):
        portal_choice.choose(
            rig.house,
            rig.pass_,
            globex,
            progress(rig, globex),
            "EntraIdOIDC",
            seen=progress(rig, globex).version,
            by=None,
            confirmed=False,
        )
    assert being_set_up(rig, globex).type == "GoogleSAML"
    sure = post(browser, "/portal/provider", {**forms(asked, "/portal/provider")[0].sends(), "type": "EntraIdOIDC"})
    assert sure.location == "/portal/guide"
    second = being_set_up(rig, globex)
    assert (second.type, second.config) == ("EntraIdOIDC", None) and second.id != first.id
    assert progress(rig, globex).step is Step.GUIDE
    with pytest.raises(Exception, match="not found"):
        connections.get(rig.house, rig.pass_, first.id)


def test_web_08_a_connection_in_use_goes_on_beside_the_new_one(rig: Rig) -> None:
    browser, globex = admin(rig)
    choose(browser, "GoogleSAML")
    upload(browser, metadata())
    first = being_set_up(rig, globex)
    connection_life.switch(rig.house, rig.pass_, first.id, "on")
    asked = choose(browser, "OktaSAML")
    assert asked.status == 409 and "go on signing in" in asked.text
    post(browser, "/portal/provider", {**forms(asked, "/portal/provider")[0].sends(), "type": "OktaSAML"})
    assert connections.get(rig.house, rig.pass_, first.id).connection.state is ConnectionState.ACTIVE
    assert being_set_up(rig, globex).type == "OktaSAML"


def test_a_connection_that_was_set_up_and_switched_off_keeps_its_people(rig: Rig) -> None:
    browser, globex = admin(rig)
    choose(browser, "GoogleSAML")
    upload(browser, metadata())
    first = being_set_up(rig, globex)
    connection_life.switch(rig.house, rig.pass_, first.id, "on")
    at = progress(rig, globex)
    portal_progress.save(rig.house, rig.pass_, globex, at.reaching(Step.DONE), seen=at.version)
    connection_life.switch(rig.house, rig.pass_, first.id, "off")
    asked = choose(browser, "OktaSAML")
    post(browser, "/portal/provider", {**forms(asked, "/portal/provider")[0].sends(), "type": "OktaSAML"})
    assert being_set_up(rig, globex).type == "OktaSAML"
    assert connections.get(rig.house, rig.pass_, first.id).connection.state is ConnectionState.INACTIVE


def test_a_colleague_gets_a_link_of_their_own_or_the_one_that_is_open(rig: Rig) -> None:
    globex = organization(rig)
    browser = follow(rig, api_link(rig, globex.id))
    made = send(browser, "/portal/provider/colleague")
    url = page(made).by_id("colleague-link").text
    assert url.startswith(rig.house.base_url + "/portal/launch?token=")
    created = newest(rig, 1)[0]
    assert (created.action, created.actor.split(":")[0]) == ("portal_link.created", "portal")
    (link, _api) = portal_links.of_organization(rig.house, rig.pass_, globex.id)
    assert (link.expires_at - link.created_at).days == 3
    again = send(browser, "/portal/provider/colleague")
    assert "There is an open link already" in again.text
    shared = follow(rig, set_up_link(rig, globex.id))
    assert "Forward the message" in shared.get("/portal/provider/colleague").text
    assert not forms(shared.get("/portal/provider/colleague"), "/portal/provider/colleague")


@pytest.mark.parametrize("type_", ["AdfsSAML", "EntraIdOIDC", "GenericSAML", "SimpleSamlPhpSAML"])
def test_a_guide_goes_step_by_step_and_stands_whole_for_print(rig: Rig, type_: str) -> None:
    browser, globex = admin(rig)
    choose(browser, type_)
    shown = page(browser.get("/portal/guide"))
    count = len(shown.one("details", **{"class": "parts"}).every("li"))
    assert count > 2 and shown.one("strong", **{"aria-current": "step"}).text in shown.one("h1").text
    send(browser, f"/portal/guide?step={count}")
    assert progress(rig, globex).step is Step.DETAILS
    whole = page(browser.get("/portal/guide/whole"))
    assert len(whole.one("ol", **{"class": "steps"}).children) == count
    values = [one.text for one in whole.every("code") if (one.attributes.get("id") or "").startswith("give-")]
    ours = rig.house.addresses(being_set_up(rig, globex))
    assert {ours.acs_url, ours.oidc_redirect_uri} & set(values)


@pytest.mark.parametrize(
    ("code", "title", "source"),
    [
        ("de", "Unsere Werte eintragen", "unveränderliche Benutzer-ID"),
        ("fr", "Saisir nos valeurs", "ID d'utilisateur immuable"),
    ],
)
def test_a_guide_speaks_the_language_of_its_reader(rig: Rig, code: str, title: str, source: str) -> None:
    browser, _globex = admin(rig)
    choose(browser, "GenericSAML")
    browser.cookies[language.COOKIE] = code
    whole = page(browser.get("/portal/guide/whole"))
    assert source in whole.text and "(your app)" not in whole.text
    shown = {one.text for one in whole.one("ol", **{"class": "steps"}).every("h3")}
    guide = guides.load()["GenericSAML"]
    told = wording.told(guide, partial(language.said, code))
    assert title in shown and shown <= {step.title for step in told.steps}
    assert set(told.quirks) < {one.text for one in whole.every("li")}
    assert not shown & {step.title for step in guide.steps}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!doctype html><html><body>Sign in</body></html>", "This is a web page, not a metadata document."),
        (b"\x89PNG", "cannot be read"),
        (b"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n", "private key"),  # metadata_is_private_key
        (
            b"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n",
            "This is a certificate",
        ),  # metadata_is_certificate
        (b"", "Choose the file"),
    ],
)
def test_a_wrong_file_is_named(rig: Rig, content: bytes, words: str) -> None:
    browser, globex = admin(rig)
    choose(browser, "GoogleSAML")
    answer = upload(browser, content)
    assert answer.status == 422 and words in page(answer).by_id("idp_metadata_file-error").text
    assert being_set_up(rig, globex).config is None


def test_our_own_metadata_are_not_the_providers(rig: Rig) -> None:
    browser, globex = admin(rig)
    choose(browser, "GoogleSAML")
    ours = rig.browser().get(rig.house.addresses(being_set_up(rig, globex)).sp_metadata_url).body
    assert "describes an application" in page(upload(browser, ours)).by_id("idp_metadata_file-error").text


def test_who_wants_signed_requests_gets_them_with_the_certificate_to_check_them(rig: Rig) -> None:
    browser, globex = admin(rig)
    choose(browser, "GenericSAML")
    wanting = metadata().replace(b'WantAuthnRequestsSigned="false"', b'WantAuthnRequestsSigned="true"')
    assert upload(browser, wanting).location == "/portal/details?read=yes"
    shown = page(browser.get("/portal/details?read=yes"))
    assert "It wants signed sign-in requests, and they are signed" in shown.text
    assert "BEGIN CERTIFICATE" in shown.by_id("give-sp_signing_cert").text
    config = being_set_up(rig, globex).config
    assert isinstance(config, SamlConfig) and config.sign_requests


def test_openid_connect_by_its_discovery_document(rig: Rig) -> None:
    browser, globex = admin(rig)
    choose(browser, "GenericOIDC")
    issuer = "https://op.globex.example"
    document = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/auth",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    place = f"{issuer}/.well-known/openid-configuration"
    missing = bring(browser, "oidc", discovery_endpoint=place, client_id="abc")
    assert missing.status == 422 and page(missing).by_id("client_secret-error").text
    rig.network.put(place, msgspec.json.encode(document), content_type="application/json")
    fields = {"discovery_endpoint": place, "client_id": "abc", "client_secret": "s3cret"}
    assert bring(browser, "oidc", **fields).location == "/portal/details?read=yes"
    shown = browser.get("/portal/details")
    assert "s3cret" not in shown.text and f"Issuer: {issuer}" in page(shown).text
    assert isinstance(being_set_up(rig, globex).config, OidcConfig)


def test_two_admins_do_not_overwrite_each_other_and_nothing_typed_is_lost(rig: Rig) -> None:
    one, globex = admin(rig)
    other = follow(rig, api_link(rig, globex, external_user_id="joe@globex.example"))
    choose(one, "GoogleSAML")
    old = [form.sends() for form in forms(one.get("/portal/details"), "/portal/details")]
    (values,) = [each for each in old if each["source"] == "values"]
    choose(other, "OktaSAML")
    typed = {"idp_entity_id": ENTITY, "idp_sso_url": f"{ENTITY}/sso", "idp_signing_certs": "typed by hand"}
    answer = post(one, "/portal/details", {**values, **typed})
    assert answer.status == 409 and being_set_up(rig, globex).config is None
    shown = page(answer)
    assert "joe@globex.example did" in shown.text and "Chosen: Okta SAML" in shown.text
    assert shown.by_id("idp_entity_id").attributes["value"] == ENTITY
    assert "typed by hand" in shown.by_id("idp_signing_certs").text
    (mended,) = [each for each in forms(answer, "/portal/details") if each.sends()["source"] == "values"]
    again = post(one, "/portal/details", {**mended.sends(), "idp_signing_certs": pair("globex")[0]})
    assert again.location == "/portal/details?read=yes"
    stale = post(other, "/portal/provider", {**values, "type": "KeycloakSAML"})
    assert stale.status in (403, 409)


def test_nothing_is_shown_of_steps_before_their_time(rig: Rig) -> None:
    browser, _globex = admin(rig)
    for place in ("/portal/guide", "/portal/guide/whole", "/portal/details"):
        assert browser.get(place).location in ("/portal/provider", "/portal/domain")
