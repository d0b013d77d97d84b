"""Unusual but good providers: whoever refuses everything does not pass."""

from __future__ import annotations

from typing import Any

from latchstring.attacks.oidc import jose, journeys
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Behaviour, Facts, Token

_UMLAUTS = {"given_name": "Änne", "family_name": "Ünlü 🦊"}


def _row(
    name: str,
    requirement: str,
    tries: str,
    *,
    options: Any = None,
    profile: Any = None,
    journey: Any = None,
    **behaviour: Any,
) -> Row:
    return Row(
        name=f"oidc-good-{name}",
        requirement=requirement,
        tries=tries,
        behaviour=Behaviour(**behaviour),
        options=options or {},
        journey=journey,
        profile=profile or {"idp_id": "subject", "email": _ann},
    )


def _ann(facts: Facts) -> str:
    return f"ann@{facts.domain}"


def _signed(algorithm: str, key: str, sign: Any = None) -> dict[str, Any]:
    """By that algorithm, and the connection says so."""
    header = {"alg": algorithm, "kid": key if sign is None else ABSENT}
    token = Token(header=header, sign=sign or jose.by(key, algorithm))
    return {"token": token, "options": {"id_token_signature_algorithm": algorithm}}


def _claims(name: str, requirement: str, tries: str, **claims: Any) -> Row:
    return _row(name, requirement, tries, token=Token(claims=claims))


_SHY = {"email": ABSENT, "email_verified": ABSENT, "given_name": ABSENT, "family_name": ABSENT}

