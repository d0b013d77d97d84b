"""An application's request to sign somebody in -> a LoginAttempt -> the Departure of the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256

import msgspec

from latchstring.adapters.base import Departure, Wishes, sent
from latchstring.flows import select, story, strays
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.attempt import LoginAttempt, Step, begun
from latchstring.model.connection import Connection, OAuthConfig, OidcConfig
from latchstring.model.environment import Pass, TrustedRedirect
from latchstring.model.refusal import LoginRefused, Mender, UntrustedRequest
from latchstring.protocols import redirect_uri
from latchstring.storage import attempts, connections, environments, events, front_door, organizations
from latchstring.storage.sqlite import OwnerGone

MAX_STATE = 2048  # bytes (OAUTH-09)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256 (RFC 7636, 4.2)


class ClientUnknown(UntrustedRequest):
    """The client id of this sign-in request is missing or unknown."""

    code = "client_unknown"
    fix = "Set WORKOS_CLIENT_ID to the Client ID of the environment: `latchstring environment list`."
    received: str


class ResponseTypeUnsupported(LoginRefused):
    """The parameter response_type must be 'code'."""

    code = "response_type_unsupported"
    mender = Mender.DEVELOPER
    fix = "Send `response_type=code`."
    public = "unsupported_response_type"


class ChallengeInvalid(LoginRefused):
    """The PKCE parameters are not acceptable: code_challenge_method must be S256 with a 43-character challenge.

    Without a method RFC 7636 means plain, which proves nothing to whoever has seen the request (OAUTH-08).
    """

    code = "code_challenge_invalid"
    mender = Mender.DEVELOPER
    fix = "Send `code_challenge` with `code_challenge_method=S256` (RFC 7636); plain is not accepted."
    public = "invalid_request"


class ChallengeMissing(UntrustedRequest):
    """This application has no API key, so its sign-in requests need PKCE: code_challenge is missing."""

    code = "code_challenge_missing"
    fix = (
        "Send `code_challenge` with `code_challenge_method=S256` (RFC 7636), as the PKCE helpers of the SDKs do; or "
        "make an API key for a back end that keeps it: `latchstring key create`."
    )


class StateTooLong(LoginRefused):
    """The state parameter is longer than 2,048 bytes."""

    code = "state_too_long"
    mender = Mender.DEVELOPER
    fix = "Keep what belongs to the sign-in in the session and send a short reference as state."
    public = "invalid_request"


class AuthorizeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of GET /sso/authorize (contract 2.1)."""

    client_id: str | None = None
    redirect_uri: str | None = None
    response_type: str | None = None
    connection: str | None = None
    organization: str | None = None
    provider: str | None = None
    domain: str | None = None
    state: str | None = None  # the bytes as they came, one character each (latin-1), so that they go back unchanged
    login_hint: str | None = None
    domain_hint: str | None = None
    provider_scopes: tuple[str, ...] = ()
    provider_query_params: Mapping[str, str] = {}
    nonce: str | None = None
    prompt: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in on its way: where the browser goes, and the secret that binds it to this browser."""

    attempt: LoginAttempt
    departure: Departure
    browser_secret: str


class ReturnToApp(Exception):
    """A refusal whose place is the application's redirect URI, since that one is trusted by now."""

    def __init__(self, refusal: LoginRefused, redirect: TrustedRedirect, state: str | None) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.redirect_uri = redirect
        self.app_state = state
        self.parameters: dict[str, str] = {}


class _Admitted(msgspec.Struct, frozen=True):
    """A request whose client and redirect URI are known."""

    pass_: Pass
    request: AuthorizeRequest
    redirect: TrustedRedirect


def authorize(house: House, request: AuthorizeRequest, visitor: story.Visitor) -> Begun:
    """Raises `UntrustedRequest` (show a page) until the redirect URI is admitted, `ReturnToApp` from then on."""
    connection = None
    try:
        admitted = _admit(house, request)
        with _returning(admitted):
            connection = _select(house, admitted)
            return _begin(house, admitted, connection, visitor)
    except UntrustedRequest as refusal:
        _leave_trace(house, request, connection, refusal, visitor)
        raise
    except ReturnToApp as returned:
        _leave_trace(house, request, connection, returned.refusal, visitor)
        raise


def _leave_trace(
    house: House,
    request: AuthorizeRequest,
    connection: Connection | None,
    refusal: LoginRefused,
    visitor: story.Visitor,
) -> None:
    """Of every request whose client is known, whether or not it can be told which connection was meant."""
    pass_ = front_door.by_client_id(house.database, request.client_id or "")
    if pass_ is None:  # no environment, and so no place to keep it
        return
    named = connection.id if connection else getattr(refusal, "connection_id", request.connection)
    with house.database.read(pass_) as scope:
        meant = connections.get(scope, house.vault, named) if named else None
        organization = organizations.get(scope, request.organization) if request.organization else None
        if meant is None and organization is not None:
            every = connections.of_organization(scope, house.vault, organization.id)
            meant = every[0] if len(every) == 1 else None
    strays.record(
        house,
        pass_,
        meant,
        refusal,
        visitor,
        organization_id=organization.id if organization else None,
        redirect_uri=request.redirect_uri,
    )


