"""What is worth a look in a test that nobody would be stopped by (names, groups, weak or ending certificates)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from latchstring.flows import story
from latchstring.flows.house import House
from latchstring.model.connection import Certificate, Connection, SamlConfig, TestIdpConfig
from latchstring.model.organization import Organization
from latchstring.model.profile import Assertion
from latchstring.model.sign_in_test import Remark
from latchstring.protocols import email_address
from latchstring.protocols.attributes import Normalized
from latchstring.protocols.saml import certificates

NEAR = timedelta(days=30)  # the end of a certificate: the second threshold of its warnings


def of(
    house: House,
    connection: Connection,
    organization: Organization | None,
    assertion: Assertion,
    normalized: Normalized | None,
    now: datetime,
) -> tuple[Remark, ...]:
    return (
        *(_of_profile(organization, normalized) if normalized else ()),
        *_of_signature(house, connection, assertion, now),
    )


def _of_profile(organization: Organization | None, normalized: Normalized) -> Iterator[Remark]:
    missing = tuple(field for field in ("first_name", "last_name") if getattr(normalized, field) is None)
    if missing:
        yield Remark(code="names_missing", facts={"fields": missing})
    if not normalized.groups and not normalized.cautions:
        yield Remark(code="groups_missing")
    for caution in normalized.cautions:
        yield Remark(code=caution.code, facts={"message": caution.message})
    if organization is not None and organization.allow_profiles_outside_organization:
        domains = (email_address.email_domain(email) for email in normalized.emails)
        if outside := tuple(domain for domain in domains if not organization.has_verified(domain)):
            yield Remark(code="email_outside_organization", facts={"domains": outside})


def _of_signature(house: House, connection: Connection, assertion: Assertion, now: datetime) -> Iterator[Remark]:
    if "sha1" in (assertion.evidence.get("digest"), *_hashes(assertion.evidence.get("algorithm", ""))):
        yield Remark(code="sha1")
    used = _certificate(house, connection, assertion.evidence.get("certificate"))
    if used is None:
        return
    key = certificates.trusted(used.pem)
    if key.kind == "rsa" and key.bits < certificates.STRONG_RSA:
        yield Remark(code="short_key", facts={"bits": key.bits})
    if used.not_after - now <= NEAR:
        code = "certificate_ended" if used.not_after <= now else "certificate_ends_soon"
        yield Remark(code=code, facts={"not_after": story.instant(used.not_after), "fingerprint": used.fingerprint})


def _hashes(algorithm: str) -> tuple[str, ...]:
    """rsa-sha1 -> sha1, out of the algorithm's URI."""
    return (algorithm.rpartition("#")[2].rpartition("-")[2],)


def _certificate(house: House, connection: Connection, fingerprint: str | None) -> Certificate | None:
    config = connection.config
    if isinstance(config, SamlConfig):
        return next((entry for entry in config.idp_certificates if entry.fingerprint == fingerprint), None)
    if isinstance(config, TestIdpConfig) and house.test_idp is not None:
        return house.test_idp.certificate
    return None
