"""Certificates that are about to end: one event at 90, 30, 7 and 1 days, at the end, and every 7 days after it."""

from __future__ import annotations

from datetime import datetime

from latchstring.flows import story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Certificate, Connection, SamlConfig
from latchstring.storage import chores, events, portal_mails
from latchstring.storage.database import WritingScope
from latchstring.storage.portal_mails import About, Kind

THRESHOLDS = (1, 7, 30, 90)  # days before the end
OF_IDP = "ResponseSigning"  # that an organization's own IT renews
AFTER = 7  # days between two warnings after it


def warn(house: House, scope: WritingScope, connection: Connection, now: datetime) -> int:
    """The number of warnings given. Each is given once, by whichever node comes first.

    Who was away for a month hears the newest warning alone: those in between are out of date.
    """
    if not isinstance(connection.config, SamlConfig) or not connection.state.admits_logins:
        return 0
    given = 0
    for certificate_type, entry in that_matter(connection.config, now):
        threshold = threshold_of(entry.not_after, now)
        if threshold is not None and chores.warn_once(
            scope,
            connection.id,
            certificate_type=certificate_type,
            fingerprint=entry.fingerprint,
            threshold=threshold,
            now=now,
        ):
            data = story.certificate_renewal_required(connection, entry, certificate_type, now)
            events.add(scope, house.id(ids.EVENT, now), "connection.saml_certificate_renewal_required", data, now=now)
            if certificate_type == OF_IDP and connection.organization_id is not None:
                portal_mails.ask(scope, connection.organization_id, Kind.CERTIFICATE_ENDS, About(), now)
            given += 1
    return given


def next_end(connection: Connection, now: datetime) -> datetime | None:
    """When the first of the certificates that matter ends, if that is within the longest threshold or behind us."""
    if not isinstance(connection.config, SamlConfig) or not connection.state.admits_logins:
        return None
    ends = [entry.not_after for _, entry in that_matter(connection.config, now)]
    return min((end for end in ends if threshold_of(end, now) is not None), default=None)


def threshold_of(not_after: datetime, now: datetime) -> int | None:
    """The newest threshold that is behind us; None while there are more than 90 days."""
    days = story.days_until(not_after, now)
    if now >= not_after:
        return -(-days // AFTER * AFTER)
    return next((threshold for threshold in THRESHOLDS if days <= threshold), None)


def that_matter(config: SamlConfig, now: datetime) -> list[tuple[str, Certificate]]:
    """Kind (contract 3.6) and certificate: of each collection the one that a person has to replace.

    An older one beside a newer one does not count.
    """
    found: list[tuple[str, Certificate]] = []
    staying = [entry for entry in config.idp_certificates if entry.retire_at is None]
    if staying:
        found.append((OF_IDP, max(staying, key=_end)))
    signs = config.signing_certificate(now)
    if signs is not None and not any(
        entry.active_from is not None and now < entry.active_from < signs.not_after
        for entry in config.sp_signing_certificates
    ):
        found.append(("RequestSigning", signs))
    if config.sp_encryption_certificates:
        found.append(("ResponseEncryption", max(config.sp_encryption_certificates, key=_end)))
    return found


def _end(entry: Certificate) -> datetime:
    return entry.not_after
