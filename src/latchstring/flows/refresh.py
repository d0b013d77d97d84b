"""A metadata URL under watch: asked again on a schedule, applied with an overlap, or left to a person (SAML-44, -45).

Only this and a person's own act change what a connection trusts; no sign-in ever waits for metadata.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from latchstring.flows import key_pairs, logout_settings, saml_metadata, story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Certificate, Connection, SamlConfig
from latchstring.model.environment import Pass
from latchstring.model.refusal import Conflict, InvalidFields, InvalidRequest, NotFound, Refusal
from latchstring.model.secret import Secret
from latchstring.protocols.saml.metadata import IdpMetadata
from latchstring.storage import connections, events, watches
from latchstring.storage.database import WritingScope
from latchstring.storage.watches import Failure, Pending, Service, Watch

INTERVAL = timedelta(hours=6)  # between two successes, unless the document asks for less
SOONEST = timedelta(minutes=15)  # however little it asks for
RETRY = timedelta(minutes=5)  # after a first failure; twice as long after each further one
OVERLAP = timedelta(days=7)  # how long a certificate is accepted after it is gone from the document
MAX_KEPT = 20  # certificates in all, those that are about to go included


class NotWatched(InvalidRequest):
    """The connection has no metadata URL."""

    code = "metadata_not_watched"
    fix = "Set `saml_options.idp_metadata_url`; it is watched from then on."


class NothingPending(Conflict):
    """No change of the connection's identity provider waits for a decision."""

    code = "metadata_change_absent"
    fix = "Look at `saml_options.idp_metadata.pending` of the connection."


class OtherPending(Conflict):
    """The change that waits for a decision is one to '{expected}', not to '{received}'."""

    code = "metadata_change_other"
    fix = "Look at `saml_options.idp_metadata.pending` again; accept it if that is the identity provider that is meant."
    expected: str
    received: str


def watch(
    house: House, scope: WritingScope, connection: Connection, service: Service | None, now: datetime, *, by: str
) -> Watch | None:
    """Begins, goes on or ends, as the configuration says. `service` is what the URL named, if `by` asked just now."""
    if saml_metadata.watched_url(connection) is None:
        watches.end(scope, connection.id)
        return None
    watches.begin(scope, connection.id, now)
    if service is not None:
        next_at = now + _with_jitter(house, INTERVAL)
        fresh = Watch(
            connection_id=connection.id,
            next_at=next_at,
            asked_at=now,
            refreshed_at=now,
            seen=service,
            asked_by=by,
            refreshed_by=by,
        )
        watches.keep(scope, fresh)
    return watches.get(scope, connection.id)


def ask(house: House, pass_: Pass, connection_id: str) -> None:
    """Fetches the document and applies what may be applied.

    A failure is written down, leaves everything as it is, and is raised on: `IdpFailed`, `MetadataRefused`,
    `CertificateInvalid`, `InvalidFields`. Raises `NotFound` and `NotWatched` too.
    """
    with house.database.read(pass_) as scope:
        connection = _existing(connections.get(scope, house.vault, connection_id), connection_id)
    url = saml_metadata.watched_url(connection)
    if url is None:
        raise NotWatched
    try:
        meant = connection.config.idp_entity_id if isinstance(connection.config, SamlConfig) else None
        found = saml_metadata.fetch(house, url, house.now(), meant=meant)
    except Refusal as refusal:
        _failed(house, pass_, connection_id, refusal)
        raise
    with house.database.write(pass_) as scope:
        _take(house, scope, pass_, connection_id, url=url, found=found)


def accept(house: House, pass_: Pass, connection_id: str, *, entity_id: str) -> None:
    """A person's yes to another identity provider: it takes the place of the old one at once, without an overlap."""
    now = house.now()
    with house.database.write(pass_) as scope:
        connection = _existing(connections.get(scope, house.vault, connection_id), connection_id)
        watched = watches.get(scope, connection_id)
        if not isinstance(connection.config, SamlConfig) or watched is None or watched.pending is None:
            raise NothingPending
        pending = watched.pending
        if pending.entity_id != entity_id:
            raise OtherPending(expected=pending.entity_id, received=entity_id)
        before = connection.config
        known = {entry.fingerprint: entry for entry in before.idp_certificates}
        fresh = [key_pairs.certificate(house, pem, now, field="value") for pem in pending.certificates]
        config = msgspec.structs.replace(
            before,
            idp_entity_id=pending.entity_id,
            **msgspec.structs.asdict(pending.service),
            idp_wants_signed_requests=pending.wants_signed_requests,
            idp_certificates=tuple(
                msgspec.structs.replace(known.get(entry.fingerprint, entry), source="metadata", retire_at=None)
                for entry in fresh
            ),
            idp_distrusted=(),
        )
        connection = _save(house, scope, connection, config, now)
        accepted = msgspec.structs.replace(
            watched, seen=pending.service, pending=None, refreshed_at=now, refreshed_by=pass_.actor
        )
        watches.keep(scope, accepted)
        data = {
            "connection": story.connection_core(connection),
            "from": before.idp_entity_id,
            "to": pending.entity_id,
            "actor": pass_.actor,
        }
        events.add(scope, house.id(ids.EVENT, now), "connection.saml_metadata_accepted", data, now=now)
        _ask_for_signatures(house, scope, pass_, connection, before, config, now)


