"""SAML metadata: an identity provider's document becomes settings, and our own side becomes a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

import msgspec
from lxml import etree

from latchstring.protocols.saml import certificates, names, refusals, xml
from latchstring.protocols.saml.certificates import CertificateFacts
from latchstring.protocols.saml.metadata_refusals import (
    MetadataAmbiguous,
    MetadataExpired,
    MetadataHasBareKey,
    MetadataHasNoCertificate,
    MetadataHasNoIdp,
    MetadataInvalid,
    MetadataIsCertificate,
    MetadataIsHtml,
    MetadataIsPrivateKey,
    MetadataIsSp,
    MetadataNoUsableBinding,
)

MAX_BYTES = 1_048_576  # AD FS publishes some 100 kB; a whole federation is not an identity provider
MAX_CERTIFICATES = 10
MAX_URL = 2_048
# Durations of years or months are left out: nobody keeps a document that long.
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?", re.ASCII)
Binding = Literal["redirect", "post"]
_BINDINGS: dict[Binding, str] = {"redirect": names.REDIRECT_BINDING, "post": names.POST_BINDING}  # in our order


class IdpMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection needs to know of an identity provider."""

    entity_id: str
    sso_url: str  # http or https; whether http will do is for the caller to say
    sso_binding: Binding
    sso_urls: Mapping[Binding, str]  # by each binding that we speak and it offers, that one included
    certificates: tuple[CertificateFacts, ...]  # for signatures, each once, in the order of the document
    want_requests_signed: bool
    valid_until: datetime | None  # the earliest of the document
    name_id_formats: tuple[str, ...]
    slo_url: str | None = None  # None: no Single Logout by a binding that a browser can carry
    slo_response_url: str | None = None  # where answers go, if elsewhere
    slo_binding: Binding = "redirect"
    cache_duration: timedelta | None = None  # how long it may be kept, the shortest of the document
    signature_algorithm: str | None = None  # URI: with which it claims to be signed; a hint, never trust


def read_idp(document: bytes, now: datetime, *, meant: str | None = None) -> IdpMetadata:
    """The one SAML 2.0 identity provider that the document describes (metadata 2.4.3), or of several the one with the
    entity ID that is `meant`.

    The document's signature is not looked at: who may be trusted was decided when the URL or the file was given.
    Raises a `metadata_refusals.MetadataRefused` or `CertificateInvalid`.
    """
    document = document.lstrip()  # blanks at the end are allowed, and half of one must not be cut off UTF-16
    try:
        root = xml.parse(document, max_bytes=MAX_BYTES)
        return _read(root, now, meant)
    except refusals.SamlRefused as refusal:
        if _looks_like_html(document):
            raise MetadataIsHtml from None
        if b"PRIVATE KEY-----" in document[:1024]:  # PEM, RFC 7468
            raise MetadataIsPrivateKey from None
        if document.startswith(b"-----BEGIN CERTIFICATE-----"):
            raise MetadataIsCertificate from None
        raise MetadataInvalid(reason=refusal.message) from None


