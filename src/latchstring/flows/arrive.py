"""An identity provider's answer -> Assertion -> Profile -> a code for the application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

import msgspec

from latchstring import guides
from latchstring.adapters.base import Adapter, Arrival
from latchstring.flows import select, story
from latchstring.flows.authorize import ReturnToApp
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.attempt import (
    AnswerUnknown,
    AttemptExpired,
    AttemptState,
    BrowserMismatch,
    LoginAttempt,
    OutOfTurn,
    Step,
)
from latchstring.model.connection import Connection, ConnectionState, OidcConfig
from latchstring.model.environment import Pass, TrustedRedirect
from latchstring.model.organization import Organization
from latchstring.model.profile import Assertion, Profile
from latchstring.model.refusal import LoginRefused, Mender, UntrustedRequest
from latchstring.protocols import attributes
from latchstring.storage import (
    attempts,
    connections,
    environments,
    events,
    front_door,
    grants,
    organizations,
    profiles,
)
from latchstring.storage.database import WritingScope

CODE_LIFETIME = timedelta(minutes=10)
_REMEMBER_SKEW = timedelta(minutes=10)  # twice the largest clock skew a connection may have (SAML-34)


class AddressUnknown(UntrustedRequest):
    """No connection has this address."""

    code = "connection_address_unknown"
    mender = Mender.IT_ADMIN
    fix = "Copy the ACS URL or redirect URI of the connection into the identity provider again."


class Replayed(LoginRefused):
    """This answer of the identity provider was already used once. Start again from the application."""

    code = "assertion_replayed"
    mender = Mender.USER
    fix = "Go back to the application and sign in again; do not reload or go back to the page that signs you in."


class IdpInitiatedRefused(LoginRefused):
    """Signing in from the identity provider's own portal is switched off for this connection."""

    code = "idp_initiated_sso_disabled"
    mender = Mender.DEVELOPER
    fix = "Start the sign-in from the application with the connection id that came with this error."
    public = "idp_initiated_sso_disabled"
    connection_id: str
    organization_id: str | None


class OutsideOrganization(LoginRefused):
    """The e-mail address does not belong to a verified domain of the organization."""

    code = "email_outside_organization"
    mender = Mender.DEVELOPER
    fix = "Verify the domain for the organization, or allow profiles outside the organization."
    public = "profile_not_allowed_outside_organization"
    domains: tuple[str, ...]
    verified: tuple[str, ...]


class EmailUnverified(LoginRefused):
    """The identity provider does not say that the e-mail address is verified."""

    code = "email_unverified"
    mender = Mender.IT_ADMIN
    fix = "Let the provider send email_verified=true for this person, or use an issuer of the organization's own."


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the browser's journey: back to the application with a code."""

    attempt: LoginAttempt
    redirect_uri: TrustedRedirect
    code: str
    app_state: str | None


def arrive(
    house: House,
    external_key: str,
    *,
    oidc: bool,
    fields: Mapping[str, str],
    browser_secret: Mapping[str, str],
    visitor: story.Visitor,
) -> Landing:
    """`browser_secret` maps an attempt's handle to the secret that this browser's cookie holds for it.

    Raises `UntrustedRequest` (show a page) while the attempt is not known to be this browser's, `ReturnToApp` after.
    """
    entered = front_door.by_external_key(house.database, external_key)
    if entered is None:
        raise AddressUnknown
    pass_, connection_id = entered
    with house.database.read(pass_) as scope:
        connection = connections.get(scope, house.vault, connection_id)
    if connection is None or isinstance(connection.config, OidcConfig) is not oidc:
        raise AddressUnknown
    config = select.usable(connection).config
    assert config is not None  # noqa: S101 - select.usable saw to it
    adapter = house.adapters[type(config)]
    arrival = adapter.receive(fields)
    handle = arrival.handle
    if handle is None:
        raise _unasked(house, pass_, connection, oidc=oidc)
    with house.database.read(pass_) as scope:
        attempt = attempts.by_handle(scope, handle)
        organization = organizations.get(scope, connection.organization_id) if connection.organization_id else None
    if attempt is None or attempt.connection_id != connection.id:
        raise AnswerUnknown
    if not compare_digest(sha256(browser_secret.get(handle, "").encode()).digest(), attempt.browser_hash):
        raise BrowserMismatch
    try:
        return _land(house, pass_, adapter, connection, organization, attempt, arrival, visitor)
    except LoginRefused as refusal:
        _record(house, pass_, connection, attempt, refusal, visitor)
        raise ReturnToApp(refusal, attempt.redirect_uri, attempt.app_state) from refusal


