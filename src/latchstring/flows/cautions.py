"""What is said when certificates or metadata come in that will make trouble later, and are taken all the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from latchstring.model.connection import Certificate, SamlConfig
from latchstring.protocols.attribute_findings import Finding
from latchstring.protocols.saml import certificates, names

_WEAK_HASHES = ("md5", "sha1")


class Caution(msgspec.Struct, frozen=True, kw_only=True):
    """Something weak, or out of date, in what was given (SAML-20); or something that it asks for."""

    code: Literal[
        "weak_key",
        "weak_certificate_signature",
        "certificate_not_valid",
        "weak_metadata_signature",
        "requests_are_signed_now",
        "signed_requests_wanted",
        "identifier_transient",
    ]
    message: str
    fingerprint: str | None = None  # of the certificate that is meant


def of_certificates(entries: Iterable[Certificate], now: datetime) -> tuple[Caution, ...]:
    """What is weak about each, in their order."""
    return tuple(warning for entry in entries for warning in _of_certificate(entry, now))


def of_metadata(signature_algorithm: str | None) -> tuple[Caution, ...]:
    """A document that is signed with SHA-1 comes from a provider that signs its answers so too."""
    if signature_algorithm is None or names.SIGNATURES.get(signature_algorithm, ("", "sha1"))[1] != "sha1":
        return ()
    return (
        Caution(
            code="weak_metadata_signature",
            message=f"The metadata is signed with {signature_algorithm}: answers that are signed so are refused until "
            "allow_sha1 is set. Better let the identity provider sign with SHA-256.",
        ),
    )


def of_signed_requests(before: SamlConfig, after: SamlConfig) -> tuple[Caution, ...]:
    """Of metadata that want signed requests (`WantAuthnRequestsSigned`): what was done about it, or was not."""
    if not after.idp_wants_signed_requests or (after.sign_requests and before.sign_requests):
        return ()
    if after.sign_requests:
        return (
            Caution(
                code="requests_are_signed_now",
                message="The identity provider wants signed sign-in requests, so they are signed from now on. Give it "
                "our metadata, or the certificate in sp_signing_cert.",
            ),
        )
    return (
        Caution(
            code="signed_requests_wanted",
            message="The identity provider wants signed sign-in requests, and sign_requests is off: it may turn "
            "everybody away.",
        ),
    )


def of_findings(found: Iterable[Finding], samples: int) -> tuple[Caution, ...]:
    """Of a connection that is switched on: by what arrived, nobody at all can sign in through it."""
    return tuple(
        Caution(code="identifier_transient", message=f"{each.message} So far nobody can sign in. {each.fix}")
        for each in found
        if each.code == "identifier_transient" and each.samples == samples
    )


def _of_certificate(entry: Certificate, now: datetime) -> Iterable[Caution]:
    facts = certificates.load(entry.pem)
    if facts.key_kind == "rsa" and facts.key_bits < certificates.STRONG_RSA:
        yield Caution(
            code="weak_key",
            message=f"The certificate has an RSA key of {facts.key_bits} bits: answers that are signed with it are "
            "refused until allow_rsa1024 is set, and those below 1024 bits always.",
            fingerprint=entry.fingerprint,
        )
    if facts.signature_hash in _WEAK_HASHES:
        yield Caution(
            code="weak_certificate_signature",
            message=f"The certificate itself is signed with {facts.signature_hash.upper()}. That decides nothing here, "
            "but its identity provider may sign answers so too, and those are refused.",
            fingerprint=entry.fingerprint,
        )
    if not entry.not_before <= now < entry.not_after:
        yield Caution(
            code="certificate_not_valid",
            message="By its dates the certificate is not valid now. It is trusted all the same: the dates decide "
            "nothing here.",
            fingerprint=entry.fingerprint,
        )
