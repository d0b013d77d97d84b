"""What a verified assertion becomes: a profile within its organization's rules, and a code for the application."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from latchstring import guides
from latchstring.adapters.base import Arrival
from latchstring.flows import attribute_samples, select, story
from latchstring.flows.house import House
from latchstring.model import ids, session
from latchstring.model.attempt import AttemptState, LoginAttempt, Step
from latchstring.model.connection import Connection, ConnectionState
from latchstring.model.environment import Pass, TrustedRedirect
from latchstring.model.organization import Organization
from latchstring.model.profile import Assertion, Profile
from latchstring.model.refusal import LoginRefused, Mender
from latchstring.protocols import attributes, email_address
from latchstring.protocols.answer_reading import claimed_email
from latchstring.protocols.attribute_refusals import AttributesMissing
from latchstring.protocols.attribute_samples import has_address_in
from latchstring.storage import (
    attempts,
    connections,
    environments,
    events,
    front_door,
    grants,
    organizations,
    profiles,
    sessions,
    sign_in_answers,
)
from latchstring.storage.database import Scope, WritingScope

CODE_LIFETIME = timedelta(minutes=10)
REMEMBER_SKEW = timedelta(minutes=10)  # twice the largest clock skew a connection may have (SAML-34)


class Replayed(LoginRefused):
    """This answer of the identity provider was already used once. Start again from the application."""

    code = "assertion_replayed"
    mender = Mender.USER
    fix = "Go back to the application and sign in again; do not reload or go back to the page that signs you in."


class OutsideOrganization(LoginRefused):
    """The e-mail address does not belong to a verified domain of the organization."""

    code = "email_outside_organization"
    mender = Mender.DEVELOPER
    fix = (
        "Verify the domain for the organization (`latchstring domain create`), or set "
        "`allow_profiles_outside_organization` of the organization."
    )
    public = "profile_not_allowed_outside_organization"
    domains: tuple[str, ...]
    verified: tuple[str, ...]


class EmailUnverified(LoginRefused):
    """The identity provider does not say that the e-mail address is verified."""

    code = "email_unverified"
    mender = Mender.IT_ADMIN
    fix = (
        "Let the provider send `email_verified=true` for this person, or use an issuer of the organization's own. Some "
        "OAuth providers never say so: `docs/oauth-providers.md` tells what each of them takes."
    )


class IdentifierSourceChanged(LoginRefused):
    """What identifies the people of this connection changed at this very moment. Sign in again."""

    code = "identifier_source_changed"
    mender = Mender.USER
    fix = "Go back to the application and sign in again."
    retryable = True


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs in, and how that was read."""

    profile: Profile
    normalized: attributes.Normalized
    sampled: bool = True  # what was said may be kept
    certificate: str | None = None  # the fingerprint of the one that vouched for it (SAML)

    @property
    def facts(self) -> dict[str, Any]:
        """For the trace: which attribute fed which field, and what is odd about them."""
        found: dict[str, Any] = {"sources": self.normalized.sources}
        if self.normalized.cautions:
            found["cautions"] = [msgspec.to_builtins(caution) for caution in self.normalized.cautions]
        return found


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the browser's journey: back to the application with a code."""

    attempt: LoginAttempt
    redirect_uri: TrustedRedirect
    code: str
    app_state: str | None


def person(
    house: House,
    pass_: Pass,
    connection: Connection,
    organization: Organization | None,
    assertion: Assertion,
    now: datetime,
) -> Person:
    """Raises what `read` raises, and says of what it is a refusal."""
    try:
        normalized, vouched = read(connection, organization, assertion)
    except LoginRefused as refusal:
        if pass_.keeps_raw_attributes:
            refusal.about(assertion)
        raise
    profile = Profile(
        id=house.id(ids.PROFILE, now),
        connection_id=connection.id,
        connection_type=connection.type,
        organization_id=connection.organization_id,
        idp_id=normalized.idp_id,
        email=normalized.email,
        email_domain_verified=vouched
        and organization is not None
        and organization.has_verified(email_address.email_domain(normalized.email)),
        first_name=normalized.first_name,
        last_name=normalized.last_name,
        name=normalized.name,
        groups=normalized.groups,
        custom_attributes=normalized.custom_attributes,
        raw_attributes=normalized.raw_attributes if pass_.keeps_raw_attributes else {},
        subject=(assertion.subject or None) if pass_.keeps_raw_attributes else None,
        subject_format=assertion.subject_format,
        created_at=now,
        updated_at=now,
    )
    return Person(
        profile=profile,
        normalized=normalized,
        sampled=pass_.keeps_raw_attributes,
        certificate=assertion.evidence.get("certificate"),
    )


