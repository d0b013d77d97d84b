"""What this protocol refuses: each class is one reason, with its facts."""

from __future__ import annotations

from latchstring.model.refusal import AssertionRefused, IdpFailed, Mender

_TRY_AGAIN = "Sign in again; if it persists, look at the provider's status page and report it to its support."


class OAuthDenied(AssertionRefused):
    """The provider refused the sign-in, or the person cancelled it."""

    code = "oauth_denied"
    mender = Mender.USER
    fix = (
        "Sign in again and agree to what the provider asks; in a company, its administrator may have to allow the app."
    )
    public = "access_denied"
    error: str
    description: str | None


class OAuthProviderError(AssertionRefused):
    """The provider ended the sign-in with the error '{error}'."""

    code = "oauth_provider_error"
    mender = Mender.DEVELOPER
    fix = "Check the client id, the scopes and the redirect URI of the app at the provider."
    public = "oauth_failed"
    error: str
    description: str | None


class OAuthCallbackWithoutCode(AssertionRefused):
    """The provider's answer holds neither a code nor an error."""

    code = "oauth_callback_without_code"
    mender = Mender.DEVELOPER
    fix = "Register the redirect URI at the provider as a web application's, with the authorization code grant."
    public = "oauth_failed"


class OAuthIssuerMismatch(AssertionRefused):
    """The answer comes from another provider than the one that was asked."""

    code = "oauth_issuer_parameter_mismatch"
    mender = Mender.DEVELOPER
    fix = "Register the redirect URI of this provider with this provider alone (RFC 9207)."
    public = "oauth_failed"
    expected: str
    received: str


class OAuthClientRefused(IdpFailed):
    """The provider did not accept our client id and secret ({error})."""

    code = "oauth_client_refused"
    mender = Mender.DEVELOPER
    fix = "Make a new client secret at the provider and give it to the environment: `latchstring provider set`."
    error: str


class OAuthKeyUnusable(IdpFailed):
    """The private key for this provider is missing or cannot be used."""

    code = "oauth_key_unusable"
    mender = Mender.DEVELOPER
    fix = (
        "Give the environment the provider's .p8 file again: `latchstring provider set AppleOAuth --private-key-file`."
    )


class OAuthExchangeRefused(IdpFailed):
    """The provider did not swap the code for tokens ({error})."""

    code = "oauth_exchange_refused"
    mender = Mender.DEVELOPER
    fix = (
        "Register exactly the redirect URI that `latchstring provider show` prints, and look at `error` and the facts."
    )
    status: int
    error: str
    description: str | None


class OAuthAnswerInvalid(IdpFailed):
    """The provider's answer ({what}) cannot be used: {reason}."""

    code = "oauth_answer_invalid"
    fix = _TRY_AGAIN
    what: str  # token, userinfo or emails
    reason: str


class OAuthSubjectMissing(AssertionRefused):
    """The provider does not say who the person is: its answer lacks '{claim}'."""

    code = "oauth_subject_missing"
    fix = _TRY_AGAIN
    public = "oauth_failed"
    claim: str


class OAuthEmailMissing(AssertionRefused):
    """{provider} does not tell the person's e-mail address. That takes {permission}."""

    code = "oauth_email_missing"
    mender = Mender.DEVELOPER
    fix = (
        "Give the app that permission at the provider; where it has it already, the person has no address there or "
        "did not agree to show it."
    )
    provider: str
    permission: str


class TenantNotAdmitted(AssertionRefused):
    """People of this Microsoft tenant may not sign in here."""

    code = "oauth_tenant_not_admitted"
    mender = Mender.DEVELOPER
    fix = "Set `tenant` of MicrosoftOAuth to the tenant that is meant, to organizations, or to consumers."
    expected: str
    received: str
