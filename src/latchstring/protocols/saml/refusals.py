"""Every "no" that a SAML answer can earn, from the form field to the last check. All end a login, none is final.

`check` and `passed` stand on the instance once `response.read` has refused: which check it was, and which ones had
passed before it.
"""

from __future__ import annotations

from datetime import datetime

from latchstring.model.refusal import Mender
from latchstring.protocols.saml.encryption_refusals import AssertionNotEncrypted as AssertionNotEncrypted
from latchstring.protocols.saml.encryption_refusals import CbcNotAllowed as CbcNotAllowed
from latchstring.protocols.saml.encryption_refusals import DecryptionFailed as DecryptionFailed
from latchstring.protocols.saml.encryption_refusals import (
    EncryptedAssertionUnsupported as EncryptedAssertionUnsupported,
)
from latchstring.protocols.saml.encryption_refusals import EncryptedElementUnsupported as EncryptedElementUnsupported
from latchstring.protocols.saml.encryption_refusals import EncryptionKeyMissing as EncryptionKeyMissing
from latchstring.protocols.saml.refused import SamlRefused as SamlRefused

_NEW_LOGIN = "Start the sign-in again from the application."
_VENDOR = (
    "Standard products do not send this: look for a proxy or an extension that rewrites the identity provider's "
    "answer, update its software, and show its maker what `latchstring explain` says."
)


# The document


class DocumentNotBase64(SamlRefused):
    """The identity provider's answer is not Base64, so it could not be read."""

    code = "document_not_base64"
    fix = (
        "Set the binding of the ACS URL to HTTP-POST at the identity provider; look for a proxy that rewrites form "
        "fields."
    )


class DocumentTooLarge(SamlRefused):
    """The identity provider's answer is larger than what we read."""

    code = "document_too_large"
    fix = (
        "Send fewer attributes: usually it is the list of groups, which the identity provider can limit to those "
        "that this application needs."
    )
    limit: str  # bytes, depth, elements, attributes, namespaces, attribute_size, ids, attribute_values, inflated
    most: int


class DocumentNotXml(SamlRefused):
    """The identity provider's answer is not well-formed XML in UTF-8 or UTF-16."""

    code = "document_not_xml"
    fix = (
        "Look at the SAMLResponse field in the browser's network tab: decoded, it must be a SAML Response and "
        "nothing else. Look for a proxy that rewrites it."
    )
    reason: str


class DocumentNotDeflated(SamlRefused):
    """A message in the address is not deflated and Base64-encoded: {reason}."""

    code = "document_not_deflated"
    fix = _VENDOR
    reason: str


class DocumentHasDtd(SamlRefused):
    """The identity provider's answer carries a document type declaration, which SAML forbids."""

    code = "document_has_dtd"
    fix = _VENDOR


class DuplicateIds(SamlRefused):
    """The identity provider's answer uses one ID for two elements, as forged answers do."""

    code = "duplicate_ids"
    fix = _VENDOR
    received: str


class CanonicalizationFailed(SamlRefused):
    """The identity provider's answer has no canonical form, so no signature on it can be checked."""

    code = "canonicalization_failed"
    fix = _VENDOR
    reason: str


# The envelope


class NotAResponse(SamlRefused):
    """What arrived is not a SAML 2.0 Response."""

    code = "not_a_response"
    fix = (
        "Choose SAML 2.0 with the HTTP-POST binding for this application at the identity provider; SAML 1.1 and "
        "WS-Federation are not read."
    )
    received: str


class ResponseMalformed(SamlRefused):
    """The identity provider's answer has parts missing, or parts where they do not belong."""

    code = "response_malformed"
    fix = _VENDOR
    element: str
    reason: str


class TimeInvalid(SamlRefused):
    """The identity provider's answer holds a time that is not a time."""

    code = "time_invalid"
    fix = _VENDOR
    received: str


