"""A connection is made in the Dashboard and set up: with metadata by URL, file, text or values; OIDC; OAuth."""

from __future__ import annotations

import pytest

from latchstring.flows import connections
from latchstring.model.connection import Connection, ConnectionState, OAuthConfig, OidcConfig, SamlConfig
from latchstring.model.fetch import Unreachable
from latchstring.model.operator import Role
from latchstring.protocols.saml import metadata as saml_metadata
from tests.house_for_tests import Answer, Browser, Rig
from tests.idp_for_tests import oidc_idp, pair, saml_idp
from tests.operators_for_tests import PASSWORD, hire, page, post, send, send_multipart, signed_in
from tests.web.html import Element

ENTITY = "https://idp.acme.example"
METADATA = f"{ENTITY}/metadata"


def developer(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.DEVELOPER))


def organization(rig: Rig) -> str:
    made: str = rig.client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json["id"]
    return made


def made(rig: Rig, browser: Browser, type_: str, name: str = "Their Okta") -> str:
    """The path of a new connection of this type, as the pages make one."""
    path = f"/dashboard/{rig.environment.id}/organizations/{organization(rig)}/connections/new"
    answer = send(browser, browser.get(f"{path}?type={type_}"), path, name=name)
    assert answer.status == 302, answer.text
    return answer.location.removesuffix("/set-up")


def kept(rig: Rig, path: str) -> Connection:
    return connections.get(rig.house, rig.pass_, path.rpartition("/")[2]).connection


def form(answer: Answer, source: str) -> Element:
    (found,) = [one for one in page(answer).every("form") if one.sends().get("source") == source]
    return found


def bring(browser: Browser, path: str, source: str, **fields: str) -> Answer:
    return post(browser, f"{path}/set-up", {**form(browser.get(f"{path}/set-up"), source).sends(), **fields})


def metadata(sso_url: str = f"{ENTITY}/sso") -> bytes:
    return saml_metadata.write_idp(entity_id=ENTITY, sso_url=sso_url, certificates=(pair("acme")[0],))


def test_a_provider_is_found_by_a_word_and_the_common_ones_come_first(rig: Rig) -> None:
    browser = developer(rig)
    path = f"/dashboard/{rig.environment.id}/organizations/{organization(rig)}/connections/new"
    every = page(browser.get(path))
    assert next(heading.text for heading in every.one("main").every("h2")) == "Most asked for"
    assert "Okta SAML" in every.every("ul", **{"class": "picks"})[0].text
    assert len([link for link in every.every("a") if "?type=" in link.attributes["href"]]) == 50
    for word, names in (
        ("okta", ["Okta OIDC", "Okta SAML"]),
        ("openid clever", ["Clever OIDC"]),
    ):
        found = page(browser.get(f"{path}?search={word.replace(' ', '+')}"))
        shown = [entry.text for entry in found.one("ul", **{"class": "picks"}).every("a")]
        assert shown == names
    nothing = page(browser.get(f"{path}?search=%3Cb%3E"))
    assert "<b>" in nothing.text and "Custom OpenID Connect" in nothing.text


def test_a_new_connection_is_a_draft_with_its_addresses(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "OktaSAML")
    connection = kept(rig, path)
    assert (connection.state, connection.type, connection.name) == (ConnectionState.DRAFT, "OktaSAML", "Their Okta")
    shown = page(browser.get(f"{path}/set-up"))
    assert shown.by_id("give-acs_url").text == rig.house.addresses(connection).acs_url
    assert "Single sign-on URL" in shown.text and "Audience URI (SP Entity ID)" in shown.text  # in Okta's own words
    opened = [one for one in shown.every("details", **{"class": "card"}) if "open" in one.attributes]
    assert [one.one("summary").text for one in opened] == ["By its metadata URL"]  # the way this guide likes best
    assert "Make an application" in shown.one("ol", **{"class": "steps"}).text and "user.firstName" in shown.text


