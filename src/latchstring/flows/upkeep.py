"""The regular chores of an environment: metadata, domains, warnings and mails of them, and what is past its use.

Each may be called by several nodes at the same moment: the work is claimed by a conditional UPDATE, and done once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from latchstring.flows import (
    connection_life,
    contact_mails,
    domain_proof,
    expiry,
    refresh,
    request_log,
    saml_metadata,
    story,
)
from latchstring.flows import connections as flow
from latchstring.flows.attribute_samples import KEEP as KEEP_SAMPLES
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.attempt import AttemptExpired, AttemptState, LoginAttempt, Step
from latchstring.model.connection import Connection, SamlConfig
from latchstring.model.environment import Pass
from latchstring.model.refusal import Refusal
from latchstring.storage import (
    attempts,
    attribute_samples,
    chores,
    connections,
    environments,
    events,
    grants,
    logouts,
    magic_links,
    paging,
    portal_links,
    portal_sessions,
    reconciliations,
    replays,
    sessions,
    sign_in_tests,
    trace_links,
    watches,
)
from latchstring.storage.database import WritingScope

INSPECTION = timedelta(hours=1)  # between two looks at every connection
SWEEP = timedelta(minutes=10)
LEASE = timedelta(minutes=5)  # who claimed a metadata URL and died is followed by another one after it
KEEP_TESTS = timedelta(days=30)
KEEP_PORTAL_LINKS = timedelta(days=90)  # behind their end, so that whoever opens one is told what has become of it
KEEP_SPENT = timedelta(days=1)  # codes and tokens, so that a late second use still finds the first one
BATCH = 100  # rows in one transaction: nobody's sign-in waits for a broom
_BATCHES = 50  # of a kind in one sweep
_AT_ONCE = 50  # metadata URLs in one round

Stopping = Callable[[], bool]


class Failed(msgspec.Struct, frozen=True):
    """A metadata URL that could not be read or applied."""

    connection_id: str
    code: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a round did."""

    refreshed: int = 0
    failed: tuple[Failed, ...] = ()
    warned: int = 0
    timed_out: int = 0
    dropped: int = 0
    domains_verified: int = 0
    domains_failed: int = 0
    deleted: int = 0  # connections whose last rows went
    mailed: int = 0  # to IT contacts
    not_mailed: int = 0  # the same, that did not leave


def round_(house: House, pass_: Pass, stopping: Stopping) -> Done:
    """Everything that is due in this environment; it stops between two pieces of work when it is told to."""
    timed_out = time_out(house, pass_)
    warned = inspect(house, pass_, stopping) if _claim(house, pass_, "inspection", INSPECTION) else 0
    dropped = sweep(house, pass_, stopping) if _claim(house, pass_, "sweep", SWEEP) else 0
    refreshed, failed = refresh_due(house, pass_, stopping)
    domains_verified, domains_failed = domain_proof.look_due(house, pass_, stopping)
    deleted = connection_life.finish_deletions(house, pass_, stopping)
    dropped += request_log.trim(house, pass_)
    mailed, not_mailed = contact_mails.send_due(house, pass_, stopping)  # last: a mail server may be slow
    return Done(
        refreshed=refreshed,
        failed=failed,
        warned=warned,
        timed_out=timed_out,
        dropped=dropped,
        domains_verified=domains_verified,
        domains_failed=domains_failed,
        deleted=deleted,
        mailed=mailed,
        not_mailed=not_mailed,
    )


def refresh_due(house: House, pass_: Pass, stopping: Stopping) -> tuple[int, tuple[Failed, ...]]:
    """Asks the metadata URLs whose time has come. A failure is written down, and keeps what is trusted (SAML-45)."""
    with house.database.read(pass_) as scope:
        due = watches.due(scope, house.now(), _AT_ONCE)
    refreshed, failed = 0, list[Failed]()
    for watch in due:
        if stopping():
            break
        with house.database.write(pass_) as scope:
            claimed = watches.claim(scope, watch, house.now() + LEASE)
        if not claimed:
            continue
        try:
            refresh.ask(house, pass_, watch.connection_id)
            refreshed += 1
        except Refusal as refusal:
            failed.append(Failed(watch.connection_id, refusal.code))
    return refreshed, tuple(failed)


def inspect(house: House, pass_: Pass, stopping: Stopping) -> int:
    """Looks at every connection: what it watches, what is over, and whose certificates are about to end.

    The number of warnings given.
    """
    warned, after = 0, None
    while not stopping():
        with house.database.read(pass_) as scope:
            window = paging.Window(limit=BATCH, order="asc", after=after)
            page = connections.page(scope, house.vault, window)
        for connection in page.items:
            now = house.now()
            if _needs_something(connection, now):
                with house.database.write(pass_) as scope:
                    warned += _look_at(house, scope, pass_, connection.id, now)
        after = page.after
        if after is None:
            break
    return warned


def time_out(house: House, pass_: Pass) -> int:
    """Ends the sign-ins that got no answer in time; the event log hears of each."""
    ended = 0
    for state in (AttemptState.AWAY, AttemptState.WAITING):
        with house.database.read(pass_) as scope:
            overdue = attempts.overdue(scope, state, house.now(), BATCH)
        if overdue:
            with house.database.write(pass_) as scope:
                ended += sum(_end(house, scope, attempt) for attempt in overdue)
    return ended


