"""The table of this door."""

from __future__ import annotations

from latchstring.web.kit.pages import ASSETS
from latchstring.web.kit.route import Route, Who
from latchstring.web.sso import authorize, callback, errors, logout, magic_link, metadata, token

TAG = "Single sign-on"

# A form field holds a response of 1 MiB, the most that can be allowed, as 1.4 MiB of Base64 with some of it escaped;
# the verifier's own limit is to answer for it.
_ACS_BODY = 2_097_152

ROUTES = (
    Route(
        method="GET",
        path="/sso/authorize",
        handler=authorize.authorize,
        summary="Start a sign-in",
        query=authorize.PARAMETERS,
        answers={302: None},
        tag=TAG,
    ),
    Route(
        method="POST",
        path="/sso/saml/acs/{external_key}",
        handler=callback.saml_acs,
        summary="Receive a SAML response",
        answers={302: None},
        tag=TAG,
        max_body=_ACS_BODY,
    ),
    Route(
        method="POST",
        path="/sso/consent/{external_key}",
        handler=callback.consent,
        summary="Say whether a sign-in from the portal is one's own",
        hidden=True,
        max_body=4_096,
    ),
    Route(
        method="GET",
        path="/sso/saml/metadata/{external_key}",
        handler=metadata.sp_metadata,
        summary="Our SAML metadata for a connection",
        answers={200: None},
        tag=TAG,
    ),
    Route(
        method="GET",
        path="/sso/oidc/{external_key}/callback",
        handler=callback.oidc_callback,
        summary="Receive an OpenID Connect answer",
        answers={302: None},
        tag=TAG,
    ),
    Route(
        method="GET",
        path="/sso/oauth/{provider}/{external_key}/callback",
        handler=callback.oauth_callback,
        summary="Receive an OAuth provider's answer",
        answers={302: None},
        tag=TAG,
    ),
    Route(
        method="POST",
        path="/sso/oauth/{provider}/{external_key}/callback",
        handler=callback.oauth_callback,
        summary="Receive an OAuth provider's answer in a form (Apple)",
        answers={302: None},
        tag=TAG,
        max_body=65_536,
    ),
    Route(
        method="GET",
        path="/sso/oidc/{external_key}/jwks",
        handler=metadata.client_jwks,
        summary="Our public keys of an OpenID Connect connection",
        answers={200: None},
        tag=TAG,
    ),
    Route(
        method="POST",
        path="/sso/logout/authorize",
        handler=logout.authorize,
        summary="Get a link that signs a person out at their identity provider",
        who=Who.API_KEY,
        body=logout.LogoutBody,
        answers={200: logout.LogoutShape},
        tag=TAG,
        max_body=65_536,
    ),
    Route(
        method="GET",
        path="/sso/logout",
        handler=logout.leave,
        summary="Sign out",
        query=logout.PARAMETERS,
        answers={302: None},
        tag=TAG,
    ),
    Route(
        method="GET",
        path="/sso/saml/slo/{external_key}",
        handler=logout.by_redirect,
        summary="Receive a SAML logout message (HTTP-Redirect)",
        answers={302: None},
        tag=TAG,
    ),
    Route(
        method="POST",
        path="/sso/saml/slo/{external_key}",
        handler=logout.by_post,
        summary="Receive a SAML logout message (HTTP-POST)",
        answers={302: None},
        tag=TAG,
        max_body=_ACS_BODY,
    ),
    Route(
        method="GET",
        path="/sso/oidc/{external_key}/logout",
        handler=logout.oidc_answered,
        summary="Come back from an OpenID Connect logout",
        answers={302: None},
        tag=TAG,
    ),
    Route(
        method="GET",
        path="/sso/oidc/idp-logout/{external_key}",
        handler=logout.front_channel,
        summary="Hear of a logout at an OpenID Connect provider",
        query=logout.FRONT_CHANNEL,
        answers={302: None},
        tag=TAG,
    ),
    Route(
        method="GET",
        path="/sso/logout/return",
        handler=logout.app_is_done,
        summary="Come back from the application's logout URI",
        hidden=True,
    ),
    Route(
        method="POST",
        path="/sso/token",
        handler=token.token,
        summary="Swap a code for a profile and an access token",
        answers={200: token.TokenShape},
        tag=TAG,
        max_body=65_536,
    ),
    Route(
        method="GET",
        path="/sso/profile",
        handler=token.profile,
        summary="Read the profile of an access token",
        who=Who.ACCESS_TOKEN,
        answers={200: token.ProfileShape},
        tag=TAG,
    ),
    Route(
        method="GET",
        path="/sso/jwks/{client_id}",
        handler=metadata.jwks,
        summary="The public keys of an environment",
        answers={200: None},
        tag=TAG,
    ),
    Route(
        method="GET",
        path="/passwordless/{token}/confirm",
        handler=magic_link.look,
        summary="Open a magic link",
        answers={200: None, 302: None},
        tag="Magic links",
    ),
    Route(
        method="POST",
        path="/passwordless/{token}/confirm",
        handler=magic_link.confirm,
        summary="Sign in with a magic link",
        hidden=True,
        max_body=4_096,
    ),
    Route(
        method="GET", path="/errors/{code}", handler=errors.error_page, summary="What an error code means", hidden=True
    ),
    ASSETS,
)
