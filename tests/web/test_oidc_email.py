"""Whose e-mail address counts for the domain rule: nOAuth and its kin (OIDC-16)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from latchstring.flows import connections
from latchstring.model.connection import OidcConfig
from tests.events_for_tests import told
from tests.house_for_tests import Rig
from tests.idp_for_tests import OidcIdp, oidc_idp

OWN = OidcIdp.issuer
SHARED = "https://accounts.google.com"
COMMON = "https://login.microsoftonline.com/common/v2.0"


def outcome(
    rig: Rig, issuer: str, claims: dict[str, Any], *, maps: dict[str, Any] | None = None, **options: Any
) -> str:
    """`ok`, or the code of the refusal."""
    idp = oidc_idp(rig, **options)
    if issuer != OWN:
        _move(rig, idp, issuer)
    if maps is not None:
        body = {"attribute_maps": {"standard_attributes": maps}}
        assert rig.client("PATCH", f"/connections/{idp.connection['id']}", body).status == 200
    idp.claims.update({"iss": issuer, "email_verified": None, **claims})
    returned = idp.sign_in(rig.browser()).returned
    return "ok" if "code" in returned else returned["error_uri"].rpartition("/")[2]


def _move(rig: Rig, idp: OidcIdp, issuer: str) -> None:
    """The connection as if it had been made with this issuer, whose documents stand where they belong."""
    seen = connections.get(rig.house, rig.pass_, idp.connection["id"]).connection
    assert isinstance(seen.config, OidcConfig)
    endpoint = f"{issuer}/.well-known/openid-configuration"
    config = msgspec.structs.replace(seen.config, issuer=issuer, discovery_endpoint=endpoint)
    with rig.house.database.write(rig.pass_) as scope:
        connections.replace(rig.house, scope, seen, msgspec.structs.replace(seen, config=config))
    rig.network.put(
        endpoint,
        {
            "issuer": issuer,
            "authorization_endpoint": f"{OWN}/authorize",
            "token_endpoint": f"{OWN}/token",
            "jwks_uri": f"{OWN}/jwks",
        },
    )


@pytest.mark.parametrize(
    ("issuer", "claims", "expected"),
    [
        (OWN, {}, "ok"),  # the customer's own issuer vouches for its addresses, and the domain rule bounds them
        (OWN, {"email_verified": True}, "ok"),
        (OWN, {"email_verified": False}, "email_unverified"),
        (OWN, {"email_verified": "true"}, "email_unverified"),
        (OWN, {"email": "eve@elsewhere.example"}, "email_outside_organization"),
        (SHARED, {}, "email_unverified"),
        (SHARED, {"email_verified": True}, "ok"),
        (SHARED, {"email_verified": "true"}, "email_unverified"),
        (SHARED, {"email_verified": False}, "email_unverified"),
        (COMMON, {}, "email_unverified"),
        (COMMON, {"email_verified": 1}, "email_unverified"),
    ],
)
def test_oidc_16_verified_or_not(rig: Rig, issuer: str, claims: dict[str, Any], expected: str) -> None:
    assert outcome(rig, issuer, claims) == expected


def test_oidc_16_what_is_verified_is_the_claim_email_alone(rig: Rig) -> None:
    """An attacker verifies an address of their own and puts the victim's into another claim that is mapped."""
    claims = {"email": "eve@acme.example", "email_verified": True, "upn": "victim@acme.example"}
    assert outcome(rig, SHARED, claims, maps={"email": "upn"}) == "email_unverified"
    assert outcome(rig, OWN, claims, maps={"email": "upn"}) == "ok"


@pytest.mark.parametrize("issuer", [OWN, SHARED])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("true", "ok"),
        (True, "ok"),
        ("false", "email_unverified"),
        ("True", "email_unverified"),
        ("1", "email_unverified"),
        (" true", "email_unverified"),
        (1, "email_unverified"),
        (["true"], "email_unverified"),
        (False, "email_unverified"),
    ],
)
def test_oidc_16_the_string_true_counts_where_a_connection_allows_it_and_nothing_else_does(
    rig: Rig, issuer: str, said: Any, expected: str
) -> None:
    assert outcome(rig, issuer, {"email_verified": said}, allow_email_verified_text=True) == expected


def test_oidc_16_a_string_vouches_for_no_other_domain_and_its_allowance_is_told(rig: Rig) -> None:
    claims = {"email": "eve@elsewhere.example", "email_verified": "true"}
    assert outcome(rig, SHARED, claims, allow_email_verified_text=True) == "email_outside_organization"
    changes = told(rig, "connection.options_changed")[0]["changes"]
    assert changes["allow_email_verified_text"] == {"from": False, "to": True}


def test_oidc_16_trust_is_the_operators_word(rig: Rig) -> None:
    assert outcome(rig, SHARED, {}, trust_email=True) == "ok"