def test_scripts_and_drawings_stand_at_their_steps(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "ADFSSAML")
    ours = rig.house.addresses(kept(rig, path))
    shown = page(browser.get(f"{path}/set-up"))
    script = shown.by_id("snippet-1-1").text
    assert f"-Uri '{ours.acs_url}'" in script and f"= '{ours.sp_entity_id}'" in script and "{0}" in script
    drawn = shown.every("svg", **{"class": "drawing"})
    assert len(drawn) == 2 and [one.attributes["role"] for one in drawn] == ["img", "img"]
    named = drawn[0].attributes["aria-labelledby"].split()
    assert "Federation metadata address" in shown.by_id(named[1]).text
    assert "style" not in {name for one in drawn for name in one.attributes}
    assert "Good to know" in shown.text and "MSIS7012" in shown.text
    assert "Compared with the vendor's documentation on 25 Nov 2026." in shown.text
    assert shown.one("a", target="_blank").attributes["rel"] == "noopener noreferrer"


def test_a_step_about_a_value_that_there_is_not_is_left_out(rig: Rig) -> None:
    browser = developer(rig)
    shown = page(browser.get(f"{made(rig, browser, 'OktaSAML')}/set-up")).one("ol", **{"class": "steps"}).text
    assert "Let Okta check our requests" not in shown  # nothing is signed
    assert "Metadata URL · Sign On" in shown and "Sign-in URL (SSO URL)" in shown


def test_a_name_that_will_not_do_comes_back_with_the_reason(rig: Rig) -> None:
    browser = developer(rig)
    path = f"/dashboard/{rig.environment.id}/organizations/{organization(rig)}/connections/new"
    answer = send(browser, browser.get(f"{path}?type=OktaSAML"), path, name="x" * 256)
    assert answer.status == 422 and "255" in page(answer).by_id("name-error").text


def test_metadata_by_url_are_read_at_once_and_watched(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "OktaSAML")
    rig.network.put(METADATA, metadata(), content_type="text/xml")
    answer = bring(browser, path, "url", idp_metadata_url=METADATA)
    assert answer.location == f"{path}/set-up?read=yes"
    shown = page(browser.get(answer.location))
    assert "Read and kept" in shown.text and f"Issuer: {ENTITY}" in shown.text and f"{ENTITY}/sso" in shown.text
    assert "It becomes active on the first good sign-in" in shown.text
    config = kept(rig, path).config
    assert isinstance(config, SamlConfig) and config.idp_metadata_url == METADATA


@pytest.mark.parametrize("how", ["file", "utf-16 file", "text"])
def test_metadata_by_file_or_text(rig: Rig, how: str) -> None:
    browser = developer(rig)
    path = made(rig, browser, "GoogleSAML")
    document = metadata()
    shown = browser.get(f"{path}/set-up")
    if how == "text":
        answer = send_multipart(
            browser, shown, f"{path}/set-up", {"idp_metadata_file": ("", b"")}, idp_metadata_xml=document.decode()
        )
    else:
        content = document if how == "file" else document.decode().encode("utf-16")
        answer = send_multipart(browser, shown, f"{path}/set-up", {"idp_metadata_file": ("idp.xml", content)})
    assert answer.location == f"{path}/set-up?read=yes", answer.text
    assert kept(rig, path).state is ConnectionState.VALIDATING


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"<!doctype html><html><body>Sign in</body></html>", "This is a web page, not a metadata document."),
        (b"PK\x03\x04", "cannot be read"),
        (b"", "Choose the file, or paste its text"),
        (b"<md:EntityDescriptor", "cannot be read"),
    ],
)
def test_what_is_no_metadata_is_said_beside_the_file(rig: Rig, document: bytes, words: str) -> None:
    browser = developer(rig)
    path = made(rig, browser, "GoogleSAML")
    answer = send_multipart(
        browser, browser.get(f"{path}/set-up"), f"{path}/set-up", {"idp_metadata_file": ("x.xml", document)}
    )
    assert answer.status == 422 and words in page(answer).by_id("idp_metadata_file-error").text
    assert kept(rig, path).state is ConnectionState.DRAFT


