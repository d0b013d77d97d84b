"""/dashboard/{environment}/settings/sign-in: every setting is saved, refused beside its field, and told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from latchstring.flows import environment_settings as flow
from latchstring.model.environment import EnvironmentKind, EnvironmentSettings
from latchstring.model.operator import Role
from latchstring.storage import front_door
from tests.events_for_tests import told
from tests.house_for_tests import Browser, Rig
from tests.idp_for_tests import pair, saml_idp
from tests.operators_for_tests import hire, page, send, signed_in
from tests.web.test_audit import newest


@pytest.fixture
def browser(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig))


def place(rig: Rig) -> str:
    return f"/dashboard/{rig.environment.id}/settings/sign-in"


def settings(rig: Rig) -> EnvironmentSettings:
    return flow.of(rig.house, rig.pass_).settings


def test_i5_every_setting_of_an_environment_stands_on_the_page_and_is_saved(rig: Rig, browser: Browser) -> None:
    wished = {
        "idp_initiated": "allow",
        "idp_initiated_consent": "yes",
        "relay_state": "redirect_uri",
        "domain_selector": "resolve",
        "redirect_uri_rules": "loose",
        "return_oauth_tokens": "yes",
        "logout_uri": "https://app.example.com/bye",
        "portal_return_url": "https://app.example.com/settings",
        "portal_success_url": "https://app.example.com/done",
        "magic_links_per_hour": "0",
        "raw_attributes": "empty",
        "sign_in_answers": "off",
        "trace_retention_days": "7",
        "reconciliation_days": "14",
        "api_log_days": "0",
    }
    form = page(browser.get(place(rig))).one("form", method="post", action=place(rig))
    fields = set(form.sends()) - {"csrf"}
    known = set(EnvironmentSettings.__struct_fields__) - {"temporary"}
    assert fields == known == set(wished), "a new setting belongs on this page"
    asked = send(browser, browser.get(place(rig)), place(rig), **wished)
    assert asked.status == 422 and "Type Staging to go on" in asked.text
    assert settings(rig) == EnvironmentSettings()
    saved = send(browser, asked, place(rig), typed="Staging")
    assert (saved.status, saved.location) == (302, f"{place(rig)}?saved=yes")
    said = {
        name: {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        for name, value in msgspec.structs.asdict(settings(rig)).items()
    }
    assert wished.items() <= said.items()
    after = page(browser.get(saved.location))
    assert after.one("form", method="post", action=place(rig)).sends().items() >= wished.items()
    (event,) = told(rig, "environment.settings_changed")
    (entry,) = newest(rig)
    assert {change.field.removeprefix("settings.") for change in entry.changes} == set(event["changes"]) == set(wished)
    assert entry.actor == event["actor"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("logout_uri", "javascript:alert(1)", "logout"),
        ("magic_links_per_hour", "1001", "Give a number from 0 to 1000."),
        ("trace_retention_days", "0", "Give a number from 1 to 365."),
        ("reconciliation_days", "many", "Give a number from 1 to 365."),
        ("relay_state", "anything", "Choose one of these."),
    ],
)
def test_i5_what_cannot_be_is_said_beside_its_field_and_nothing_is_saved(
    rig: Rig, browser: Browser, field: str, value: str, words: str
) -> None:
    answer = send(browser, browser.get(place(rig)), place(rig), **{"domain_selector": "resolve", field: value})
    assert answer.status == 422 and words in answer.text
    assert settings(rig) == EnvironmentSettings()
    kept = page(answer).one("form", method="post", action=place(rig)).sends()
    assert kept["domain_selector"] == "resolve", "what was typed is not lost"


def test_i5_production_is_not_offered_loose_redirect_uris_and_does_not_take_them(rig: Rig, browser: Browser) -> None:
    live, _ = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    theirs = f"/dashboard/{live.id}/settings/sign-in"
    answer = browser.get(theirs)
    assert "redirect_uri_rules" not in answer.text
    refused = send(browser, answer, theirs, redirect_uri_rules="loose")
    assert refused.status == 422
    assert flow.of(rig.house, front_door.by_operator(live)).settings == EnvironmentSettings()


def test_web_02_support_reads_the_settings_and_changes_none(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    answer = browser.get(place(rig))
    assert '<fieldset class="settings" disabled>' in answer.text
    assert ">Save<" not in answer.text
    assert send(browser, answer, place(rig), domain_selector="resolve").status == 403


def test_saml_26_a_new_connection_takes_the_environments_word_unless_it_has_its_own(rig: Rig) -> None:
    def allows(**options: Any) -> str:
        found: str = saml_idp(rig, **options).connection["saml_options"]["idp_initiated"]
        return found

    before = saml_idp(rig).connection["id"]
    assert allows() == "refuse"
    rig.client("PATCH", "/environment", {"idp_initiated": "allow"})
    assert (allows(), allows(idp_initiated="refuse"), allows(idp_initiated="allow")) == ("allow", "refuse", "allow")
    assert rig.client("GET", f"/connections/{before}").json["saml_options"]["idp_initiated"] == "refuse"
    draft = rig.client(
        "POST", "/connections", {"organization_id": "org_test_idp", "draft": True, "connection_type": "GenericSAML"}
    ).json["id"]
    options = {
        "idp_entity_id": "https://idp.example",
        "idp_sso_url": "https://idp.example/sso",
        "idp_signing_certs": [pair("acme")[0]],
    }
    made = rig.client("PATCH", f"/connections/{draft}", {"saml_options": options}).json
    assert made["saml_options"]["idp_initiated"] == "allow"