class IdpRefused(SamlRefused):
    """The identity provider did not let this person in."""

    code = "idp_refused"
    fix = "Assign the person to this application at the identity provider, or read its own log for the reason."
    public = "access_denied"
    status: tuple[str, ...]
    status_message: str


class IdpError(SamlRefused):
    """The identity provider answered with an error instead of a sign-in."""

    code = "idp_error"
    fix = (
        "Read the identity provider's own log. Often the ACS URL or the entity ID set up there is not `acs_url` or "
        "`sp_entity_id` of this connection, or it wants signed requests (`sign_requests`)."
    )
    status: tuple[str, ...]
    status_message: str


class NoAssertion(SamlRefused):
    """The identity provider's answer holds no assertion, so it names nobody."""

    code = "no_assertion"
    fix = "Let the identity provider include an assertion in its Response; its own log says why it left it out."


class SeveralAssertions(SamlRefused):
    """The identity provider's answer holds more than one assertion; exactly one is read."""

    code = "several_assertions"
    fix = "Let the identity provider send one assertion for each sign-in, with all attributes in it."
    received: int


# The signature


class SignatureMissing(SamlRefused):
    """The identity provider's answer is not signed where this connection requires it."""

    code = "signature_missing"
    fix = (
        "Turn on signing of the assertion at the identity provider; and of the response, if this connection asks for "
        "it by `want_response_signed`."
    )
    element: str  # Assertion, Response, or "Assertion or Response"


class SignatureMisplaced(SamlRefused):
    """A signature stands where none may stand, as in forged answers."""

    code = "signature_misplaced"
    fix = _VENDOR
    element: str  # its parent


class SignatureMalformed(SamlRefused):
    """A signature does not have the form that SAML prescribes."""

    code = "signature_malformed"
    fix = _VENDOR
    element: str
    reason: str


class AlgorithmNotAllowed(SamlRefused):
    """The identity provider signs or encrypts with an algorithm that is never accepted."""

    code = "algorithm_not_allowed"
    fix = (
        "At the identity provider, choose RSA-SHA256 with SHA-256 digests and exclusive canonicalization for "
        "signatures, and AES-GCM with RSA-OAEP for encryption. Inclusive canonicalization is taken where "
        "`allow_inclusive_c14n` of this connection is on."
    )
    role: str  # signature, digest, transform, canonicalization, encryption, key transport
    received: str


class WeakAlgorithm(SamlRefused):
    """The identity provider signs with an algorithm or a key that is too weak."""

    code = "weak_algorithm"
    fix = (
        "Choose SHA-256 and an RSA key of at least 2048 bits (or an elliptic curve) at the identity provider. Until "
        "it can, `allow_sha1` or `allow_rsa1024` of this connection lets people in."
    )
    received: str


class CertificateMissing(SamlRefused):
    """This connection has no certificate of the identity provider, so nothing can be verified."""

    code = "certificate_missing"
    fix = (
        "Give this connection the identity provider's metadata (`idp_metadata_url`) or its signing certificate (POST "
        "to `saml_idp_signing_certs`)."
    )


class CertificateUnknown(SamlRefused):
    """The identity provider signed with a certificate that this connection does not know."""

    code = "certificate_unknown"
    fix = (
        "If the identity provider has changed its certificate, add the new one to this connection (POST to "
        "`saml_idp_signing_certs`), or give it the metadata again."
    )
    expected: tuple[str, ...]  # SHA-256 fingerprints
    received: str


class SignatureInvalid(SamlRefused):
    """The signature does not match the identity provider's certificate or the document it came with."""

    code = "signature_invalid"
    fix = (
        "Compare this connection's certificates (`saml_idp_signing_certs`) with the identity provider's; look for a "
        "proxy that rewrites the answer."
    )
    element: str
    reason: str  # "key" (no stored key made this signature) or "digest" (changed after signing)


# The assertion


class AssertionMalformed(SamlRefused):
    """The assertion has parts missing, or parts where they do not belong."""

    code = "assertion_malformed"
    fix = _VENDOR
    element: str
    reason: str


