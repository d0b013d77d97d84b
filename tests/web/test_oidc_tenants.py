"""Entra ID's shared endpoints: one tenant by its id, and nobody else's tokens and keys (OIDC-01, OIDC-16)."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.protocols.oidc import discovery
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import OidcIdp, jose_key
from tests.web.doors import is_redirect

HOST = "https://login.microsoftonline.com"
COMMON = f"{HOST}/common/v2.0"
TEMPLATE = f"{HOST}/{{tenantid}}/v2.0"
OURS = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
OTHERS = "11111111-2222-4333-8444-555555555555"
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"


def put(rig: Rig, base: str = COMMON, issuer: str = TEMPLATE) -> None:
    rig.network.put(
        f"{base}{discovery.WELL_KNOWN}",
        {
            "issuer": issuer,
            "authorization_endpoint": f"{HOST}/authorize",
            "token_endpoint": f"{HOST}/token",
            "jwks_uri": f"{HOST}/keys",
        },
    )


def connect(rig: Rig, base: str = COMMON, **options: Any) -> Answer:
    organization = rig.client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json
    given = {
        "discovery_endpoint": f"{base}{discovery.WELL_KNOWN}",
        "client_id": "our-client",
        "client_secret": "a client secret of thirty-two characters and more",
        **options,
    }
    body = {"organization_id": organization["id"], "connection_type": "EntraIdOIDC", "oidc_options": given}
    return rig.client("POST", "/connections", body)


def entra(rig: Rig, tenant: str = OURS, *keys: dict[str, Any]) -> OidcIdp:
    put(rig)
    made = connect(rig, tenant_id=tenant)
    assert made.status == 201, made.body
    published = list(keys) or [jose_key("rsa").as_dict(private=False)]
    rig.network.put(f"{HOST}/keys", {"keys": published})
    idp = OidcIdp(rig, made.json, {})
    idp.claims = {"iss": f"{HOST}/{tenant}/v2.0", "tid": tenant}
    rig.network.answers[f"{HOST}/token"] = idp.token
    return idp


def codes(answer: Answer) -> list[str]:
    return [error["code"] for error in answer.json.get("errors", [])] or [answer.json["code"]]


def test_oidc_01_the_shared_endpoint_needs_the_tenant_that_is_meant(rig: Rig) -> None:
    put(rig)
    assert codes(connect(rig)) == ["tenant_id_mismatch"]
    made = connect(rig, tenant_id=OURS)
    assert made.status == 201, made.body
    options = made.json["oidc_options"]
    assert (options["tenant_id"], options["issuer"]) == (OURS, TEMPLATE)
    path = f"/connections/{made.json['id']}"
    assert codes(rig.client("PATCH", path, {"oidc_options": {"tenant_id": None}})) == ["tenant_id_mismatch"]
    changed = rig.client("PATCH", path, {"oidc_options": {"tenant_id": OTHERS}})
    assert changed.json["oidc_options"]["tenant_id"] == OTHERS


@pytest.mark.parametrize(
    "tenant", ["", "common", "contoso.example", OURS.upper(), OURS + "/", "{tenantid}", f"{OURS}/v2.0?x=", "../" + OURS]
)
def test_oidc_01_a_tenant_is_a_guid(rig: Rig, tenant: str) -> None:
    put(rig)
    assert codes(connect(rig, tenant_id=tenant)) == ["tenant_id_invalid"]


@pytest.mark.parametrize(
    ("base", "issuer"),
    [
        ("https://op.acme.example", "https://op.acme.example/{tenantid}/v2.0"),
        ("https://op.acme.example/common/v2.0", "https://op.acme.example/{tenantid}/v2.0"),
        (f"{HOST}.evil.example/common/v2.0", f"{HOST}.evil.example/{{tenantid}}/v2.0"),
        (COMMON, "https://login.microsoftonline.us/{tenantid}/v2.0"),
        (COMMON, f"{HOST}/{{tenantid}}/v1.0"),
        (COMMON, f"{HOST}/{{tenantid}}"),
        (f"{HOST}/{OTHERS}/v2.0", TEMPLATE),
        (f"http{HOST[5:]}/common/v2.0", f"http{HOST[5:]}/{{tenantid}}/v2.0"),
    ],
)
def test_oidc_01_no_other_provider_leaves_a_place_for_the_tenant(rig: Rig, base: str, issuer: str) -> None:
    put(rig, base, issuer)
    assert codes(connect(rig, base, tenant_id=OURS)) == ["discovery_issuer_mismatch"]


def test_oidc_01_a_tenant_of_its_own_endpoint_has_no_other(rig: Rig) -> None:
    base = f"{HOST}/{OURS}/v2.0"
    put(rig, base, base)
    assert codes(connect(rig, base, tenant_id=OTHERS)) == ["tenant_id_mismatch"]
    assert connect(rig, base).status == 201


def test_oidc_01_people_of_that_tenant_sign_in(rig: Rig) -> None:
    assert "code" in entra(rig).sign_in(rig.browser()).returned


@pytest.mark.parametrize(
    "issuer",
    [
        f"{HOST}/{OTHERS}/v2.0",
        f"{HOST}/{CONSUMERS}/v2.0",
        TEMPLATE,
        COMMON,
        f"{HOST}/{OURS}/v2.0/",
        f"{HOST}/{OURS.upper()}/v2.0",
        f"https://sts.windows.net/{OURS}/",
    ],
)
def test_oidc_01_16_people_of_any_other_do_not(rig: Rig, issuer: str) -> None:
    """The same keys sign for all tenants: the issuer alone tells them apart, whatever tid and e-mail say (nOAuth)."""
    idp = entra(rig)
    idp.claims |= {"iss": issuer, "tid": OURS, "email": "admin@acme.example", "email_verified": True}
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_issuer_mismatch")


def test_oidc_16_a_tenant_that_anybody_may_join_vouches_for_no_address(rig: Rig) -> None:
    idp = entra(rig, CONSUMERS)
    idp.claims["email_verified"] = None
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "email_unverified")


def test_oidc_05_a_key_that_is_published_for_another_tenant_is_not_ours(rig: Rig) -> None:
    key = jose_key("rsa").as_dict(private=False)
    for issuer, admitted in ((TEMPLATE, True), (f"{HOST}/{OURS}/v2.0", True), (f"{HOST}/{CONSUMERS}/v2.0", False)):
        idp = entra(rig, OURS, {**key, "issuer": issuer})
        answer = idp.sign_in(rig.browser())
        if admitted:
            assert "code" in answer.returned
        else:
            is_redirect(rig, answer, "server_error", "id_token_key_unknown")