def _land(
    house: House,
    pass_: Pass,
    adapter: Adapter,
    connection: Connection,
    organization: Organization | None,
    attempt: LoginAttempt,
    arrival: Arrival,
    visitor: story.Visitor,
) -> Landing:
    now = house.now()
    if attempt.state is not AttemptState.AWAY:
        raise OutOfTurn
    if now >= attempt.expires_at:
        raise AttemptExpired
    config = connection.config
    assert config is not None  # noqa: S101 - arrive() saw to it
    assertion = adapter.finish(house.door(connection, config), arrival, attempt, house.fetch, now)
    guide = guides.guide(connection.type)
    normalized = attributes.normalize(
        assertion, maps=connection.attribute_maps, defaults=guide.attributes if guide else {}
    )
    _hold_to_domains(organization, assertion, normalized)
    profile = Profile(
        id=house.id(ids.PROFILE, now),
        connection_id=connection.id,
        connection_type=connection.type,
        organization_id=connection.organization_id,
        idp_id=normalized.idp_id,
        email=normalized.email,
        first_name=normalized.first_name,
        last_name=normalized.last_name,
        name=normalized.name,
        groups=normalized.groups,
        custom_attributes=normalized.custom_attributes,
        raw_attributes=normalized.raw_attributes,
        created_at=now,
        updated_at=now,
    )
    code = house.secret()
    with house.database.write(pass_) as scope:
        if not attempts.use_message(
            scope, connection.id, assertion.message_id, forget_at=assertion.valid_until + _REMEMBER_SKEW
        ):
            raise Replayed
        # Looked at once more inside the transaction: a connection that was switched off while the answer was being
        # verified admits nobody (SAML-35).
        current = connections.get(scope, house.vault, connection.id)
        if current is None:
            raise select.ConnectionUnknown(connection_id=connection.id)
        select.usable(current)
        profile = profiles.save(scope, profile)
        grants.add(
            scope,
            front_door.digest(code),
            grants.Grant(
                attempt_id=attempt.id,
                profile_id=profile.id,
                redirect_uri=attempt.redirect_uri,
                code_challenge=attempt.code_challenge,
                created_at=now,
                expires_at=now + CODE_LIFETIME,
                used_at=None,
                idempotency_hash=None,
                failures=0,
            ),
        )
        steps = (
            Step(name="arrived", at=now, facts={"checks": assertion.passed, "sources": normalized.sources}),
            Step(name="granted", at=house.now(), facts={"profile_id": profile.id}),
        )
        if not attempts.take_steps(scope, attempt, *steps, email=profile.email):
            raise OutOfTurn
        _activate(house, scope, connection, now)
    house.told(story.news(attempt, connection, house.now(), email=profile.email))
    return Landing(attempt=attempt, redirect_uri=attempt.redirect_uri, code=code, app_state=attempt.app_state)


def _hold_to_domains(
    organization: Organization | None, assertion: Assertion, normalized: attributes.Normalized
) -> None:
    """SAML-37 and OIDC-16: every address counts, and none that the provider does not vouch for."""
    if organization is None or organization.allow_profiles_outside_organization:
        return
    vouched = assertion.email_claims is None or normalized.sources.get("email") in assertion.email_claims
    if not assertion.email_trusted or not vouched:
        raise EmailUnverified
    domains = tuple(attributes.email_domain(email) for email in normalized.emails)
    if not organization.admits(domains):
        verified = tuple(domain.domain for domain in organization.domains if domain.state.is_verified)
        raise OutsideOrganization(domains=domains, verified=verified)


def _activate(house: House, scope: WritingScope, connection: Connection, now: datetime) -> None:
    """The first good sign-in makes a configured connection active (contract 3.2)."""
    if connection.state is not ConnectionState.VALIDATING:
        return
    if connections.change_state(
        scope, connection.id, before=ConnectionState.VALIDATING, after=ConnectionState.ACTIVE, now=now
    ):
        domains = (
            organizations.domains(scope, connection.organization_id) if connection.organization_id is not None else ()
        )
        active = msgspec.structs.replace(connection, state=ConnectionState.ACTIVE, updated_at=now)
        events.add(
            scope,
            house.id(ids.EVENT, now),
            "connection.activated",
            story.connection(active, domains),
            now=now,
        )


def _record(
    house: House,
    pass_: Pass,
    connection: Connection,
    attempt: LoginAttempt,
    refusal: LoginRefused,
    visitor: story.Visitor,
) -> None:
    """Make the refusal the attempt's last step, in a transaction of its own; a finished attempt stays as it ended."""
    if attempt.state is not AttemptState.AWAY:
        return
    now = house.now()
    step = Step(name="refused", at=now, facts=story.refused_facts(refusal))
    with house.database.write(pass_) as scope:
        recorded = attempts.take_steps(scope, attempt, step, refusal=refusal.code)
        if recorded:
            events.add(
                scope,
                house.id(ids.EVENT, now),
                "authentication.sso_failed",
                story.authentication("failed", attempt, visitor, refusal=refusal),
                now=now,
            )
    if recorded:
        house.told(story.news(attempt, connection, now, refusal=refusal))


def _unasked(house: House, pass_: Pass, connection: Connection, *, oidc: bool) -> Exception:
    """Nobody asked for this answer: for OpenID Connect a mistake, for SAML the identity provider's own portal."""
    if oidc:
        return AnswerUnknown()
    refusal = IdpInitiatedRefused(connection_id=connection.id, organization_id=connection.organization_id)
    with house.database.read(pass_) as scope:
        default = next((uri for uri in environments.redirect_uris(scope) if uri.default), None)
    if default is None:
        return refusal
    answer = ReturnToApp(refusal, TrustedRedirect(default.uri), None)
    answer.parameters = {"connection_id": connection.id, "connection": connection.id}
    if connection.organization_id is not None:
        answer.parameters |= {
            "organization_id": connection.organization_id,
            "organization": connection.organization_id,
        }
    return answer
