"""/dashboard/{environment}/settings/oauth: a provider is begun, gets its credentials, is switched off, and deleted."""

from __future__ import annotations

from latchstring.flows import oauth_providers as flow
from latchstring.flows.oauth_providers import ProviderWish
from latchstring.model.connection import OAuthConfig
from latchstring.model.operator import Role
from latchstring.protocols.oauth.providers import PROVIDERS
from tests.house_for_tests import Rig
from tests.operators_for_tests import hire, page, send, signed_in


def place(rig: Rig, type_: str = "") -> str:
    return f"/dashboard/{rig.environment.id}/settings/oauth{type_ and '/'}{type_}"


def test_i5_a_provider_is_set_up_from_its_redirect_uri_to_its_credentials(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    overview = browser.get(place(rig))
    assert overview.text.count("not set up") == len(PROVIDERS)
    google = place(rig, "GoogleOAuth")
    begun = send(browser, browser.get(google), google)
    assert (begun.status, begun.location) == (302, google)
    answer = browser.get(google)
    callback = page(answer).by_id("callback").text
    assert callback == rig.client("GET", "/oauth_providers/GoogleOAuth").json["redirect_uri"]
    refused = send(browser, answer, google, client_id="two words", client_secret="marker-of-a-secret")
    assert refused.status == 422 and "client_id is one word" in refused.text
    assert "marker-of-a-secret" not in refused.text
    secret = "marker-of-a-secret"
    saved = send(
        browser, refused, google, client_id="abc", client_secret=secret, scopes="openid  calendar", trust_email="yes"
    )
    assert (saved.status, saved.location) == (302, f"{google}?saved=yes")
    found = flow.get(rig.house, rig.pass_, "GoogleOAuth")
    assert found.config == OAuthConfig(client_id="abc", scopes=("openid", "calendar"), trust_email=True)
    after = browser.get(saved.location)
    assert "Saved" in after.text and "It is kept, and not shown" in after.text
    assert secret not in after.text
    send(browser, after, google, client_id="abcd", enabled="no")
    found = flow.get(rig.house, rig.pass_, "GoogleOAuth")
    assert (found.state.value, found.secrets.reveal().oauth_client_secret) == ("inactive", secret)
    assert isinstance(found.config, OAuthConfig) and found.config.client_id == "abcd"
    assert "Type Google" in send(browser, browser.get(google), f"{google}/delete", typed="google?").text
    gone = send(browser, browser.get(google), f"{google}/delete", typed="Google")
    assert gone.location == place(rig) and flow.listed(rig.house, rig.pass_) == []


def test_i5_each_provider_has_the_fields_that_it_knows(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    for type_, row in PROVIDERS.items():
        flow.put(rig.house, rig.pass_, type_, ProviderWish())
        address = place(rig, type_)
        form = page(browser.get(address)).one("form", method="post", action=address)
        there = {each.attributes["name"] for tag in ("input", "textarea") for each in form.every(tag)}
        assert {"client_id", *row.needs, *row.takes} == there - {"csrf", "scopes", "trust_email"}, type_
    assert browser.get(place(rig, "NoOAuth")).status == 404


def test_web_02_support_reads_a_provider_and_changes_nothing(rig: Rig) -> None:
    flow.put(rig.house, rig.pass_, "GitHubOAuth", ProviderWish())
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    github = place(rig, "GitHubOAuth")
    answer = browser.get(github)
    assert "disabled" in answer.text and ">Save<" not in answer.text and "/delete" not in answer.text
    assert send(browser, answer, github, client_id="abc").status == 403
    assert ">Begin<" not in browser.get(place(rig, "GoogleOAuth")).text
