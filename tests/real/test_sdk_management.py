"""Connections made and changed with the official Python SDK, certificates and PKCE included; a login through one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from workos import WorkOSClient
from workos.sso import CreateProtocolOptionsSAML, PatchProtocolOptionsSAML
from workos.sso.models import (
    CreateConnectionAttributeMaps,
    CreateConnectionSAMLOptions,
    CreateConnectionStandardAttributes,
    PatchConnectionSAMLOptions,
)

from tests.real.login import query, sign_in
from tests.real.product import Product
from tests.real.simplesamlphp import ANN, SimpleSamlPhp, key_pair

_CALLBACK = "http://localhost:5999/callback"


@pytest.fixture
def sdk(product: Product) -> Iterator[WorkOSClient]:
    with WorkOSClient(api_key=product.api_key, client_id=product.client_id, base_url=product.base_url) as client:
        yield client


def test_a_connection_made_by_the_sdk_signs_people_in_with_pkce(
    product: Product, sdk: WorkOSClient, simplesamlphp: SimpleSamlPhp
) -> None:
    organization = product.organization("By SDK", "example.com")
    options = CreateProtocolOptionsSAML(CreateConnectionSAMLOptions(idp_metadata_url=simplesamlphp.metadata_url))
    names = CreateConnectionStandardAttributes(first_name="lastName", last_name="firstName")  # somebody swapped them
    made = sdk.sso.create_connection(
        organization_id=organization,
        name="By SDK",
        external_id="customer-7",
        attribute_maps=CreateConnectionAttributeMaps(standard_attributes=names),
        protocol_options=options,
    )
    assert (made.connection_type, made.state) == ("GenericSAML", "validating")
    again = sdk.sso.create_connection(organization_id=organization, external_id="customer-7", protocol_options=options)
    assert again.id == made.id

    saml = product.call("GET", f"/connections/{made.id}")[1]["saml_options"]
    simplesamlphp.trust(saml["sp_entity_id"], saml["acs_url"], "both")
    begun = sdk.sso.get_authorization_url_with_pkce(redirect_uri=_CALLBACK, connection=made.id)
    came = query(sign_in(begun["url"], ANN, _CALLBACK))
    assert came["state"] == begun["state"]
    answer = sdk.sso.get_profile_and_token_pkce(code=came["code"], code_verifier=begun["code_verifier"])
    profile = answer.profile
    assert (profile.email, profile.first_name, profile.last_name) == ("ann@example.com", "Łukaszewicz", "Ann")
    assert sdk.sso.get_profile(access_token=answer.access_token).id == profile.id
    assert sdk.sso.get_connection(made.id).state == "active"


def test_certificates_are_rolled_over_by_the_sdk(product: Product, sdk: WorkOSClient) -> None:
    organization = product.organization("Rollover", "example.com")
    first, second = key_pair()[1], key_pair()[1]
    options = CreateConnectionSAMLOptions(
        idp_sso_url="https://idp.example.com/sso",
        idp_entity_id="https://idp.example.com/entity",
        idp_signing_certs=[first],
    )
    made = sdk.sso.create_connection(
        organization_id=organization, connection_type="OktaSAML", protocol_options=CreateProtocolOptionsSAML(options)
    )
    added = sdk.sso.create_connection_saml_idp_signing_cert(made.id, value=second)
    assert added.value.strip() == second.strip()
    listed = sdk.sso.list_connection_saml_idp_signing_certs(made.id).data
    assert [one.value.strip() for one in listed] == [first.strip(), second.strip()]
    sdk.sso.delete_connection_saml_idp_signing_cert(made.id, listed[0].id)
    assert [one.id for one in sdk.sso.list_connection_saml_idp_signing_certs(made.id).data] == [added.id]

    moved = PatchProtocolOptionsSAML(PatchConnectionSAMLOptions(idp_sso_url="https://idp.example.com/new"))
    changed = sdk.sso.update_connection(made.id, name="Moved", protocol_options=moved)
    assert changed.name == "Moved"
    saml = product.call("GET", f"/connections/{made.id}")[1]["saml_options"]
    assert saml["idp_sso_url"] == "https://idp.example.com/new"
