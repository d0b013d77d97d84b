"""Every "no" to an encrypted assertion, or to one that is not encrypted where it should be."""

from __future__ import annotations

from latchstring.protocols.saml.refused import SamlRefused


class EncryptedAssertionUnsupported(SamlRefused):
    """The assertion is encrypted, and this connection has no key to open it."""

    code = "encrypted_assertion_unsupported"
    fix = (
        "Turn assertion encryption off at the identity provider; or make a key for it (POST to "
        "`saml_sp_encryption_certs` of this connection) and let the identity provider read our SP metadata again."
    )


class EncryptedElementUnsupported(SamlRefused):
    """Single parts of the assertion are encrypted; only an encryption of the whole assertion can be read."""

    code = "encrypted_element_unsupported"
    fix = (
        "Turn the encryption of the NameID and of single attributes off at the identity provider; encrypt the "
        "assertion."
    )
    element: str


class DecryptionFailed(SamlRefused):
    """The encrypted assertion could not be opened."""

    # One refusal without facts for every cause: a difference would answer an attacker's guesses (SAML-23).
    code = "decryption_failed"
    fix = (
        "Let the identity provider read our SP metadata (`sp_metadata_url`) again: it must encrypt to a certificate "
        "that stands there, with AES-GCM and RSA-OAEP."
    )


class EncryptionKeyMissing(SamlRefused):
    """The assertion is encrypted with a key that does not come with it, such as a secret that both sides know."""

    code = "encryption_key_missing"
    fix = (
        "Let the identity provider encrypt to the encryption certificate of our SP metadata, not with a shared secret."
    )


class CbcNotAllowed(SamlRefused):
    """The assertion is encrypted in a mode that lets others tamper with it, and the Response is not signed."""

    code = "encryption_mode_not_allowed"
    fix = (
        "Let the identity provider encrypt with AES-GCM, or sign the Response as well; if it can do neither, "
        "`allow_cbc` of this connection takes it as it is."
    )


class AssertionNotEncrypted(SamlRefused):
    """The assertion is not encrypted, and this connection asks for encryption."""

    code = "assertion_not_encrypted"
    fix = (
        "Turn assertion encryption on at the identity provider, with the encryption certificate of our SP metadata; "
        "or turn `encrypt_assertions` of this connection off."
    )
