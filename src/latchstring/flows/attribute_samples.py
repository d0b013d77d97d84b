"""What a sign-in leaves behind for whoever mends a mapping: a sample, and if it was refused, a person who waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Connection, MagicLinkConfig
from latchstring.model.profile import Assertion
from latchstring.model.testimony import AttributeSample, Reconciliation
from latchstring.protocols import attribute_samples as reading
from latchstring.storage import attribute_samples, reconciliations
from latchstring.storage.database import WritingScope

KEEP = timedelta(days=90)
MAX_AWAITING = 1000  # of a connection: a provider that names people anew at each try fills no disk


def keep_good(house: House, scope: WritingScope, connection: Connection, assertion: Assertion, now: datetime) -> None:
    """One statement; and a second one for somebody whose earlier sign-ins were refused."""
    if isinstance(connection.config, MagicLinkConfig):
        return  # nobody maps anything there
    person = reconciliations.subject_hash(connection.id, reading.whose(assertion))
    sample = AttributeSample(at=now, refusal=None, testimony=reading.testimony(assertion))
    if attribute_samples.keep(scope, house.vault, connection.id, sample, subject_hash=person):
        reconciliations.signed_in(scope, connection.id, person)


def keep_tested(
    house: House,
    scope: WritingScope,
    connection: Connection,
    assertion: Assertion,
    *,
    refusal: str | None,
    now: datetime,
) -> None:
    """Of a test: a sample, and nothing else. Nobody came in, and nobody waits."""
    person = reconciliations.subject_hash(connection.id, reading.whose(assertion))
    sample = AttributeSample(at=now, refusal=refusal, testimony=reading.testimony(assertion))
    attribute_samples.keep(scope, house.vault, connection.id, sample, subject_hash=person)


def keep_refused(
    house: House,
    scope: WritingScope,
    connection: Connection,
    assertion: Assertion,
    *,
    refusal: str,
    awaits: bool,
    now: datetime,
) -> None:
    """`awaits`: another mapping may let this person in."""
    if isinstance(connection.config, MagicLinkConfig):
        return
    person = reconciliations.subject_hash(connection.id, reading.whose(assertion))
    sample = AttributeSample(at=now, refusal=refusal, testimony=reading.testimony(assertion))
    attribute_samples.keep(scope, house.vault, connection.id, sample, subject_hash=person)
    if awaits:
        entry = Reconciliation(
            id=house.id(ids.RECONCILIATION, now),
            connection_id=connection.id,
            refusal=refusal,
            tries=1,
            testimony=sample.testimony,
            created_at=now,
            updated_at=now,
        )
        reconciliations.put(scope, house.vault, entry, subject_hash=person, most=MAX_AWAITING)
