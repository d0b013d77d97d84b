"""Discovery documents of OpenID Connect providers."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from latchstring.model.fetch import Fetched
from latchstring.model.refusal import Refusal
from latchstring.protocols.oidc import discovery
from tests.fuzz import mutations
from tests.fuzz.target import Target, Violation
from tests.protocols.oidc.tokens import ISSUER

_ASKED = f"{ISSUER}/.well-known/openid-configuration"
_PLAIN = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
}
_FULL = {
    **_PLAIN,
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "end_session_endpoint": f"{ISSUER}/logout",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    "code_challenge_methods_supported": ["S256"],
    "authorization_response_iss_parameter_supported": True,
    "claims_supported": ["sub", "email"],
}


def run(data: bytes) -> str:
    outcome = ""
    for expected in (ISSUER, None):
        try:
            found = discovery.read(
                Fetched(status=200, headers={}, body=data),
                discovery_endpoint=_ASKED,
                expected_issuer=expected,
                allow_http=False,
            )
        except Refusal as refusal:
            outcome = outcome or refusal.code
            continue
        for name in found.__struct_fields__:
            said = getattr(found, name)
            if said and (name.endswith("_endpoint") or name == "jwks_uri"):
                parts = urlsplit(said)
                if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or not said.isprintable():
                    raise Violation(f"{name} is no https URL")
        if found.issuer.removesuffix("/") != ISSUER:
            raise Violation("another issuer")
        outcome = "accepted"
    return outcome


TARGET = Target(
    about="discovery documents",
    seeds=lambda: [json.dumps(_PLAIN).encode(), json.dumps(_FULL).encode()],
    mutate=mutations.some(mutations.document),
    run=run,
)
