"""ID tokens of every kind, signed by keys made for the tests, and the connection that they are for."""

from __future__ import annotations

import functools
import hashlib
import json
import warnings
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from latchstring.model.connection import OidcConfig
from latchstring.model.fetch import Fetched
from latchstring.protocols.oidc import id_token
from latchstring.protocols.oidc.discovery import Provider
from latchstring.protocols.oidc.id_token import VerifiedClaims

NOW = datetime(2026, 11, 23, 9, 14, 7, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://op.example"
CLIENT = "our-client"
NONCE = "n-0S6_WzA2Mj"
SECRET = "a client secret of more than sixty-four characters, so that it will do for HS512, too"
PROVIDER = Provider(
    issuer=ISSUER,
    authorization_endpoint=f"{ISSUER}/authorize",
    token_endpoint=f"{ISSUER}/token",
    jwks_uri=f"{ISSUER}/jwks",
)
Key = RSAKey | ECKey | OKPKey | OctKey
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@functools.cache
def key(kind: str) -> Any:
    """`rsa`, `rsa 2`, `ES256`, `ES384`, `ES512`, `EdDSA`; named by its kind."""
    named: Any = {"kid": kind, "use": "sig"}
    if kind in _CURVES:
        return ECKey.generate_key(_CURVES[kind], named)
    if kind == "EdDSA":
        return OKPKey.generate_key("Ed25519", named)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the weak one, which is to be refused
        return RSAKey.generate_key(1024 if kind == "weak" else 2048, named)


def key_for(algorithm: str) -> Any:
    if algorithm.startswith("HS"):
        return OctKey.import_key(SECRET)
    return key(algorithm if algorithm[0] == "E" else "rsa")


def public(*kinds: str) -> list[dict[str, Any]]:
    return [key(kind).as_dict(private=False) for kind in kinds]


def jwks(*keys: dict[str, Any], status: int = 200) -> Fetched:
    return Fetched(status=status, headers={}, body=json.dumps({"keys": list(keys)}).encode())


JWKS = jwks(*public("rsa", "rsa 2", "ES256", "ES384", "ES512", "EdDSA"))


def claims(**changed: Any) -> dict[str, Any]:
    """Good ones; a None takes one away."""
    said = {"iss": ISSUER, "aud": CLIENT, "sub": "u1", "iat": SECONDS, "exp": SECONDS + 300, "nonce": NONCE, **changed}
    return {name: value for name, value in said.items() if value is not None}


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(
    said: dict[str, Any] | bytes | None = None,
    *,
    algorithm: str = "RS256",
    signer: Any = None,
    header: dict[str, Any] | None = None,
    **changed: Any,
) -> str:
    """A signed token. `said` as bytes stands as it is."""
    signer = signer or key_for(algorithm)
    protected = {"alg": algorithm, **({} if algorithm.startswith("HS") else {"kid": signer.kid}), **(header or {})}
    protected = {name: value for name, value in protected.items() if value is not None}
    payload = said if isinstance(said, bytes) else json.dumps(claims(**changed) if said is None else said).encode()
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library would rather have EdDSA named by its curve; providers do not
        return jws.serialize_compact(protected, payload, signer, registry=registry)


def config(**changed: Any) -> OidcConfig:
    return OidcConfig(
        **{
            "discovery_endpoint": f"{ISSUER}/.well-known/openid-configuration",
            "issuer": ISSUER,
            "client_id": CLIENT,
            **changed,
        }
    )


def verify(text: str, keys: Fetched = JWKS, *, algorithm: str = "RS256", **changed: Any) -> VerifiedClaims:
    given: dict[str, Any] = {
        "config": config(id_token_signature_algorithm=algorithm, **changed.pop("config", {})),
        "client_secret": SECRET,
        "nonce": NONCE,
        "access_token": "opaque",
        "now": NOW,
        **changed,
    }
    return id_token.verify(text, keys, **given)


def at_hash(access_token: str, name: str = "sha256") -> str:
    digest = hashlib.new(name, access_token.encode()).digest()
    return part(digest[: len(digest) // 2])
