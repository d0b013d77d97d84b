"""The one table of OAuth providers: a row each, with its endpoints, scopes and ways, as it documents them in public.

What differs for one environment (Microsoft's tenant, the base URL of a self-managed edition) is filled in by `of`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from latchstring.model.connection import TENANT_PLACE, OAuthConfig
from latchstring.protocols.oauth.row import EmailCall, Provider

_MICROSOFT = "https://login.microsoftonline.com/{tenant}"
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the tenant of all personal Microsoft accounts
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TENANTS = ("common", "organizations", "consumers")

_ROWS = (
    # Apple: https://developer.apple.com/documentation/signinwithapple
    # With a scope it answers by a form, and tells the name in it once, at the first sign-in.
    Provider(
        type="AppleOAuth",
        name="Apple",
        authorization_endpoint="https://appleid.apple.com/auth/authorize",
        token_endpoint="https://appleid.apple.com/auth/token",
        scopes=("name", "email"),
        parameters={"response_mode": "form_post"},
        client_authentication="apple",
        issuer="https://appleid.apple.com",
        jwks_uri="https://appleid.apple.com/auth/keys",
        verified_values=(True, "true"),  # documented as either
        told_once=("first_name", "last_name", "name"),
        needs=("team_id", "key_id", "private_key"),
    ),
    # Bitbucket: https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/
    # What may be read is set at the consumer, and no scope is sent.
    Provider(
        type="BitbucketOAuth",
        name="Bitbucket",
        authorization_endpoint="https://bitbucket.org/site/oauth2/authorize",
        token_endpoint="https://bitbucket.org/site/oauth2/access_token",
        scopes=(),
        client_authentication="basic",
        userinfo_endpoint="https://api.bitbucket.org/2.0/user",
        subject="uuid",
        emails=EmailCall(
            endpoint="https://api.bitbucket.org/2.0/user/emails",
            member="values",
            primary="is_primary",
            verified="is_confirmed",
        ),
        email_permission="the permissions Account: Read and Account: Email of the OAuth consumer",
    ),
    # Discord: https://discord.com/developers/docs/topics/oauth2
    Provider(
        type="DiscordOAuth",
        name="Discord",
        authorization_endpoint="https://discord.com/oauth2/authorize",
        token_endpoint="https://discord.com/api/oauth2/token",
        scopes=("identify", "email"),
        force_login={"prompt": "consent"},
        userinfo_endpoint="https://discord.com/api/users/@me",
        subject="id",
        email_verified="verified",
    ),
    # GitHub: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    # The profile's e-mail is one that the person shows to everybody, or null: the list alone says what is verified.
    Provider(
        type="GitHubOAuth",
        name="GitHub",
        authorization_endpoint="https://github.com/login/oauth/authorize",
        token_endpoint="https://github.com/login/oauth/access_token",
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
    # GitLab: https://docs.gitlab.com/integration/openid_connect_provider/
    Provider(
        type="GitLabOAuth",
        name="GitLab",
        authorization_endpoint="https://gitlab.com/oauth/authorize",
        token_endpoint="https://gitlab.com/oauth/token",
        pkce=True,
        force_login={"prompt": "login"},
        issuer="https://gitlab.com",
        jwks_uri="https://gitlab.com/oauth/discovery/keys",
        userinfo_endpoint="https://gitlab.com/oauth/userinfo",
        bases={"https://gitlab.com": ""},
        takes=("base_url",),
    ),
    # Google: https://developers.google.com/identity/openid-connect/openid-connect
    Provider(
        type="GoogleOAuth",
        name="Google",
        authorization_endpoint="https://accounts.google.com/o/oauth2/v2/auth",
        token_endpoint="https://oauth2.googleapis.com/token",
        pkce=True,
        login_hint="login_hint",
        domain_hint="hd",
        force_login={"prompt": "select_account"},  # it knows no `login`, and answers that with an error
        issuer="https://accounts.google.com",
        jwks_uri="https://www.googleapis.com/oauth2/v3/certs",
    ),
    # Grok: xAI's authorization server; nothing is documented for applications of others, and little is known of it.
    Provider(
        type="GrokOAuth",
        name="Grok",
        authorization_endpoint="https://auth.x.ai/oauth2/authorize",
        token_endpoint="https://auth.x.ai/oauth2/token",
        pkce=True,
        userinfo_endpoint="https://auth.x.ai/oauth2/userinfo",
    ),
    # Intuit: https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/openid-connect
    Provider(
        type="IntuitOAuth",
        name="Intuit",
        authorization_endpoint="https://appcenter.intuit.com/connect/oauth2",
        token_endpoint="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        client_authentication="basic",
        userinfo_endpoint="https://accounts.platform.intuit.com/v1/openid_connect/userinfo",
        email_verified="emailVerified",
    ),
    # LinkedIn: https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
    # Its ID token carries no nonce, so userinfo says who it is.
    Provider(
        type="LinkedInOAuth",
        name="LinkedIn",
        authorization_endpoint="https://www.linkedin.com/oauth/v2/authorization",
        token_endpoint="https://www.linkedin.com/oauth/v2/accessToken",
        userinfo_endpoint="https://api.linkedin.com/v2/userinfo",
        email_permission='the product "Sign In with LinkedIn using OpenID Connect" and an address in the account',
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
    # Salesforce: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_using_userinfo_endpoint.htm
    # The issuer of its ID token depends on a setting of each org, so userinfo says who it is.
    Provider(
        type="SalesforceOAuth",
        name="Salesforce",
        authorization_endpoint="https://login.salesforce.com/services/oauth2/authorize",
        token_endpoint="https://login.salesforce.com/services/oauth2/token",
        pkce=True,
        login_hint="login_hint",
        force_login={"prompt": "login"},
        userinfo_endpoint="https://login.salesforce.com/services/oauth2/userinfo",
        email_permission='the OAuth scope "Access the identity URL service" (id, profile, email, address, phone)',
        bases={"https://login.salesforce.com": ""},
        takes=("base_url",),
    ),
    # Slack: https://docs.slack.dev/authentication/sign-in-with-slack/
    Provider(
        type="SlackOAuth",
        name="Slack",
        authorization_endpoint="https://slack.com/openid/connect/authorize",
        token_endpoint="https://slack.com/api/openid.connect.token",
        issuer="https://slack.com",
        jwks_uri="https://slack.com/openid/connect/keys",
    ),
    # Vercel: https://vercel.com/docs/sign-in-with-vercel/authorization-server-api
    Provider(
        type="VercelOAuth",
        name="Vercel",
        authorization_endpoint="https://vercel.com/oauth/authorize",
        token_endpoint="https://api.vercel.com/login/oauth/token",
        pkce=True,
        issuer="https://vercel.com",
        jwks_uri="https://vercel.com/.well-known/jwks",
        email_verified=None,
        email_permission="the permission email of the app",
    ),
    # Vercel Marketplace: https://vercel.com/docs/integrations/create-integration/marketplace-api
    # Vercel sends the person to the integration's redirect login URL; its ID token carries no nonce.
    Provider(
        type="VercelMarketplaceOAuth",
        name="Vercel Marketplace",
        authorization_endpoint="https://vercel.com/sso/integrations/{slug}",
        token_endpoint="https://api.vercel.com/v1/integrations/sso/token",
        scopes=(),
        exchanges_state=True,
        issuer="https://marketplace.vercel.com",
        jwks_uri="https://marketplace.vercel.com/.well-known/jwks",
        nonce=False,
        email="user_email",
        email_verified=None,
        email_permission="an integration whose users agree to share their address",
        needs=("client_secret", "slug"),
    ),
    # X: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
    Provider(
        type="XOAuth",
        name="X",
        authorization_endpoint="https://x.com/i/oauth2/authorize",
        token_endpoint="https://api.x.com/2/oauth2/token",
        scopes=("tweet.read", "users.read", "users.email"),
        pkce=True,
        client_authentication="basic",
        userinfo_endpoint="https://api.x.com/2/users/me?user.fields=confirmed_email,name,username",
        userinfo_member="data",
        subject="id",
        email="confirmed_email",
        email_always_verified=True,
        email_permission='"Request email from users" in the app\'s authentication settings, and a confirmed address',
    ),
    # Xero: https://developer.xero.com/documentation/guides/oauth2/auth-flow/
    Provider(
        type="XeroOAuth",
        name="Xero",
        authorization_endpoint="https://login.xero.com/identity/connect/authorize",
        token_endpoint="https://identity.xero.com/connect/token",
        pkce=True,
        client_authentication="basic",
        issuer="https://identity.xero.com",
        jwks_uri="https://identity.xero.com/.well-known/openid-configuration/jwks",
        email_verified=None,
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
            url = url.replace("{tenant}", config.tenant or "common").replace("{slug}", config.slug or "")
            replaced[field] = _own(url, row, config)
    emails = row.emails and msgspec.structs.replace(row.emails, endpoint=_own(row.emails.endpoint, row, config))
    return msgspec.structs.replace(row, emails=emails, **replaced)


def _own(url: str, row: Provider, config: OAuthConfig) -> str:
    if config.base_url is not None:
        for public, behind in row.bases.items():
            if url == public or url.startswith(public + "/"):
                return config.base_url + behind + url.removeprefix(public)
    return url