def sweep(house: House, pass_: Pass, stopping: Stopping) -> int:
    """Drops what is past its use, a batch at a time. The number of rows."""
    now = house.now()
    settings = environments.settings(house.database, pass_.environment_id)
    patience = timedelta(days=settings.reconciliation_days)
    stories = timedelta(days=settings.trace_retention_days)
    brooms: tuple[Callable[[WritingScope], int], ...] = (
        lambda scope: attempts.forget_used_messages(scope, now, BATCH),
        lambda scope: replays.forget(scope, now, BATCH),
        lambda scope: grants.forget_oauth_tokens(scope, now, BATCH),
        lambda scope: grants.forget_tokens(scope, now - KEEP_SPENT, BATCH),
        lambda scope: grants.forget(scope, now - KEEP_SPENT, BATCH),
        lambda scope: logouts.forget(scope, now - KEEP_SPENT, BATCH),
        lambda scope: sessions.forget(scope, now - KEEP_SPENT, BATCH),
        lambda scope: trace_links.forget(scope, now - KEEP_SPENT, BATCH),
        lambda scope: portal_sessions.forget(scope, now, BATCH),
        lambda scope: portal_links.forget(scope, now - KEEP_PORTAL_LINKS, BATCH),
        lambda scope: magic_links.forget(scope, now - KEEP_SPENT, BATCH),
        lambda scope: sign_in_tests.forget(scope, now - KEEP_TESTS, BATCH),
        lambda scope: attribute_samples.forget(scope, now - KEEP_SAMPLES, BATCH),
        lambda scope: reconciliations.forget(scope, now - patience, BATCH),
        *(_stories(state, now - stories) for state in AttemptState),
    )
    dropped = 0
    for broom in brooms:
        for _ in range(_BATCHES):
            if stopping():
                return dropped
            with house.database.write(pass_) as scope:
                count = broom(scope)
            dropped += count
            if count < BATCH:
                break
    return dropped


def _stories(state: AttemptState, before: datetime) -> Callable[[WritingScope], int]:
    return lambda scope: attempts.forget(scope, state, before, BATCH)


def _claim(house: House, pass_: Pass, name: str, wait: timedelta) -> bool:
    now = house.now()
    with house.database.write(pass_) as scope:
        return chores.claim(scope, name, now=now, until=now + wait)


def _needs_something(connection: Connection, now: datetime) -> bool:
    """A quick look, so that most connections cost no transaction."""
    config = connection.config
    if not isinstance(config, SamlConfig):
        return False
    ours = (*config.sp_signing_certificates, *config.sp_encryption_certificates)
    return (
        config.idp_metadata_url is not None
        or len(config.trusted_certificates(now)) < len(config.idp_certificates)
        or config.allow_sha1 is not config.allows_sha1(now)
        or config.allow_rsa1024 is not config.allows_rsa1024(now)
        or any(expiry.threshold_of(entry.not_after, now) is not None for entry in (*config.idp_certificates, *ours))
    )


def _look_at(house: House, scope: WritingScope, pass_: Pass, connection_id: str, now: datetime) -> int:
    connection = connections.get(scope, house.vault, connection_id)
    if connection is None:
        return 0
    if saml_metadata.watched_url(connection) is not None:
        watches.begin(scope, connection.id, now)  # one that was made before there was a watch
    connection = refresh.retire(house, scope, connection, now)
    connection = _end_relaxations(house, scope, pass_, connection, now)
    return expiry.warn(house, scope, connection, now)


def _end_relaxations(
    house: House, scope: WritingScope, pass_: Pass, connection: Connection, now: datetime
) -> Connection:
    """They count for nothing since their end; now that is told, and shown."""
    config = connection.config
    if not isinstance(config, SamlConfig):
        return connection
    over = {
        name: value
        for option, held in (
            ("allow_sha1", config.allows_sha1(now)),
            ("allow_rsa1024", config.allows_rsa1024(now)),
        )
        if getattr(config, option) and not held
        for name, value in ((option, False), (f"{option}_until", None))
    }
    if not over:
        return connection
    after = msgspec.structs.replace(connection, config=msgspec.structs.replace(config, **over), updated_at=now)
    connections.save(scope, house.vault, after)
    flow.tell_options(house, scope, pass_, connection, after)
    return after


def _end(house: House, scope: WritingScope, attempt: LoginAttempt) -> bool:
    """False if the answer came at the last moment, or another node was faster."""
    now = house.now()
    refusal = AttemptExpired()
    step = Step(name="refused", at=now, facts=story.refused_facts(refusal))
    if not attempts.take_steps(scope, attempt, step, refusal=refusal.code):
        return False
    if attempt.is_test:
        return True  # nobody was to be let in, and the application hears nothing of it
    begun = attempt.steps[0].facts if attempt.steps else {}
    visitor = story.Visitor(ip_address=begun.get("ip_address"), user_agent=begun.get("user_agent"))
    data = story.authentication("timed_out", attempt, visitor, refusal=refusal)
    events.add(scope, house.id(ids.EVENT, now), "authentication.sso_timed_out", data, now=now)
    return True