def test_our_own_metadata_are_not_the_providers(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "GoogleSAML")
    ours = rig.browser().get(rig.house.addresses(kept(rig, path)).sp_metadata_url).body
    answer = send_multipart(
        browser, browser.get(f"{path}/set-up"), f"{path}/set-up", {"idp_metadata_file": ("sp.xml", ours)}
    )
    assert "describes an application" in page(answer).by_id("idp_metadata_file-error").text


def test_a_server_that_does_not_answer_is_said_with_its_reason(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "OktaSAML")
    for reason, words in (("dns", "DNS knows no such name."), ("blocked_address", "not asked from here")):
        rig.network.answers[METADATA] = Unreachable(url=METADATA, reason=reason)
        answer = bring(browser, path, "url", idp_metadata_url=METADATA)
        assert answer.status == 422 and words in page(answer).by_id("idp_metadata_url-error").text
        assert page(answer).by_id("idp_metadata_url").attributes["value"] == METADATA
    script = page(bring(browser, path, "url", idp_metadata_url="javascript:alert(1)"))
    assert "must be an absolute" in script.by_id("idp_metadata_url-error").text
    assert page(bring(browser, path, "url")).by_id("idp_metadata_url-error").text == "This is needed."


def test_single_values_and_what_is_weak_about_them(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "GenericSAML")
    values = {"idp_entity_id": ENTITY, "idp_sso_url": f"{ENTITY}/sso"}
    wrong = bring(browser, path, "values", **values, idp_signing_certs="not a certificate")
    assert wrong.status == 422 and page(wrong).by_id("idp_signing_certs-error").text
    assert page(wrong).by_id("idp_entity_id").attributes["value"] == ENTITY
    two = pair("acme")[0] + pair("other")[0]
    rig.clock.forward(days=40_000)
    browser = developer_again(rig)
    done = bring(browser, path, "values", **values, idp_signing_certs=two)
    shown = page(browser.get(done.location))
    assert "look at this" in shown.text and "By its dates the certificate is not valid now." in shown.text
    config = kept(rig, path).config
    assert isinstance(config, SamlConfig) and len(config.idp_certificates) == 2


def developer_again(rig: Rig) -> Browser:
    browser = rig.browser()
    assert post(browser, "/dashboard/sign-in", {"email": "developer@example.com", "password": PASSWORD}).status == 302
    return browser


def test_a_file_takes_the_place_of_a_metadata_url(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "OktaSAML")
    rig.network.put(METADATA, metadata(), content_type="text/xml")
    bring(browser, path, "url", idp_metadata_url=METADATA)
    shown = browser.get(f"{path}/set-up")
    assert "is not asked any more then" in shown.text
    send_multipart(
        browser, shown, f"{path}/set-up", {"idp_metadata_file": ("x.xml", metadata(sso_url=f"{ENTITY}/other"))}
    )
    config = kept(rig, path).config
    assert isinstance(config, SamlConfig)
    assert (config.idp_metadata_url, config.idp_sso_url) == (None, f"{ENTITY}/other")


def test_openid_connect_is_asked_at_once_and_its_secret_never_shown(rig: Rig) -> None:
    idp = oidc_idp(rig)  # puts the provider into the network
    browser = developer(rig)
    path = made(rig, browser, "OktaOIDC")
    values = {"discovery_endpoint": f"{idp.issuer}/.well-known/openid-configuration", "client_id": "our-client"}
    lacking = bring(browser, path, "oidc", **values)
    assert lacking.status == 422 and page(lacking).by_id("client_secret-error").text == "This is needed."
    wrong = bring(browser, path, "oidc", **{**values, "discovery_endpoint": idp.issuer}, client_secret="s3cret-of-ours")
    assert page(wrong).by_id("discovery_endpoint-error").text and "s3cret-of-ours" not in wrong.text
    done = bring(browser, path, "oidc", **values, client_secret="s3cret-of-ours")
    shown = browser.get(done.location)
    assert f"Issuer: {idp.issuer}" in shown.text and "s3cret-of-ours" not in shown.text
    again = bring(browser, path, "oidc", **{**values, "client_id": "another"})
    assert again.status == 302
    connection = kept(rig, path)
    assert isinstance(connection.config, OidcConfig) and connection.config.client_id == "another"
    assert connection.secrets.reveal().oidc_client_secret == "s3cret-of-ours"