def retire(house: House, scope: WritingScope, connection: Connection, now: datetime) -> Connection:
    """Takes away the certificates whose overlap is over; they are not accepted since that moment."""
    if not isinstance(connection.config, SamlConfig):
        return connection
    config = connection.config
    left = config.trusted_certificates(now)
    gone = tuple(entry for entry in config.idp_certificates if entry not in left)
    if not gone or not left:
        return connection
    connection = _save(house, scope, connection, msgspec.structs.replace(config, idp_certificates=left), now)
    for entry in gone:
        data = {
            "connection": story.connection_reference(connection),
            "certificate": {"id": entry.id, "fingerprint": entry.fingerprint},
            "retired_at": story.instant(entry.retire_at or now),
        }
        events.add(scope, house.id(ids.EVENT, now), "connection.saml_certificate_retired", data, now=now)
    return connection


def _take(house: House, scope: WritingScope, pass_: Pass, connection_id: str, *, url: str, found: IdpMetadata) -> None:
    """Into the connection as it is by now; nothing, if it watches another URL by now."""
    now = house.now()
    connection = connections.get(scope, house.vault, connection_id)
    watched = watches.get(scope, connection_id)
    if connection is None or watched is None or saml_metadata.watched_url(connection) != url:
        return
    config = connection.config
    assert isinstance(config, SamlConfig)  # noqa: S101 - it has a metadata URL
    watched = msgspec.structs.replace(
        watched,
        next_at=_next_after(house, found, now),
        failures=0,
        asked_at=now,
        asked_by=pass_.actor,
        error=None,
        failing_since=None,
    )
    if found.entity_id != config.idp_entity_id:
        watches.keep(scope, _leave_to_a_person(house, scope, pass_, connection, config, watched, found, now))
        return
    applied = _applied(house, config, found, watched.seen, now)
    if applied != config:
        connection = _save(house, scope, connection, applied, now)
        _tell(house, scope, pass_, connection, config, applied, now)
        _ask_for_signatures(house, scope, pass_, connection, config, applied, now)
    service = saml_metadata.service(found)
    done = msgspec.structs.replace(watched, refreshed_at=now, refreshed_by=pass_.actor, seen=service, pending=None)
    watches.keep(scope, done)


def _applied(house: House, config: SamlConfig, found: IdpMetadata, seen: Service | None, now: datetime) -> SamlConfig:
    listed = {facts.fingerprint: facts for facts in found.certificates}
    for fingerprint in config.idp_distrusted:
        listed.pop(fingerprint, None)
    kept: list[Certificate] = []
    for entry in config.trusted_certificates(now):
        if entry.fingerprint in listed:
            kept.append(msgspec.structs.replace(entry, source="metadata", retire_at=None))
        elif entry.source == "metadata" and entry.retire_at is None and listed:
            kept.append(msgspec.structs.replace(entry, retire_at=now + OVERLAP))
        else:
            kept.append(entry)
    known = {entry.fingerprint for entry in kept}
    for fingerprint, facts in listed.items():
        if fingerprint not in known:
            entry = key_pairs.certificate(house, facts.pem, now, field="saml_options.idp_metadata_url")
            kept.append(msgspec.structs.replace(entry, source="metadata"))
    going = sorted((entry for entry in kept if entry.retire_at), key=lambda entry: entry.retire_at or now)
    surplus = going[: max(0, len(kept) - MAX_KEPT)]
    config = msgspec.structs.replace(config, idp_certificates=tuple(entry for entry in kept if entry not in surplus))
    service = saml_metadata.service(found)
    if service != seen:  # what a person set by hand stays until the document itself says something new
        config = msgspec.structs.replace(config, **msgspec.structs.asdict(service))
    return msgspec.structs.replace(config, idp_wants_signed_requests=found.want_requests_signed)


