"""Codes of whole sign-ins, and the token request that swaps one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from latchstring.protocols.rfc6749 import challenge
from tests.house_for_tests import Answer, Rig, call
from tests.idp_for_tests import SamlIdp, saml_idp

VERIFIER = "v" * 43
PKCE = {"code_challenge": challenge(VERIFIER), "code_challenge_method": "S256"}


def code_of(rig: Rig, idp: SamlIdp | None = None, query: Mapping[str, str] = {}) -> str:
    """A fresh code. One connection a rig: `idp`, or a new one."""
    idp = idp or saml_idp(rig)
    browser = rig.browser()
    return idp.arrive(browser, idp.response(idp.depart(browser, **query))).returned["code"]


def token(rig: Rig, code: str, key: str | None = None, **changed: str) -> Answer:
    """POST /sso/token with an Idempotency-Key, as SDKs retry it."""
    fields = {
        "grant_type": "authorization_code",
        "client_id": rig.environment.client_id,
        "client_secret": rig.key.secret.reveal(),
        "code": code,
        **changed,
    }
    body = urlencode({name: value for name, value in fields.items() if value}).encode()
    headers = {"content_type": "application/x-www-form-urlencoded", **({"idempotency_key": key} if key else {})}
    return call(rig.endpoint, "POST", "/sso/token", body=body, headers=headers)


def profile(rig: Rig, access_token: str) -> int:
    return call(rig.endpoint, "GET", "/sso/profile", headers={"authorization": f"Bearer {access_token}"}).status


def is_spent(answer: Answer) -> bool:
    return (answer.status, answer.json["error"]) == (400, "invalid_grant")
