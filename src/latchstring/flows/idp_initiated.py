"""A sign-in that begins at the identity provider's own portal: nobody asked, and the connection allows it (guide G-19).

It lands on the default redirect URI, without a state. The environment says what a RelayState may do and whether the
person is asked first, because such a sign-in can be forced upon a browser (login CSRF).
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import msgspec

from latchstring.adapters.base import Adapter, Arrival
from latchstring.flows import consent, land, story, strays
from latchstring.flows.authorize import ReturnToApp
from latchstring.flows.house import House
from latchstring.flows.land import Landing
from latchstring.model import ids
from latchstring.model.attempt import LoginAttempt, Step, begun
from latchstring.model.connection import Connection, SamlConfig, TestIdpConfig
from latchstring.model.environment import EnvironmentSettings, Pass, RedirectUri, TrustedRedirect
from latchstring.model.organization import Organization
from latchstring.model.refusal import LoginRefused, Mender, UntrustedRequest
from latchstring.protocols import redirect_uri
from latchstring.storage import attempts, environments, events, organizations


class IdpInitiatedRefused(LoginRefused):
    """Signing in from the identity provider's own portal is switched off for this connection."""

    code = "idp_initiated_sso_disabled"
    mender = Mender.DEVELOPER
    fix = (
        "Start the sign-in from the application, with the connection id that came with this error; or let the "
        "connection take such sign-ins: set its `idp_initiated` to `allow`."
    )
    public = "idp_initiated_sso_disabled"
    connection_id: str
    organization_id: str | None


class DefaultRedirectMissing(UntrustedRequest):
    """A sign-in that begins at the identity provider goes to the default redirect URI, and there is none."""

    code = "default_redirect_uri_missing"
    fix = "Register the address that such sign-ins are to land on: `latchstring redirect-uri create URI --default`."


class RelayStateRefused(LoginRefused):
    """The identity provider sent a RelayState with a sign-in that nobody asked for, and this environment takes none."""

    code = "relay_state_not_allowed"
    mender = Mender.IT_ADMIN
    fix = (
        "Leave the RelayState (default relay state, start URL) of the application empty at the identity provider; or "
        "let it choose a redirect URI: `latchstring environment set NAME --relay-state redirect_uri`."
    )


class RelayStateUnregistered(LoginRefused):
    """The redirect_uri in the RelayState is not registered."""

    code = "relay_state_unregistered"
    mender = Mender.DEVELOPER
    fix = (
        "Correct the RelayState at the identity provider: `redirect_uri=` and a registered address, letter by "
        "letter; or register this one: `latchstring redirect-uri create URI`."
    )
    received: str
    registered: tuple[str, ...]  # the nearest first, and not all


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Is this you? To be asked in the browser before anything else."""

    attempt: LoginAttempt
    browser_secret: str  # for the cookie that binds the answer to this browser
    external_key: str
    application: str  # the host that the code would go to
    email: str
    organization: str | None
    identity_provider: str  # the host where the person signed in: entity IDs mean nothing to people


def receive(
    house: House,
    pass_: Pass,
    connection: Connection,
    adapter: Adapter,
    arrival: Arrival,
    *,
    relay_state: str | None,
    consented: str,
    visitor: story.Visitor,
) -> Landing | Question:
    """`consented` is what this browser remembers of an earlier yes.

    Raises `ReturnToApp` to the default redirect URI; without one, `DefaultRedirectMissing`.
    """
    with house.database.read(pass_) as scope:
        registered = environments.redirect_uris(scope)
        organization = organizations.get(scope, connection.organization_id) if connection.organization_id else None
    default = redirect_uri.default(registered, pass_.redirects)
    if default is None:
        missing = DefaultRedirectMissing()
        strays.record(house, pass_, connection, missing, visitor, idp_initiated=True, arrival=arrival)
        raise missing
    if not _allowed(connection):
        refused = IdpInitiatedRefused(connection_id=connection.id, organization_id=connection.organization_id)
        strays.record(house, pass_, connection, refused, visitor, idp_initiated=True, arrival=arrival)
        raise _sent_away(refused, default)
    now = house.now()
    settings = environments.settings(house.database, pass_.environment_id)
    attempt = begun(
        id=house.id(ids.ATTEMPT, now),
        handle=house.chance(16).hex(),
        connection=connection,
        redirect_uri=default,
        now=now,
    )
    try:
        target = _target(relay_state, settings, registered, pass_, default)
        attempt = msgspec.structs.replace(attempt, redirect_uri=target)
        asking = _Asking(by_setting=settings.idp_initiated_consent, consented=consented)
        return _land(house, pass_, connection, organization, adapter, arrival, attempt, asking, now, visitor)
    except LoginRefused as refusal:
        _record(house, pass_, connection, attempt, refusal, visitor, arrival)
        raise ReturnToApp(refusal, default, None) from refusal


def _record(
    house: House,
    pass_: Pass,
    connection: Connection,
    attempt: LoginAttempt,
    refusal: LoginRefused,
    visitor: story.Visitor,
    arrival: Arrival,
) -> None:
    """Keeps the refusal of an answer that nobody asked for, but only so many: anybody can post one (WEB-10).

    The browser and the application are told the reason all the same.
    """
    with house.database.read(pass_) as scope:
        if strays.is_crowded(scope, connection.id, attempt.created_at):
            return
    with house.database.write(pass_) as scope:
        attempts.add(scope, attempt)
    land.record(house, pass_, connection, attempt, refusal, visitor, arrival)


def _allowed(connection: Connection) -> bool:
    """The Test IdP always may: it is there to try things out."""
    config = connection.config
    return isinstance(config, TestIdpConfig) or (isinstance(config, SamlConfig) and config.idp_initiated == "allow")


def _sent_away(refusal: IdpInitiatedRefused, default: TrustedRedirect) -> ReturnToApp:
    """With the ids that let the application begin the sign-in itself (contract 2.1.2)."""
    returned = ReturnToApp(refusal, default, None)
    returned.parameters = {"connection_id": refusal.connection_id, "connection": refusal.connection_id}
    if refusal.organization_id is not None:
        returned.parameters |= {"organization_id": refusal.organization_id, "organization": refusal.organization_id}
    return returned


class _Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Whether to ask the person first."""

    by_setting: bool
    consented: str

    def is_due(self, house: House, connection: Connection, profile_id: str, now: datetime) -> bool:
        return self.by_setting and not consent.is_known(house, connection, profile_id, self.consented, now)


