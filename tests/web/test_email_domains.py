"""Whose e-mail address an organization's connection may bring: whole addresses, all of them, in verified domains."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import ATTRIBUTES, SamlIdp, saml_idp
from tests.web.doors import is_redirect

OUTSIDE = ("profile_not_allowed_outside_organization", "email_outside_organization")
INVALID = ("server_error", "email_invalid")


def sign_in(idp: SamlIdp, *emails: str) -> Answer:
    return idp.sign_in(idp.rig.browser(), attributes={**ATTRIBUTES, "email": emails})


def with_domains(rig: Rig, *domains: tuple[str, str], allow: bool = False) -> SamlIdp:
    """A connection of an organization with these domains in these states."""
    idp = saml_idp(rig)
    body: dict[str, Any] = {
        "domain_data": [{"domain": domain, "state": state} for domain, state in domains],
        "allow_profiles_outside_organization": allow,
    }
    changed = rig.client("PUT", f"/organizations/{idp.organization['id']}", body)
    assert changed.status == 200, changed.body
    return idp


@pytest.mark.parametrize(
    ("emails", "refused"),
    [
        (("ann@acme.example",), None),
        (("Ann.Example+x@ACME.Example",), None),
        (("ann@acme.example", "ann@ACME.example"), None),
        (("ann@sub.acme.example",), OUTSIDE),
        (("ann@acme.example.evil.example",), OUTSIDE),
        (("ann@evilacme.example",), OUTSIDE),
        (("ann@acme.exampl",), OUTSIDE),
        (("ann@evil.example", "ann@acme.example"), OUTSIDE),
        (("ann@acme.example", "ann@evil.example"), OUTSIDE),
        (("ann@acme.example", "ann@acme.example", "eve@evil.example"), OUTSIDE),
        (("eve@evil.example,ann@acme.example",), INVALID),
        (("eve@evil.example;ann@acme.example",), INVALID),
        (("eve@evil.example ann@acme.example",), INVALID),
        (("ann@acme.example@evil.example",), INVALID),
        (("eve@evil.example@acme.example",), INVALID),
        (('"eve@evil.example"@acme.example',), INVALID),
        (('"eve"@acme.example',), INVALID),
        (("eve@evil.example(@acme.example)",), INVALID),
        (("ann(eve)@acme.example",), INVALID),
        (("Ann <ann@acme.example>",), INVALID),
        (("<eve@evil.example> ann@acme.example",), INVALID),
        (("ann@acme.example.",), INVALID),
        (("ann@[192.0.2.1]",), INVALID),
        (("ann@acme\u3002example",), INVALID),
        (("ann@\u0430cme.example",), OUTSIDE),  # a Cyrillic a: another domain
        (("ann@\uff41cme.example",), INVALID),
        (("ann@acme\u00ad.example",), INVALID),
        (("ann@acme.example\u200b",), INVALID),
        (("ann@ac%6de.example",), INVALID),
        (("=?utf-8?q?eve=40evil.example?=@acme.example",), None),  # an odd local part, and nothing else
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_saml_37_every_address_is_read_whole_and_must_be_inside(
    rig: Rig, emails: tuple[str, ...], refused: tuple[str, str] | None
) -> None:
    answer = sign_in(saml_idp(rig), *emails)
    if refused is None:
        assert rig.swap(answer.returned["code"]).json["profile"]["email"] == emails[0]
    else:
        is_redirect(rig, answer, *refused)


@pytest.mark.parametrize(
    ("domain", "email", "inside"),
    [
        ("b\u00fccher.example", "ann@b\u00fccher.example", True),
        ("b\u00fccher.example", "ann@B\u00dcCHER.example", True),
        ("b\u00fccher.example", "ann@xn--bcher-kva.example", True),
        ("b\u00fccher.example", "ann@XN--BCHER-KVA.EXAMPLE", True),
        ("xn--bcher-kva.example", "ann@b\u00fccher.example", True),
        ("b\u00fccher.example", "ann@bucher.example", False),
        ("bucher.example", "ann@b\u00fccher.example", False),
        ("b\u00fccher.example", "ann@bu\u0308cher.example", False),  # decomposed: refused rather than guessed
        ("strasse.example", "ann@stra\u00dfe.example", False),  # one domain in IDNA 2003, two in IDNA 2008
        ("faxe.example", "ann@f\u0430xe.example", False),
    ],
    ids=ascii,
)
def test_saml_37_international_domains_are_compared_as_dns_sees_them(
    rig: Rig, domain: str, email: str, inside: bool
) -> None:
    answer = sign_in(with_domains(rig, (domain, "verified")), email)
    assert ("code" in answer.returned) is inside
    if inside:
        assert rig.swap(answer.returned["code"]).json["profile"]["email"] == email


def test_saml_37_a_domain_that_is_not_verified_lets_nobody_in(rig: Rig) -> None:
    idp = with_domains(rig, ("other.example", "verified"), ("claimed.example", "pending"))
    is_redirect(rig, sign_in(idp, "ann@claimed.example"), *OUTSIDE)
    is_redirect(rig, sign_in(idp, "ann@other.example", "ann@claimed.example"), *OUTSIDE)
    assert "code" in sign_in(idp, "ann@other.example").returned


def test_saml_37_an_organization_without_domains_lets_nobody_in(rig: Rig) -> None:
    is_redirect(rig, sign_in(with_domains(rig), "ann@acme.example"), *OUTSIDE)


def test_saml_37_the_domain_of_another_organization_is_outside(rig: Rig) -> None:
    idp = saml_idp(rig)
    rig.client("POST", "/organizations", {"name": "Globex", "domains": ["globex.example"]})
    is_redirect(rig, sign_in(idp, "ceo@globex.example"), *OUTSIDE)


def test_saml_37_outside_is_allowed_on_purpose_and_then_the_ids_say_who_vouches(rig: Rig) -> None:
    idp = with_domains(rig, ("acme.example", "verified"), allow=True)
    profile = rig.swap(sign_in(idp, "ceo@globex.example").returned["code"]).json["profile"]
    assert profile["email"] == "ceo@globex.example"
    assert (profile["organization_id"], profile["connection_id"]) == (idp.organization["id"], idp.connection["id"])
    is_redirect(rig, sign_in(idp, "ceo@globex.example,x@acme.example"), *INVALID)  # read whole all the same