ROWS = (
    _row("plain", "OIDC-13", "nothing unusual; PKCE, nonce, redirect URI and client are checked"),
    _row("es256", "OIDC-03", "ES256", **_signed("ES256", "ec")),
    _row("eddsa", "OIDC-03", "Ed25519", **_signed("EdDSA", "ed")),
    _row("ps256", "OIDC-03", "RSA-PSS", **_signed("PS256", "rsa")),
    _row("rs512", "OIDC-03", "RSA with SHA-512", **_signed("RS512", "rsa")),
    _row("hs256", "OIDC-03", "the client secret as key",
         **_signed("HS256", "", jose.by_secret(lambda it: it.client_secret.encode()))),
    _row("client-secret-post", "OIDC-13", "the secret in the form",
         options={"token_authentication_method": "client_secret_post"}),
    _row("no-typ", "OIDC-04", "a header without typ", token=Token(header={"typ": ABSENT})),
    _row("typ-lower-case", "OIDC-04", "typ jwt", token=Token(header={"typ": "jwt"})),
    _row("unknown-header-members", "OIDC-04", "members that mean nothing to us",
         token=Token(header={"x5t": "AAAA", "ver": 2})),
    _row("no-kid", "OIDC-05", "no kid, several keys to try", token=Token(header={"kid": ABSENT})),
    _row("many-keys", "OIDC-05", "thirty keys, some for encryption, some of kinds unknown",
         keys=lambda: {"keys": [{"kty": "future", "kid": "f"}, jose.jwk("rsa", use="enc", kid="e"), jose.jwk("rsa"),
                                *(jose.jwk("rsa stranger", kid=f"old {n}") for n in range(27))]}),
    _row("key-without-use", "OIDC-05", "a key that does not say what it is for",
         keys=lambda: {"keys": [jose.jwk("rsa", use=None, alg="RS256", x5t="AAAA")]}),
    _row("kid-of-256", "OIDC-05", "a kid of 256 characters", token=Token(header={"kid": "k" * 256}),
         keys=lambda: {"keys": [jose.jwk("rsa", kid="k" * 256)]}),
    _claims("audience-list-of-one", "OIDC-02", "aud is a list with us alone", aud=lambda it: [it.client_id]),
    _claims("audiences-with-azp", "OIDC-02", "two audiences, azp is us", aud=lambda it: ["another", it.client_id],
            azp=lambda it: it.client_id),
    _claims("fractional-times", "OIDC-06", "fractions of seconds", exp=lambda it: it.now + 299.5,
            iat=lambda it: it.now - 0.25),
    _claims("clock-behind", "OIDC-06", "expired 30 s ago by our clock", exp=lambda it: it.now - 30,
            iat=lambda it: it.now - 330),
    _claims("clock-ahead", "OIDC-06", "issued 30 s from now by our clock", iat=lambda it: it.now + 30,
            nbf=lambda it: it.now + 30),
    _row("sub-of-255", "OIDC-06", "a subject of 255 characters", token=Token(claims={"sub": "s" * 255}),
         userinfo={"sub": "s" * 255}, profile={"idp_id": "s" * 255, "email": _ann}),
    _claims("at-hash", "OIDC-08", "a good at_hash", at_hash=lambda it: jose.half_hash(it.access_token)),
    _row("at-hash-eddsa", "OIDC-08", "a good at_hash by SHA-512",
         options={"id_token_signature_algorithm": "EdDSA"},
         token=Token(header={"alg": "EdDSA", "kid": "ed"}, sign=jose.by("ed", "EdDSA"),
                     claims={"at_hash": lambda it: jose.half_hash(it.access_token, "sha512")})),
    _row("no-userinfo-endpoint", "OIDC-10", "no userinfo endpoint", discovery={"userinfo_endpoint": ABSENT}),
    _row("userinfo-switched-off", "OIDC-10", "userinfo not wanted", options={"fetch_user_info": False},
         userinfo={"sub": "somebody else"}),
    _row("claims-in-userinfo", "OIDC-10", "all about the person in userinfo", token=Token(claims=_SHY),
         userinfo={"email": _ann, "email_verified": True, **_UMLAUTS},
         profile={"email": _ann, "first_name": "Änne", "last_name": "Ünlü 🦊"}),
    _row("userinfo-cannot-overrule", "OIDC-10", "userinfo contradicts the token, which wins",
         userinfo={"email": "admin@other.example", "email_verified": True, "given_name": "Mallory", "iss": "x"},
         profile={"email": _ann, "first_name": "Ann", "idp_id": "subject"}),
    _row("claims-with-false-names", "OIDC-10", "claims that look like the subject and the address",
         token=Token(claims={"SUB": "admin", "Sub": "admin", "id": "admin", "idp_id": "admin", "user_id": "admin",
                             "Email": "admin@other.example", "__proto__": {"sub": "admin"}})),
    _row("subject-in-other-case", "OIDC-06", "two people whose subjects differ in case alone",
         journey=journeys.two_people("SUBJECT"), profile={"email": _ann}),
    _row("subject-composed", "OIDC-06", "two people whose subjects look the same",
         token=Token(claims={"sub": "\u00e9"}), userinfo={"sub": "\u00e9"},
         journey=journeys.two_people("e\u0301"), profile={"email": _ann}),
    _row("subject-at-two-connections", "OIDC-06", "one subject at two connections: two people",
         journey=journeys.at_two_connections),
    _row("iss-in-the-answer", "OIDC-12", "iss in the answer, as advertised",
         discovery={"authorization_response_iss_parameter_supported": True}),
    _row("unknown-answer-members", "OIDC-12", "session_state and scope in the answer",
         callback={"session_state": "a.b", "scope": "openid email"}),
    _row("pkce-plain-advertised", "OIDC-13", "only plain is advertised; S256 comes all the same",
         discovery={"code_challenge_methods_supported": ["plain"]}),
    _row("discovery-with-much-more", "OIDC-14", "members that mean nothing to us",
         discovery={"claims_supported": ["sub"], "mtls_endpoint_aliases": {"token_endpoint": "https://m.example"},
                    "check_session_iframe": "javascript:1"}),
    _claims("email-not-said-to-be-verified", "OIDC-16", "no email_verified, at an issuer of the customer's own",
            email_verified=ABSENT),
    _row("email-upper-case", "OIDC-16", "our domain in upper case",
         token=Token(claims={"email": lambda it: f"ann@{it.domain.upper()}"}), profile={"idp_id": "subject"}),
    _row("token-answer-members", "OIDC-17", "refresh token, scope and unknown members in the answer",
         token_answer={"refresh_token": "r", "scope": "openid", "not_before_policy": 0}),
    _row("no-access-token", "OIDC-17", "an ID token alone", token_answer={"access_token": ABSENT}),
    _row("nested-claims", "OIDC-17", "claims within claims, and umlauts",
         token=Token(claims={"address": {"street_address": "1 Road", "geo": {"lat": 1.5}}, **_UMLAUTS}),
         profile={"first_name": "Änne", "last_name": "Ünlü 🦊"}),
)  # fmt: skip
