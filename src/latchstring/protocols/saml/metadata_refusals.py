"""Every "no" that a metadata document can earn when a connection is set up (SAML-44)."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.refusal import InvalidRequest, Mender


class MetadataRefused(InvalidRequest):
    """The metadata cannot be used."""

    mender = Mender.IT_ADMIN


class MetadataInvalid(MetadataRefused):
    """The metadata document cannot be read: {reason}."""

    code = "metadata_invalid"
    fix = "Download the metadata from the identity provider again and upload the file unchanged."
    reason: str


class MetadataIsHtml(MetadataRefused):
    """This is a web page, not a metadata document."""

    code = "metadata_is_html"
    fix = "The URL probably leads to a sign-in page. Copy the metadata URL again, or upload the file itself."


class MetadataIsCertificate(MetadataRefused):
    """This is a certificate, not a metadata document."""

    code = "metadata_is_certificate"
    fix = "Upload the metadata, which hold the certificate; or give the single values, where it is one of them."


class MetadataIsPrivateKey(MetadataRefused):
    """This is a private key, which nobody but its owner may have."""

    code = "metadata_is_private_key"
    fix = (
        "It was not kept. Whoever has it can sign in as anybody: if it is the identity provider's, replace it there. "
        "Then upload the metadata."
    )


class MetadataIsSp(MetadataRefused):
    """This metadata describes an application (service provider), not an identity provider."""

    code = "metadata_is_sp"
    fix = "Upload the metadata that the identity provider offers for download; the one you have here is for it to read."
    entity_id: str


class MetadataHasNoIdp(MetadataRefused):
    """The metadata describes no SAML 2.0 identity provider."""

    code = "metadata_has_no_idp"
    fix = "Download the SAML 2.0 metadata of the identity provider; it holds an IDPSSODescriptor."


class MetadataAmbiguous(MetadataRefused):
    """The metadata describes more than one identity provider: {entity_ids}."""

    code = "metadata_ambiguous"
    fix = (
        "Say which one is meant: `saml_options.idp_entity_id` beside the metadata (`--entity-id` in the terminal); or "
        "give the metadata of that one alone."
    )
    entity_ids: tuple[str, ...]


class MetadataExpired(MetadataRefused):
    """The metadata has expired."""

    code = "metadata_expired"
    fix = "Download the metadata from the identity provider again; its validUntil has passed."
    valid_until: datetime


class MetadataNoUsableBinding(MetadataRefused):
    """The identity provider offers no sign-in address for HTTP-Redirect or HTTP-POST."""

    code = "metadata_no_usable_binding"
    fix = "Turn on the HTTP-Redirect or HTTP-POST binding for single sign-on at the identity provider."
    received: tuple[str, ...]  # the bindings offered


class MetadataHasNoCertificate(MetadataRefused):
    """The metadata holds no certificate for signatures."""

    code = "metadata_has_no_certificate"
    fix = "Let the identity provider publish its signing certificate (KeyDescriptor) in its metadata."


class MetadataHasBareKey(MetadataRefused):
    """The metadata holds a bare key for signatures, and no certificate."""

    # Metadata 2.4.1.1 leaves the choice; LemonLDAP::NG writes a KeyValue until somebody makes a certificate.
    code = "metadata_has_bare_key"
    fix = "Let the identity provider make a certificate for its signing key; then give its metadata here again."
