"""Who somebody is in SimpleSAMLphp's words: each NameID format, attributes by URI, several values, hostile ones."""

from __future__ import annotations

import pytest

from tests.real.customer import CALLBACK, Customer, code_of
from tests.real.login import Browser
from tests.real.product import Product
from tests.real.simplesamlphp import EVE, SimpleSamlPhp
from tests.real.simplesamlphp_config import PEOPLE

# A rule of the provider's own, which lets nobody in.
_DENY = (
    "\\SimpleSAML\\Auth\\State::throwException($state, new \\SimpleSAML\\Module\\saml\\Error("
    "'urn:oasis:names:tc:SAML:2.0:status:Responder', 'urn:oasis:names:tc:SAML:2.0:status:RequestDenied', 'no <b>'));"
)
_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_FORMAT_11 = "urn:oasis:names:tc:SAML:1.1:nameid-format:"


def _only(*attributes: str) -> dict[str, object]:
    """Releases no other attributes."""
    return {"authproc": {"50": _limit(*attributes)}}


def _named(name_id_format: str, attribute: str, *attributes: str) -> dict[str, object]:
    """Takes the NameID from an attribute, which need not be released itself."""
    name_id = {"class": "saml:AttributeNameID", "attribute": attribute, "Format": name_id_format}
    return {"NameIDFormat": name_id_format, "authproc": {"40": name_id, "50": _limit(*attributes)}}


def _limit(*attributes: str) -> dict[str, str]:
    return {"class": "core:AttributeLimit", **{str(number): name for number, name in enumerate(attributes)}}


@pytest.mark.parametrize(
    ("name_id_format", "attribute", "idp_id"),
    [
        (f"{_FORMAT}persistent", "id", "emp-1001"),
        (f"{_FORMAT_11}emailAddress", "email", "ann@example.com"),
        (f"{_FORMAT_11}unspecified", "id", "emp-1001"),
    ],
    ids=["persistent", "emailAddress", "unspecified"],
)
def test_saml_39_the_name_id_names_who_has_no_other_identifier(
    product: Product, simplesamlphp: SimpleSamlPhp, name_id_format: str, attribute: str, idp_id: str
) -> None:
    customer = Customer.of(product, simplesamlphp, options=_named(name_id_format, attribute, "email"))
    profile = customer.profile()
    assert (profile["idp_id"], profile["email"]) == (idp_id, "ann@example.com")
    assert customer.profile()["id"] == profile["id"]


def test_saml_39_an_email_address_as_name_id_is_enough(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(product, simplesamlphp, options=_named(f"{_FORMAT_11}emailAddress", "email", "firstName"))
    profile = customer.profile()
    assert (profile["idp_id"], profile["email"]) == ("ann@example.com", "ann@example.com")


def test_saml_39_a_persistent_name_of_the_providers_own_is_another_for_each_application(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    targeted = {"NameIDFormat": f"{_FORMAT}persistent", "userid.attribute": "id", **_only("email")}
    one, other = (Customer.of(product, simplesamlphp, options=targeted) for _ in range(2))
    names = {customer.profile()["idp_id"] for customer in (one, other, one, other)}
    assert len(names) == 2
    assert "emp-1001" not in names


def test_saml_39_a_transient_name_needs_an_identifier_beside_it(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    transient = {"NameIDFormat": f"{_FORMAT}transient"}
    customer = Customer.of(product, simplesamlphp, options={**transient, **_only("email")})
    assert customer.refusal() == "identifier_unstable"
    customer.trusted("assertion", {**transient, **_only("email", "id")})
    first, second = customer.profile(), customer.profile()
    assert first["idp_id"] == second["idp_id"] == "emp-1001"
    assert first["id"] == second["id"]


def test_saml_40_attributes_named_by_uri(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    renamed = {"class": "core:AttributeMap", "id": "uid", "email": "mail", "firstName": "givenName", "lastName": "sn"}
    by_uri = {"class": "core:AttributeMap", "0": "name2oid"}
    options = {
        "attributes.NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
        "authproc": {"50": renamed, "51": by_uri},
    }
    profile = Customer.of(product, simplesamlphp, options=options).profile()
    found = [profile[name] for name in ("idp_id", "email", "first_name", "last_name", "groups")]
    assert found == ["emp-1001", "ann@example.com", "Ann", "Łukaszewicz", ["Engineering", "Admins & Owners"]]
    assert profile["raw_attributes"]["urn:oid:0.9.2342.19200300.100.1.3"] == "ann@example.com"


def test_saml_40_several_values_and_hostile_ones_arrive_as_they_were_sent(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer = Customer.of(product, simplesamlphp, signed="both")
    profile = customer.profile(EVE)
    sent = PEOPLE["eve"]
    assert profile["groups"] == sent["groups"]
    assert (profile["first_name"], profile["last_name"]) == (sent["firstName"][0], sent["lastName"][0])
    for name in ("__proto__", "notes"):
        assert profile["raw_attributes"][name] == sent[name]


def test_saml_37_every_address_that_is_sent_must_be_inside(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(product, simplesamlphp)
    two = {"class": "core:AttributeAdd", "email": ["ann@elsewhere.test"]}
    customer.trusted("assertion", {"authproc": {"50": two}})
    assert customer.refusal() == "email_outside_organization"
    broad = Customer.of(product, simplesamlphp, "example.com", "elsewhere.test", options={"authproc": {"50": two}})
    assert broad.profile()["email"] == "ann@example.com"


def test_saml_38_two_connections_to_one_provider_keep_their_people_apart(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    one, other = Customer.of(product, simplesamlphp), Customer.of(product, simplesamlphp)
    browser = Browser(CALLBACK)  # the same person, signed in at the provider once
    first, second = one.profile(browser=browser), other.profile(browser=browser)
    assert first["idp_id"] == second["idp_id"]
    assert first["id"] != second["id"]
    assert (first["organization_id"], second["organization_id"]) == (one.organization_id, other.organization_id)


def test_saml_25_whom_the_provider_turns_away_is_told_so_and_no_word_of_it_is_markup(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer = Customer.of(product, simplesamlphp)
    customer.trusted("assertion", {"authproc": {"50": {"class": "core:PHP", "code": _DENY}}})
    came = customer.comes_back(url=customer.start(state="s"))
    assert (came["error"], code_of(came), came["state"]) == ("access_denied", "idp_refused", "s")
    assert "code" not in came