def _read(root: etree._Element, now: datetime, meant: str | None) -> IdpMetadata:
    if xml.local(root).lower() == "html":
        raise MetadataIsHtml
    entities = list(_entities(root))
    descriptors = [(entity, descriptor) for entity in entities for descriptor in _idp_descriptors(entity)]
    named = [(entity, descriptor) for entity, descriptor in descriptors if entity.get("entityID") == meant]
    if len(descriptors) > 1 and len(named) == 1:
        descriptors = named
    if len(descriptors) > 1:
        raise MetadataAmbiguous(entity_ids=tuple(entity.get("entityID", "")[:1024] for entity, _ in descriptors[:20]))
    if not descriptors:
        for entity in entities:
            if xml.child(entity, names.SP_DESCRIPTOR) is not None:
                raise MetadataIsSp(entity_id=entity.get("entityID", "")[:1024])
        raise MetadataHasNoIdp
    entity, descriptor = descriptors[0]
    entity_id = entity.get("entityID", "")
    if not entity_id.strip() or len(entity_id) > 1024:  # metadata 2.2.1
        raise MetadataInvalid(reason="the entityID is missing or longer than 1024 characters")
    urls = _single_sign_on(descriptor)
    binding, url = next(iter(urls.items()))
    slo_binding, slo_url, slo_response_url = _single_logout(descriptor)
    return IdpMetadata(
        entity_id=entity_id,
        sso_url=url,
        sso_binding=binding,
        sso_urls=urls,
        certificates=_certificates(descriptor),
        want_requests_signed=descriptor.get("WantAuthnRequestsSigned") in ("true", "1"),
        valid_until=_valid_until(descriptor, now),
        name_id_formats=tuple(xml.text(one).strip() for one in descriptor.findall(names.NAME_ID_FORMAT)),
        slo_url=slo_url,
        slo_response_url=slo_response_url,
        slo_binding=slo_binding,
        cache_duration=_cache_duration(descriptor),
        signature_algorithm=_signature_algorithm(descriptor),
    )


def _entities(root: etree._Element) -> Iterator[etree._Element]:
    """Every EntityDescriptor, on the child axis alone; the depth is bounded by the parser."""
    if root.tag == names.ENTITY_DESCRIPTOR:
        yield root
    elif root.tag == names.ENTITIES_DESCRIPTOR:
        for part in xml.children(root):
            yield from _entities(part)


def _idp_descriptors(entity: etree._Element) -> list[etree._Element]:
    return [
        descriptor
        for descriptor in entity.findall(names.IDP_DESCRIPTOR)
        if names.SAMLP in descriptor.get("protocolSupportEnumeration", "").split()
    ]


def _valid_until(descriptor: etree._Element, now: datetime) -> datetime | None:
    """Of the descriptor and of all that it stands in. Raises `MetadataExpired`."""
    chain = (descriptor, *descriptor.iterancestors())
    moments = [xml.instant(text) for element in chain if (text := element.get("validUntil")) is not None]
    earliest = min(moments, default=None)
    if earliest is not None and earliest <= now:
        raise MetadataExpired(valid_until=earliest)
    return earliest


