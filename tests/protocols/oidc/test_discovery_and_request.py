"""Discovery documents, and the request that they lead to (OIDC-01, -13, -14, OAUTH-15)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from latchstring.model.fetch import BadAnswer, Fetched
from latchstring.model.refusal import Refusal
from latchstring.protocols import rfc6749
from latchstring.protocols.oidc import discovery, refusals, request
from tests.protocols.oidc.tokens import ISSUER, PROVIDER

WELL_KNOWN = f"{ISSUER}/.well-known/openid-configuration"
GOOD: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "scopes_supported": ["openid"],
}


def read(changed: Any = None, *, endpoint: str = WELL_KNOWN, status: int = 200, **options: Any) -> discovery.Provider:
    body = changed
    if not isinstance(changed, bytes):
        document = {name: value for name, value in {**GOOD, **(changed or {})}.items() if value is not None}
        body = json.dumps(document).encode()
    given = {"discovery_endpoint": endpoint, "expected_issuer": None, "allow_http": False, **options}
    return discovery.read(Fetched(status=status, headers={}, body=body), **given)


def test_a_good_one() -> None:
    found = read()
    assert (found.issuer, found.userinfo_endpoint) == (ISSUER, f"{ISSUER}/userinfo")
    assert read({"issuer": f"{ISSUER}/"}).issuer == f"{ISSUER}/"  # some providers end with a slash; it is kept
    tenant = f"{ISSUER}/t1"
    assert read({"issuer": tenant}, endpoint=f"{tenant}/.well-known/openid-configuration").issuer == tenant


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"issuer": "https://evil.example"}, refusals.DiscoveryIssuerMismatch),
        ({"issuer": ISSUER.upper()}, refusals.DiscoveryIssuerMismatch),
        ({"issuer": f"{ISSUER}/other"}, refusals.DiscoveryIssuerMismatch),
        ({"issuer": None}, refusals.DiscoveryInvalid),
        ({"issuer": [ISSUER]}, refusals.DiscoveryInvalid),
        ({"token_endpoint": None}, refusals.DiscoveryInvalid),
        ({"jwks_uri": None}, refusals.DiscoveryInvalid),
        ({"authorization_endpoint": 5}, refusals.DiscoveryInvalid),
        ({"authorization_endpoint": "javascript:alert(1)"}, refusals.DiscoveryInvalid),
        ({"token_endpoint": "http://op.example/token"}, refusals.DiscoveryInvalid),
        ({"jwks_uri": "https://user:pw@op.example/jwks"}, refusals.DiscoveryInvalid),
        ({"userinfo_endpoint": "https://op.example/userinfo#x"}, refusals.DiscoveryInvalid),
        ({"token_endpoint_auth_methods_supported": "client_secret_basic"}, refusals.DiscoveryInvalid),
        (b"", refusals.DiscoveryInvalid),
        (b"<html>", refusals.DiscoveryInvalid),
        (b"[]", refusals.DiscoveryInvalid),
        (b'{"issuer": "a", "issuer": "b"}', refusals.DiscoveryInvalid),
        (b"{" * 1000, refusals.DiscoveryInvalid),
    ],
)
def test_oidc_14_documents_that_cannot_be_used(changed: Any, kind: type[Refusal]) -> None:
    with pytest.raises(kind):
        read(changed)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"])
@pytest.mark.parametrize("extra", ["\r\nSet-Cookie: a=b", "\n", "\t", "\0", "\x7f", " ", "\\", "ä", "\u2028"])
def test_oidc_14_no_endpoint_breaks_a_line_or_reads_in_two_ways(name: str, extra: str) -> None:
    with pytest.raises(refusals.DiscoveryInvalid):
        read({name: f"{ISSUER}/path{extra}"})


def test_oidc_14_what_was_agreed_on_stays() -> None:
    with pytest.raises(refusals.DiscoveryIssuerMismatch):
        read({"issuer": f"{ISSUER}/"}, expected_issuer=ISSUER)
    with pytest.raises(refusals.DiscoveryIssuerMismatch):
        read(endpoint=f"{ISSUER}/elsewhere")
    with pytest.raises(BadAnswer):
        read(status=503)
    local = "http://127.0.0.1:9"
    document = {name: value.replace(ISSUER, local) for name, value in GOOD.items() if isinstance(value, str)}
    endpoint = f"{local}/.well-known/openid-configuration"
    assert read(document, endpoint=endpoint, allow_http=True).issuer == local
    with pytest.raises(refusals.DiscoveryInvalid):
        read(document, endpoint=endpoint)


def asked(**changed: Any) -> dict[str, str]:
    given: dict[str, Any] = {
        "client_id": "our client",
        "redirect_uri": "https://sso.example/cb?x=1&y",
        "state": "s",
        "nonce": "n",
        "code_challenge": None,
        "scopes": ("openid", "email"),
        **changed,
    }
    url = request.authorization_url(PROVIDER, **given)
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def test_the_request() -> None:
    assert asked() == {
        "response_type": "code",
        "client_id": "our client",
        "redirect_uri": "https://sso.example/cb?x=1&y",
        "scope": "openid email",
        "state": "s",
        "nonce": "n",
    }
    more = asked(code_challenge="c", login_hint="ann", domain_hint="a.example", prompt_login=True, extra={"hd": "x"})
    assert more["code_challenge_method"] == "S256"
    assert (more["login_hint"], more["domain_hint"], more["prompt"], more["hd"]) == ("ann", "a.example", "login", "x")


def test_oauth_15_a_value_stays_a_value() -> None:
    hint = "ann&redirect_uri=https://evil.example#?\r\n\u00e9"
    found = asked(login_hint=hint)
    assert found["login_hint"] == hint
    assert found["redirect_uri"] == "https://sso.example/cb?x=1&y"


@pytest.mark.parametrize(
    "name", ["redirect_uri", "client_id", "state", "nonce", "Response_Type", "REQUEST", "request_uri", "code_challenge"]
)
def test_oauth_15_extra_parameters_never_replace_our_own(name: str) -> None:
    assert asked(extra={name: "evil"}) == asked()


def test_an_endpoint_with_a_query_keeps_it() -> None:
    provider = read()
    url = request.authorization_url(
        provider, client_id="c", redirect_uri="r", state="s", nonce="n", code_challenge=None, scopes=("openid",)
    )
    assert url.startswith(f"{ISSUER}/authorize?tenant=1&")


def test_oidc_13_the_challenge_of_rfc_7636_appendix_b() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert rfc6749.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
