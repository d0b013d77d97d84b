"""`private_key_jwt`: who we are, signed by a key of ours instead of a shared secret (RFC 7523)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from latchstring.model.connection import ConnectionSecrets, OidcConfig
from latchstring.protocols.json_object import write
from latchstring.protocols.oidc import client_keys
from latchstring.protocols.oidc.discovery import Provider
from latchstring.protocols.oidc.refusals import ClientKeyMissing

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = timedelta(seconds=60)


def sign(config: OidcConfig, secrets: ConnectionSecrets, *, provider: Provider, once: str, now: datetime) -> str:
    """A fresh assertion for one request. `once` is a secret that belongs to that request alone: `jti` is made from it.

    Raises `ClientKeyMissing`.
    """
    certificate = config.signing_certificate(now)
    pems = {pair.certificate_id: pair.key for pair in secrets.jwt_signing_keys}
    if certificate is None or certificate.id not in pems:
        raise ClientKeyMissing
    seconds = int(now.timestamp())
    claims = {
        "iss": config.client_id,
        "sub": config.client_id,
        "aud": audience(config, provider),
        "jti": _base64url(sha256(b"client assertion\0" + once.encode()).digest()),
        "iat": seconds,
        "exp": seconds + int(LIFETIME.total_seconds()),
    }
    key = client_keys.private(pems[certificate.id])
    algorithm = client_keys.algorithm(key, provider.token_endpoint_auth_signing_alg_values_supported)
    header: dict[str, Any] = {
        "alg": algorithm,
        "typ": "JWT",
        "kid": certificate.id,
        "x5t#S256": _base64url(bytes.fromhex(certificate.fingerprint)),  # by which Entra ID finds the certificate
    }
    try:
        return jws.serialize_compact(header, write(claims), key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError):
        raise ClientKeyMissing from None


def audience(config: OidcConfig, provider: Provider) -> str:
    """One string. The issuer, so that no provider can have an assertion made that another one takes for its own.

    A provider that knows only the older rule (OpenID Connect Core 9) wants its token endpoint named: a setting.
    Source: the OpenID Foundation's notice of January 2025 and draft-ietf-oauth-rfc7523bis (CVE-2025-27370).
    """
    if config.client_assertion_audience == "token_endpoint":
        return provider.token_endpoint
    return config.token_issuer


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
