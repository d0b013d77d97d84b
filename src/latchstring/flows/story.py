"""What is told of a sign-in: the payload of its events (contract 7) and the facts of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from latchstring.model.attempt import LoginAttempt, SignInNews
from latchstring.model.connection import AttributeMaps, Certificate, Connection
from latchstring.model.environment import Environment
from latchstring.model.organization import Domain, Organization
from latchstring.model.refusal import LoginRefused, Refusal
from latchstring.model.session import Session
from latchstring.model.sign_in_test import Problem
from latchstring.protocols import domain_proof
from latchstring.storage.domain_watches import PATIENCE, DomainWatch


class Visitor(msgspec.Struct, frozen=True):
    """Whose browser it is, as far as anybody can tell."""

    ip_address: str | None = None
    user_agent: str | None = None


def authentication(
    status: str,
    attempt: LoginAttempt,
    visitor: Visitor,
    *,
    email: str | None = None,
    refusal: LoginRefused | None = None,
) -> dict[str, Any]:
    """The data of authentication.sso_started, _succeeded and _failed."""
    data: dict[str, Any] = {
        "type": "sso",
        "status": status,
        "ip_address": visitor.ip_address,
        "user_agent": visitor.user_agent,
        "user_id": None,
        "email": email,
        "sso": {
            "organization_id": attempt.organization_id,
            "connection_id": attempt.connection_id,
            "session_id": attempt.id,
        },
    }
    if refusal is not None:
        data["error"] = {"code": refusal.code, "message": refusal.message}
    return data


def session_ended(session: Session, connection: Connection, by: str, visitor: Visitor) -> dict[str, Any]:
    """The data of authentication.sso_session_ended, an event of ours. `by`: application or identity_provider."""
    return {
        "type": "sso",
        "status": "ended",
        "ended_by": by,
        "ip_address": visitor.ip_address,
        "user_agent": visitor.user_agent,
        "profile_id": session.profile_id,
        "sso": {
            "organization_id": connection.organization_id,
            "connection_id": connection.id,
            "session_id": session.id,
        },
    }


def logout_refused(connection: Connection, refusal: Refusal, visitor: Visitor) -> dict[str, Any]:
    """The data of authentication.sso_logout_refused, an event of ours: a provider's logout that was not followed."""
    return {
        "type": "sso",
        "status": "refused",
        "ip_address": visitor.ip_address,
        "user_agent": visitor.user_agent,
        "sso": {"organization_id": connection.organization_id, "connection_id": connection.id},
        "error": {"code": refusal.code, "message": refusal.message},
    }


def begun_facts(redirect_uri: str | None, visitor: Visitor) -> dict[str, Any]:
    return {
        "redirect_uri": redirect_uri or "(default)",
        "ip_address": visitor.ip_address,
        "user_agent": visitor.user_agent,
    }


def refused_facts(refusal: Refusal) -> dict[str, Any]:
    """Everything that explains a refusal, for those who may see the sign-in."""
    return {
        "code": refusal.code,
        "message": refusal.message,
        "mender": refusal.mender.value,
        "fix": refusal.fix,
        "facts": {name: _plain(value) for name, value in refusal.facts.items()},
        "check": getattr(refusal, "check", None),
        "passed": getattr(refusal, "passed", ()),
    }


def problem(refusal: LoginRefused) -> Problem:
    """A refusal as the outcome of a test keeps it."""
    return Problem(
        code=refusal.code,
        message=refusal.message,
        mender=refusal.mender.value,
        fix=refusal.fix,
        facts={name: _plain(value) for name, value in refusal.facts.items()},
    )


def news(
    attempt: LoginAttempt,
    connection: Connection,
    now: datetime,
    *,
    email: str | None = None,
    refusal: LoginRefused | None = None,
) -> SignInNews:
    """The sign-in in one line, for whoever watches."""
    return SignInNews(
        at=now,
        connection=connection.name,
        connection_id=connection.id,
        attempt_id=attempt.id,
        seconds=(now - attempt.created_at).total_seconds(),
        email=email,
        refusal=refusal,
    )


def connection(connection: Connection, domains: Sequence[Domain]) -> dict[str, Any]:
    """The data of connection.activated and connection.deactivated (contract 3.6)."""
    return {
        **connection_core(connection),
        "external_key": connection.external_key,
        "status": "linked" if connection.state.admits_logins else "unlinked",
        "domains": [
            {
                "object": "connection_domain",
                "id": domain.id.replace("org_domain_", "conn_domain_", 1),
                "domain": domain.domain,
            }
            for domain in domains
        ],
    }


def mapping_changes(before: AttributeMaps, after: AttributeMaps) -> dict[str, Any]:
    """What changed in a connection's mapping, field by field, and in what must be there."""
    changes: dict[str, Any] = {}
    for part, was, now in (
        ("standard_attributes", before.standard, after.standard),
        ("custom_attributes", before.custom, after.custom),
    ):
        for field in sorted(was.keys() | now.keys()):
            if was.get(field) != now.get(field):
                changes[f"attribute_maps.{part}.{field}"] = {
                    "from": list(was.get(field, ())),
                    "to": list(now.get(field, ())),
                }
    if before.required != after.required:
        changes["required_attributes"] = {"from": list(before.required), "to": list(after.required)}
    return changes


