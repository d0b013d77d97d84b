"""Every "no" that a SAML answer can earn, from the form field to the last check. All end a login, none is final.

`check` and `passed` stand on the instance once `response.read` has refused: which check it was, and which ones had
passed before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Self

from latchstring.model.refusal import AssertionRefused, Mender

_NEW_LOGIN = "Start the sign-in again from the application."
_VENDOR = "Report it to the maker of the identity provider's software; standard products do not send this."


class SamlRefused(AssertionRefused):
    """The identity provider's answer was refused."""

    check: ClassVar[str] = ""
    passed: ClassVar[tuple[str, ...]] = ()

    def at(self, check: str, passed: Sequence[str]) -> Self:
        """The same refusal, with the place where it happened."""
        self.__dict__.update(check=check, passed=tuple(passed))
        return self


# The document


class DocumentNotBase64(SamlRefused):
    """The identity provider's answer is not Base64, so it could not be read."""

    code = "document_not_base64"
    fix = "Let the identity provider answer by HTTP-POST; look for a proxy that rewrites form fields."


class DocumentTooLarge(SamlRefused):
    """The identity provider's answer is larger than what we read."""

    code = "document_too_large"
    fix = (
        "Send fewer attributes: usually it is the list of groups, which can be limited to those this application needs."
    )
    limit: str  # bytes, depth, elements, attributes, namespaces, attribute_size, ids, attribute_values, inflated
    most: int


class DocumentNotXml(SamlRefused):
    """The identity provider's answer is not well-formed XML in UTF-8 or UTF-16."""

    code = "document_not_xml"
    fix = "Look at the SAMLResponse field in the browser's network tab: it must hold a SAML Response and nothing else."
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
    fix = "Let the identity provider send a SAML 2.0 Response by HTTP-POST; SAML 1.1 and WS-Federation are not read."
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
    fix = "Read the identity provider's own log; often the request's ACS URL or entity ID is not the one set up there."
    status: tuple[str, ...]
    status_message: str


class NoAssertion(SamlRefused):
    """The identity provider's answer holds no assertion, so it names nobody."""

    code = "no_assertion"
    fix = "Let the identity provider include an assertion in its Response."


class SeveralAssertions(SamlRefused):
    """The identity provider's answer holds more than one assertion; exactly one is read."""

    code = "several_assertions"
    fix = "Let the identity provider send one assertion for each sign-in."
    received: int


class EncryptedAssertionUnsupported(SamlRefused):
    """The assertion is encrypted, and this connection has no key to open it."""

    code = "encrypted_assertion_unsupported"
    fix = "Turn assertion encryption off at the identity provider, or give this connection an encryption key pair."


class EncryptedElementUnsupported(SamlRefused):
    """Single parts of the assertion are encrypted; only an encryption of the whole assertion can be read."""

    code = "encrypted_element_unsupported"
    fix = "Turn the encryption of the NameID and of attributes off at the identity provider."
    element: str


class DecryptionFailed(SamlRefused):
    """The encrypted assertion could not be opened."""

    # One refusal without facts for every cause: a difference would answer an attacker's guesses (SAML-23).
    code = "decryption_failed"
    fix = "Give the identity provider the encryption certificate of our SP metadata; let it use AES-GCM and RSA-OAEP."


class CbcNotAllowed(SamlRefused):
    """The assertion is encrypted in a mode that lets others tamper with it, and the Response is not signed."""

    code = "encryption_mode_not_allowed"
    fix = "Let the identity provider encrypt with AES-GCM, or sign the Response as well."


class AssertionNotEncrypted(SamlRefused):
    """The assertion is not encrypted, and this connection asks for encryption."""

    code = "assertion_not_encrypted"
    fix = "Turn assertion encryption on at the identity provider, with the encryption certificate of our SP metadata."


# The signature


class SignatureMissing(SamlRefused):
    """The identity provider's answer is not signed where this connection requires it."""

    code = "signature_missing"
    fix = "Turn on signing of the assertion (or of the response, if that is what is missing) at the identity provider."
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
    """A signature uses an algorithm that is never accepted."""

    code = "algorithm_not_allowed"
    fix = "Choose RSA-SHA256 with SHA-256 digests and exclusive canonicalization at the identity provider."
    role: str  # signature, digest, transform, canonicalization
    received: str


class WeakAlgorithm(SamlRefused):
    """The identity provider signs with an algorithm or a key that is too weak."""

    code = "weak_algorithm"
    fix = "Choose SHA-256 and an RSA key of at least 2048 bits (or an elliptic curve) at the identity provider."
    received: str


class CertificateMissing(SamlRefused):
    """This connection has no certificate of the identity provider, so nothing can be verified."""

    code = "certificate_missing"
    fix = "Upload the identity provider's metadata or its signing certificate."


class CertificateUnknown(SamlRefused):
    """The identity provider signed with a certificate that this connection does not know."""

    code = "certificate_unknown"
    fix = (
        "If the identity provider has changed its certificate, upload the new one (or its metadata) to this connection."
    )
    expected: tuple[str, ...]  # SHA-256 fingerprints
    received: str


class SignatureInvalid(SamlRefused):
    """The signature does not match the identity provider's certificate or the document it came with."""

    code = "signature_invalid"
    fix = (
        "Compare this connection's certificate with the identity provider's; look for a proxy that rewrites the answer."
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
    fix = "Make the connection's IdP entity ID the same as the Issuer, letter by letter; a slash at the end counts."
    expected: str
    received: str


class AudienceMismatch(SamlRefused):
    """The assertion is meant for another application."""

    code = "audience_mismatch"
    fix = "Set the audience (also called entity ID or identifier) at the identity provider to the expected value."
    expected: str
    received: tuple[str, ...]


class DestinationMismatch(SamlRefused):
    """The answer was sent to another address than ours."""

    code = "destination_mismatch"
    fix = "Set the ACS URL (also called reply URL) at the identity provider to the expected value."
    expected: str
    received: str | None


class RecipientMismatch(SamlRefused):
    """The assertion was made out to another address than ours."""

    code = "recipient_mismatch"
    fix = "Set the recipient at the identity provider to the expected value; usually it follows the ACS URL."
    expected: str
    received: tuple[str, ...]


class SubjectUnconfirmed(SamlRefused):
    """The assertion holds nothing that lets its bearer sign in."""

    code = "subject_unconfirmed"
    fix = "Let the identity provider send a bearer subject confirmation with an expiry and without NotBefore."
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
        "Set the clocks of the identity provider and of this server by NTP, or raise the clock skew of the connection."
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
    fix = _NEW_LOGIN
    expected: str | None  # None: no request of ours stands behind this sign-in
    received: tuple[str, ...]


class UnsolicitedResponse(SamlRefused):
    """The answer does not say which sign-in it belongs to."""

    code = "unsolicited_response"
    fix = "Start the sign-in at the application. The identity provider must send InResponseTo in both places."
    expected: str


class ConditionUnknown(SamlRefused):
    """The assertion sets a condition that we do not understand, so it may not be used."""

    code = "condition_unknown"
    fix = "Remove the condition at the identity provider."
    received: str


class AuthnStatementMissing(SamlRefused):
    """The assertion does not say that anybody signed in."""

    code = "authn_statement_missing"
    fix = "Let the identity provider send an AuthnStatement with each sign-in."


class SubjectMissing(SamlRefused):
    """The assertion does not say who signed in."""

    code = "subject_missing"
    fix = "Let the identity provider send a NameID of 1 to 256 characters."
    reason: str  # missing, blank, too_long