def _cache_duration(descriptor: etree._Element) -> timedelta | None:
    """Of the descriptor and of all that it stands in; what is no duration of days or less counts for nothing."""
    found = []
    for element in (descriptor, *descriptor.iterancestors()):
        matched = _DURATION.fullmatch(element.get("cacheDuration", "").strip())
        if matched and matched[0][-1] not in "PT":
            days, hours, minutes, seconds = (float(part or 0) for part in matched.groups())
            found.append(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
    return min(found, default=None)


def _signature_algorithm(descriptor: etree._Element) -> str | None:
    """Of the signature nearest to the descriptor, whether it holds or not."""
    for element in (descriptor, *descriptor.iterancestors()):
        method = element.find(f"{names.SIGNATURE}/{names.SIGNED_INFO}/{names.SIGNATURE_METHOD}")
        if method is not None:
            return method.get("Algorithm", "")[:256]
    return None


def _single_sign_on(descriptor: etree._Element) -> dict[Binding, str]:
    """The first address of each binding, the binding that we like better first. Raises `MetadataNoUsableBinding`."""
    found: dict[Binding, str] = {}
    services = descriptor.findall(names.SINGLE_SIGN_ON_SERVICE)
    for binding, urn in _BINDINGS.items():
        for service in services:
            url = service.get("Location", "").strip()
            if service.get("Binding") == urn and _is_web_url(url):
                found.setdefault(binding, url)
    if not found:
        raise MetadataNoUsableBinding(received=tuple(service.get("Binding", "")[:256] for service in services[:20]))
    return found


def _single_logout(descriptor: etree._Element) -> tuple[Binding, str | None, str | None]:
    """Offered or not; SOAP does not count, since no browser carries it (profiles 4.4.3)."""
    for binding, urn in _BINDINGS.items():
        for service in descriptor.findall(names.SINGLE_LOGOUT_SERVICE):
            url, answers = service.get("Location", "").strip(), service.get("ResponseLocation", "").strip()
            if service.get("Binding") == urn and _is_web_url(url) and (not answers or _is_web_url(answers)):
                return binding, url, answers or None
    return "redirect", None, None


def _is_web_url(url: str) -> bool:
    """An address to send a browser to; never something it would run (WEB-09)."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and len(url) <= MAX_URL and url.isprintable()
    except ValueError:
        return False


def _certificates(descriptor: etree._Element) -> tuple[CertificateFacts, ...]:
    found: dict[str, CertificateFacts] = {}
    bare = False
    for key in descriptor.findall(names.KEY_DESCRIPTOR):
        if key.get("use") not in (None, "signing"):
            continue
        for info in key.findall(names.KEY_INFO):
            bare = bare or xml.child(info, names.KEY_VALUE) is not None
            for data in info.findall(names.X509_DATA):
                for certificate in data.findall(names.X509_CERTIFICATE):
                    facts = certificates.load(xml.text(certificate))
                    found[facts.fingerprint] = facts
    if not found:
        raise MetadataHasBareKey if bare else MetadataHasNoCertificate
    if len(found) > MAX_CERTIFICATES:
        raise MetadataInvalid(reason=f"it holds more than {MAX_CERTIFICATES} certificates for signatures")
    return tuple(found.values())


def _looks_like_html(document: bytes) -> bool:
    start = document[:1024].lower()
    return b"<!doctype html" in start or b"<html" in start


def write_sp(
    *,
    entity_id: str,
    acs_url: str,
    signing_certificates: Sequence[str] = (),
    encryption_certificates: Sequence[str] = (),
    requests_signed: bool = False,
    slo_url: str | None = None,
) -> bytes:
    """Our side of a connection as an SPSSODescriptor (metadata 2.4.4). PEM certificates; no `slo_url`, no logout."""
    signed = "true" if requests_signed else "false"
    keys = _keys("signing", signing_certificates) + _keys("encryption", encryption_certificates)
    logout = "" if slo_url is None else _services("SingleLogoutService", slo_url, ("redirect", "post"))
    return _entity(
        entity_id,
        f'<md:SPSSODescriptor AuthnRequestsSigned="{signed}" WantAssertionsSigned="true"'
        f' protocolSupportEnumeration="{names.SAMLP}">{keys}{logout}'
        f'<md:AssertionConsumerService Binding="{names.POST_BINDING}" Location={quoteattr(acs_url)} index="0"'
        ' isDefault="true"/></md:SPSSODescriptor>',
    )


def write_idp(
    *,
    entity_id: str,
    sso_url: str,
    certificates: Sequence[str],
    bindings: Sequence[Binding] = ("redirect", "post"),
) -> bytes:
    """An identity provider as an IDPSSODescriptor (metadata 2.4.3), as the Test IdP publishes it. PEM certificates."""
    services = _services("SingleSignOnService", sso_url, bindings)
    return _entity(
        entity_id,
        f'<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{names.SAMLP}">'
        f"{_keys('signing', certificates)}<md:NameIDFormat>{escape(names.FORMAT_UNSPECIFIED)}</md:NameIDFormat>"
        f"{services}</md:IDPSSODescriptor>",
    )


def _services(name: str, url: str, bindings: Sequence[Binding]) -> str:
    return "".join(f'<md:{name} Binding="{_BINDINGS[one]}" Location={quoteattr(url)}/>' for one in bindings)


def _entity(entity_id: str, descriptor: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="{names.MD}" xmlns:ds="{names.DS}" entityID={quoteattr(entity_id)}>'
        f"{descriptor}</md:EntityDescriptor>\n"
    ).encode()


def _keys(use: str, pems: Sequence[str]) -> str:
    return "".join(
        f'<md:KeyDescriptor use="{use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificates.bare(pem)}'
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for pem in pems
    )
