"""What identity providers send becomes profile fields: their shapes, conflicts, bad addresses, bad identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchstring import guides
from latchstring.model.connection import AttributeMaps
from latchstring.model.profile import Assertion
from latchstring.model.refusal import AssertionRefused
from latchstring.protocols.attribute_refusals import (
    AttributesMissing,
    IdentifierAmbiguous,
    IdentifierMalformed,
    IdentifierTooLong,
    IdentifierUnstable,
)
from latchstring.protocols.attributes import Normalized, normalize
from latchstring.protocols.email_address import EmailInvalid, domain_name, email_address, email_domain

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
MS = "http://schemas.microsoft.com/"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

Sent = Mapping[str, str | tuple[str, ...]]


def assertion(
    sent: Sent,
    subject: str = "ann",
    subject_format: str | None = UNSPECIFIED,
    friendly: Mapping[str, str] | None = None,
) -> Assertion:
    """What is left of a login when the protocol has done its checks."""
    return Assertion(
        subject=subject,
        subject_format=subject_format,
        attributes={name: (value,) if isinstance(value, str) else value for name, value in sent.items()},
        friendly_names=friendly or {},
        raw=dict(sent),
        email_trusted=True,
        message_id="_1",
        valid_until=datetime(2030, 1, 1, tzinfo=UTC),
        answers=None,
    )


def defaults(connection_type: str) -> Mapping[str, tuple[str, ...]]:
    return guides.load()[connection_type].attributes


def profile(
    said: Assertion,
    connection_type: str = "GenericSAML",
    standard: dict[str, tuple[str, ...]] | None = None,
    custom: dict[str, tuple[str, ...]] | None = None,
) -> Normalized:
    maps = AttributeMaps(standard=standard or {}, custom=custom or {})
    return normalize(said, maps=maps, defaults=defaults(connection_type))


ANN = {"email": "ann@acme.com", "first_name": "Ann", "last_name": "Lee", "name": "Ann Lee"}

SHAPES: dict[str, tuple[str, Assertion, dict[str, Any]]] = {
    "Okta with the attribute statements of the guide": (
        "OktaSAML",
        assertion(
            {
                "id": "00u1a0ufow",
                "email": "ann@acme.com",
                "firstName": "Ann",
                "lastName": "Lee",
                "groups": ("Everyone", "Engineering"),
            },
            "ann@acme.com",
        ),
        ANN | {"idp_id": "00u1a0ufow", "groups": ("Everyone", "Engineering")},
    ),
    "Okta without any attribute statement": (
        "OktaSAML",
        assertion({}, "ann@acme.com"),
        {
            "idp_id": "ann@acme.com",
            "email": "ann@acme.com",
            "first_name": None,
            "last_name": None,
            "name": None,
            "groups": (),
        },
    ),
    "Entra ID with its default claims": (
        "AzureSAML",
        assertion(
            {
                MS + "identity/claims/tenantid": "7d5a",
                MS + "identity/claims/objectidentifier": "8a1f-guid",
                MS + "identity/claims/displayname": "Lee, Ann",
                MS + "ws/2008/06/identity/claims/groups": ("0001-guid", "0002-guid"),
                CLAIMS + "givenname": "Ann",
                CLAIMS + "surname": "Lee",
                CLAIMS + "emailaddress": "ann@acme.com",
                CLAIMS + "name": "ann.lee@acme.onmicrosoft.com",
            },
            "ann.lee@acme.onmicrosoft.com",
            EMAIL,
        ),
        ANN | {"idp_id": "8a1f-guid", "name": "Lee, Ann", "groups": ("0001-guid", "0002-guid")},
    ),
    "Entra ID, a person without a mailbox": (
        "AzureSAML",
        assertion(
            {
                MS + "identity/claims/objectidentifier": "8a1f-guid",
                CLAIMS + "emailaddress": " ",
                CLAIMS + "name": "ann@acme.com",
            },
            "ann@acme.com",
            EMAIL,
        ),
        {"idp_id": "8a1f-guid", "email": "ann@acme.com"},
    ),
    "AD FS with a rule for groups and none for a NameID": (
        "ADFSSAML",
        assertion(
            {
                CLAIMS + "upn": "ann@acme.local",
                CLAIMS + "emailaddress": "ann@acme.com",
                CLAIMS + "givenname": "Ann",
                CLAIMS + "surname": "Lee",
                "http://schemas.xmlsoap.org/claims/Group": ("Domain Users", "Engineering"),
            },
            "",
        ),
        ANN | {"idp_id": "ann@acme.local", "groups": ("Domain Users", "Engineering")},
    ),
    "Google, which can send no id": (
        "GoogleSAML",
        assertion({"email": "ann@acme.com", "firstName": "Ann", "lastName": "Lee"}, "ann@acme.com", EMAIL),
        ANN | {"idp_id": "ann@acme.com", "groups": ()},
    ),
    "Google with nothing mapped": (
        "GoogleSAML",
        assertion({}, "ann@acme.com", EMAIL),
        {"idp_id": "ann@acme.com", "email": "ann@acme.com"},
    ),
    "Keycloak with the built-in X.500 mappers and its role list": (
        "KeycloakSAML",
        assertion(
            {
                "urn:oid:1.2.840.113549.1.9.1": "ann@acme.com",
                "urn:oid:2.5.4.42": "Ann",
                "urn:oid:2.5.4.4": "Lee",
                "Role": ("offline_access", "manage-account"),
            },
            "G-4a1e",
            PERSISTENT,
            {
                "email": "urn:oid:1.2.840.113549.1.9.1",
                "givenName": "urn:oid:2.5.4.42",
                "surname": "urn:oid:2.5.4.4",
            },
        ),
        ANN | {"idp_id": "G-4a1e", "groups": ("offline_access", "manage-account")},
    ),
    "Auth0 with its default claims": (
        "Auth0SAML",
        assertion(
            {
                CLAIMS + "nameidentifier": "auth0|5f7c",
                CLAIMS + "emailaddress": "ann@acme.com",
                CLAIMS + "name": "Ann Lee",
                CLAIMS + "givenname": "Ann",
                CLAIMS + "surname": "Lee",
                "http://schemas.auth0.com/email_verified": "true",
            },
            "auth0|5f7c",
        ),
        ANN | {"idp_id": "auth0|5f7c"},
    ),
    "OneLogin with the names of its own samples": (
        "OneLoginSAML",
        assertion(
            {"User.email": "x", "email": "ann@acme.com", "FirstName": "Ann", "LastName": "Lee", "memberOf": "a;b"},
            "ann@acme.com",
            EMAIL,
        ),
        ANN | {"idp_id": "ann@acme.com", "groups": ("a;b",)},
    ),
    "Shibboleth with OIDs and a transient NameID": (
        "ShibbolethGenericSAML",
        assertion(
            {
                "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "ann@idp.acme.edu",
                "urn:oasis:names:tc:SAML:attribute:subject-id": "ann1@acme.edu",
                "urn:oid:0.9.2342.19200300.100.1.3": "ann@acme.com",
                "urn:oid:2.5.4.42": "Ann",
                "urn:oid:2.5.4.4": "Lee",
                "urn:oid:2.16.840.1.113730.3.1.241": "Ann Lee",
                "urn:oid:1.3.6.1.4.1.5923.1.5.1.1": "urn:mace:acme:staff",
            },
            "AAdzZWNyZXQx",
            TRANSIENT,
        ),
        ANN | {"idp_id": "ann1@acme.edu", "groups": ("urn:mace:acme:staff",)},
    ),
    "OIDs that nobody mapped, known by their FriendlyName": (
        "GenericSAML",
        assertion(
            {"urn:oid:9.9.1": "ann@acme.com", "urn:oid:9.9.2": "Ann", "urn:oid:9.9.3": "Lee"},
            "p-1",
            PERSISTENT,
            {"mail": "urn:oid:9.9.1", "GivenName": "urn:oid:9.9.2", "sn": "urn:oid:9.9.3"},
        ),
        ANN | {"idp_id": "p-1"},
    ),
    "OpenID Connect claims": (
        "GenericOIDC",
        assertion(
            {
                "sub": "248289761001",
                "email": "ann@acme.com",
                "given_name": "Ann",
                "family_name": "Lee",
                "name": "Ann Lee",
                "groups": ("a", "b"),
            },
            "248289761001",
            None,
        ),
        ANN | {"idp_id": "248289761001", "groups": ("a", "b")},
    ),
    "OpenID Connect, where an id claim is not the subject": (
        "OktaOIDC",
        assertion({"id": "7", "uid": "8", "email": "ann@acme.com"}, "00u-subject", None),
        {"idp_id": "00u-subject"},
    ),
    "Entra ID over OpenID Connect, a sign-in name for an address": (
        "EntraIdOIDC",
        assertion({"sub": "s", "preferred_username": "ann@acme.com"}, "s", None),
        {"email": "ann@acme.com"},
    ),
    "the Test IdP": (
        "TestIdp",
        assertion({"id": "t1", "email": "ann@acme.com", "firstName": "Ann", "lastName": "Lee"}, "ann@acme.com", EMAIL),
        ANN | {"idp_id": "t1"},
    ),
}


@pytest.mark.parametrize(("connection_type", "said", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_providers_are_understood_without_a_mapping(
    connection_type: str, said: Assertion, expected: dict[str, Any]
) -> None:
    found = profile(said, connection_type)
    assert {field: getattr(found, field) for field in expected} == expected
    assert found.raw_attributes == said.raw


CONFLICTS: dict[str, tuple[Sent, dict[str, tuple[str, ...]], str, str]] = {
    "the type's default before the general list": (
        {"mail": "m@acme.com", "email": "e@acme.com"},
        {},
        "e@acme.com",
        "email",
    ),
    "the connection's own mapping before the type's": (
        {"email": "e@acme.com", "work": "w@acme.com"},
        {"email": ("work",)},
        "w@acme.com",
        "work",
    ),
    "the first of the connection's own that holds a value": (
        {"a": "", "b": "  ", "c": ("", "c@acme.com"), "email": "e@acme.com"},
        {"email": ("a", "b", "c")},
        "c@acme.com",
        "c",
    ),
    "the defaults when the own mapping finds nothing": (
        {"email": "e@acme.com"},
        {"email": ("work",)},
        "e@acme.com",
        "email",
    ),
    "the exact name before one in another case": (
        {"EMAIL": "upper@acme.com", "email": "e@acme.com"},
        {},
        "e@acme.com",
        "email",
    ),
    "another case of the same name": ({"Email": "e@acme.com", "mail": "m@acme.com"}, {}, "e@acme.com", "Email"),
    "of two in another case, the one sent first": (
        {"EMAIL": "1@acme.com", "Email": "2@acme.com"},
        {},
        "1@acme.com",
        "EMAIL",
    ),
    "the name of an attribute before the FriendlyName of another": (
        {"urn:oid:9.9.1": "friendly@acme.com", "email": "e@acme.com"},
        {},
        "e@acme.com",
        "email",
    ),
    "the FriendlyName when no name fits": ({"urn:oid:9.9.1": "f@acme.com"}, {}, "f@acme.com", "urn:oid:9.9.1"),
    "the subject when nothing else does": ({}, {}, "subject@acme.com", "@NameID"),
    "the subject when it is what was mapped": (
        {"email": "e@acme.com"},
        {"email": ("@NameID",)},
        "subject@acme.com",
        "@NameID",
    ),
    "an attribute that only calls itself @NameID is nobody's subject": (
        {"@NameID": "forged@acme.com"},
        {"email": ("@NameID",)},
        "subject@acme.com",
        "@NameID",
    ),
}


@pytest.mark.parametrize(("sent", "standard", "email", "source"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_of_several_sources_one_wins(sent: Sent, standard: dict[str, tuple[str, ...]], email: str, source: str) -> None:
    found = profile(assertion(sent, "subject@acme.com", EMAIL, {"email": "urn:oid:9.9.1"}), standard=standard)
    assert (found.email, found.sources["email"]) == (email, source)


def test_the_trace_names_the_source_of_each_field_that_was_found() -> None:
    found = profile(assertion({"Email": "ann@acme.com", "sn": "Lee", "memberOf": "a"}, "p-1", PERSISTENT))
    assert found.sources == {
        "idp_id": "@NameID",
        "email": "Email",
        "last_name": "sn",
        "name": "first_name + last_name",
        "groups": "memberOf",
    }


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"firstName": "Ann", "lastName": "Lee"}, "Ann Lee"),
        ({"firstName": " Ann\n", "lastName": "\tLee "}, "Ann Lee"),
        ({"firstName": "Ann"}, "Ann"),
        ({"lastName": "Lee"}, "Lee"),
        ({"firstName": "Ann", "lastName": "Lee", "displayName": "Dr. Lee"}, "Dr. Lee"),
        ({}, None),
    ],
)
def test_a_name_is_the_one_sent_or_else_joined(sent: Sent, name: str | None) -> None:
    assert profile(assertion(dict(sent) | {"email": "ann@acme.com"})).name == name


def test_groups_are_all_values_in_their_order() -> None:
    found = profile(assertion({"email": "ann@acme.com", "groups": ("b", "", "a, c", "b", "/Staff")}))
    assert found.groups == ("b", "a, c", "b", "/Staff")


def test_saml_37_all_addresses_are_kept_for_the_domain_rule() -> None:
    found = profile(assertion({"email": (" ann@acme.com\n", "", "ann@other.com"), "mail": "third@acme.com"}))
    assert (found.email, found.emails) == ("ann@acme.com", ("ann@acme.com", "ann@other.com"))


def test_saml_37_one_bad_address_among_several_refuses_them_all() -> None:
    with pytest.raises(EmailInvalid) as refused:
        profile(assertion({"email": ("ann@acme.com", "ann@acme.com,eve@evil.com")}))
    assert refused.value.facts == {
        "received": "ann@acme.com,eve@evil.com",
        "source": "email",
        "reason": "at_sign",
    }


def test_custom_attributes_are_text_or_a_list_or_null() -> None:
    found = profile(
        assertion({"email": "ann@acme.com", "dept": "R&D", "sites": ("Rome", "Oslo")}, "p-1", PERSISTENT),
        custom={
            "department_name": ("department", "Dept"),
            "sites": ("sites",),
            "job_title": ("title",),
            "username": ("@NameID",),
        },
    )
    assert found.custom_attributes == {
        "department_name": "R&D",
        "sites": ["Rome", "Oslo"],
        "job_title": None,
        "username": "p-1",
    }


def test_raw_attributes_are_kept_as_sent() -> None:
    sent: Sent = {"email": "ann@acme.com", "__proto__": "x", "html": "<script>", "many": ("1", "", "1")}
    said = assertion(sent)
    assert profile(said).raw_attributes is said.raw


@pytest.mark.parametrize("claim", ["name", "upn"])
@pytest.mark.parametrize(
    "value", ["Ann Lee", "ACME\\ann", "ann", "ann_home.org#EXT#@acme.onmicrosoft.com", "a_b.org#ext#@acme.com"]
)
def test_a_sign_in_name_that_is_no_address_is_passed_over(claim: str, value: str) -> None:
    found = profile(assertion({CLAIMS + claim: value}, "ann@acme.com", EMAIL), "AzureSAML")
    assert (found.email, found.sources["email"]) == ("ann@acme.com", "@NameID")


def test_a_sign_in_name_that_was_mapped_on_purpose_is_refused_rather_than_passed_over() -> None:
    guest = "ann_home.org#EXT#@acme.onmicrosoft.com"
    with pytest.raises(EmailInvalid) as refused:
        profile(assertion({CLAIMS + "upn": guest}, "ann@acme.com", EMAIL), "AzureSAML", {"email": (CLAIMS + "upn",)})
    assert (refused.value.reason, refused.value.source) == ("guest", CLAIMS + "upn")


def test_the_subject_of_openid_connect_is_nobodys_address() -> None:
    said = assertion({"sub": "ceo@acme.com"}, "ceo@acme.com", None)
    with pytest.raises(AttributesMissing) as refused:
        profile(said, "GenericOIDC")
    assert refused.value.missing == ("email",)
    assert profile(said, "GenericOIDC", {"email": ("sub",)}).email == "ceo@acme.com"  # unless somebody says so


MISSING: dict[str, tuple[Assertion, tuple[str, ...]]] = {
    "nothing at all": (assertion({}, ""), ("idp_id", "email")),
    "only names": (assertion({"firstName": "Ann"}, " "), ("idp_id", "email")),
    "no address, and a subject that is none": (assertion({"id": "1"}, "ann"), ("email",)),
    "no address, and a passing subject that looks like one": (
        assertion({"id": "1"}, "ann@acme.com", TRANSIENT),
        ("email",),
    ),
    "a passing subject and no address": (assertion({}, "ann@acme.com", TRANSIENT), ("idp_id", "email")),
    "an address but nobody": (assertion({"email": "ann@acme.com"}, ""), ("idp_id",)),
}


@pytest.mark.parametrize(("said", "missing"), MISSING.values(), ids=MISSING.keys())
def test_what_a_profile_cannot_be_without_is_named(said: Assertion, missing: tuple[str, ...]) -> None:
    with pytest.raises(AttributesMissing) as refused:
        profile(said)
    assert refused.value.facts == {"missing": missing, "received": tuple(said.attributes)}


def test_saml_39_a_transient_name_id_identifies_nobody() -> None:
    with pytest.raises(IdentifierUnstable) as refused:
        profile(assertion({"email": "ann@acme.com"}, "_9f3c", TRANSIENT), standard={"idp_id": ("@NameID",)})
    assert refused.value.received == ("email",)


def test_a_persistent_name_id_is_asked_for_by_its_format() -> None:
    own: dict[str, tuple[str, ...]] = {"idp_id": ("@NameID:persistent", "employee")}
    sent = {"email": "ann@acme.com", "employee": "E7"}
    assert profile(assertion(sent, "p-1", PERSISTENT), standard=own).idp_id == "p-1"
    assert profile(assertion(sent, "ann", UNSPECIFIED), standard=own).idp_id == "E7"


IDENTIFIERS: dict[str, tuple[str | tuple[str, ...], type[AssertionRefused] | str]] = {
    "256 characters": ("x" * 256, "x" * 256),
    "257 characters": ("x" * 257, IdentifierTooLong),
    "the same twice": (("7", "7"), "7"),
    "two at once": (("7", "8"), IdentifierAmbiguous),
    "blanks around it are part of it": ("ann ", "ann "),
    "case is part of it": ("Ann", "Ann"),
    "letters of the world": ("Zoë", "Zoë"),
    "a line break": ("ann\nlee", IdentifierMalformed),
    "a NUL": ("ann\x00", IdentifierMalformed),
    "half a character": ("ann\ud83d", IdentifierMalformed),
}


@pytest.mark.parametrize(("sent", "expected"), IDENTIFIERS.values(), ids=IDENTIFIERS.keys())
def test_an_identifier_is_one_text_of_bounded_length(
    sent: str | tuple[str, ...], expected: type[AssertionRefused] | str
) -> None:
    said = assertion({"email": "ann@acme.com", "id": sent})
    if isinstance(expected, str):
        assert profile(said).idp_id == expected
    else:
        with pytest.raises(expected) as refused:
            profile(said)
        assert refused.value.facts["source"] == "id"


@pytest.mark.parametrize(
    "text",
    [
        "ann@acme.com",
        "Ann.Lee@ACME.com",
        "o'brien+tag@mail.acme.co.uk",
        "!#$%&'*+-/=?^_`{|}~@acme.com",
        "zoë@acme.com",
        "ann@bücher.de",
        "ann@xn--bcher-kva.de",
        "ann@例え.jp",
        "अंजलि@acme.com",
        "x" * 64 + "@acme.com",
        "a@" + "b" * 63 + ".com",
        "a@3com.com",
    ],
)
def test_an_address_is_kept_as_sent(text: str) -> None:
    assert email_address(f" \t{text}\r\n") == text


TORTURE: dict[str, tuple[str, str]] = {
    "empty": ("", "at_sign"),
    "no @": ("ann.acme.com", "at_sign"),
    "two @": ("ann@acme.com@evil.com", "at_sign"),
    "two @ side by side": ("ann@@acme.com", "at_sign"),
    "a list": ("ann@acme.com,eve@evil.com", "at_sign"),
    "a list with a semicolon": ("ann@acme.com;eve@evil.com", "at_sign"),
    "a list of one and a comma": ("ann@acme.com,", "domain"),
    "an @ in quotes": ('"ann@evil.com"@acme.com', "at_sign"),
    "quotes": ('"ann"@acme.com', "local_part"),
    "quotes with a space": ('"ann lee"@acme.com', "local_part"),
    "a comment before": ("(x)ann@acme.com", "local_part"),
    "a comment behind": ("ann@acme.com(x)", "domain"),
    "a comment in between": ("ann(x)@acme.com", "local_part"),
    "a display name": ("Ann Lee <ann@acme.com>", "local_part"),
    "angle brackets": ("<ann@acme.com>", "local_part"),
    "mailto": ("mailto:ann@acme.com", "local_part"),
    "a route": ("@evil.com:ann@acme.com", "at_sign"),
    "nothing before the @": ("@acme.com", "local_part"),
    "nothing behind the @": ("ann@", "domain"),
    "a space": ("ann lee@acme.com", "local_part"),
    "a space before the @": ("ann @acme.com", "local_part"),
    "a space behind the @": ("ann@ acme.com", "domain"),
    "a line break inside": ("ann@acme.com\nBcc: eve@evil.com", "at_sign"),
    "a header behind": ("ann@acme.com\r\nBcc:eve", "domain"),
    "a NUL": ("ann\x00@acme.com", "local_part"),
    "a NUL in the domain": ("ann@acme.com\x00.evil.com", "domain"),
    "a no-break space around it": ("\u00a0ann@acme.com", "local_part"),
    "a zero-width space": ("ann\u200b@acme.com", "local_part"),
    "a right-to-left override": ("ann\u202e@acme.com", "local_part"),
    "half a character": ("ann\ud83d@acme.com", "local_part"),
    "half a character in the domain": ("ann@acme\ud83d.com", "domain"),
    "a full-width @": ("ann\uff20acme.com", "at_sign"),
    "a full-width @ beside a real one": ("ann\uff20evil.com@acme.com", "local_part"),
    "full-width letters before the @": ("\uff41nn@acme.com", "local_part"),
    "a ligature before the @": ("\ufb01nn@acme.com", "local_part"),
    "a leading dot": (".ann@acme.com", "local_part"),
    "a trailing dot": ("ann.@acme.com", "local_part"),
    "two dots": ("ann..lee@acme.com", "local_part"),
    "a backslash": ("ACME\\ann@acme.com", "local_part"),
    "a percent route, which is a legal name": ("ann%evil.com@acme..com", "domain"),
    "65 before the @": ("x" * 65 + "@acme.com", "length"),
    "65 bytes before the @": ("é" * 33 + "@acme.com", "length"),
    "255 in all": ("a@" + "b." * 125 + "com", "length"),
    "a mega": ("a@" + "b" * 1_000_000, "length"),
    "a guest of Entra ID": ("ann_home.org#EXT#@acme.onmicrosoft.com", "guest"),
    "one label": ("root@localhost", "domain"),
    "a dot behind": ("ann@acme.com.", "domain"),
    "a dot before": ("ann@.acme.com", "domain"),
    "an address literal": ("ann@[10.0.0.1]", "domain"),
    "an IP address": ("ann@10.0.0.1", "domain"),
    "an underscore": ("ann@ac_me.com", "domain"),
    "a hyphen in front": ("ann@-acme.com", "domain"),
    "a hyphen at the end": ("ann@acme-.com", "domain"),
    "a port": ("ann@acme.com:25", "domain"),
    "a label of 64": ("a@" + "b" * 64 + ".com", "domain"),
    "a label too long in punycode": ("a@" + "ü" * 60 + ".com", "domain"),
    "full-width letters": ("ann@\uff41cme.com", "domain"),
    "a full-width dot": ("ann@acme\uff0ecom", "domain"),
    "an ideographic full stop": ("ann@acme\u3002com", "domain"),
    "a soft hyphen": ("ann@ac\u00adme.com", "domain"),
    "a zero-width joiner": ("ann@ac\u200dme.com", "domain"),
    "sharp s, which two standards read differently": ("ann@stra\u00dfe.de", "domain"),
    "final sigma, likewise": ("ann@\u03b2\u03cc\u03bb\u03bf\u03c2.com", "domain"),
    "a decomposed letter": ("ann@bu\u0308cher.de", "domain"),
    "a Kelvin sign": ("ann@\u212aelvin.com", "domain"),
    "punycode with letters beside": ("ann@xn--b\u00fccher.de", "domain"),
}


@pytest.mark.parametrize(("text", "reason"), TORTURE.values(), ids=TORTURE.keys())
def test_saml_37_what_is_not_one_plain_address_is_refused(text: str, reason: str) -> None:
    with pytest.raises(EmailInvalid) as refused:
        email_address(text, "mail")
    assert (refused.value.reason, refused.value.source) == (reason, "mail")
    assert len(refused.value.received) <= 254
    with pytest.raises(EmailInvalid):
        email_domain(text)


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ann@acme.com", "acme.com"),
        ("Ann@ACME.Com", "acme.com"),
        ("ann@Bücher.DE", "xn--bcher-kva.de"),
        ("ann@XN--Bcher-KVA.de", "xn--bcher-kva.de"),
        ("ann@例え.jp", "xn--r8jz45g.jp"),
        ("ann@mail.acme.co.uk", "mail.acme.co.uk"),
    ],
)
def test_saml_37_a_domain_is_compared_in_lower_case_and_punycode(email: str, domain: str) -> None:
    assert email_domain(email) == domain


@pytest.mark.parametrize("text", ["", ".", "com", "a..b", "acme.com.", "-a.com", "a.1", "a b.com", "x." * 127 + "com"])
def test_saml_37_a_domain_name_is_one_that_dns_could_have(text: str) -> None:
    with pytest.raises(ValueError):
        domain_name(text)


@given(st.text(), st.text(), st.text())
def test_saml_37_no_text_with_two_at_signs_is_an_address(a: str, b: str, c: str) -> None:
    with pytest.raises(EmailInvalid):
        email_address(f"{a}@{b}@{c}")


@given(st.text(alphabet=st.characters() | st.sampled_from(list('@.-ax"<>(), \t\u3002\uff0e\uff20\u00df'))))
def test_saml_37_whatever_is_accepted_has_one_at_sign_and_a_plain_ascii_domain(text: str) -> None:
    try:
        address = email_address(text)
    except EmailInvalid:
        return
    assert address.count("@") == 1
    assert not any(c.isspace() or c in '"(),:;<>[\\]' or ord(c) < 32 for c in address)
    domain = email_domain(address)
    assert domain == domain.lower()
    assert set(domain) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert domain_name(domain) == domain


@given(st.text(min_size=1), st.text(), st.sampled_from([EMAIL, UNSPECIFIED, PERSISTENT, TRANSIENT, None]))
def test_an_assertion_becomes_a_profile_or_a_refusal_and_nothing_else(
    value: str, subject: str, subject_format: str | None
) -> None:
    said = assertion({"email": value, value: "ann@acme.com", "id": subject}, subject, subject_format)
    try:
        found = profile(said)
    except AssertionRefused as refused:
        assert refused.code
        assert refused.fix
        assert "{" not in type(refused)(**dict.fromkeys(refused.facts, "x")).message
        return
    assert found.idp_id
    assert found.emails[0] == found.email