def test_oauth_takes_what_its_provider_needs(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "GitHubOAuth")
    lacking = bring(browser, path, "oauth", client_id="abc")
    assert page(lacking).by_id("client_secret-error").text
    done = bring(browser, path, "oauth", client_id="abc", client_secret="gh-secret-1")
    assert done.status == 302 and "gh-secret-1" not in browser.get(done.location).text
    connection = kept(rig, path)
    assert isinstance(connection.config, OAuthConfig) and connection.config.client_id == "abc"
    assert bring(browser, path, "oauth", client_id="def").status == 302
    assert kept(rig, path).secrets.reveal().oauth_client_secret == "gh-secret-1"
    apple = page(browser.get(f"{made(rig, browser, 'AppleOAuth')}/set-up"))
    assert (apple.by_id("team_id").tag, apple.by_id("private_key").tag) == ("input", "textarea")


def test_a_magic_link_needs_no_setting_up(rig: Rig) -> None:
    browser = developer(rig)
    path = made(rig, browser, "MagicLink")
    assert kept(rig, path).config is not None
    assert "There is no identity provider to be set up." in browser.get(f"{path}/set-up").text


def test_web_11_details_are_brought_with_a_fresh_password_and_by_those_who_may(rig: Rig) -> None:
    idp = saml_idp(rig)
    path = f"/dashboard/{rig.environment.id}/connections/{idp.connection['id']}"
    looker = signed_in(rig, hire(rig, Role.SUPPORT))
    assert [one for one in page(looker.get(f"{path}/set-up")).every("form") if "source" in one.sends()] == []
    csrf = page(looker.get(path)).every("input", name="csrf")[0].attributes["value"]
    before = kept(rig, path)
    sent = {
        "csrf": csrf,
        "source": "values",
        "idp_entity_id": "https://evil.example",
        "idp_sso_url": "https://e.example",
    }
    assert post(looker, f"{path}/set-up", sent).status == 403
    browser = developer(rig)
    old = form(browser.get(f"{path}/set-up"), "values").sends()
    rig.clock.forward(minutes=10)
    assert "type your password first" in browser.get(f"{path}/set-up").text
    late = post(browser, f"{path}/set-up", {**old, "idp_entity_id": "https://evil.example"})
    assert late.location == f"/dashboard/confirm?next={path}/set-up"
    new = f"/dashboard/{rig.environment.id}/organizations/{idp.organization['id']}/connections/new"
    assert looker.get(new).status == 403 and post(looker, new, {"csrf": csrf, "type": "OktaSAML"}).status == 403
    assert kept(rig, path) == before


def test_oauth_14_no_connection_is_made_or_set_up_in_another_environment(rig: Rig) -> None:
    _other, client = rig.another_environment()
    foreign = saml_idp(rig, client)
    browser = developer(rig)
    here = f"/dashboard/{rig.environment.id}"
    csrf = page(browser.get("/dashboard")).every("input", name="csrf")[0].attributes["value"]
    new = f"{here}/organizations/{foreign.organization['id']}/connections/new"
    assert browser.get(f"{new}?type=OktaSAML").status == 404
    assert post(browser, new, {"csrf": csrf, "type": "OktaSAML", "name": "x"}).status == 404
    values = {"csrf": csrf, "source": "values", "idp_entity_id": ENTITY, "idp_sso_url": ENTITY}
    assert post(browser, f"{here}/connections/{foreign.connection['id']}/set-up", values).status == 404