def connection_core(connection: Connection) -> dict[str, Any]:
    """The data of connection.deleted, and the heart of its sisters. One of a whole environment has no organization."""
    return {
        "object": "connection",
        "id": connection.id,
        **({"organization_id": connection.organization_id} if connection.organization_id is not None else {}),
        "connection_type": connection.type,
        "name": connection.name,
        "state": connection.state.value,
        "created_at": instant(connection.created_at),
        "updated_at": instant(connection.updated_at),
    }


def connection_reference(connection: Connection) -> dict[str, Any]:
    """The connection in the events of its certificates (contract 3.6)."""
    shown = {"id": connection.id}
    if connection.organization_id is not None:
        shown["organization_id"] = connection.organization_id
    return shown


def certificate_renewed(
    connection: Connection, entry: Certificate, certificate_type: str, now: datetime
) -> dict[str, Any]:
    """The data of connection.saml_certificate_renewed (contract 3.6)."""
    return {
        "connection": connection_reference(connection),
        "certificate": {"certificate_type": certificate_type, "expiry_date": instant(entry.not_after)},
        "renewed_at": instant(now),
    }


def days_until(end: datetime, now: datetime) -> int:
    """Whole days, a begun one counted; negative after the end."""
    return -((now - end) // timedelta(days=1))


def certificate_renewal_required(
    connection: Connection, entry: Certificate, certificate_type: str, now: datetime
) -> dict[str, Any]:
    """The data of connection.saml_certificate_renewal_required (contract 3.6)."""
    return {
        "connection": connection_reference(connection),
        "certificate": {
            "certificate_type": certificate_type,
            "expiry_date": instant(entry.not_after),
            "is_expired": now >= entry.not_after,
        },
        "days_until_expiry": days_until(entry.not_after, now),
    }


def organization(organization: Organization) -> dict[str, Any]:
    """The organization as the API and the events show it (contract 4.1); no Stripe customer, no such key."""
    shown: dict[str, Any] = {
        "object": "organization",
        "id": organization.id,
        "name": organization.name,
        "allow_profiles_outside_organization": organization.allow_profiles_outside_organization,
        "domains": [domain(entry) for entry in organization.domains],
        "metadata": dict(organization.metadata),
        "external_id": organization.external_id,
        "created_at": instant(organization.created_at),
        "updated_at": instant(organization.updated_at),
    }
    if organization.stripe_customer_id is not None:
        shown["stripe_customer_id"] = organization.stripe_customer_id
    return shown


def domain(domain: Domain) -> dict[str, Any]:
    """The domain as the API and the events show it; one verified by hand has nothing to put into DNS."""
    shown: dict[str, Any] = {
        "object": "organization_domain",
        "id": domain.id,
        "organization_id": domain.organization_id,
        "domain": domain.domain,
        "state": domain.state.value,
        "verification_strategy": domain.verification_strategy,
        "domain_policy": domain.holds_policy,
        "created_at": instant(domain.created_at),
        "updated_at": instant(domain.updated_at),
    }
    if domain.verification_strategy == "dns":
        shown["verification_token"] = domain.verification_token
        shown["verification_prefix"] = domain.verification_prefix
    return shown


def environment_core(environment: Environment) -> dict[str, Any]:
    """Which environment it is, in the data of events."""
    return {
        "object": "environment",
        "id": environment.id,
        "name": environment.name,
        "kind": environment.kind.value,
        "client_id": environment.client_id,
    }


def environment(environment: Environment) -> dict[str, Any]:
    """An environment with what can be set, for the API and the terminal."""
    settings = msgspec.structs.asdict(environment.settings)
    settings.pop("temporary")
    return {
        **environment_core(environment),
        **settings,
        "created_at": instant(environment.created_at),
        "updated_at": instant(environment.updated_at),
    }


def domain_search(domain: Domain, watch: DomainWatch | None) -> dict[str, Any]:
    """What to put into DNS, and how the search for it goes; nothing once there is nothing to find."""
    if watch is None or not domain.verification_token:
        return {}
    shortfall = watch.shortfall
    return {
        "verification": {
            "record": {
                "type": "TXT",
                "name": domain.domain,
                "value": domain_proof.wanted(prefix=domain.verification_prefix or "", token=domain.verification_token),
            },
            "begun_at": instant(watch.begun_at),
            "looked_at": instant(watch.looked_at) if watch.looked_at else None,
            "next_look_at": instant(watch.next_at) if watch.next_at else None,
            "gives_up_at": instant(watch.begun_at + PATIENCE),
            "shortfall": None if shortfall is None else msgspec.to_builtins(shortfall),
        }
    }


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as every time of the API is written (contract 1.3)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value, enc_hook=str)
