"""A connection's settings in the Dashboard: its name, every option, switched off, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.flows import connections, oauth_settings, oidc_settings, saml_settings
from latchstring.flows.connection_wishes import OidcWish, SamlWish
from latchstring.model.connection import Connection, ConnectionState, OidcConfig, SamlConfig
from latchstring.model.operator import Role
from latchstring.model.refusal import NotFound
from latchstring.web.dashboard import connection_option_rows as rows
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Browser, Rig
from tests.idp_for_tests import oidc_idp, saml_idp
from tests.operators_for_tests import hire, page, post, send, signed_in
from tests.web.html import Element


def at(rig: Rig, connection: dict[str, Any]) -> str:
    return f"/dashboard/{rig.environment.id}/connections/{connection['id']}"


def kept(rig: Rig, connection: dict[str, Any]) -> Connection:
    return connections.get(rig.house, rig.pass_, connection["id"]).connection


def saml(rig: Rig, connection: dict[str, Any]) -> SamlConfig:
    config = kept(rig, connection).config
    assert isinstance(config, SamlConfig)
    return config


def developer(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.DEVELOPER))


def filled(form: Element) -> dict[str, str]:
    """What a browser would send of the form as it stands: boxes that are ticked, options that are chosen."""
    found = {}
    for entry in form.every("input"):
        if entry.attributes["type"] != "checkbox" or "checked" in entry.attributes:
            found[entry.attributes["name"]] = entry.attributes.get("value", "")
    for choice in form.every("select"):
        chosen = [one for one in choice.every("option") if "selected" in one.attributes]
        found[choice.attributes["name"]] = chosen[0].attributes["value"]
    return found


def save(browser: Browser, path: str, **changed: str | None) -> Answer:
    form = page(browser.get(f"{path}/settings")).one("form", action=f"{path}/settings/options")
    sent = {**filled(form), **changed}
    return post(browser, f"{path}/settings/options", {name: text for name, text in sent.items() if text is not None})


def test_every_option_that_the_api_has_is_on_the_page() -> None:
    elsewhere = {  # on the pages Set up and Certificates
        "idp_metadata_url",
        "idp_metadata_xml",
        "idp_entity_id",
        "idp_sso_url",
        "idp_signing_certs",
        "sp_signing_key_pair",
        "sp_encryption_key_pairs",
    }
    assert {one.name for one in rows.SAML} == set(SamlWish.__struct_fields__) - elsewhere
    assert {one.name for one in rows.SAML} >= set(saml_settings.OPTIONS)
    elsewhere = {"discovery_endpoint", "client_id", "client_secret", "jwt_signing_key_pair"}
    assert {one.name for one in rows.OIDC} == set(OidcWish.__struct_fields__) - elsewhere
    assert {one.name for one in rows.OIDC} >= set(oidc_settings.OPTIONS) - {*elsewhere, "issuer"}
    assert {one.name for one in rows.OAUTH} == set(oauth_settings.SETTINGS) - {
        "client_id",
        "tenant",
        "team_id",
        "key_id",
        "slug",
        "base_url",
    }
    for one in (*rows.SAML, *rows.OIDC, *rows.OAUTH):
        assert one.cost.endswith(".") and (one.name.startswith(("allow_", "trust_")) is (one.group == "weak"))


def test_a_page_that_is_sent_as_it_stands_changes_nothing(rig: Rig) -> None:
    browser = developer(rig)
    for idp in (saml_idp(rig), oidc_idp(rig)):
        before = kept(rig, idp.connection)
        assert save(browser, at(rig, idp.connection)).location == f"{at(rig, idp.connection)}/settings#options"
        assert kept(rig, idp.connection) == before
    assert told(rig, "connection.options_changed") == []


def test_saml_20_options_are_changed_and_told_with_who_did_it(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser, path = developer(rig), at(rig, idp.connection)
    done = save(
        browser,
        path,
        allow_sha1="yes",
        allow_sha1_until="2027-01-31T12:00",
        idp_initiated="allow",
        clock_skew_seconds="90",
    )
    assert done.status == 302, done.text
    config = saml(rig, idp.connection)
    assert (config.allow_sha1, config.idp_initiated, config.clock_skew_seconds) == (True, "allow", 90)
    assert f"{config.allow_sha1_until:%Y-%m-%dT%H:%M%z}" == "2027-01-31T12:00+0000"
    (event,) = told(rig, "connection.options_changed")
    assert set(event["changes"]) == {"allow_sha1", "allow_sha1_until", "idp_initiated", "clock_skew_seconds"}
    assert event["actor"].startswith("operator:operator_")
    assert save(browser, path, want_response_signed="yes").status == 302
    assert saml(rig, idp.connection).allow_sha1_until == config.allow_sha1_until
    assert save(browser, path, allow_sha1=None).status == 302
    assert (saml(rig, idp.connection).allow_sha1, saml(rig, idp.connection).allow_sha1_until) == (False, None)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("clock_skew_seconds", "301", "from 0 to 300"),
        ("clock_skew_seconds", "soon", "a whole number"),
        ("allow_sha1_until", "2001-01-01T00:00", "in the future"),
        ("allow_sha1_until", "tomorrow", "Write it like"),
        ("idp_initiated", "perhaps", "Choose one"),
        ("acs_url", "javascript:alert(1)", "must be an absolute"),
        ("sign_requests", "yes", "Make one on the page Certificates first."),
        ("encrypt_assertions", "yes", "Make one on the page Certificates first."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_changed(rig: Rig, field: str, text: str, words: str) -> None:
    idp = saml_idp(rig)
    before = kept(rig, idp.connection)
    answer = save(developer(rig), at(rig, idp.connection), **{"allow_cbc": "yes", field: text})
    shown = page(answer)
    assert answer.status == 422 and words in shown.by_id(f"{field}-error").text
    assert "Nothing was changed" in shown.one("div", role="alert").text
    assert "checked" in shown.by_id("allow_cbc").attributes  # what was typed is kept
    assert kept(rig, idp.connection) == before


def test_options_of_openid_connect(rig: Rig) -> None:
    idp = oidc_idp(rig)
    browser, path = developer(rig), at(rig, idp.connection)
    done = save(
        browser,
        path,
        scopes="openid email",
        fetch_user_info=None,
        id_token_signature_algorithm="ES256",
        userinfo_signature_algorithm="RS256",
        token_authentication_method="private_key_jwt",
    )
    assert done.status == 302, done.text
    config = kept(rig, idp.connection).config
    assert isinstance(config, OidcConfig)
    assert (config.scopes, config.fetch_user_info) == (("openid", "email"), False)
    assert (config.id_token_signature_algorithm, config.userinfo_signature_algorithm) == ("ES256", "RS256")
    assert config.jwt_signing_certificates
    back = save(browser, path, token_authentication_method="client_secret_post")
    assert "Give one on the page Set up." in back.text
    set_up = page(browser.get(f"{path}/set-up"))
    (form,) = [one for one in set_up.every("form") if one.sends().get("source") == "oidc"]
    assert post(browser, f"{path}/set-up", {**form.sends(), "client_secret": "another secret of ours"}).status == 302
    config = kept(rig, idp.connection).config
    assert isinstance(config, OidcConfig) and config.token_authentication_method == "client_secret_basic"
    assert save(browser, path, userinfo_signature_algorithm="").status == 302
    config = kept(rig, idp.connection).config
    assert isinstance(config, OidcConfig) and config.userinfo_signature_algorithm is None


def test_a_name_and_an_external_id(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser, path = developer(rig), at(rig, idp.connection)
    name = f"{path}/settings/name"
    assert send(browser, browser.get(f"{path}/settings"), name, name="Okta", external_id="o1").status == 302
    assert (kept(rig, idp.connection).name, kept(rig, idp.connection).external_id) == ("Okta", "o1")
    empty = send(browser, browser.get(f"{path}/settings"), name, name=" ")
    assert empty.status == 422 and page(empty).by_id("name-error").text == "A connection needs a name."
    long = send(browser, browser.get(f"{path}/settings"), name, name="x" * 256)
    assert "255" in page(long).by_id("name-error").text
    assert send(browser, browser.get(f"{path}/settings"), name, external_id="").status == 302
    assert kept(rig, idp.connection).external_id is None


def test_a_connection_is_switched_off(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser, path = developer(rig), at(rig, idp.connection)
    asked = idp.depart(visitor := rig.browser())
    answer = send(browser, browser.get(f"{path}/settings"), f"{path}/settings/off")
    assert answer.location == f"{path}/settings#state"
    assert kept(rig, idp.connection).state is ConnectionState.INACTIVE
    assert "connection_unlinked" in idp.arrive(visitor, idp.response(asked)).text  # it was on its way
    shown = page(browser.get(f"{path}/settings"))
    assert "Switched off: sign-ins are refused." in shown.text
    assert f"{path}/test" in {link.attributes["href"] for link in shown.every("a", **{"class": "button secondary"})}
    assert not shown.every("form", action=f"{path}/settings/off")


def test_a_connection_is_deleted_by_typing_its_name(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser, path = developer(rig), at(rig, idp.connection)
    delete = f"{path}/settings/delete"
    unsure = send(browser, browser.get(delete), delete, typed="acme")
    assert unsure.status == 422 and "Type Acme" in page(unsure).by_id("typed-error").text
    assert kept(rig, idp.connection).state is ConnectionState.VALIDATING
    done = send(browser, unsure, delete, typed="Acme")
    assert done.location == f"/dashboard/{rig.environment.id}/organizations/{idp.organization['id']}"
    with pytest.raises(NotFound):
        kept(rig, idp.connection)
    assert len(told(rig, "connection.deleted")) == 1


def test_web_11_settings_are_changed_with_a_fresh_password_and_by_those_who_may(rig: Rig) -> None:
    idp = saml_idp(rig)
    path = at(rig, idp.connection)
    before = kept(rig, idp.connection)
    looker, browser = signed_in(rig, hire(rig, Role.SUPPORT)), developer(rig)
    seen = page(looker.get(f"{path}/settings"))
    assert seen.one("main").every("form") == []
    assert "Take signatures with SHA-1" in seen.text  # looking is free
    assert looker.get(f"{path}/settings/delete").status == 403
    form = {"typed": "Acme", "name": "Evil", "allow_sha1": "yes"}
    csrf = page(looker.get(path)).every("input", name="csrf")[0].attributes["value"]
    for verb in ("name", "options", "off", "delete"):
        assert post(looker, f"{path}/settings/{verb}", {"csrf": csrf, **form}).status == 403
    csrf = page(browser.get(path)).every("input", name="csrf")[0].attributes["value"]
    rig.clock.forward(minutes=10)
    for verb in ("options", "off", "delete"):
        late = post(browser, f"{path}/settings/{verb}", {"csrf": csrf, **form})
        assert late.location.startswith(f"/dashboard/confirm?next={path}/settings")
    assert kept(rig, idp.connection) == before


def test_oauth_14_no_setting_of_another_environment_is_reached(rig: Rig) -> None:
    _other, client = rig.another_environment()
    foreign = saml_idp(rig, client)
    browser = developer(rig)
    csrf = page(browser.get("/dashboard")).every("input", name="csrf")[0].attributes["value"]
    path = at(rig, foreign.connection)
    assert browser.get(f"{path}/settings").status == browser.get(f"{path}/settings/delete").status == 404
    for verb in ("name", "options", "off", "delete"):
        assert post(browser, f"{path}/settings/{verb}", {"csrf": csrf, "typed": "Acme", "name": "x"}).status == 404
    assert client("GET", f"/connections/{foreign.connection['id']}").json["state"] == "validating"
