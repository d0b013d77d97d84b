"""What OAuth providers want and say, from their public documentation: a row each, for `tests.oauth_player`.

The people are made up, the shapes are the documented ones. Addresses are host and path, without the scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.oauth_player import Answered


@dataclass(frozen=True)
class Resource:
    """Something behind a bearer token."""

    value: Any
    scope: str = ""  # without which it is not there
    query: str = ""
    member: str = ""  # in which the person stands


@dataclass(frozen=True)
class Act:
    """One provider."""

    type: str
    authorize: str
    token: str
    scopes: tuple[str, ...]  # without which its part of a sign-in does not work
    pkce: bool
    client_authentication: str  # post, basic, apple
    token_answer: Mapping[str, Any]
    expected: Mapping[str, Any]  # of the profile
    # Resources
    userinfo: str = ""
    emails: str = ""
    resources: Mapping[str, Resource] = field(default_factory=dict)
    # ID token
    keys: str = ""
    issuer: str = ""
    nonce: bool = True
    id_claims: Mapping[str, Any] | None = None
    # Ways of its own
    demands: Mapping[str, str] = field(default_factory=dict)  # parameters of the authorization request
    repeats: tuple[str, ...] = ()  # parameters that the token request repeats
    form_post: bool = False
    form_user: Mapping[str, Any] = field(default_factory=dict)
    form_unless_json: bool = False  # answers a form where the Accept header does not ask for JSON
    demands_user_agent: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)  # beyond client id and secret
    verified: bool = True  # vouches for the e-mail without any further setting
    error_status: int = 400
    code_error: str = "invalid_grant"
    client_error: str = "invalid_client"
    client_error_status: int = 401

    @property
    def bad_code(self) -> Answered:
        return self._error(self.code_error, self.error_status)

    @property
    def bad_client(self) -> Answered:
        return self._error(self.client_error, self.client_error_status)

    def _error(self, error: str, status: int) -> Answered:
        from tests.oauth_player import say

        return say({"error": error, "error_description": f"The provider's words for {error}"}, status)


_BEARER = {"token_type": "Bearer", "expires_in": 3600}

ACTS: Mapping[str, Act] = {
    act.type: act
    for act in (
        # https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
        # https://docs.github.com/en/rest/users/emails
        Act(
            type="GitHubOAuth",
            authorize="github.com/login/oauth/authorize",
            token="github.com/login/oauth/access_token",
            scopes=("read:user", "user:email"),
            pkce=True,
            client_authentication="post",
            form_unless_json=True,
            token_answer={"token_type": "bearer", "scope": "read:user,user:email"},
            error_status=200,  # its errors come with 200
            code_error="bad_verification_code",
            client_error="incorrect_client_credentials",
            client_error_status=200,
            demands_user_agent=True,
            userinfo="api.github.com/user",
            emails="api.github.com/user/emails",
            resources={
                "api.github.com/user": Resource(
                    {
                        "login": "octo-ann",
                        "id": 583231,
                        "node_id": "MDQ6",
                        "type": "User",
                        "name": "Ann Cat",
                        "email": None,
                    }
                ),
                "api.github.com/user/emails": Resource(
                    [
                        {"email": "583231+octo-ann@users.noreply.github.com", "primary": False, "verified": True},
                        {"email": "ann@acme.example", "primary": True, "verified": True, "visibility": "private"},
                        {"email": "new@acme.example", "primary": False, "verified": False, "visibility": None},
                    ],
                    scope="user:email",
                ),
            },
            expected={"idp_id": "583231", "email": "ann@acme.example", "name": "Ann Cat"},
        ),
        # https://developers.google.com/identity/openid-connect/openid-connect
        Act(
            type="GoogleOAuth",
            authorize="accounts.google.com/o/oauth2/v2/auth",
            token="oauth2.googleapis.com/token",
            scopes=("openid", "email", "profile"),
            pkce=True,
            client_authentication="post",
            token_answer={
                **_BEARER,
                "expires_in": 3599,
                "scope": "openid https://www.googleapis.com/auth/userinfo.email "
                "https://www.googleapis.com/auth/userinfo.profile",
            },
            keys="www.googleapis.com/oauth2/v3/certs",
            issuer="https://accounts.google.com",
            id_claims={
                "azp": "their-name-for-us",
                "sub": "110169484474386276334",
                "hd": "acme.example",
                "email": "ann@acme.example",
                "email_verified": True,
                "name": "Ann Example",
                "given_name": "Ann",
                "family_name": "Example",
                "picture": "https://lh3.googleusercontent.com/a/ann",
            },
            expected={
                "idp_id": "110169484474386276334",
                "email": "ann@acme.example",
                "first_name": "Ann",
                "last_name": "Example",
                "name": "Ann Example",
            },
        ),
        # https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
        # https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference (xms_edov)
        Act(
            type="MicrosoftOAuth",
            authorize="login.microsoftonline.com/common/oauth2/v2.0/authorize",
            token="login.microsoftonline.com/common/oauth2/v2.0/token",
            scopes=("openid", "profile", "email"),
            pkce=True,
            client_authentication="post",
            token_answer={**_BEARER, "ext_expires_in": 3600, "scope": "openid profile email"},
            keys="login.microsoftonline.com/common/discovery/v2.0/keys",
            issuer="https://login.microsoftonline.com/6babcaad-604b-40ac-a9d7-9fd97c0b779f/v2.0",
            id_claims={
                "ver": "2.0",
                "tid": "6babcaad-604b-40ac-a9d7-9fd97c0b779f",
                "oid": "00000000-0000-0000-66f3-3332eca7ea81",
                "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
                "preferred_username": "ann@acme.example",
                "name": "Ann Example",
                "email": "ann@acme.example",
                "xms_edov": True,
            },
            userinfo="graph.microsoft.com/oidc/userinfo",
            resources={
                "graph.microsoft.com/oidc/userinfo": Resource(
                    {
                        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
                        "name": "Ann Example",
                        "given_name": "Ann",
                        "family_name": "Example",
                        "email": "ann@acme.example",
                        "picture": "https://graph.microsoft.com/v1.0/me/photo/$value",
                    }
                )
            },
            expected={
                "idp_id": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
                "email": "ann@acme.example",
                "first_name": "Ann",
                "last_name": "Example",
                "name": "Ann Example",
            },
        ),
    )
}