def _target(
    relay_state: str | None,
    settings: EnvironmentSettings,
    registered: list[RedirectUri],
    pass_: Pass,
    default: TrustedRedirect,
) -> TrustedRedirect:
    """Where to land (guide G-21, G-22, SAML-41)."""
    if not relay_state:
        return default
    if settings.relay_state == "refuse":
        raise RelayStateRefused
    try:
        wished = parse_qs(relay_state[:2048], max_num_fields=20).get("redirect_uri")
    except ValueError:  # more parameters than anybody means
        wished = None
    if not wished:
        return default
    try:
        return redirect_uri.admit(wished[0], registered, pass_.redirects)
    except redirect_uri.RedirectUriUnregistered as refusal:
        raise RelayStateUnregistered(received=wished[0][:500], registered=refusal.registered) from None


def _land(
    house: House,
    pass_: Pass,
    connection: Connection,
    organization: Organization | None,
    adapter: Adapter,
    arrival: Arrival,
    attempt: LoginAttempt,
    asking: _Asking,
    now: datetime,
    visitor: story.Visitor,
) -> Landing | Question:
    config = connection.config
    assert config is not None  # noqa: S101 - receive() saw to it
    assertion = adapter.finish(house.door(connection, config), arrival, attempt, house.fetch, now)
    person = land.person(house, pass_, connection, organization, assertion, now)
    first = Step(name="begun", at=now, facts={**story.begun_facts(None, visitor), "idp_initiated": True})
    with house.database.write(pass_) as scope:
        profile = land.enter(house, scope, connection, assertion, person)
        asks = asking.is_due(house, connection, profile.id, now)
        secret = house.secret() if asks else ""
        attempt = msgspec.structs.replace(
            attempt, steps=(first,), browser_hash=sha256(secret.encode()).digest() if asks else b""
        )
        attempts.add(scope, attempt)
        land.keep_answer(house, scope, pass_, attempt, arrival)
        land.keep_session(house, scope, attempt, profile.id, assertion, now)
        events.add(
            scope,
            house.id(ids.EVENT, now),
            "authentication.sso_started",
            story.authentication("started", attempt, visitor),
            now=now,
        )
        facts = {"checks": assertion.passed, **person.facts, "profile_id": profile.id}
        arrived = Step(name="arrived", at=now, facts=facts)
        if asks:
            attempts.take_steps(scope, attempt, arrived, email=profile.email, certificate=person.certificate)
            return Question(
                attempt=attempt,
                browser_secret=secret,
                external_key=connection.external_key,
                application=urlsplit(attempt.redirect_uri).netloc,
                email=profile.email,
                organization=organization.name if organization else None,
                identity_provider=(
                    urlsplit(config.idp_sso_url).netloc if isinstance(config, SamlConfig) else connection.name
                ),
            )
        code = land.give_code(house, scope, attempt, profile.id, now)
        granted = Step(name="granted", at=now, facts={"profile_id": profile.id})
        attempts.take_steps(scope, attempt, arrived, granted, email=profile.email, certificate=person.certificate)
        land.activate(house, scope, connection, now)
    house.told(story.news(attempt, connection, now, email=profile.email))
    return Landing(attempt=attempt, redirect_uri=attempt.redirect_uri, code=code, app_state=None)