def authorize_own(house: House, pass_: Pass, request: AuthorizeRequest, visitor: story.Visitor) -> Begun:
    """The same for the Dashboard itself, which is a client of its own house. Raises `LoginRefused`."""
    admitted = _Admitted(pass_, request, redirect_uri.own(house.base_url))
    connection = _select(house, admitted)
    return _begin(house, admitted, connection, visitor)


def examine(house: House, request: AuthorizeRequest) -> None:
    """The same checks, without beginning anything."""
    admitted = _admit(house, request)
    with _returning(admitted):
        _select(house, admitted)


def _admit(house: House, request: AuthorizeRequest) -> _Admitted:
    pass_ = front_door.by_client_id(house.database, request.client_id or "")
    if pass_ is None:
        raise ClientUnknown(received=request.client_id or "")
    with house.database.read(pass_) as scope:
        registered = environments.redirect_uris(scope)
    if request.redirect_uri is not None:  # a wildcard from before may stand for ours
        redirect_uri.refuse_own(request.redirect_uri, house.base_url)
    redirect = redirect_uri.admit(request.redirect_uri, registered, pass_.redirects)
    return _Admitted(pass_, request, redirect)


@contextmanager
def _returning(admitted: _Admitted) -> Iterator[None]:
    """From here on, refusals go to the application."""
    try:
        yield
    except UntrustedRequest:
        raise
    except StateTooLong as refusal:
        raise ReturnToApp(refusal, admitted.redirect, None) from refusal
    except LoginRefused as refusal:
        raise ReturnToApp(refusal, admitted.redirect, admitted.request.state) from refusal


def _select(house: House, admitted: _Admitted) -> Connection:
    request = admitted.request
    if request.state is not None and len(request.state) > MAX_STATE:
        raise StateTooLong
    if request.response_type != "code":
        raise ResponseTypeUnsupported
    pkce = request.code_challenge is not None or request.code_challenge_method is not None
    if pkce and (request.code_challenge_method != "S256" or not _CHALLENGE.fullmatch(request.code_challenge or "")):
        raise ChallengeInvalid
    domain_resolves = (
        request.domain is not None
        and environments.settings(house.database, admitted.pass_.environment_id).domain_selector == "resolve"
    )
    with house.database.read(admitted.pass_) as scope:
        # Without any key nobody could redeem the code but a public client, and that one only by its verifier.
        if not pkce and not environments.has_key(scope, house.now()):
            raise ChallengeMissing
        return select.connection(
            house,
            scope,
            connection_id=request.connection,
            organization_id=request.organization,
            provider=request.provider,
            domain=request.domain,
            domain_resolves=domain_resolves,
        )


def _begin(house: House, admitted: _Admitted, connection: Connection, visitor: story.Visitor) -> Begun:
    request = admitted.request
    config = connection.config
    assert config is not None  # noqa: S101 - select.usable saw to it
    now = house.now()
    keeps_secrets = isinstance(config, OidcConfig | OAuthConfig)
    browser_secret = house.secret()
    attempt = begun(
        id=house.id(ids.ATTEMPT, now),
        handle=house.chance(16).hex(),
        connection=connection,
        redirect_uri=admitted.redirect,
        now=now,
        app_state=request.state,
        code_challenge=request.code_challenge,
        browser_hash=sha256(browser_secret.encode()).digest(),
        nonce=house.secret() if keeps_secrets else None,
        code_verifier=house.secret() if keeps_secrets else None,
    )
    wishes = Wishes(
        force_login=request.prompt == "login",
        login_hint=request.login_hint,
        domain_hint=request.domain_hint,
        provider_scopes=request.provider_scopes,
        provider_query_params=request.provider_query_params,
    )
    departure = house.adapters[type(config)].begin(house.door(connection, config), attempt, wishes, house.fetch, now)
    leaves = {"to": departure.url.partition("?")[0], "sent": sent(departure)}
    attempt = msgspec.structs.replace(
        attempt,
        steps=(
            Step(name="begun", at=now, facts=story.begun_facts(request.redirect_uri, visitor)),
            Step(name="departed", at=house.now(), facts=leaves),
        ),
    )
    with house.database.write(admitted.pass_) as writing:
        try:
            attempts.add(writing, attempt)
        except OwnerGone:  # while its provider was asked for its endpoints
            raise select.ConnectionUnknown(connection_id=connection.id) from None
        events.add(
            writing,
            house.id(ids.EVENT, now),
            "authentication.sso_started",
            story.authentication("started", attempt, visitor),
            now=now,
        )
    return Begun(attempt=attempt, departure=departure, browser_secret=browser_secret)
