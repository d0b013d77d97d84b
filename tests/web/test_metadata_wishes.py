"""What metadata bring to a connection, and what the caller has to say about it: the binding, signed requests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from latchstring.flows import saml_metadata
from latchstring.model.refusal import InvalidFields
from latchstring.protocols.saml import metadata, names
from tests.events_for_tests import told
from tests.house_for_tests import START, Answer, Rig
from tests.idp_for_tests import pair
from tests.web.declared import matches

ENTITY, SSO, POST_SSO = "https://idp.acme.example", "https://idp.acme.example/sso", "https://idp.acme.example/sso-post"


def document(*, post_url: str = POST_SSO, wants: bool = False, bindings: Any = ("redirect", "post")) -> str:
    text = metadata.write_idp(
        entity_id=ENTITY, sso_url=SSO, certificates=(pair("acme")[0],), bindings=bindings
    ).decode()
    start, post, end = text.partition('HTTP-POST" Location="')
    text = start + post + end.replace(SSO, post_url, 1)
    return text.replace('WantAuthnRequestsSigned="false"', f'WantAuthnRequestsSigned="{str(wants).lower()}"')


def create(rig: Rig, **options: Any) -> Answer:
    organization = rig.client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json
    return rig.client("POST", "/connections", {"organization_id": organization["id"], "saml_options": options})


def made(rig: Rig, **options: Any) -> dict[str, Any]:
    shown: dict[str, Any] = matches("POST /connections", create(rig, **options), 201)
    return shown


def changed(rig: Rig, connection: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = rig.client("PATCH", f"/connections/{connection['id']}", {"saml_options": options})
    shown: dict[str, Any] = matches("PATCH /connections/{id}", answer, 200)
    return shown


def warned(shown: dict[str, Any]) -> list[str]:
    return [each["code"] for each in shown.get("warnings", ())]


@pytest.mark.parametrize(("wish", "url"), [("redirect", SSO), ("post", POST_SSO), (None, SSO)])
def test_the_binding_that_was_asked_for_goes_to_its_own_address(rig: Rig, wish: str | None, url: str) -> None:
    options = made(rig, idp_metadata_xml=document(), sso_binding=wish)["saml_options"]
    assert (options["sso_binding"], options["idp_sso_url"]) == (wish or "redirect", url)


def test_the_binding_is_asked_for_with_new_metadata_and_with_a_metadata_url_too(rig: Rig) -> None:
    rig.network.put("https://idp.acme.example/metadata", document().encode(), content_type="application/xml")
    first = made(rig, idp_metadata_url="https://idp.acme.example/metadata", sso_binding="post")
    assert first["saml_options"]["idp_sso_url"] == POST_SSO
    answer = rig.authorize(rig.browser(), connection=first["id"])
    assert answer.status == 200 and f'action="{POST_SSO}"' in answer.text
    other = document(post_url="https://idp.acme.example/other")
    assert changed(rig, first, idp_metadata_xml=other, sso_binding="post")["saml_options"]["idp_sso_url"] == (
        "https://idp.acme.example/other"
    )


def test_a_binding_that_the_metadata_do_not_offer_is_refused(rig: Rig) -> None:
    refused = create(rig, idp_metadata_xml=document(bindings=("redirect",)), sso_binding="post")
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "sso_binding_not_offered")


def test_saml_44_of_a_federation_the_provider_that_is_named_is_taken_and_stays(rig: Rig) -> None:
    one, other = document(), document().replace(ENTITY + '"', 'https://other.example"')
    both = "".join(text.partition("?>")[2] for text in (one, other))
    federation = f'<md:EntitiesDescriptor xmlns:md="{names.MD}">{both}</md:EntitiesDescriptor>'
    refused = create(rig, idp_metadata_xml=federation)
    assert (refused.status, refused.json["code"]) == (400, "metadata_ambiguous")
    assert ENTITY in refused.json["message"] and "https://other.example" in refused.json["message"]
    assert made(rig, idp_metadata_xml=federation, idp_entity_id=ENTITY)["saml_options"]["idp_entity_id"] == ENTITY
    where = "https://federation.example/metadata"
    rig.network.put(where, federation.encode(), content_type="application/xml")
    watched = made(rig, idp_metadata_url=where, idp_entity_id="https://other.example")
    again = rig.client("POST", f"/connections/{watched['id']}/saml_metadata/refresh")
    assert (again.status, again.json["saml_options"]["idp_metadata"]["error"]) == (200, None)
    assert again.json["saml_options"]["idp_entity_id"] == "https://other.example"


def test_saml_44_a_logout_address_in_given_metadata_is_https_like_one_that_was_fetched(rig: Rig) -> None:
    logout = f'<md:SingleLogoutService Binding="{names.REDIRECT_BINDING}" Location="http://idp.acme.example/out"/>'
    text = document().replace("<md:NameIDFormat>", logout + "<md:NameIDFormat>", 1)
    assert saml_metadata.given(rig.house, text, START).slo_url == "http://idp.acme.example/out"
    with pytest.raises(InvalidFields):
        saml_metadata.given(replace(rig.house, development=False), text, START)


def test_saml_42_metadata_that_want_signed_requests_get_them(rig: Rig) -> None:
    connection = made(rig, idp_metadata_xml=document(wants=True))
    options = connection["saml_options"]
    assert (options["idp_wants_signed_requests"], options["sign_requests"]) == (True, True)
    assert options["sp_signing_cert"].startswith("-----BEGIN CERTIFICATE-----")
    assert warned(connection) == ["requests_are_signed_now"]
    (event,) = told(rig, "connection.options_changed")
    assert event["changes"] == {"sign_requests": {"from": False, "to": True}}
    asked = parse_qs(urlsplit(rig.authorize(rig.browser(), connection=connection["id"]).location).query)
    assert {"SigAlg", "Signature"} <= set(asked)


def test_saml_42_who_says_otherwise_is_heard_and_warned(rig: Rig) -> None:
    connection = made(rig, idp_metadata_xml=document(wants=True), sign_requests=False)
    options = connection["saml_options"]
    assert (options["sign_requests"], options["sp_signing_cert"]) == (False, None)
    assert warned(connection) == ["signed_requests_wanted"]
    again = changed(rig, connection, idp_metadata_xml=document(wants=True), sign_requests=False)
    assert (again["saml_options"]["sign_requests"], warned(again)) == (False, ["signed_requests_wanted"])


def test_saml_42_metadata_that_want_nothing_change_nothing(rig: Rig) -> None:
    connection = made(rig, idp_metadata_xml=document())
    options = connection["saml_options"]
    assert (options["idp_wants_signed_requests"], options["sign_requests"]) == (False, False)
    assert warned(connection) == []
    signing = made(rig, idp_metadata_xml=document(), sign_requests=True)
    assert changed(rig, signing, idp_metadata_xml=document())["saml_options"]["sign_requests"] is True


def test_saml_42_new_metadata_that_a_person_gives_count_as_those_at_the_beginning(rig: Rig) -> None:
    connection = made(rig, idp_metadata_xml=document())
    after = changed(rig, connection, idp_metadata_xml=document(wants=True))
    assert after["saml_options"]["sign_requests"] is True
    assert after["saml_options"]["sp_signing_cert"] is not None
    assert warned(after) == ["requests_are_signed_now"]
    again = changed(rig, connection, idp_metadata_xml=document(wants=True))
    assert again["saml_options"]["sp_signing_cert"] == after["saml_options"]["sp_signing_cert"]
    assert warned(again) == []
