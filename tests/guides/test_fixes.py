"""What is mended at an identity provider: every code and topic exists, and the well-known products have an answer."""

from __future__ import annotations

import re
from string import Formatter
from typing import get_args

import pytest
from tests.house.errors_page import refusals

from latchstring import guides
from latchstring.guides import remedies
from latchstring.model.refusal import LoginRefused, Mender

CODES = {kind.code: kind for kind in refusals()}
KNOWN = {  # the products that a customer most likely has; each of their types
    "saml": [
        "ADFSSAML",
        "Auth0SAML",
        "AzureSAML",
        "GoogleSAML",
        "JumpCloudSAML",
        "KeycloakSAML",
        "OktaSAML",
        "OneLoginSAML",
        "PingOneSAML",
        "ShibbolethGenericSAML",
        "ShibbolethSAML",
        "SimpleSamlPhpSAML",
    ],
    "oidc": ["EntraIdOIDC", "GoogleOIDC", "OktaOIDC"],
}
WITH_FIXES = [entry for entry in guides.load().values() if entry.fixes]
FOR_ONE_PROTOCOL = {"email_unverified": "oidc", "relay_state_not_allowed": "saml"}


def mended_by_an_it_admin(protocol: str) -> list[str]:
    """The codes of the sign-ins that fail because of the identity provider, as far as `protocol` can fail so."""
    found = []
    for code, kind in CODES.items():
        if issubclass(kind, LoginRefused) and kind.mender is Mender.IT_ADMIN:
            room = re.search(r"protocols\.(saml|oidc|oauth)\.", kind.__module__)
            if (FOR_ONE_PROTOCOL.get(code) or (room[1] if room else protocol)) == protocol:
                found.append(code)
    return found


@pytest.mark.parametrize("protocol", ["saml", "oidc"])
def test_every_code_that_a_guide_mends_exists(protocol: str) -> None:
    assert set(remedies.TOPICS[protocol]) <= set(CODES)


@pytest.mark.parametrize("protocol", ["saml", "oidc"])
def test_every_refusal_that_an_it_admin_mends_is_mended_in_the_products_they_have(protocol: str) -> None:
    for connection_type in KNOWN[protocol]:
        codes = mended_by_an_it_admin(protocol)
        assert len(codes) > 30
        assert [code for code in codes if not guides.fix(code, connection_type)] == [], connection_type


@pytest.mark.parametrize("entry", WITH_FIXES, ids=lambda entry: entry.type)
def test_every_place_is_used_and_says_what_stands_there(entry: guides.Guide) -> None:
    used = {topic for topics in remedies.TOPICS[entry.protocol].values() for topic in topics}
    assert set(entry.fixes) <= used
    for topic, place in entry.fixes.items():
        assert place.where or place.note, topic
        assert bool(place.what) == (bool(place.where) and topic != "log"), topic
        assert not place.note or re.search(r"[.!”]$", place.note), topic
        assert {name for _, name, _, _ in Formatter().parse(place.where) if name} <= {"app"}


@pytest.mark.parametrize("entry", WITH_FIXES, ids=lambda entry: entry.type)
def test_a_fix_is_whole_sentences(entry: guides.Guide) -> None:
    for code in remedies.TOPICS[entry.protocol]:
        text = guides.fix(code, entry.type)
        assert text is None or (text.endswith((".", "”")) and "%(" not in text and "{" not in text), code


def test_every_topic_has_a_sentence() -> None:
    spoken = set(remedies.SENTENCES) | {topic for topic, _ in remedies.WITHOUT_PLACE}
    assert spoken == set(get_args(remedies.Topic))


def test_a_fix_speaks_the_words_of_the_product() -> None:
    assert guides.fix("audience_mismatch", "OktaSAML") == (
        "In Okta, open “Applications > Applications > (your app) > General > SAML Settings > Edit > Configure SAML” "
        "and set “Audience URI (SP Entity ID)” to the SP entity ID of this connection (`sp_entity_id`), "
        "letter by letter."
    )
    assert "AADSTS50105" in (guides.fix("idp_refused", "azuresaml") or "")  # any case, as everywhere
    assert "by NTP" in (guides.fix("assertion_not_yet_valid", "KeycloakSAML") or "")
    assert "this server first" in (guides.fix("assertion_not_yet_valid", "OktaSAML") or "")


def test_the_menu_words_stay_in_another_language() -> None:
    german = {
        remedies.SENTENCES["audience"]: "%(where)s: %(what)s!",
        remedies.APPLICATION: "(Ihre App)",
    }
    said = guides.fix("audience_mismatch", "OktaSAML", lambda sentence: german[sentence])
    assert said == (
        "“Applications > Applications > (Ihre App) > General > SAML Settings > Edit > Configure SAML”: "
        "“Audience URI (SP Entity ID)”!"
    )


@pytest.mark.parametrize(
    ("code", "connection_type"),
    [
        ("audience_mismatch", "GenericSAML"),  # nobody knows its menus
        ("audience_mismatch", "EntraIdOIDC"),  # another protocol
        ("redirect_uri_unregistered", "OktaSAML"),  # the developer's own affair
        ("no_such_code", "OktaSAML"),
        ("audience_mismatch", "NoSuchType"),
    ],
)
def test_what_no_guide_knows_has_no_fix(code: str, connection_type: str) -> None:
    assert guides.fix(code, connection_type) is None
