"""Encrypted tokens (RFC 7516), where a connection is set up for them: opened, never trusted for it (OIDC-18).

Anybody can encrypt to us, so a token that opens proves nothing; the signed token inside is verified like any other.
Whatever goes wrong behind the first look at the header is one refusal without facts: a difference would answer guesses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from latchstring.model.connection import ConnectionSecrets, OidcConfig
from latchstring.protocols.oidc import client_keys, jwt
from latchstring.protocols.oidc.client_keys import ClientKey
from latchstring.protocols.oidc.refusals import IdTokenDecryption, IdTokenEncryption, IdTokenMalformed

# RSA1_5 (Bleichenbacher), dir and the symmetric ones (a shared secret is no recipient), PBES2 (whose p2c makes us work)
# are on no list and cannot be switched on.
ALGORITHMS = ("RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW")
CONTENT = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
MAX_HEADER = 8_192
_SIGNED = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


def is_encrypted(token: str) -> bool:
    return token.count(".") == 4


def opened(token: str, config: OidcConfig, secrets: ConnectionSecrets) -> str:
    """The signed token: the one inside where the connection wants it encrypted, else the very one.

    Raises `IdTokenEncryption` where it is not as agreed, `IdTokenMalformed`, `IdTokenDecryption`.
    """
    algorithm = config.id_token_encryption_algorithm
    if algorithm is None:
        if is_encrypted(token):
            raise IdTokenEncryption(expected="not encrypted", received="encrypted")
        return token
    if not is_encrypted(token):
        raise IdTokenEncryption(expected="encrypted", received="not encrypted")
    header = jwt.json_part(jwt.parts(token, 5)[0], "header")
    _check_header(header, algorithm, config.id_token_content_encryption)
    registry = jwe.JWERegistry(algorithms=[algorithm, config.id_token_content_encryption], strict_check_header=False)
    registry.max_protected_header_length = MAX_HEADER
    for key in _keys(config, secrets, algorithm, header.get("kid")):
        plaintext = _open(token, key, header, registry)
        if plaintext is not None and _SIGNED.fullmatch(plaintext):
            return plaintext.decode("ascii")
    raise IdTokenDecryption


def _check_header(header: Mapping[str, Any], algorithm: str, content: str) -> None:
    received = (header.get("alg"), header.get("enc"))
    if received != (algorithm, content) or algorithm not in ALGORITHMS or content not in CONTENT:
        shown = " and ".join(str(each)[:32] for each in received)
        raise IdTokenEncryption(
            expected=f"encrypted with {algorithm} and {content}", received=f"encrypted with {shown}"
        )
    jwt.check_common(header)
    inner = header.get("cty")
    if inner is not None and str(inner).lower().removeprefix("application/") != "jwt":
        raise IdTokenMalformed(reason="it holds something else than a signed token")


def _keys(config: OidcConfig, secrets: ConnectionSecrets, algorithm: str, kid: str | None) -> list[ClientKey]:
    """Those of the right kind, and the one that the header names alone if it is ours."""
    wanted = client_keys.kind_for(algorithm)
    fitting = {entry.id for entry in config.jwt_encryption_certificates if client_keys.usable(entry.pem) == wanted}
    pems = {pair.certificate_id: pair.key for pair in secrets.jwt_encryption_keys if pair.certificate_id in fitting}
    return [client_keys.private(pem) for id_, pem in reversed(pems.items()) if kid not in pems or id_ == kid]


def _open(token: str, key: ClientKey, header: Mapping[str, Any], registry: jwe.JWERegistry) -> bytes | None:
    if isinstance(key, ECKey) and not _is_point(header.get("epk"), key.curve_name):
        return None
    try:
        return jwe.decrypt_compact(token, key, registry=registry).plaintext
    except (JoseError, ValueError, TypeError, KeyError, AssertionError):  # all that its parts raise on odd input
        return None


def _is_point(value: object, curve: str) -> bool:
    """An ephemeral public key on our own curve; whether it lies there, the import checks (invalid-curve attack)."""
    return (
        isinstance(value, dict)
        and value.get("kty") == "EC"
        and value.get("crv") == curve
        and isinstance(value.get("x"), str)
        and isinstance(value.get("y"), str)
        and "d" not in value
    )
