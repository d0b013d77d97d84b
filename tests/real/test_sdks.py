"""The official SDKs, unchanged, against the product: the newest of Node and of Python, and an older major of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.real.built_in_idp import ANN
from tests.real.login import query, sign_in
from tests.real.product import Product
from tests.real.sdks import SDKS, Sdk
from tests.real.simplesamlphp import key_pair

_CALLBACK = "http://localhost:5999/callback"
_STATE = 'a state / with "everything" & more'
_FAR = "https://idp.example.com"  # never called in these tests


def _saml_connection(product: Product, organization: str, name: str) -> str:
    body = {
        "organization_id": organization,
        "name": name,
        "connection_type": "OktaSAML",
        "saml_options": {
            "idp_sso_url": f"{_FAR}/sso",
            "idp_entity_id": f"{_FAR}/entity",
            "idp_signing_certs": [key_pair()[1]],
        },
    }
    identifier: str = product.create("/connections", body)["id"]
    return identifier


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.version)
def test_an_application_with_the_official_sdk_needs_only_the_base_url(product: Product, sdk: Sdk) -> None:
    organization = product.organization(f"Acme {sdk.version}", f"acme-{sdk.version}.example")
    kept = _saml_connection(product, organization, "Kept")
    doomed = _saml_connection(product, organization, "Doomed")

    asked = {"do": "begin", "organization": product.test_organization_id, "redirect_uri": _CALLBACK, "state": _STATE}
    begun = sdk.run(asked, product.variables)
    assert begun["version"] == sdk.version
    came = query(sign_in(begun["authorization_url"], ANN, _CALLBACK))
    assert came["state"] == _STATE

    asked = {
        "do": "everything",
        "code": came["code"],
        "organization": organization,
        "connection": kept,
        "doomed": doomed,
        "domain": f"made-{sdk.version}.example",
    }
    report = sdk.run(asked, product.variables)
    _check_profile(product, report, sdk)
    _check_connections(report["connections"], kept, doomed, sdk)
    _check_organizations(report["organizations"], asked["domain"], sdk)
    _check_organization_domains(report["organization_domains"], f"waits.{asked['domain']}")
    _check_errors(report["errors"], asked["code"], sdk)


def _check_profile(product: Product, report: dict[str, Any], sdk: Sdk) -> None:
    profile = report["profile"]
    assert report["access_token"]
    assert report["profile_again"] == profile
    expected = {
        "organization_id": product.test_organization_id,
        "connection_id": product.test_connection_id,
        "connection_type": sdk.test_idp,
        "email": "ann@example.com",
        "first_name": "Ann",
    }
    assert {name: profile[name] for name in expected} == expected
    assert profile["id"].startswith("prof_")
    assert profile["idp_id"]
    assert profile["raw_attributes"]["email"] in ("ann@example.com", ["ann@example.com"])


def _check_connections(report: dict[str, Any], kept: str, doomed: str, sdk: Sdk) -> None:
    assert report["got"] == {"id": kept, "name": "Kept", "state": "validating", "type": "OktaSAML"}
    assert {kept, doomed} <= set(report["listed"])
    assert set(report["of_organization"]) == {kept, doomed}
    assert {kept, doomed} <= set(report["of_type"])
    assert (report["deleted"]["class"], report["deleted"]["status"]) == (sdk.errors[0], 404)


def _check_organizations(report: dict[str, Any], domain: str, sdk: Sdk) -> None:
    made = report["made"]
    assert made["id"].startswith("org_")
    assert made["domains"] == [[domain, "verified"]]
    assert report["got"] == made["name"]
    assert report["changed"].startswith("Renamed by ")
    assert report["listed"] == [made["id"]]
    assert (report["deleted"]["class"], report["deleted"]["status"]) == (sdk.errors[0], 404)


def _check_organization_domains(report: dict[str, Any], domain: str) -> None:
    assert (report["changed"], report["same"]) == ([[domain, "verified"]], True)
    assert report["made"] == [f"more.{domain}", "pending"]
    assert report["record"] == [True, True]
    assert report["looked"] == [True, "pending"]
    assert (report["again"], report["proven"], report["deleted"]) == (409, 400, 404)


def _check_errors(report: dict[str, Any], code: str, sdk: Sdk) -> None:
    names = ("not_found", "unauthorized", "unprocessable", "bad_code")
    assert tuple(report[name]["class"] for name in names) == sdk.errors
    assert tuple(report[name]["status"] for name in names) == (404, 401, 422, 400)
    assert all(bool(report[name]["request_id"]) is sdk.knows_request_id for name in names)
    assert report["bad_code"]["error"] == "invalid_grant"
    assert report["bad_code"]["error_description"] == f"The code '{code}' has expired or is invalid."
