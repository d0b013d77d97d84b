"""Sign in with Apple: a client secret that is a signed token, and the person's name that comes once, in the form."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from latchstring.protocols import json_object
from latchstring.protocols.oauth.refusals import OAuthKeyUnusable

AUDIENCE = "https://appleid.apple.com"
LIFETIME = timedelta(minutes=5)  # Apple takes up to six months; one request needs no more
_MAX_NAME = 256  # characters


def load_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """The .p8 file of the developer account: P-256 in PKCS 8. Raises `OAuthKeyUnusable`."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise OAuthKeyUnusable from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise OAuthKeyUnusable
    return key


def client_secret(*, client_id: str, team_id: str, key_id: str, private_key: str, now: datetime) -> str:
    """A JSON Web Token signed with ES256, good for one request. Raises `OAuthKeyUnusable`."""
    key = load_key(private_key)
    seconds = int(now.timestamp())
    header = {"alg": "ES256", "kid": key_id, "typ": "JWT"}
    claims = {
        "iss": team_id,
        "iat": seconds,
        "exp": seconds + int(LIFETIME.total_seconds()),
        "aud": AUDIENCE,
        "sub": client_id,
    }
    signed = ".".join(_base64url(json_object.write(part)) for part in (header, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"  # RFC 7518, 3.4


def names(fields: Mapping[str, str]) -> dict[str, str]:
    """`firstName` and `lastName` from the form's `user`, which is there at the very first sign-in only.

    The browser brings it, unsigned: a name is taken from it, never an address.
    """
    try:
        name = json_object.read(fields.get("user", "").encode()).get("name")
    except ValueError:
        return {}
    if not isinstance(name, dict):
        return {}
    found = {part: name.get(part) for part in ("firstName", "lastName")}
    return {part: text[:_MAX_NAME] for part, text in found.items() if isinstance(text, str) and text.strip()}


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
