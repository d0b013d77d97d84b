"""Whose key: what KeyInfo claims, and public bytes taken for an HMAC secret (SAML-18, SAML-19)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.forge import Build, Forge, attack, attribute, evil, swap
from latchstring.attacks.saml.scene import Scene
from latchstring.attacks.saml.signing import MORE, key_info
from latchstring.protocols.saml import names

_NOWHERE = "http://127.0.0.1:9"


def with_key(name: str, info: str | None = "", **how: Any) -> Build:
    """Signed with a key of the attacker's. `info` stands in KeyInfo; None: the certificate of that key."""

    def build(forge: Forge) -> str:
        shown = key_info(forge.keys[name].certificate) if info is None else info
        return forge.forged(in_assertion=evil, pair=forge.keys[name], key_info=shown, **how)

    return build


def _with_real_certificate(*, own_behind: bool) -> Build:
    """The real certificate in KeyInfo, but the signature by another key."""

    def build(forge: Forge) -> str:
        own = (forge.keys["stranger"].certificate,) if own_behind else ()
        info = key_info(forge.party.pair.certificate, *own)
        return forge.forged(in_assertion=evil, pair=forge.keys["stranger"], key_info=info)

    return build


def _described(describe: Callable[[x509.Certificate], str]) -> Build:
    """Signed with the attacker's key, which KeyInfo describes in some other way than by its certificate."""

    def build(forge: Forge) -> str:
        pair = forge.keys["stranger"]
        info = describe(x509.load_pem_x509_certificate(pair.certificate.encode()))
        return forge.forged(in_assertion=evil, pair=pair, key_info=f"<ds:KeyInfo>{info}</ds:KeyInfo>")

    return build


def _rsa_key_value(certificate: x509.Certificate) -> str:
    modulus = base64.b64encode(_modulus(certificate)).decode()
    return (
        f"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>"
        "</ds:RSAKeyValue></ds:KeyValue>"
    )


def _encoded_key_value(certificate: x509.Certificate) -> str:
    key = base64.b64encode(_spki(certificate)).decode()
    return f'<d:DEREncodedKeyValue xmlns:d="http://www.w3.org/2009/xmldsig11#">{key}</d:DEREncodedKeyValue>'


def _issuer_serial(certificate: x509.Certificate) -> str:
    return (
        f"<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>{certificate.issuer.rfc4514_string()}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>"
    )


_DESCRIPTIONS: dict[str, tuple[str, Callable[[x509.Certificate], str]]] = {
    "key-value": ("an RSAKeyValue", _rsa_key_value),
    "key-value-encoded": ("a DEREncodedKeyValue", _encoded_key_value),
    "key-name": ("a KeyName", lambda c: f"<ds:KeyName>{c.subject.rfc4514_string()}</ds:KeyName>"),
    "key-issuer-serial": ("issuer and serial number", _issuer_serial),
    "key-subject": (
        "a subject name",
        lambda c: f"<ds:X509Data><ds:X509SubjectName>{c.subject.rfc4514_string()}</ds:X509SubjectName></ds:X509Data>",
    ),
    "key-retrieval": (
        "an address to fetch it from",
        lambda _: (
            f'<ds:RetrievalMethod URI="{_NOWHERE}/key" Type="http://www.w3.org/2000/09/xmldsig#rawX509Certificate"/>'
        ),
    ),
    "key-retrieval-file": ("a file to read it from", lambda _: '<ds:RetrievalMethod URI="file:///etc/passwd"/>'),
    "key-info-reference": (
        "a KeyInfoReference",
        lambda _: '<d:KeyInfoReference xmlns:d="http://www.w3.org/2009/xmldsig11#" URI="#_x"/>',
    ),
}


