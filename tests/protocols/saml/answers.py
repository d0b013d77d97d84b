"""Answers of an imaginary identity provider, and the means to spoil or forge them; everything at one frozen moment."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa, utils
from cryptography.x509.oid import NameOID
from lxml import etree

from latchstring.model.profile import Assertion
from latchstring.protocols.saml import issue, names, response, signature, xml

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
IDP = "https://idp.example.com/entity"
SP = "https://sso.example.net/conn-key"
ACS = "https://sso.example.net/sso/saml/acs/conn-key"
REQUEST = "_0123456789abcdef0123456789abcdef"
EXPECTED = response.Expected(
    idp_entity_id=IDP, sp_entity_id=SP, acs_url=ACS, request_id=REQUEST, clock_skew=timedelta(seconds=60)
)
POLICY = signature.SignaturePolicy()
ATTRIBUTES: Mapping[str, Sequence[str]] = {"email": ["ann@example.com"], "groups": ["staff", "admins"]}
Edit = Callable[[str], str]
Key = Literal[
    "rsa",
    "other",
    "expired",
    "rsa1024",
    "rsa3072",
    "rsa4096",
    "rsa-odd",  # a length that is no multiple of eight bits
    "rsa-three",  # the smallest exponent there is
    "ec224",
    "ec256",
    "ec384",
    "ec521",
    "brainpool256",
    "brainpool384",
    "dsa",
]


class Pair:
    """A private key and its self-signed certificate."""

    def __init__(self, key: Any, certificate: x509.Certificate) -> None:
        self.key = key
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()


def pair(kind: Key = "rsa") -> Pair:
    """Made once in a test run. "other" is an attacker's: the same subject and serial number as "rsa"."""
    return _GIVEN.get(kind) or _pair(kind)


def give(kind: Key, key: Any) -> None:
    """From now on this is the key of `kind`: whoever keeps documents for another day needs the same one then."""
    _GIVEN[kind] = _certified(kind, key)


_GIVEN: dict[Key, Pair] = {}


@cache
def _pair(kind: Key) -> Pair:
    key: Any
    match kind:
        case "rsa" | "other" | "expired":
            key = rsa.generate_private_key(65537, 2048)
        case "rsa1024":
            key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the weak key is the point
        case "rsa3072" | "rsa4096":
            key = rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))
        case "rsa-odd":
            key = rsa.generate_private_key(65537, 2051)
        case "rsa-three":
            key = rsa.generate_private_key(3, 2048)
        case "brainpool256":
            key = ec.generate_private_key(ec.BrainpoolP256R1())
        case "brainpool384":
            key = ec.generate_private_key(ec.BrainpoolP384R1())
        case "ec256":
            key = ec.generate_private_key(ec.SECP256R1())
        case "ec224":
            key = ec.generate_private_key(ec.SECP224R1())
        case "ec384":
            key = ec.generate_private_key(ec.SECP384R1())
        case "ec521":
            key = ec.generate_private_key(ec.SECP521R1())
        case "dsa":
            key = dsa.generate_private_key(2048)
    return _certified(kind, key)


def _certified(kind: Key, key: Any) -> Pair:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2021 if kind == "expired" else 2090, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return Pair(key, certificate)


def same(text: str) -> str:
    return text


def swap(old: str, new: str) -> Edit:
    """An edit that must find something to do."""

    def edit(text: str) -> str:
        assert old in text, f"{old} is not in the document"
        return text.replace(old, new)

    return edit


def answer(
    *,
    in_assertion: Edit = same,
    in_response: Edit = same,
    after: Edit = same,
    sign: issue.Signed = "assertion",
    key: Key = "rsa",
    **wishes: Any,
) -> bytes:
    """A Response, edited before it is signed (`in_...`) or after."""
    pair_ = pair(key)
    facts: dict[str, Any] = {
        "key_pem": pair_.pem,
        "certificate_pem": pair_.certificate,
        "entity_id": IDP,
        "acs_url": ACS,
        "audience": SP,
        "response_id": "_response",
        "assertion_id": "_assertion",
        "in_response_to": REQUEST,
        "now": NOW,
        "name_id": "ann",
        "attributes": ATTRIBUTES,
    }
    text = issue.issue(**{**facts, **wishes}, sign="none").decode()
    start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
    assertion = in_assertion(text[start:end])
    if sign in ("assertion", "both"):
        assertion = signature.sign(assertion.encode(), key_pem=pair_.pem, certificate_pem=pair_.certificate).decode()
    document = in_response(text[:start] + assertion + text[end:]).encode()
    if sign in ("response", "both"):
        document = signature.sign(document, key_pem=pair_.pem, certificate_pem=pair_.certificate)
    return after(document.decode()).encode()


