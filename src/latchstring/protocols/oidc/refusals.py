"""What this protocol refuses: each class is one reason, with its facts."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.refusal import AssertionRefused, IdpFailed, Mender

_PROVIDER = "Report it to the identity provider's vendor: its answer does not follow OpenID Connect."


class DiscoveryInvalid(IdpFailed):
    """The identity provider's discovery document cannot be used: {reason}."""

    code = "discovery_invalid"
    fix = "Open the discovery URL; it must be a JSON document with issuer, endpoints and `jwks_uri`, all over https."
    reason: str


class DiscoveryIssuerMismatch(IdpFailed):
    """The identity provider's discovery document names another issuer than the one configured."""

    code = "discovery_issuer_mismatch"
    fix = "Use the discovery URL of exactly the tenant that people sign in to; it begins with the issuer."
    expected: str
    received: str


class ProviderError(AssertionRefused):
    """The identity provider ended the sign-in with an error."""

    code = "provider_error"
    fix = "Look into the identity provider's log, and check the scopes and the redirect URI of its client."
    error: str
    description: str | None


class ProviderDenied(AssertionRefused):
    """The identity provider refused the sign-in, or the person cancelled it."""

    code = "provider_denied"
    fix = "Assign the application to the person at the identity provider, and let them sign in again."
    public = "access_denied"
    error: str
    description: str | None


class CallbackWithoutCode(AssertionRefused):
    """The identity provider's answer holds neither a code nor an error."""

    code = "callback_without_code"
    fix = "Switch on the authorization code flow for the client at the identity provider."


class IssuerParameterMismatch(AssertionRefused):
    """The answer comes from another identity provider than the one that was asked."""

    code = "issuer_parameter_mismatch"
    fix = "Check that the redirect URI is registered with this connection's identity provider alone (RFC 9207)."
    expected: str
    received: str | None


class ClientAuthenticationFailed(IdpFailed):
    """The identity provider did not accept our client id and secret."""

    code = "oidc_client_authentication_failed"
    fix = "Give the connection a current client secret, and check its authentication method."
    error: str


class ClientKeyMissing(IdpFailed):
    """This connection has no key to sign in with at the identity provider."""

    code = "oidc_client_key_missing"
    fix = "POST to `oidc_jwt_signing_certs` of the connection to make one, and let the identity provider read our keys."


class TokenEndpointRefused(IdpFailed):
    """The identity provider did not swap the code for tokens."""

    code = "token_endpoint_refused"
    fix = "Check the redirect URI and the PKCE setting of the client at the identity provider."
    status: int
    error: str
    description: str | None


class TokenAnswerInvalid(IdpFailed):
    """The identity provider's token answer cannot be read."""

    code = "token_answer_invalid"
    fix = _PROVIDER
    reason: str


class IdTokenMissing(AssertionRefused):
    """The identity provider sent no ID token."""

    code = "id_token_missing"
    fix = "Allow the scope openid for the client at the identity provider."


class IdTokenMalformed(AssertionRefused):
    """The identity provider's ID token is not a well-formed signed token."""

    code = "id_token_malformed"
    fix = _PROVIDER
    reason: str


class IdTokenEncryption(AssertionRefused):
    """The identity provider's ID token is {received}, where it must be {expected}."""

    code = "id_token_encryption_mismatch"
    fix = "Set `id_token_encryption_algorithm` of the connection to what the identity provider is configured to use."
    expected: str
    received: str


class IdTokenDecryption(AssertionRefused):
    """The identity provider's ID token cannot be decrypted."""

    code = "id_token_decryption_failed"
    fix = "Let the identity provider read our keys anew from the `jwks_uri` that the connection shows."


class IdTokenAlgorithm(AssertionRefused):
    """The identity provider signed its ID token with another algorithm than the one configured."""

    code = "id_token_algorithm_not_allowed"
    fix = "Set `id_token_signature_algorithm` of the connection to what the identity provider is configured to use."
    expected: str
    received: str


class JwksInvalid(IdpFailed):
    """The identity provider's keys cannot be used."""

    code = "jwks_invalid"
    fix = "Open the `jwks_uri` of the discovery document; it must list public keys for signing."
    reason: str


class IdTokenKeyUnknown(AssertionRefused):
    """The identity provider signed its ID token with a key that it does not publish."""

    code = "id_token_key_unknown"
    fix = "Check the `jwks_uri` of the identity provider; for HS256 the key is the client secret."
    retryable = True
    kid: str | None


class IdTokenSignature(AssertionRefused):
    """The signature of the identity provider's ID token is not valid."""

    code = "id_token_signature_invalid"
    fix = "Check that discovery and token endpoint belong to the same identity provider and tenant."


class IdTokenIssuer(AssertionRefused):
    """The ID token comes from another issuer than the one configured."""

    code = "id_token_issuer_mismatch"
    fix = "Use the discovery URL of exactly the tenant that people sign in to."
    expected: str
    received: str


class IdTokenAudience(AssertionRefused):
    """The ID token is meant for another client."""

    code = "id_token_audience_mismatch"
    fix = "Check the client id of the connection."
    expected: str
    received: tuple[str, ...]


class IdTokenClaimMissing(AssertionRefused):
    """The ID token lacks a claim that it must have, or holds it in a wrong form."""

    code = "id_token_claim_invalid"
    fix = _PROVIDER
    claim: str


class IdTokenExpired(AssertionRefused):
    """The ID token has expired."""

    code = "id_token_expired"
    fix = "Set the clocks of the identity provider and of this server by NTP."
    expires_at: datetime
    now: datetime


class IdTokenTooOld(AssertionRefused):
    """The ID token was issued too long ago, or in the future."""

    code = "id_token_issued_at_invalid"
    fix = "Set the clocks of the identity provider and of this server by NTP."
    issued_at: datetime
    now: datetime


class NonceMismatch(AssertionRefused):
    """The ID token belongs to another sign-in."""

    code = "id_token_nonce_mismatch"
    mender = Mender.USER
    fix = "Start the sign-in again from the application; if it persists, the identity provider loses the nonce."


class AccessTokenHash(AssertionRefused):
    """The access token does not belong to the ID token."""

    code = "id_token_at_hash_mismatch"
    fix = _PROVIDER


class UserinfoInvalid(IdpFailed):
    """The identity provider's userinfo cannot be read."""

    code = "userinfo_invalid"
    fix = "Allow the scopes profile and email for the client, or switch `fetch_user_info` off."
    reason: str


class UserinfoTokenInvalid(AssertionRefused):
    """The identity provider's signed userinfo was refused: {reason}."""

    code = "userinfo_token_invalid"
    fix = "Set `userinfo_signature_algorithm` of the connection to what the identity provider signs userinfo with."
    reason: str


class UserinfoSubjectMismatch(AssertionRefused):
    """The identity provider's userinfo is about somebody else."""

    code = "userinfo_subject_mismatch"
    fix = _PROVIDER
    expected: str
    received: str