def _ask_for_signatures(
    house: House,
    scope: WritingScope,
    pass_: Pass,
    connection: Connection,
    before: SamlConfig,
    after: SamlConfig,
    now: datetime,
) -> None:
    """A document that begins to want signed requests switches nothing: the provider has to be given our key first."""
    if after.sign_requests or not after.idp_wants_signed_requests or before.idp_wants_signed_requests:
        return
    data = {"connection": story.connection_core(connection), "actor": pass_.actor}
    events.add(scope, house.id(ids.EVENT, now), "connection.saml_signed_requests_wanted", data, now=now)


def _leave_to_a_person(
    house: House,
    scope: WritingScope,
    pass_: Pass,
    connection: Connection,
    config: SamlConfig,
    watched: Watch,
    found: IdpMetadata,
    now: datetime,
) -> Watch:
    pending = Pending(
        entity_id=found.entity_id,
        service=saml_metadata.service(found),
        certificates=tuple(facts.pem for facts in found.certificates),
        wants_signed_requests=found.want_requests_signed,
        seen_at=now,
    )
    before = watched.pending
    if before is not None and msgspec.structs.replace(before, seen_at=now) == pending:
        return watched
    data = {
        "connection": story.connection_core(connection),
        "expected": config.idp_entity_id,
        "received": found.entity_id,
        "actor": pass_.actor,
    }
    events.add(scope, house.id(ids.EVENT, now), "connection.saml_metadata_changed", data, now=now)
    return msgspec.structs.replace(watched, pending=pending)


def _tell(
    house: House,
    scope: WritingScope,
    pass_: Pass,
    connection: Connection,
    before: SamlConfig,
    after: SamlConfig,
    now: datetime,
) -> None:
    known = {entry.fingerprint: entry for entry in before.idp_certificates}
    for entry in after.idp_certificates:
        if entry.fingerprint not in known:
            data = story.certificate_renewed(connection, entry, "ResponseSigning", now)
            events.add(scope, house.id(ids.EVENT, now), "connection.saml_certificate_renewed", data, now=now)
    changes = {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in (*Service.__struct_fields__, "idp_wants_signed_requests")
        if getattr(before, name) != getattr(after, name)
    }
    going = [
        {"id": entry.id, "fingerprint": entry.fingerprint, "retire_at": story.instant(entry.retire_at)}
        for entry in after.idp_certificates
        if entry.retire_at is not None and known[entry.fingerprint].retire_at is None
    ]
    if changes or going:
        data = {
            "connection": story.connection_core(connection),
            "changes": changes,
            "certificates_going": going,
            "actor": pass_.actor,
        }
        events.add(scope, house.id(ids.EVENT, now), "connection.saml_metadata_applied", data, now=now)


def _failed(house: House, pass_: Pass, connection_id: str, refusal: Refusal) -> None:
    now = house.now()
    message = refusal.errors[0].message if isinstance(refusal, InvalidFields) else refusal.message
    with house.database.write(pass_) as scope:
        watched = watches.get(scope, connection_id)
        if watched is None:
            return
        wait = min(RETRY * 2 ** min(watched.failures, 10), INTERVAL)
        failed = msgspec.structs.replace(
            watched,
            next_at=now + _with_jitter(house, wait),
            failures=watched.failures + 1,
            asked_at=now,
            asked_by=pass_.actor,
            failing_since=watched.failing_since or now,
            error=Failure(code=refusal.code, message=message[:500]),
        )
        watches.keep(scope, failed)


def _next_after(house: House, found: IdpMetadata, now: datetime) -> datetime:
    """Sooner than usual where the document may be kept for less (metadata 2.3.1), and well before it ends."""
    wait = INTERVAL
    if found.cache_duration is not None:
        wait = min(wait, found.cache_duration)
    if found.valid_until is not None:
        wait = min(wait, (found.valid_until - now) / 2)
    return now + _with_jitter(house, max(wait, SOONEST))


def _with_jitter(house: House, wait: timedelta) -> timedelta:
    """Up to a tenth more or less, so that those that were made together do not ask together for ever."""
    return wait * (0.9 + int.from_bytes(house.chance(2), "big") / 65_535 / 5)


def _save(house: House, scope: WritingScope, connection: Connection, config: SamlConfig, now: datetime) -> Connection:
    config, secrets = logout_settings.with_signing_key(house, config, connection.secrets.reveal(), now)
    after = msgspec.structs.replace(connection, config=config, secrets=Secret(secrets), updated_at=now)
    connections.save(scope, house.vault, after)
    return after


def _existing(connection: Connection | None, connection_id: str) -> Connection:
    if connection is None:
        raise NotFound(kind="Connection", id=connection_id)
    return connection