def verify(
    document: bytes, *, policy: signature.SignaturePolicy = POLICY, keys: Sequence[Key] = ("rsa",)
) -> signature.VerifiedXml:
    return signature.verify(document, certificates=[pair(key).certificate for key in keys], policy=policy)


def read(
    document: bytes,
    *,
    expected: response.Expected = EXPECTED,
    now: datetime = NOW,
    policy: signature.SignaturePolicy = POLICY,
    keys: Sequence[Key] = ("rsa",),
) -> Assertion:
    return response.read(verify(document, policy=policy, keys=keys), expected, now)


TRANSFORMS = f'<ds:Transform Algorithm="{names.ENVELOPED}"/><ds:Transform Algorithm="{names.EXC_C14N}"/>'
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - the weak hash is the point
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def forge(document: bytes, **wishes: Any) -> bytes:
    """The document with a signature made by `forge_in` in its root."""
    root = xml.parse(document)
    forge_in(root, **wishes)
    return etree.tostring(root)


def forge_in(
    root: etree._Element,
    *,
    key: Key = "rsa",
    algorithm: str = names.RSA_SHA256,
    digest_algorithm: str = names.SHA256_DIGEST,
    digest: bytes | None = None,
    transforms: str = TRANSFORMS,
    canonicalization: str = f'<ds:CanonicalizationMethod Algorithm="{names.EXC_C14N}"/>',
    uri: str | None = None,
    in_reference: str = "",
    in_signed_info: str = "",
    in_signature: str = "",
    key_info: str = "",
    inclusive: bool = False,
    prefixes: Sequence[str] = (),
    edit: Edit = same,
) -> None:
    """An enveloped signature behind the Issuer of an element, honestly made but with every part to choose.

    `edit` changes the Signature as text once it is made; what it holds then is no longer what was signed.
    """
    name = names.DIGESTS.get(digest_algorithm, "sha256")
    if digest is None:
        canonical = xml.canonical(root, prefixes, exclusive=not inclusive)
        digest = hashlib.new(name, canonical, usedforsecurity=False).digest()
    where = f"#{root.get('ID')}" if uri is None else uri
    info = (
        f'<ds:SignedInfo>{canonicalization}<ds:SignatureMethod Algorithm="{algorithm}"/>'
        f'<ds:Reference URI="{where}"><ds:Transforms>{transforms}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest_algorithm}"/>'
        f"<ds:DigestValue>{base64.b64encode(digest).decode()}</ds:DigestValue>{in_reference}</ds:Reference>"
        f"{in_signed_info}</ds:SignedInfo>"
    )
    draft = xml.parse(f'<ds:Signature xmlns:ds="{names.DS}">{info}</ds:Signature>'.encode())
    root.insert(1, draft)
    signed = xml.canonical(draft[0], exclusive=not inclusive)
    xml.detach(draft)
    value = base64.b64encode(_made(signed, key, algorithm)).decode()
    text = edit(
        f'<ds:Signature xmlns:ds="{names.DS}">{info}<ds:SignatureValue>{value}</ds:SignatureValue>'
        f"{key_info}{in_signature}</ds:Signature>"
    )
    root.insert(1, xml.parse(text.encode()))


def _made(message: bytes, key: Key, algorithm: str) -> bytes:
    name = _HASHES[names.SIGNATURES.get(algorithm, ("", "sha256"))[1]]
    secret = pair(key).key
    if "hmac" in algorithm:
        return hmac.new(pair(key).certificate.encode(), message, "sha256").digest()
    if isinstance(secret, rsa.RSAPrivateKey):
        return secret.sign(message, padding.PKCS1v15(), name)
    if isinstance(secret, dsa.DSAPrivateKey):
        return secret.sign(message, name)
    r, s = utils.decode_dss_signature(secret.sign(message, ec.ECDSA(name)))
    half = (secret.curve.key_size + 7) // 8
    return bytes(r.to_bytes(half, "big") + s.to_bytes(half, "big"))


def forged(*, sign: Literal["assertion", "response"] = "assertion", in_assertion: Edit = same, **wishes: Any) -> bytes:
    """A Response whose assertion (or which itself) carries a signature made by `forge`."""
    text = answer(sign="none", in_assertion=in_assertion).decode()
    if sign == "response":
        return forge(text.encode(), **wishes)
    if wishes.get("inclusive"):  # which sees the namespaces around it
        whole = xml.parse(text.encode())
        forge_in(next(whole.iter(names.ASSERTION)), **wishes)
        return etree.tostring(whole)
    start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
    return (text[:start] + forge(text[start:end].encode(), **wishes).decode() + text[end:]).encode()


def key_info(kind: Key) -> str:
    text = base64.b64encode(pair(kind).der).decode()
    return f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
