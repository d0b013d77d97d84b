"""The options of a connection as rows: the field of each, its name, and what it does and costs in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from latchstring.flows.oidc_settings import SIGNATURES
from latchstring.protocols.oidc import encryption

Kind = Literal["check", "choice", "number", "moment", "text", "words"]
Group = Literal["sign-in", "answers", "provider", "logout", "addresses", "weak"]

GROUPS: Mapping[Group, tuple[str, str]] = {  # heading and a sentence, in English
    "sign-in": ("How a sign-in begins", ""),
    "answers": ("What is asked of answers", "Each of these makes it stricter, and may need a change at the provider."),
    "provider": ("How the provider is spoken to", ""),
    "logout": ("Logout", ""),
    "addresses": (
        "Other addresses of ours",
        "For a move from another product, whose addresses the provider keeps. They have to lead here.",
    ),
    "weak": (
        "Weaker than it should be",
        "Each of these is unsafe: it takes something that an attacker could make. Better let the provider change.",
    ),
}
_SIGNING = tuple((name, name) for name in SIGNATURES)
_BINDINGS = (("redirect", "HTTP-Redirect"), ("post", "HTTP-POST"))


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """`label` and `cost` are in English; said in the language of the page. An empty choice is null."""

    name: str
    group: Group
    label: str
    cost: str
    kind: Kind = "check"
    choices: tuple[tuple[str, str], ...] = ()


SAML = (
    Option(
        name="idp_initiated",
        group="sign-in",
        kind="choice",
        choices=(("refuse", "No"), ("allow", "Yes")),
        label="People may start at the provider's own portal",
        cost="Convenient for them. But no request of ours stands behind such an answer, so that somebody could be "
        "signed in as another person without noticing; the environment can ask them first.",
    ),
    Option(
        name="sign_requests",
        group="sign-in",
        label="Sign our sign-in requests",
        cost="The provider has to know our certificate first, or it turns everybody away.",
    ),
    Option(
        name="sso_binding",
        group="sign-in",
        kind="choice",
        choices=_BINDINGS,
        label="How our requests travel",
        cost="Has to be what the provider offers at its sign-in URL. POST takes a page between.",
    ),
    Option(
        name="want_response_signed",
        group="answers",
        label="The response has to be signed",
        cost="Providers that sign the assertion alone, as many do, are refused then.",
    ),
    Option(
        name="want_assertion_signed",
        group="answers",
        label="The assertion has to be signed",
        cost="Providers that sign the response alone are refused then.",
    ),
    Option(
        name="encrypt_assertions",
        group="answers",
        label="The assertion has to be encrypted",
        cost="The provider needs our encryption certificate. What it says cannot be read in people's browsers then.",
    ),
    Option(
        name="clock_skew_seconds",
        group="answers",
        kind="number",
        label="Clocks may differ by, in seconds",
        cost="0 to 300. The more it is, the longer an answer that was stolen can be used.",
    ),
    Option(
        name="idp_slo_url",
        group="logout",
        kind="text",
        label="Logout URL of the provider",
        cost="People who sign out of your application are signed out there, too. Empty: they are not.",
    ),
    Option(
        name="idp_slo_response_url",
        group="logout",
        kind="text",
        label="Where our answers to its logout go",
        cost="Only if the provider has another address for them.",
    ),
    Option(
        name="slo_binding",
        group="logout",
        kind="choice",
        choices=_BINDINGS,
        label="How logout messages travel",
        cost="Has to be what the provider offers at its logout URL.",
    ),
    Option(
        name="acs_url",
        group="addresses",
        kind="text",
        label="ACS URL",
        cost="Where answers arrive. Empty: the usual one. A wrong one locks everybody out.",
    ),
    Option(
        name="sp_entity_id",
        group="addresses",
        kind="text",
        label="SP Entity ID",
        cost="Whom answers are meant for. Empty: the usual one. A wrong one locks everybody out.",
    ),
    Option(
        name="allow_sha1",
        group="weak",
        label="Take signatures with SHA-1",
        cost="Signatures with SHA-1 can be forged with enough effort.",
    ),
    Option(
        name="allow_sha1_until",
        group="weak",
        kind="moment",
        label="SHA-1 until",
        cost="In UTC. From then on they are refused again. Empty: for ever.",
    ),
    Option(
        name="allow_rsa1024",
        group="weak",
        label="Take RSA keys from 1024 bits",
        cost="Such keys can be broken with enough effort; usual are 2048 bits.",
    ),
    Option(
        name="allow_rsa1024_until",
        group="weak",
        kind="moment",
        label="Short RSA keys until",
        cost="In UTC. From then on they are refused again. Empty: for ever.",
    ),
    Option(
        name="allow_inclusive_c14n",
        group="weak",
        label="Take inclusive canonicalization",
        cost="A signature then covers more than what is read, and what stands around it can make it fail or fit.",
    ),
    Option(
        name="allow_cbc",
        group="weak",
        label="Take AES-CBC without a signature around it",
        cost="Whoever can send many changed answers may learn what was encrypted.",
    ),
)
OIDC = (
    Option(
        name="scopes",
        group="provider",
        kind="words",
        label="Scopes",
        cost="What is asked for, with a blank between. openid is always among them; without email nobody can sign in.",
    ),
    Option(
        name="fetch_user_info",
        group="provider",
        label="Ask userinfo as well",
        cost="One request more at each sign-in. Without it, all that is needed has to stand in the ID token.",
    ),
    Option(
        name="token_authentication_method",
        group="provider",
        kind="choice",
        choices=tuple((name, name) for name in ("client_secret_basic", "client_secret_post", "private_key_jwt")),
        label="How we show who we are",
        cost="private_key_jwt signs with a key of ours and drops the client secret; the provider has to know our JWKS. "
        "The way back needs a client secret, which is typed in on the page Set up.",
    ),
    Option(
        name="client_assertion_audience",
        group="provider",
        kind="choice",
        choices=(("issuer", "The issuer"), ("token_endpoint", "The token endpoint")),
        label="Whom private_key_jwt is addressed to",
        cost="Has to be what the provider wants; the issuer is the safe one.",
    ),
    Option(
        name="pkce",
        group="provider",
        label="PKCE",
        cost="Switch it off only where the provider chokes on it: it keeps a stolen code from being used.",
    ),
    Option(
        name="tenant_id",
        group="provider",
        kind="text",
        label="Tenant ID",
        cost="The one tenant whose people may sign in, where Entra ID's discovery endpoint is one for all tenants.",
    ),
    Option(
        name="id_token_signature_algorithm",
        group="answers",
        kind="choice",
        choices=_SIGNING,
        label="ID tokens are signed with",
        cost="Others are refused. HS algorithms take the client secret as their key.",
    ),
    Option(
        name="userinfo_signature_algorithm",
        group="answers",
        kind="choice",
        choices=(("", "Nothing: it may be unsigned"), *_SIGNING),
        label="Userinfo is signed with",
        cost="Unsigned userinfo is as safe as TLS is.",
    ),
    Option(
        name="id_token_encryption_algorithm",
        group="answers",
        kind="choice",
        choices=(("", "Nothing: they come unencrypted"), *((name, name) for name in encryption.ALGORITHMS)),
        label="ID tokens are encrypted with",
        cost="The provider has to know our JWKS. A key is made, and stands on the page Certificates.",
    ),
    Option(
        name="id_token_content_encryption",
        group="answers",
        kind="choice",
        choices=tuple((name, name) for name in encryption.CONTENT),
        label="... and their content with",
        cost="Counts only where ID tokens are encrypted.",
    ),
    Option(
        name="redirect_uri",
        group="addresses",
        kind="text",
        label="Redirect URI",
        cost="Where answers arrive. Empty: the usual one. A wrong one locks everybody out.",
    ),
    Option(
        name="trust_email",
        group="weak",
        label="Count e-mail addresses that the provider has not verified",
        cost="Whoever can type any address at the provider can be anybody of the organization here.",
    ),
    Option(
        name="allow_email_verified_text",
        group="weak",
        label="Take the text “true” for a verified address",
        cost="Some providers write it so. Others may write text there that somebody typed.",
    ),
)
OAUTH = (
    Option(
        name="scopes",
        group="provider",
        kind="words",
        label="Scopes",
        cost="Asked for besides the usual ones, with a blank between.",
    ),
    Option(
        name="trust_email",
        group="weak",
        label="Count e-mail addresses that the provider does not vouch for",
        cost="Whoever can type any address at the provider can be anybody here.",
    ),
)
