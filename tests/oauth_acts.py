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
    more_in_callback: Mapping[str, str] = field(default_factory=dict)
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
        # https://developer.apple.com/documentation/signinwithapplerestapi
        # https://developer.apple.com/documentation/signinwithapple/incorporating-sign-in-with-apple-into-other-platforms
        Act(
            type="AppleOAuth",
            authorize="appleid.apple.com/auth/authorize",
            token="appleid.apple.com/auth/token",
            scopes=("name", "email"),
            pkce=False,
            client_authentication="apple",
            token_answer={**_BEARER, "refresh_token": "r.0.apple"},
            client_error_status=400,
            demands={"response_mode": "form_post"},  # whenever a scope is asked for
            form_post=True,
            form_user={"name": {"firstName": "Ann", "lastName": "Example"}, "email": "forged@elsewhere.example"},
            keys="appleid.apple.com/auth/keys",
            issuer="https://appleid.apple.com",
            id_claims={
                "sub": "001234.0123456789abcdef0123456789abcdef.0123",
                "email": "ann@acme.example",
                "email_verified": "true",  # "a string or Boolean"
                "is_private_email": "false",
                "auth_time": 1763888000,
                "nonce_supported": True,
            },
            expected={
                "idp_id": "001234.0123456789abcdef0123456789abcdef.0123",
                "email": "ann@acme.example",
                "first_name": "Ann",
                "last_name": "Example",
                "name": "Ann Example",
            },
        ),
        # https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/
        # https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/
        Act(
            type="BitbucketOAuth",
            authorize="bitbucket.org/site/oauth2/authorize",
            token="bitbucket.org/site/oauth2/access_token",
            scopes=(),
            pkce=False,
            client_authentication="basic",
            token_answer={
                "token_type": "bearer",
                "expires_in": 7200,
                "scopes": "account email",
                "state": "authorization_code",
            },
            userinfo="api.bitbucket.org/2.0/user",
            emails="api.bitbucket.org/2.0/user/emails",
            resources={
                "api.bitbucket.org/2.0/user": Resource(
                    {
                        "type": "user",
                        "uuid": "{d301aafa-d676-4ee0-88be-962be7417567}",
                        "account_id": "557058:ba8948b2-49da-43a9-9e8b-e7249b8e324a",
                        "display_name": "Ann Bucket",
                        "nickname": "ann",
                        "links": {"avatar": {"href": "https://avatar.example/ann"}},
                    }
                ),
                "api.bitbucket.org/2.0/user/emails": Resource(
                    {
                        "pagelen": 10,
                        "page": 1,
                        "size": 2,
                        "values": [
                            {"type": "email", "email": "old@acme.example", "is_primary": False, "is_confirmed": True},
                            {"type": "email", "email": "ann@acme.example", "is_primary": True, "is_confirmed": True},
                        ],
                    }
                ),
            },
            expected={
                "idp_id": "{d301aafa-d676-4ee0-88be-962be7417567}",
                "email": "ann@acme.example",
                "name": "Ann Bucket",
            },
        ),
        # https://discord.com/developers/docs/topics/oauth2, .../resources/user
        Act(
            type="DiscordOAuth",
            authorize="discord.com/oauth2/authorize",
            token="discord.com/api/oauth2/token",
            scopes=("identify", "email"),
            pkce=False,
            client_authentication="post",
            token_answer={
                **_BEARER,
                "expires_in": 604800,
                "refresh_token": "D43f5y0ahjqew82jZ4NViEr2YafMKhue",
                "scope": "identify email",
            },
            userinfo="discord.com/api/users/@me",
            resources={
                "discord.com/api/users/@me": Resource(
                    {
                        "id": "80351110224678912",
                        "username": "nelly",
                        "discriminator": "0",
                        "global_name": "Nelly",
                        "avatar": "8342729096ea3675442027381ff50dfe",
                        "verified": True,
                        "email": "nelly@acme.example",
                        "flags": 64,
                        "banner": None,
                    },
                    scope="identify",
                )
            },
            expected={"idp_id": "80351110224678912", "email": "nelly@acme.example", "name": "Nelly"},
        ),
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
        # https://docs.gitlab.com/integration/openid_connect_provider/, https://docs.gitlab.com/api/oauth2/
        Act(
            type="GitLabOAuth",
            authorize="gitlab.com/oauth/authorize",
            token="gitlab.com/oauth/token",
            scopes=("openid", "profile", "email"),
            pkce=True,
            client_authentication="post",
            token_answer={
                **_BEARER,
                "expires_in": 7200,
                "refresh_token": "8257e65c",
                "scope": "openid profile email",
                "created_at": 1607635748,
            },
            keys="gitlab.com/oauth/discovery/keys",
            issuer="https://gitlab.com",
            id_claims={
                "sub": "4711",
                "sub_legacy": "0b1c",
                "auth_time": 1763888000,
                "email": "ann@acme.example",
                "email_verified": True,
                "groups_direct": ["acme", "acme/backend"],
            },
            userinfo="gitlab.com/oauth/userinfo",
            resources={
                "gitlab.com/oauth/userinfo": Resource(
                    {
                        "sub": "4711",
                        "name": "Ann Example",
                        "nickname": "ann",
                        "preferred_username": "ann",
                        "email": "ann@acme.example",
                        "email_verified": True,
                        "profile": "https://gitlab.com/ann",
                        "picture": "https://gitlab.com/ann.png",
                        "groups": ["acme"],
                    }
                )
            },
            expected={
                "idp_id": "4711",
                "email": "ann@acme.example",
                "name": "Ann Example",
                "groups": ["acme", "acme/backend"],
            },
        ),
        # Not documented for other applications; the shapes are OpenID Connect's.
        Act(
            type="GrokOAuth",
            authorize="auth.x.ai/oauth2/authorize",
            token="auth.x.ai/oauth2/token",
            scopes=("openid", "profile", "email"),
            pkce=True,
            client_authentication="post",
            token_answer=_BEARER,
            userinfo="auth.x.ai/oauth2/userinfo",
            resources={
                "auth.x.ai/oauth2/userinfo": Resource(
                    {"sub": "3f0a", "name": "Ann Example", "email": "ann@acme.example", "email_verified": True}
                )
            },
            expected={"idp_id": "3f0a", "email": "ann@acme.example", "name": "Ann Example"},
        ),
        # https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/openid-connect
        # The callback brings the company along as realmId.
        Act(
            type="IntuitOAuth",
            authorize="appcenter.intuit.com/connect/oauth2",
            token="oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
            scopes=("openid", "profile", "email"),
            pkce=False,
            client_authentication="basic",
            token_answer={
                "token_type": "bearer",
                "expires_in": 3600,
                "refresh_token": "L0115",
                "x_refresh_token_expires_in": 8726400,
            },
            more_in_callback={"realmId": "1231434565226279"},
            userinfo="accounts.platform.intuit.com/v1/openid_connect/userinfo",
            resources={
                "accounts.platform.intuit.com/v1/openid_connect/userinfo": Resource(
                    {
                        "sub": "1182d6ec-2a1f-4aa3-af3f-bb3b95db45af",
                        "email": "ann@acme.example",
                        "emailVerified": True,
                        "givenName": "Ann",
                        "familyName": "Example",
                        "phoneNumber": "+1 3147981225",
                        "phoneNumberVerified": False,
                        "address": {"streetAddress": "2007", "locality": "Ballwin", "postalCode": "63011"},
                    }
                )
            },
            expected={
                "idp_id": "1182d6ec-2a1f-4aa3-af3f-bb3b95db45af",
                "email": "ann@acme.example",
                "first_name": "Ann",
                "last_name": "Example",
                "name": "Ann Example",
            },
        ),
        # https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
        Act(
            type="LinkedInOAuth",
            authorize="www.linkedin.com/oauth/v2/authorization",
            token="www.linkedin.com/oauth/v2/accessToken",
            scopes=("openid", "profile", "email"),
            pkce=False,
            client_authentication="post",
            token_answer={
                **_BEARER,
                "expires_in": 5184000,
                "scope": "email,openid,profile",
                "id_token": "not.looked.at",
            },
            userinfo="api.linkedin.com/v2/userinfo",
            resources={
                "api.linkedin.com/v2/userinfo": Resource(
                    {
                        "sub": "782bbtaQ",
                        "name": "Ann Example",
                        "given_name": "Ann",
                        "family_name": "Example",
                        "picture": "https://media.licdn-ei.com/dms/image/ann",
                        "locale": {"country": "US", "language": "en"},
                        "email": "ann@acme.example",
                        "email_verified": True,
                    }
                )
            },
            expected={
                "idp_id": "782bbtaQ",
                "email": "ann@acme.example",
                "first_name": "Ann",
                "last_name": "Example",
                "name": "Ann Example",
            },
        ),
        # https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm, userinfo endpoint
        Act(
            type="SalesforceOAuth",
            authorize="login.salesforce.com/services/oauth2/authorize",
            token="login.salesforce.com/services/oauth2/token",
            scopes=("openid", "profile", "email"),
            pkce=True,
            client_authentication="post",
            token_answer={
                "token_type": "Bearer",
                "scope": "openid profile email",
                "instance_url": "https://acme.my.salesforce.com",
                "id": "https://login.salesforce.com/id/00Dx0000001T0zk/005x0000001S2b9",
                "issued_at": "1763888000000",
                "signature": "CMJ4l+CCaPQiKjoOEwEig9H4wqhpuLSk4J2urAe+fVg=",
                "id_token": "not.looked.at",
            },
            client_error_status=400,
            userinfo="login.salesforce.com/services/oauth2/userinfo",
            resources={
                "login.salesforce.com/services/oauth2/userinfo": Resource(
                    {
                        "sub": "https://login.salesforce.com/id/00Dx0000001T0zk/005x0000001S2b9",
                        "user_id": "005x0000001S2b9",
                        "organization_id": "00Dx0000001T0zk",
                        "preferred_username": "ann@acme.example.dev",
                        "nickname": "ann",
                        "name": "Ann Example",
                        "email": "ann@acme.example",
                        "email_verified": True,
                        "given_name": "Ann",
                        "family_name": "Example",
                        "zoneinfo": "America/Los_Angeles",
                        "photos": {"picture": "https://acme.example/profilephoto/005/F"},
                        "active": True,
                        "is_app_installed": True,
                    }
                )
            },
            expected={
                "idp_id": "https://login.salesforce.com/id/00Dx0000001T0zk/005x0000001S2b9",
                "email": "ann@acme.example",
                "first_name": "Ann",
                "last_name": "Example",
                "name": "Ann Example",
            },
        ),
        # https://docs.slack.dev/authentication/sign-in-with-slack/
        Act(
            type="SlackOAuth",
            authorize="slack.com/openid/connect/authorize",
            token="slack.com/api/openid.connect.token",
            scopes=("openid", "profile", "email"),
            pkce=False,
            client_authentication="post",
            token_answer={"ok": True, "token_type": "Bearer"},
            error_status=200,
            code_error="invalid_code",
            client_error="bad_client_secret",
            client_error_status=200,
            keys="slack.com/openid/connect/keys",
            issuer="https://slack.com",
            id_claims={
                "sub": "U123ABC456",
                "auth_time": 1763888000,
                "at_hash": None,
                "https://slack.com/team_id": "T123ABC456",
                "https://slack.com/user_id": "U123ABC456",
                "email": "ann@acme.example",
                "email_verified": True,
                "date_email_verified": 1622128723,
                "locale": "en-US",
                "name": "Ann Example",
                "given_name": "Ann",
                "family_name": "Example",
                "https://slack.com/team_name": "Acme",
                "https://slack.com/team_image_default": True,
            },
            expected={
                "idp_id": "U123ABC456",
                "email": "ann@acme.example",
                "first_name": "Ann",
                "last_name": "Example",
                "name": "Ann Example",
            },
        ),
        # https://vercel.com/docs/rest-api/authentication/sso-token-exchange,
        # https://vercel.com/docs/integrations/create-integration/marketplace-api (user authentication)
        Act(
            type="VercelMarketplaceOAuth",
            authorize="vercel.com/sso/integrations/acme-db",
            token="api.vercel.com/v1/integrations/sso/token",
            scopes=(),
            pkce=False,
            client_authentication="post",
            settings={"slug": "acme-db"},
            repeats=("state",),
            token_answer={"token_type": "Bearer", "expires_in": None},
            client_error_status=403,
            keys="marketplace.vercel.com/.well-known/jwks",
            issuer="https://marketplace.vercel.com",
            nonce=False,
            verified=False,
            id_claims={
                "sub": "account:4f1b:user:9e2c",
                "account_id": "4f1b",
                "installation_id": "icfg_9bceb8ccT32d3U417ezb5c8p",
                "user_id": "9e2c",
                "user_role": "ADMIN",
                "user_email": "ann@acme.example",
                "user_name": "Ann Example",
                "user_avatar_url": "https://vercel.com/api/www/avatar/ann",
            },
            expected={"idp_id": "account:4f1b:user:9e2c", "email": "ann@acme.example", "name": "Ann Example"},
        ),
        # https://vercel.com/docs/sign-in-with-vercel/authorization-server-api
        Act(
            type="VercelOAuth",
            authorize="vercel.com/oauth/authorize",
            token="api.vercel.com/login/oauth/token",
            scopes=("openid", "profile", "email"),
            pkce=True,
            client_authentication="post",
            token_answer={**_BEARER, "scope": "openid profile email"},
            keys="vercel.com/.well-known/jwks",
            issuer="https://vercel.com",
            verified=False,
            id_claims={
                "sub": "345e869043f1e55f8bdc837c",
                "name": "Ann Example",
                "preferred_username": "ann",
                "picture": "https://api.vercel.com/www/avatar/00159aa4c88348dedd91a456b457d1baa48df6d2",
                "email": "ann@acme.example",
            },
            expected={"idp_id": "345e869043f1e55f8bdc837c", "email": "ann@acme.example", "name": "Ann Example"},
        ),
        # https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token, https://docs.x.com/x-api/users/get-my-user
        Act(
            type="XOAuth",
            authorize="x.com/i/oauth2/authorize",
            token="api.x.com/2/oauth2/token",
            scopes=("tweet.read", "users.read", "users.email"),
            pkce=True,
            client_authentication="basic",
            token_answer={"token_type": "bearer", "expires_in": 7200, "scope": "tweet.read users.email users.read"},
            userinfo="api.x.com/2/users/me",
            resources={
                "api.x.com/2/users/me": Resource(
                    {
                        "data": {
                            "id": "2244994945",
                            "name": "Ann Example",
                            "username": "ann",
                            "confirmed_email": "ann@acme.example",
                        }
                    },
                    query="user.fields=confirmed_email,name,username",
                    member="data",
                )
            },
            expected={"idp_id": "2244994945", "email": "ann@acme.example", "name": "Ann Example"},
        ),
        # https://developer.xero.com/documentation/guides/oauth2/auth-flow/, .../guides/oauth2/sign-in/
        Act(
            type="XeroOAuth",
            authorize="login.xero.com/identity/connect/authorize",
            token="identity.xero.com/connect/token",
            scopes=("openid", "profile", "email"),
            pkce=True,
            client_authentication="basic",
            token_answer={**_BEARER, "expires_in": 1800, "scope": "openid profile email"},
            client_error_status=400,
            keys="identity.xero.com/.well-known/openid-configuration/jwks",
            issuer="https://identity.xero.com",
            verified=False,
            id_claims={
                "sub": "db0b9ae5a62f5c5e8b0a4f1f3f3a2c11",
                "xero_userid": "1945393b-6eb7-4143-b083-7ab26cd7690b",
                "global_session_id": "ac2202575e824af3a181c50fcaa65c3c",
                "preferred_username": "ann@acme.example",
                "email": "ann@acme.example",
                "given_name": "Ann",
                "family_name": "Example",
                "name": "Ann Example",
                "auth_time": 1763888000,
                "amr": ["pwd"],
            },
            expected={
                "idp_id": "1945393b-6eb7-4143-b083-7ab26cd7690b",
                "email": "ann@acme.example",
                "first_name": "Ann",
                "last_name": "Example",
                "name": "Ann Example",
            },
        ),
    )
}