def keep_names(scope: Scope, connection: Connection, assertion: Assertion, profile: Profile) -> Profile:
    """The profile with what is known already of the fields that this provider tells once (Apple: the name).

    Raises `AttributesMissing` if one that is required was never told.
    """
    lacking = [field for field in assertion.told_once if getattr(profile, field) is None]
    known = profiles.of_person(scope, connection.id, profile.idp_id) if lacking else None
    if known is not None:
        profile = msgspec.structs.replace(profile, **{field: getattr(known, field) for field in lacking})
    required = connection.attribute_maps.required
    missing = tuple(field for field in lacking if field in required and getattr(profile, field) is None)
    if missing:
        raise AttributesMissing(missing=missing, received=tuple(assertion.attributes))
    return profile


def read(
    connection: Connection, organization: Organization | None, assertion: Assertion
) -> tuple[attributes.Normalized, bool]:
    """The fields of the profile, and whether the protocol stands by the e-mail address.

    Raises what `attributes.normalize` raises, `EmailUnverified` and `OutsideOrganization`.
    """
    normalized = mapped(connection, assertion)
    return normalized, hold_to_domains(organization, assertion, normalized)


def mapped(connection: Connection, assertion: Assertion) -> attributes.Normalized:
    """The fields by the connection's mapping. Raises what `attributes.normalize` raises."""
    guide = guides.guide(connection.type)
    return attributes.normalize(
        assertion,
        maps=connection.attribute_maps,
        defaults=guide.attributes if guide else {},
        identifier_source=connection.identifier_source,
    )


def hold_to_domains(organization: Organization | None, assertion: Assertion, normalized: attributes.Normalized) -> bool:
    """Whether the protocol stands by the address. Raises `EmailUnverified` and `OutsideOrganization`."""
    vouched = _vouched(assertion, normalized)
    _hold_to_domains(organization, normalized, vouched=vouched)
    return vouched


def enter(house: House, scope: WritingScope, connection: Connection, assertion: Assertion, person: Person) -> Profile:
    """Uses the assertion up, for ever, and keeps the person; the first one of a connection settles what `idp_id` is.

    Raises `Replayed`, `IdentifierSourceChanged`, and what `select.usable` raises.
    """
    current = claim(house, scope, connection, assertion)
    source = person.normalized.identifier_source
    unsettled = current.identifier_source is None and connection.identifier_source is None
    if unsettled and current.attribute_maps == connection.attribute_maps:
        connections.settle_identifier(scope, connection.id, source)
    elif current.identifier_source != source:  # somebody has decided otherwise since this sign-in was read
        raise IdentifierSourceChanged
    if person.sampled:
        attribute_samples.keep_good(house, scope, connection, assertion, person.profile.updated_at)
    return profiles.save(scope, keep_names(scope, connection, assertion, person.profile))


def claim(house: House, scope: WritingScope, connection: Connection, assertion: Assertion) -> Connection:
    """Uses the assertion up, for ever; the connection as it is now.

    Raises `Replayed`, and what `select.usable` raises.
    """
    if not attempts.use_message(
        scope, connection.id, assertion.message_id, forget_at=assertion.valid_until + REMEMBER_SKEW
    ):
        raise Replayed
    return still_usable(house, scope, connection)


def still_usable(house: House, scope: WritingScope, connection: Connection) -> Connection:
    """Looks once more, inside the transaction: a connection that was switched off meanwhile admits nobody (SAML-35).

    Raises `ConnectionUnknown`, and what `select.usable` raises.
    """
    current = connections.get(scope, house.vault, connection.id)
    if current is None:
        raise select.ConnectionUnknown(connection_id=connection.id)
    return select.usable(current)


def give_code(house: House, scope: WritingScope, attempt: LoginAttempt, profile_id: str, now: datetime) -> str:
    """A fresh code for the application, good once."""
    code = house.secret()
    grants.add(
        scope,
        front_door.digest(code),
        grants.Grant(
            attempt_id=attempt.id,
            profile_id=profile_id,
            redirect_uri=attempt.redirect_uri,
            code_challenge=attempt.code_challenge,
            created_at=now,
            expires_at=now + CODE_LIFETIME,
            used_at=None,
            idempotency_hash=None,
            failures=0,
        ),
    )
    return code


def passed_on(house: House, pass_: Pass, assertion: Assertion) -> Assertion:
    """The assertion with the provider's own tokens only where the environment asks for them."""
    if assertion.oauth_tokens is None:
        return assertion
    if environments.settings(house.database, pass_.environment_id).return_oauth_tokens:
        return assertion
    return msgspec.structs.replace(assertion, oauth_tokens=None)


def keep_oauth_tokens(house: House, scope: WritingScope, code: str, assertion: Assertion) -> None:
    """The provider's own tokens wait, sealed, beside the code."""
    if assertion.oauth_tokens is not None:
        grants.keep_oauth_tokens(scope, house.vault, front_door.digest(code), assertion.oauth_tokens.reveal())