def _modulus(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        return _spki(certificate)
    number = key.public_numbers().n
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


# What everybody knows about the provider's key, in the forms in which a library might hold it.
_PUBLIC_BYTES: dict[str, Callable[[x509.Certificate], bytes]] = {
    "certificate-pem": lambda c: c.public_bytes(Encoding.PEM),
    "certificate-pem-stripped": lambda c: c.public_bytes(Encoding.PEM).strip(),
    "certificate-der": lambda c: c.public_bytes(Encoding.DER),
    "certificate-base64": lambda c: base64.b64encode(c.public_bytes(Encoding.DER)),
    "key-pem": lambda c: c.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "key-der": _spki,
    "modulus": _modulus,
    "nothing": lambda _: b"",
}


def _hmac(name: str, algorithm: str, parameters: str = "") -> Build:
    def build(forge: Forge) -> str:
        certificate = x509.load_pem_x509_certificate(forge.party.pair.certificate.encode())
        text = forge.forged(in_assertion=evil, algorithm=algorithm, hmac_key=_PUBLIC_BYTES[name](certificate))
        return (
            text.replace(f'"{algorithm}"/>', f'"{algorithm}">{parameters}</ds:SignatureMethod>') if parameters else text
        )

    return build


_LENGTH = "<ds:HMACOutputLength>0</ds:HMACOutputLength>"
_HMAC_SHA256 = f"{MORE}hmac-sha256"
_ALGORITHMS: dict[str, tuple[str, str]] = {
    "algorithm-none": ("none", "none"),
    "algorithm-empty": ("no name", ""),
    "algorithm-plaintext": ("a name that means no signature", "http://www.w3.org/2000/09/xmldsig#none"),
    "algorithm-json": ("the name that JSON uses", "RS256"),
    "algorithm-blank": ("a blank before the name", f" {names.RSA_SHA256}"),
    "algorithm-pss": ("RSA-PSS", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"),
    "algorithm-rsa-md5": ("RSA with MD5", f"{MORE}rsa-md5"),
    "algorithm-rsa-ripemd": ("RSA with RIPEMD-160", f"{MORE}rsa-ripemd160"),
}
_DIGESTS: dict[str, tuple[str, str]] = {
    "digest-md5": ("MD5", f"{MORE}md5"),
    "digest-ripemd": ("RIPEMD-160", "http://www.w3.org/2001/04/xmlenc#ripemd160"),
    "digest-sha224": ("SHA-224", f"{MORE}sha224"),
    "digest-nameless": ("no name", ""),
    "digest-unknown": ("something unknown", "urn:x"),
}


def _known(algorithm: str) -> Build:
    return lambda forge: forge.forged(algorithm=algorithm)


ATTACKS: tuple[Attack[Scene], ...] = (
    attack(
        "key-look-alike",
        "SAML-18",
        "a certificate with the real one's subject and serial number, in KeyInfo",
        "certificate_unknown",
        with_key("stranger", None),
    ),
    attack(
        "key-issued-by-real",
        "SAML-18",
        "a certificate that the real key has issued, in KeyInfo",
        "certificate_unknown",
        with_key("issued", None),
    ),
    attack(
        "key-elliptic",
        "SAML-18",
        "an elliptic-curve key, in KeyInfo",
        "certificate_unknown",
        with_key("ec256", None, algorithm=names.ECDSA_SHA256),
    ),
    attack("key-unnamed", "SAML-18", "another key, and no KeyInfo", "signature_invalid", with_key("stranger")),
    attack(
        "key-of-another",
        "SAML-18",
        "another key, and the real certificate in KeyInfo",
        "signature_invalid",
        _with_real_certificate(own_behind=False),
    ),
    attack(
        "key-second-in-chain",
        "SAML-18",
        "the real certificate first, the attacker's second",
        "signature_invalid",
        _with_real_certificate(own_behind=True),
    ),
    *(
        attack(name, "SAML-18", f"another key, and {tries} for it", "signature_invalid", _described(describe))
        for name, (tries, describe) in _DESCRIPTIONS.items()
    ),
    *(
        attack(
            f"hmac-{name}",
            "SAML-19",
            f"HMAC-SHA256 with the public {name}",
            "algorithm_not_allowed",
            _hmac(name, _HMAC_SHA256),
        )
        for name in _PUBLIC_BYTES
    ),
    *(
        attack(
            f"hmac-{name}",
            "SAML-19",
            f"{tries} with the public key",
            "algorithm_not_allowed",
            _hmac("key-pem", algorithm),
        )
        for name, tries, algorithm in (
            ("sha1", "HMAC-SHA1", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
            ("sha512", "HMAC-SHA512", f"{MORE}hmac-sha512"),
        )
    ),
    attack(
        "hmac-truncated",
        "SAML-19",
        "an HMAC of which no bit counts",
        "algorithm_not_allowed",
        _hmac("nothing", _HMAC_SHA256, _LENGTH),
    ),
    *(
        attack(
            f"dsa-{name}", "SAML-19", "a DSA key", "algorithm_not_allowed", with_key("dsa", None, algorithm=algorithm)
        )
        for name, algorithm in (
            ("sha1", "http://www.w3.org/2000/09/xmldsig#dsa-sha1"),
            ("sha256", "http://www.w3.org/2009/xmldsig11#dsa-sha256"),
        )
    ),
    *(
        attack(name, "SAML-19", f"a signature algorithm: {tries}", "algorithm_not_allowed", _known(algorithm))
        for name, (tries, algorithm) in _ALGORITHMS.items()
    ),
    *(
        attack(
            name,
            "SAML-19",
            f"a digest algorithm: {tries}",
            "algorithm_not_allowed",
            lambda forge, algorithm=algorithm: forge.forged(digest_algorithm=algorithm),  # type: ignore[misc]
        )
        for name, (tries, algorithm) in _DIGESTS.items()
    ),
    attack(
        "algorithm-missing",
        "SAML-19",
        "a SignatureMethod without an Algorithm",
        "algorithm_not_allowed",
        lambda f: f.forged(edit=attribute("ds:SignatureMethod", "Algorithm", None)),
    ),
    attack(
        "algorithm-parameter",
        "SAML-19",
        "a SignatureMethod with a parameter",
        "signature_malformed",
        lambda f: f.forged(edit=swap("/><ds:Reference ", f">{_LENGTH}</ds:SignatureMethod><ds:Reference ")),
    ),
)
