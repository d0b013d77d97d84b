"""Links into the Admin Portal and IT contacts, with the official SDKs; and where those links lead."""

from __future__ import annotations

import pytest

from tests.real.login import Browser
from tests.real.product import Product
from tests.real.sdks import SDKS, Sdk


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.version)
def test_web_07_an_sdks_link_opens_the_portal_of_its_organization(product: Product, sdk: Sdk) -> None:
    organization = product.create("/organizations", {"name": f"Set up by {sdk.version}"})["id"]
    email = "it@globex.example"
    report = sdk.run({"do": "portal", "organization": organization, "email": email}, product.variables)
    assert report["link"].startswith(f"{product.base_url}/portal/launch?token=")
    assert report["unknown"]["status"] == 400
    assert report["unknown"]["message"].endswith("Could not find an organization with the id, bogus-id.")
    assert report["not_offered"]["status"] == 422 and "dsync" in report["not_offered"]["message"]
    browser = Browser("http://localhost:5999/callback")
    shown = browser.open(report["link"])
    assert f"Set up by {sdk.version}" in shown.text and "Open the set-up" in shown.text
    if "contact" in report:
        assert (report["contact"], report["again"], report["gone"]) == (email, 409, 404)
        assert report["listed"] == [email, f"more.{email}"]
    if "taken" in report:
        over = browser.open(report["taken"])
        assert "This link was taken back." in over.text and "Open the set-up" not in over.text