def keep_session(
    house: House,
    scope: WritingScope,
    attempt: LoginAttempt,
    profile_id: str,
    assertion: Assertion,
    now: datetime,
) -> None:
    """What a logout will need; nothing where the identity provider offers none."""
    if assertion.session is None:
        return
    assert attempt.connection_id is not None  # noqa: S101 - an assertion came through it
    idp = assertion.session.reveal()
    expires_at = now + session.LIFETIME
    if isinstance(idp, session.SamlSession) and idp.ends_at is not None:
        expires_at = min(expires_at, idp.ends_at)
    sessions.add(
        scope,
        house.vault,
        session.Session(
            id=attempt.id,
            connection_id=attempt.connection_id,
            profile_id=profile_id,
            idp=assertion.session,
            created_at=now,
            expires_at=expires_at,
        ),
    )


def keep_answer(house: House, scope: WritingScope, pass_: Pass, attempt: LoginAttempt, arrival: Arrival) -> None:
    """What the identity provider answered, sealed, where the environment wants that. One statement."""
    if pass_.keeps_answers:
        sign_in_answers.keep(scope, house.vault, attempt.id, arrival.answer)


def activate(house: House, scope: WritingScope, connection: Connection, now: datetime) -> None:
    """The first good sign-in makes a configured connection active (contract 3.2)."""
    if connection.state is not ConnectionState.VALIDATING:
        return
    after = connection.state.after("signed_in_through")
    if connections.change_state(scope, connection.id, before=connection.state, after=after, now=now):
        domains = (
            organizations.domains(scope, connection.organization_id) if connection.organization_id is not None else ()
        )
        active = msgspec.structs.replace(connection, state=after, updated_at=now)
        events.add(
            scope,
            house.id(ids.EVENT, now),
            "connection.activated",
            story.connection(active, domains),
            now=now,
        )


def record(
    house: House,
    pass_: Pass,
    connection: Connection,
    attempt: LoginAttempt,
    refusal: LoginRefused,
    visitor: story.Visitor,
    arrival: Arrival | None = None,
) -> None:
    """Make the refusal the attempt's last step, in a transaction of its own; a finished attempt stays as it ended."""
    if attempt.state not in (AttemptState.AWAY, AttemptState.WAITING):
        return
    now = house.now()
    step = Step(name="refused", at=now, facts=story.refused_facts(refusal))
    with house.database.write(pass_) as scope:
        email = None if arrival is None or not pass_.keeps_raw_attributes else claimed_email(arrival.answer)
        recorded = attempts.take_steps(scope, attempt, step, email=email, refusal=refusal.code)
        if recorded:
            if arrival is not None:
                keep_answer(house, scope, pass_, attempt, arrival)
            events.add(
                scope,
                house.id(ids.EVENT, now),
                "authentication.sso_failed",
                story.authentication("failed", attempt, visitor, refusal=refusal),
                now=now,
            )
            _remember(house, scope, connection, refusal, now)
        refusal.during(attempt.id)
    if recorded:
        house.told(story.news(attempt, connection, now, refusal=refusal))


def _remember(house: House, scope: WritingScope, connection: Connection, refusal: LoginRefused, now: datetime) -> None:
    """Keeps what was refused for its attributes alone, each assertion once, however often it is sent."""
    heard = refusal.heard
    if heard is None or not attempts.use_message(
        scope, connection.id, heard.message_id, forget_at=heard.valid_until + REMEMBER_SKEW
    ):
        return
    awaits = not isinstance(refusal, EmailUnverified)
    if isinstance(refusal, OutsideOrganization):  # a stranger, unless something else that was sent is at home here
        awaits = has_address_in(heard.attributes, refusal.verified)
    attribute_samples.keep_refused(house, scope, connection, heard, refusal=refusal.code, awaits=awaits, now=now)


def _vouched(assertion: Assertion, normalized: attributes.Normalized) -> bool:
    """Whether the protocol stands by this very address (OIDC-16)."""
    vouched = assertion.email_claims is None or normalized.origins["email"].source in assertion.email_claims
    return assertion.email_trusted and vouched


def _hold_to_domains(organization: Organization | None, normalized: attributes.Normalized, *, vouched: bool) -> None:
    """SAML-37 and OIDC-16: every address counts, and none that the provider does not vouch for."""
    if organization is not None and organization.allow_profiles_outside_organization:
        return
    if not vouched:
        raise EmailUnverified
    if organization is None:  # no rule bounds the addresses, so each has to be its person's own (nOAuth)
        return
    domains = tuple(email_address.email_domain(email) for email in normalized.emails)
    if not organization.admits(domains):
        verified = tuple(domain.domain for domain in organization.domains if domain.state.is_verified)
        raise OutsideOrganization(domains=domains, verified=verified)
