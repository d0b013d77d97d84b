"""The one table of OAuth providers: a row each, with its endpoints, scopes and ways, as it documents them in public.

A row says how the provider wants to be asked, how it wants to know us, and where in its answers the person stands. What
differs for one environment (Microsoft's tenant, the base URL of a self-managed edition) is filled in by `of`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from latchstring.model.connection import TENANT_PLACE, OAuthConfig


class EmailCall(msgspec.Struct, frozen=True, kw_only=True):
    """A list of a person's addresses that is asked for by itself."""

    endpoint: str
    member: str | None = None  # of the answer, which holds the list; None: the answer is the list
    primary: str  # members of an entry
    verified: str


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One provider. The URLs are its public ones."""

    type: str  # the connection type
    name: str  # for people
    authorization_endpoint: str
    token_endpoint: str
    scopes: tuple[str, ...] = ("openid", "profile", "email")  # always asked for
    parameters: Mapping[str, str] = {}  # always sent along with the request
    pkce: bool = False  # RFC 7636 is documented there; some refuse what they do not know, so others get no challenge
    client_authentication: Literal["post", "basic", "apple"] = "post"
    login_hint: str | None = None  # its name for the parameter; None: it knows none
    domain_hint: str | None = None
    force_login: Mapping[str, str] = {}  # what `prompt=login` becomes
    # Who it is: from an ID token that is verified, from userinfo, or from both, which must agree.
    issuer: str | None = None
    jwks_uri: str = ""
    userinfo_endpoint: str | None = None
    userinfo_accept: str = "application/json"
    userinfo_member: str | None = None  # in which the claims stand
    subject: str = "sub"
    names: Mapping[str, str] = {}  # profile field -> its claim, where the provider has a word of its own for it
    # The e-mail, and who says that it is the person's.
    email: str = "email"
    email_verified: str | None = "email_verified"  # the claim that says so; None: nothing ever does
    email_always_verified: bool = False  # the provider shows addresses only after it has verified them
    verified_values: tuple[object, ...] = (True,)
    emails: EmailCall | None = None
    email_permission: str = "the scope email"
    told_once: tuple[str, ...] = ()  # profile fields that only the first sign-in brings
    # Whose edition it is: the public base URLs, and what each becomes behind a base URL of one's own.
    bases: Mapping[str, str] = {}
    needs: tuple[str, ...] = ("client_secret",)  # besides the client id
    takes: tuple[str, ...] = ()  # what may be set besides

    @property
    def names_itself(self) -> str | None:
        """What it sends as `iss` beside the code, if it does (RFC 9207); None: not known."""
        return None if self.issuer is None or TENANT_PLACE in self.issuer else self.issuer


_MICROSOFT = "https://login.microsoftonline.com/{tenant}"
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the tenant of all personal Microsoft accounts
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TENANTS = ("common", "organizations", "consumers")

_ROWS = (
    # Google: https://developers.google.com/identity/openid-connect/openid-connect
    Provider(
        type="GoogleOAuth",
        name="Google",
        authorization_endpoint="https://accounts.google.com/o/oauth2/v2/auth",
        token_endpoint="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        pkce=True,
        login_hint="login_hint",
        domain_hint="hd",
        force_login={"prompt": "select_account"},  # it knows no `login`, and answers that with an error
        issuer="https://accounts.google.com",
        jwks_uri="https://www.googleapis.com/oauth2/v3/certs",
    ),
    # Microsoft: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
    # An address there is what a tenant's administrator wrote, whoever's it is (nOAuth): it counts only where the
    # optional claim xms_edov says that the domain's owner is verified, or where the tenant is pinned.
    Provider(
        type="MicrosoftOAuth",
        name="Microsoft",
        authorization_endpoint=_MICROSOFT + "/oauth2/v2.0/authorize",
        token_endpoint=_MICROSOFT + "/oauth2/v2.0/token",
        pkce=True,
        login_hint="login_hint",
        domain_hint="domain_hint",
        force_login={"prompt": "login"},
        issuer=f"https://login.microsoftonline.com/{TENANT_PLACE}/v2.0",
        jwks_uri=_MICROSOFT + "/discovery/v2.0/keys",
        userinfo_endpoint="https://graph.microsoft.com/oidc/userinfo",
        email_verified="xms_edov",
        verified_values=(True, 1, "1", "true"),
        email_permission="the scope email and an account that has a mailbox or an address in its profile",
        takes=("tenant",),
    ),
    # GitHub: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    # The profile's e-mail is one that the person shows to everybody, or null: the list alone says what is verified.
    Provider(
        type="GitHubOAuth",
        name="GitHub",
        authorization_endpoint="https://github.com/login/oauth/authorize",
        token_endpoint="https://github.com/login/oauth/access_token",  # noqa: S106 - an address
        scopes=("read:user", "user:email"),
        pkce=True,
        login_hint="login",
        force_login={"prompt": "select_account"},
        userinfo_endpoint="https://api.github.com/user",
        userinfo_accept="application/vnd.github+json",
        subject="id",
        emails=EmailCall(endpoint="https://api.github.com/user/emails", primary="primary", verified="verified"),
        email_permission='the scope user:email, or a GitHub App\'s permission "Email addresses: read-only"',
        bases={"https://github.com": "", "https://api.github.com": "/api/v3"},
        takes=("base_url",),
    ),
)

PROVIDERS: Mapping[str, Provider] = {row.type: row for row in _ROWS}
"""Every provider by its connection type."""


def of(connection_type: str, config: OAuthConfig) -> Provider:
    """The provider as this environment uses it."""
    row = PROVIDERS[connection_type]
    replaced: dict[str, str] = {}
    for field in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "issuer", "jwks_uri"):
        url = getattr(row, field)
        if url:
            replaced[field] = _own(url.replace("{tenant}", config.tenant or "common"), row, config)
    emails = row.emails and msgspec.structs.replace(row.emails, endpoint=_own(row.emails.endpoint, row, config))
    return msgspec.structs.replace(row, emails=emails, **replaced)


def _own(url: str, row: Provider, config: OAuthConfig) -> str:
    if config.base_url is not None:
        for public, behind in row.bases.items():
            if url == public or url.startswith(public + "/"):
                return config.base_url + behind + url.removeprefix(public)
    return url