class IssuerMismatch(SamlRefused):
    """The answer was issued by another identity provider than the one of this connection."""

    code = "issuer_mismatch"
    fix = "Make `idp_entity_id` of this connection the same as the Issuer, letter by letter; a slash at the end counts."
    expected: str
    received: str


class AudienceMismatch(SamlRefused):
    """The assertion is meant for another application."""

    code = "audience_mismatch"
    fix = (
        "Set the audience (also called entity ID or identifier) at the identity provider to `sp_entity_id` of this "
        "connection."
    )
    expected: str
    received: tuple[str, ...]


class DestinationMismatch(SamlRefused):
    """The answer was sent to another address than ours."""

    code = "destination_mismatch"
    fix = "Set the ACS URL (also called reply URL) at the identity provider to `acs_url` of this connection."
    expected: str
    received: str | None


class RecipientMismatch(SamlRefused):
    """The assertion was made out to another address than ours."""

    code = "recipient_mismatch"
    fix = (
        "Set the recipient at the identity provider to `acs_url` of this connection; usually it follows the ACS URL "
        "there."
    )
    expected: str
    received: tuple[str, ...]


class SubjectUnconfirmed(SamlRefused):
    """The assertion holds nothing that lets its bearer sign in."""

    code = "subject_unconfirmed"
    fix = (
        "Let the identity provider send a bearer subject confirmation with an expiry and without NotBefore, as in "
        "SAML's web browser profile."
    )
    received: tuple[str, ...]  # the confirmation methods


class AssertionExpired(SamlRefused):
    """The identity provider's answer came too late: it has expired."""

    code = "assertion_expired"
    mender = Mender.USER
    fix = f"{_NEW_LOGIN} If it happens again, compare the clocks of the identity provider and of this server."
    element: str
    not_on_or_after: datetime
    now: datetime


class AssertionNotYetValid(SamlRefused):
    """The identity provider's answer is not valid yet: the two clocks differ."""

    code = "assertion_not_yet_valid"
    fix = (
        "Set the clocks of the identity provider and of this server by NTP, or raise `clock_skew_seconds` of this "
        "connection (300 at most)."
    )
    element: str
    not_before: datetime
    now: datetime


class ResponseTooOld(SamlRefused):
    """The identity provider's answer is too old."""

    code = "response_too_old"
    mender = Mender.USER
    fix = f"{_NEW_LOGIN} If it happens again, compare the clocks of the identity provider and of this server."
    issued: datetime
    now: datetime


class InResponseToUnknown(SamlRefused):
    """The answer belongs to another sign-in than the one this browser began."""

    code = "in_response_to_unknown"
    mender = Mender.USER
    fix = f"{_NEW_LOGIN} Do not go back to the identity provider's page or keep it as a bookmark."
    expected: str | None  # None: no request of ours stands behind this sign-in
    received: tuple[str, ...]


class UnsolicitedResponse(SamlRefused):
    """The answer does not say which sign-in it belongs to."""

    code = "unsolicited_response"
    fix = (
        "Let the identity provider send InResponseTo in the Response and in its SubjectConfirmationData; some have a "
        "switch that leaves it out."
    )
    expected: str


class ConditionUnknown(SamlRefused):
    """The assertion sets a condition that we do not understand, so it may not be used."""

    code = "condition_unknown"
    fix = "Remove the condition `received` from the assertions for this application at the identity provider."
    received: str


class AuthnStatementMissing(SamlRefused):
    """The assertion does not say that anybody signed in."""

    code = "authn_statement_missing"
    fix = (
        "Let the identity provider send an AuthnStatement with each sign-in; an assertion of attributes alone is none."
    )


class SubjectMissing(SamlRefused):
    """The assertion does not say who signed in."""

    code = "subject_missing"
    fix = "Choose what the identity provider sends as NameID: 1 to 256 characters, not empty for anybody."
    reason: str  # missing, blank, too_long
