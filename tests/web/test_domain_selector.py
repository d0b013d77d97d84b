"""The old `domain` parameter: an error, or the organization that the domain stands for where a setting says so."""

from __future__ import annotations

import pytest

from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import saml_idp
from tests.web.doors import is_redirect


def resolving(rig: Rig) -> None:
    changed = rig.client("PATCH", "/environment", {"domain_selector": "resolve"})
    assert (changed.status, changed.json["domain_selector"]) == (200, "resolve")


def asked(rig: Rig, domain: str, **more: str) -> Answer:
    return rig.authorize(rig.browser(), domain=domain, **more)


def test_it_is_refused_unless_a_setting_says_otherwise(rig: Rig) -> None:
    saml_idp(rig)
    answer = asked(rig, "acme.example")
    is_redirect(rig, answer, "domain_connection_selector_not_allowed", "domain_selector_not_allowed")


@pytest.mark.parametrize("spelling", ["acme.example", "ACME.example"])
def test_it_means_the_organization_that_holds_the_policy(rig: Rig, spelling: str) -> None:
    idp = saml_idp(rig)
    rig.client("POST", "/organizations", {"name": "Late", "domains": ["acme.example"]})
    resolving(rig)
    answer = asked(rig, spelling)
    assert answer.status == 302 and answer.location.startswith("https://idp.acme.example/"), answer.location
    assert idp.connection["organization_id"] == idp.organization["id"]


@pytest.mark.parametrize("domain", ["other.example", "pending.example", "no domain", "ann@acme.example"])
def test_a_domain_that_stands_for_nobody(rig: Rig, domain: str) -> None:
    saml_idp(rig)
    rig.client("POST", "/organizations", {"name": "P", "domain_data": [{"domain": "pending.example"}]})
    resolving(rig)
    is_redirect(rig, asked(rig, domain), "connection_domain_invalid", "domain_unclaimed")


def test_an_organization_without_a_connection(rig: Rig) -> None:
    rig.client("POST", "/organizations", {"name": "Bare", "domains": ["bare.example"]})
    resolving(rig)
    is_redirect(rig, asked(rig, "bare.example"), "connection_domain_invalid", "domain_unclaimed")


def test_an_environment_resolves_its_own_domains_alone(rig: Rig) -> None:
    saml_idp(rig)
    _, client = rig.another_environment()
    client("POST", "/organizations", {"name": "Elsewhere", "domains": ["else.example"]})
    resolving(rig)
    is_redirect(rig, asked(rig, "else.example"), "connection_domain_invalid", "domain_unclaimed")
