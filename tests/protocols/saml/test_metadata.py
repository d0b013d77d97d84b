"""Metadata: what identity providers publish is read, anything else is refused by name, and ours is read by others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from latchstring.model.refusal import Mender
from latchstring.protocols.saml import certificates, metadata, metadata_refusals, names, xml
from tests.protocols.saml import idp_documents as docs
from tests.protocols.saml.answers import ACS, NOW, SP, Key, pair


class Seen(NamedTuple):
    """What must be read from a document."""

    document: str
    entity_id: str
    sso_url: str
    binding: metadata.Binding
    keys: tuple[Key, ...]
    signed: bool = False
    valid_until: datetime | None = None
    formats: tuple[str, ...] = ()
    logout: tuple[str, str] = ("redirect", "")  # binding and address of Single Logout


UNSPECIFIED, EMAIL, PERSISTENT = names.FORMAT_UNSPECIFIED, names.FORMAT_EMAIL, names.FORMAT_PERSISTENT
GOOD: dict[str, Seen] = {
    "okta": Seen(
        docs.OKTA,
        "http://www.okta.example/exk1fcia6d6EMsf331d8",
        "https://acme.okta.example/app/acme_app_1/exk1/sso/saml",
        "redirect",
        ("rsa",),
        formats=(UNSPECIFIED, EMAIL),
    ),
    "entra": Seen(
        docs.ENTRA,
        "https://sts.windows.example/8d2c/",
        "https://login.microsoftonline.example/8d2c/saml2",
        "redirect",
        ("rsa", "expired"),
        logout=("redirect", "https://login.microsoftonline.example/8d2c/saml2"),
    ),
    "adfs": Seen(
        docs.ADFS,
        "http://adfs.example.com/adfs/services/trust",
        "https://adfs.example.com/adfs/ls/",
        "redirect",
        ("rsa",),
        formats=(EMAIL, PERSISTENT, names.FORMAT_TRANSIENT),
    ),
    "keycloak": Seen(
        docs.KEYCLOAK,
        "https://keycloak.example.com/realms/acme",
        "https://keycloak.example.com/realms/acme/protocol/saml",
        "redirect",
        ("rsa",),
        signed=True,
        formats=(PERSISTENT,),
        logout=("post", "https://keycloak.example.com/realms/acme/protocol/saml"),
    ),
    "keycloak-old-only-post": Seen(
        docs.KEYCLOAK_OLD,
        "https://old.example.com/auth/realms/acme",
        "https://old.example.com/auth/realms/acme/protocol/saml",
        "post",
        ("rsa",),
        signed=True,
    ),
    "simplesamlphp-only-redirect": Seen(
        docs.SIMPLESAMLPHP,
        "https://login.example.edu/simplesaml/saml2/idp/metadata.php",
        "https://login.example.edu/simplesaml/SSOService.php",
        "redirect",
        ("rsa",),
        formats=(names.FORMAT_TRANSIENT,),
        logout=("redirect", "https://login.example.edu/simplesaml/SingleLogoutService.php"),
    ),
    "shibboleth": Seen(
        docs.SHIBBOLETH,
        "https://idp.example.edu/idp/shibboleth",
        "https://idp.example.edu/idp/profile/SAML2/Redirect/SSO",
        "redirect",
        ("ec256", "rsa"),
        valid_until=datetime(2031, 5, 6, 7, 8, 9, 123_000, tzinfo=UTC),
        formats=(names.FORMAT_TRANSIENT,),
    ),
    "google": Seen(
        docs.GOOGLE,
        "https://accounts.google.example/o/saml2?idpid=C01abc",
        "https://accounts.google.example/o/saml2/idp?idpid=C01abc&x=1",
        "redirect",
        ("rsa",),
        valid_until=datetime(2030, 1, 1, tzinfo=UTC),
        formats=(EMAIL,),
    ),
}


def read(text: str, now: datetime = NOW) -> metadata.IdpMetadata:
    return metadata.read_idp(text.encode(), now)


@pytest.mark.parametrize("row", GOOD)
def test_what_an_identity_provider_publishes_is_read(row: str) -> None:
    seen = GOOD[row]
    found = read(seen.document)
    assert found.sso_urls[seen.binding] == seen.sso_url
    assert found == metadata.IdpMetadata(
        entity_id=seen.entity_id,
        sso_url=seen.sso_url,
        sso_binding=seen.binding,
        sso_urls=found.sso_urls,
        certificates=tuple(certificates.load(pair(key).certificate) for key in seen.keys),
        want_requests_signed=seen.signed,
        valid_until=seen.valid_until,
        name_id_formats=seen.formats,
        slo_binding=seen.logout[0],  # type: ignore[arg-type]
        slo_url=seen.logout[1] or None,
    )


def test_the_address_of_each_binding_is_read() -> None:
    assert dict(read(docs.KEYCLOAK_OLD).sso_urls) == {"post": GOOD["keycloak-old-only-post"].sso_url}
    redirect, post = names.REDIRECT_BINDING, names.POST_BINDING
    start, _, rest = docs.SIMPLESAMLPHP.partition("<md:SingleSignOnService")
    more = (
        f'<md:SingleSignOnService Binding="{post}" Location="https://idp.example/post"/>'
        f'<md:SingleSignOnService Binding="{post}" Location="https://idp.example/second"/>'
        f'<md:SingleSignOnService Binding="{redirect}" Location="javascript:alert(1)"/>'
    )
    found = read(f"{start}{more}<md:SingleSignOnService{rest}")
    assert list(found.sso_urls.items()) == [
        ("redirect", "https://login.example.edu/simplesaml/SSOService.php"),
        ("post", "https://idp.example/post"),
    ]


def _logout(*services: str) -> tuple[str, str | None, str | None]:
    found = read(
        ENTITY.replace(f'<md:SingleLogoutService Binding="{docs.POST}" Location="', "".join(services) + '<x y="')
    )
    return found.slo_binding, found.slo_url, found.slo_response_url


def _service(binding: str, url: str, answers: str = "") -> str:
    more = f' ResponseLocation="{answers}"' if answers else ""
    return f'<md:SingleLogoutService Binding="{binding}" Location="{url}"{more}/>'


def test_saml_46_single_logout_is_offered_by_the_bindings_that_a_browser_carries() -> None:
    post, redirect = (
        _service(docs.POST, "https://i/post", "https://i/done"),
        _service(docs.REDIRECT, "https://i/redirect"),
    )
    assert _logout() == _logout(_service(docs.SOAP, "https://i/soap")) == ("redirect", None, None)
    assert _logout(post) == ("post", "https://i/post", "https://i/done")
    assert _logout(_service(docs.SOAP, "https://i/soap"), post, redirect) == ("redirect", "https://i/redirect", None)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/slo", "https://"])
def test_saml_44_a_logout_address_that_no_browser_should_go_to_is_none(url: str) -> None:
    assert _logout(_service(docs.REDIRECT, url)) == ("redirect", None, None)
    assert _logout(_service(docs.REDIRECT, "https://i/slo", url)) == ("redirect", None, None)


@pytest.mark.parametrize("slo_url", [None, "https://sso.example.net/sso/saml/slo/key"])
def test_saml_46_our_metadata_offer_single_logout_where_it_is(slo_url: str | None) -> None:
    root = xml.parse(metadata.write_sp(entity_id=SP, acs_url="https://sso.example.net/acs", slo_url=slo_url))
    services = root[0].findall(names.SINGLE_LOGOUT_SERVICE)
    assert [(one.get("Binding"), one.get("Location")) for one in services] == (
        [] if slo_url is None else [(names.REDIRECT_BINDING, slo_url), (names.POST_BINDING, slo_url)]
    )


@pytest.mark.parametrize("row", GOOD)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("behind", ["", "\n", "\r\n \n"], ids=["nothing", "a-line", "lines"])
def test_the_encoding_and_blanks_at_the_end_change_nothing(row: str, encoding: str, behind: str) -> None:
    text = GOOD[row].document.removeprefix("\ufeff").replace("utf-8", "UTF-8")
    if "UTF-8" in text and encoding != "utf-8-sig":
        text = text.replace("UTF-8", "UTF-16")
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    assert metadata.read_idp((mark + text + behind).encode(encoding), NOW) == read(GOOD[row].document)


def test_blanks_in_front_are_a_slip_of_the_clipboard() -> None:
    assert read(f"\n \t{docs.OKTA}") == read(docs.OKTA)


ENTITY = docs.KEYCLOAK
FEDERATION = f'<md:EntitiesDescriptor xmlns:md="{docs.MD}">{{}}</md:EntitiesDescriptor>'
SP_ONLY = metadata.write_sp(entity_id=SP, acs_url=ACS, signing_certificates=[pair().certificate]).decode()
SP_ENTITY = SP_ONLY.partition("\n")[2]
IDP_ENTITY = ENTITY.replace("https://keycloak.example.com/realms/acme", "https://b.example/")


def test_an_identity_provider_among_service_providers_is_found() -> None:
    nested = FEDERATION.format(SP_ENTITY + FEDERATION.format(SP_ENTITY + ENTITY))
    assert read(nested) == read(ENTITY)


def test_saml_44_of_several_identity_providers_none_is_chosen() -> None:
    for text in (ENTITY + IDP_ENTITY, ENTITY + FEDERATION.format(IDP_ENTITY)):
        with pytest.raises(metadata_refusals.MetadataAmbiguous) as caught:
            read(FEDERATION.format(text))
        assert caught.value.entity_ids == ("https://keycloak.example.com/realms/acme", "https://b.example/")


def test_saml_44_of_several_identity_providers_the_one_that_was_named_is_read() -> None:
    several = FEDERATION.format(ENTITY + FEDERATION.format(IDP_ENTITY)).encode()
    for entity_id in ("https://keycloak.example.com/realms/acme", "https://b.example/"):
        assert metadata.read_idp(several, NOW, meant=entity_id).entity_id == entity_id
    with pytest.raises(metadata_refusals.MetadataAmbiguous):
        metadata.read_idp(several, NOW, meant="https://c.example/")
    twice = FEDERATION.format(ENTITY + ENTITY).encode()
    with pytest.raises(metadata_refusals.MetadataAmbiguous):
        metadata.read_idp(twice, NOW, meant="https://keycloak.example.com/realms/acme")


def test_saml_44_of_two_descriptors_in_one_entity_none_is_chosen() -> None:
    start, end = ENTITY.index("<md:IDPSSO"), ENTITY.index("</md:EntityDescriptor>")
    with pytest.raises(metadata_refusals.MetadataAmbiguous):
        read(ENTITY[:end] + ENTITY[start:end] + ENTITY[end:])


def cut(start: str, end: str) -> Callable[[str], str]:
    """Takes everything between the first of two words and the last of the other."""
    return lambda text: text[: text.index(start)] + text[text.rindex(end) + len(end) :]


KEYS = cut("<md:KeyDescriptor", "</md:KeyDescriptor>")(ENTITY)
ELEVEN = "".join(
    f'<md:KeyDescriptor use="signing">{certificate}</md:KeyDescriptor>'
    for certificate in [
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    ]
)
R = metadata_refusals
REFUSED: dict[str, tuple[str, type[R.MetadataRefused], dict[str, Any]]] = {
    "html-page": ("<!DOCTYPE html><html><head><title>Sign in</title></head><body><br>", R.MetadataIsHtml, {}),
    "html-page-in-capitals": ("<HTML><BODY>Sign in</BODY></HTML>", R.MetadataIsHtml, {}),
    "xhtml-page": ('<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', R.MetadataIsHtml, {}),
    "json": ('{"issuer": "https://idp.example.com"}', R.MetadataInvalid, {}),
    "empty": ("", R.MetadataInvalid, {}),
    "url": ("https://idp.example.com/metadata", R.MetadataInvalid, {}),
    "with-a-dtd": (f"<!DOCTYPE x>{docs.ADFS}", R.MetadataInvalid, {}),
    "cut-off": (ENTITY[:-5], R.MetadataInvalid, {}),
    "id-twice": (ENTITY.replace("<md:Ar", '<x ID="_1"/><x ID="_1"/><md:Ar'), R.MetadataInvalid, {}),
    "service-provider": (SP_ONLY, R.MetadataIsSp, {"entity_id": SP}),
    "service-providers": (FEDERATION.format(SP_ENTITY), R.MetadataIsSp, {"entity_id": SP}),
    "a-response": ("<x:Response xmlns:x='urn:oasis:names:tc:SAML:2.0:protocol'/>", R.MetadataHasNoIdp, {}),
    "nobody": (FEDERATION.format(""), R.MetadataHasNoIdp, {}),
    "saml-1-alone": (ENTITY.replace(names.SAMLP, "urn:oasis:names:tc:SAML:1.1:protocol"), R.MetadataHasNoIdp, {}),
    "hidden-in-extensions": (
        f'<md:EntityDescriptor xmlns:md="{docs.MD}"><md:Extensions>{ENTITY}</md:Extensions></md:EntityDescriptor>',
        R.MetadataHasNoIdp,
        {},
    ),
    "without-entity-id": (cut(' entityID="', 'acme">')(ENTITY[:400]) + ENTITY[400:], R.MetadataInvalid, {}),
    "blank-entity-id": (ENTITY.replace('https://keycloak.example.com/realms/acme"', ' "', 1), R.MetadataInvalid, {}),
    "endless-entity-id": (ENTITY.replace('realms/acme"', f'{"x" * 1024}"', 1), R.MetadataInvalid, {}),
    "without-services": (
        cut("<md:SingleSignOnService", 'saml"/>\n')(ENTITY),
        R.MetadataNoUsableBinding,
        {"received": ()},
    ),
    "only-soap": (
        ENTITY.replace(docs.POST, docs.SOAP).replace(docs.REDIRECT, docs.SOAP),
        R.MetadataNoUsableBinding,
        {"received": (docs.SOAP,) * 3},
    ),
    "without-certificates": (KEYS, R.MetadataHasNoCertificate, {}),
    "keys-for-encryption-alone": (
        ENTITY.replace('use="signing"', 'use="encryption"'),
        R.MetadataHasNoCertificate,
        {},
    ),
    "keys-for-nothing": (ENTITY.replace('use="signing"', 'use=""'), R.MetadataHasNoCertificate, {}),
    "a-bare-key": (
        cut("<ds:X509Data>", "</ds:X509Data>")(ENTITY).replace("<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue/>"),
        R.MetadataHasBareKey,
        {},
    ),
    "a-key-name-alone": (cut("<ds:X509Data>", "</ds:X509Data>")(ENTITY), R.MetadataHasNoCertificate, {}),
    "valid-until-garbage": (
        ENTITY.replace("<md:IDPSSO", '<md:IDPSSODescriptor validUntil="soon" x="').replace('x="Descriptor ', 'x="" '),
        R.MetadataInvalid,
        {},
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_saml_44_other_documents_are_refused_by_name(row: str) -> None:
    text, kind, facts = REFUSED[row]
    with pytest.raises(metadata_refusals.MetadataRefused) as caught:
        read(text)
    assert type(caught.value) is kind
    assert caught.value.mender is Mender.IT_ADMIN
    assert {name: caught.value.facts[name] for name in facts} == facts


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "ftp://h/x", "//h/x", "/sso", "", "https://", "https://["),
        *("https:x", "https://h/\u202ex", "https://h/&#10;x", f"https://h/{'x' * 2048}", "saml.example.com/sso"),
    ],
)
def test_saml_44_an_address_that_no_browser_should_go_to_is_none(url: str) -> None:
    spoilt = ENTITY.replace("https://keycloak.example.com/realms/acme/protocol/saml", url)
    with pytest.raises(metadata_refusals.MetadataNoUsableBinding):
        read(spoilt)


def test_saml_44_the_next_service_will_do_if_the_first_cannot_be_used() -> None:
    service = f'<md:SingleSignOnService Binding="{docs.REDIRECT}" Location='
    assert read(ENTITY.replace(f'{service}"https', f'{service}"javascript')).sso_binding == "post"
    two = ENTITY.replace(service, f'{service}"javascript:x"/>{service}')
    assert read(two) == read(ENTITY)


EDGE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("element", ["EntitiesDescriptor", "EntityDescriptor", "IDPSSODescriptor"])
def test_saml_44_expired_metadata_is_refused_to_the_second(element: str) -> None:
    text = FEDERATION.format(ENTITY).replace(f"<md:{element} ", f'<md:{element} validUntil="2026-06-01T00:00:00Z" ', 1)
    assert read(text, EDGE - timedelta(seconds=1)).valid_until == EDGE
    with pytest.raises(metadata_refusals.MetadataExpired) as caught:
        read(text, EDGE)
    assert caught.value.valid_until == EDGE


def test_saml_44_the_earliest_end_counts_and_that_of_a_neighbour_does_not() -> None:
    text = ENTITY.replace("<md:Entity", '<md:EntityDescriptor validUntil="2030-01-01T00:00:00Z" x="', 1)
    text = ENTITY.replace(" entityID", ' validUntil="2030-01-01T00:00:00Z" entityID', 1).replace(
        "<md:IDPSSODescriptor", '<md:IDPSSODescriptor validUntil="2029-01-01T00:00:00Z"', 1
    )
    assert read(text).valid_until == datetime(2029, 1, 1, tzinfo=UTC)
    ended = SP_ENTITY.replace("<md:EntityDescriptor", '<md:EntityDescriptor validUntil="2001-01-01T00:00:00Z"')
    assert read(FEDERATION.format(ended + ENTITY)).valid_until is None


def test_a_certificate_of_a_version_that_there_is_not_is_none() -> None:
    version_3 = b"\xa0\x03\x02\x01\x02"
    der = pair("rsa").der
    assert version_3 in der
    with pytest.raises(certificates.CertificateInvalid):
        certificates.load(der.replace(version_3, version_3[:-1] + b"\x05", 1))
