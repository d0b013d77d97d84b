"""What a provider's token endpoint, userinfo endpoint and redirect say."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from latchstring.model.fetch import Fetched
from latchstring.model.refusal import Refusal
from latchstring.protocols.oidc import token, userinfo
from tests.fuzz import mutations
from tests.fuzz.target import Target, Violation
from tests.protocols.oidc import tokens

_GOOD = tokens.token(email="ann@example.com", email_verified=True)


def run(data: bytes) -> str:
    outcome = ""
    claims = tokens.verify(_GOOD)
    try:
        fetched = Fetched(status=200, headers={"content-type": "application/json"}, body=data)
        merged = userinfo.merge(claims, userinfo.plain(fetched, config=tokens.config()))
        said = userinfo.assertion(merged, config=tokens.config())
        if said.subject != "u1" or said.raw.get("email") != "ann@example.com" or not said.email_trusted:
            raise Violation("userinfo changed who somebody is")
        outcome = "accepted"
    except Refusal as refusal:
        outcome = refusal.code
    for status in (200, 400, 500):
        try:
            token.read_answer(Fetched(status=status, headers={}, body=data))
            if status != 200:
                raise Violation("an error for an answer")
            outcome = "accepted"
        except Refusal as refusal:
            if not refusal.message:
                raise Violation("a refusal without words") from None
    try:
        fields = dict(parse_qsl(data.decode("latin-1"), keep_blank_values=True, max_num_fields=200))
        token.read_callback(fields, provider=tokens.PROVIDER, issuer=tokens.ISSUER)
    except (Refusal, ValueError):
        pass
    return outcome


_SEEDS = (
    json.dumps({"sub": "u1", "name": "Ann", "address": {"street_address": "1"}, "groups": ["a", "b"]}).encode(),
    json.dumps(
        {"sub": "u1", "email": "eve@example.com", "email_verified": False, "iss": "https://evil.example"}
    ).encode(),
    json.dumps({"access_token": "opaque", "token_type": "Bearer", "id_token": "a.b.c"}).encode(),
    json.dumps({"error": "invalid_grant", "error_description": "gone"}).encode(),
    b"code=abc&state=def&iss=https://op.example",
    b"error=access_denied&error_description=no&state=def",
)

TARGET = Target(
    about="token answers, userinfo and callbacks of providers",
    seeds=lambda: _SEEDS,
    mutate=mutations.some(mutations.document, donors=_SEEDS),
    run=run,
)
