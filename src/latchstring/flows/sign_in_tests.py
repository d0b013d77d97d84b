"""Testing a sign-in before it is live: a test is made, started once in whichever browser, and looked at.

It goes the way of every sign-in, and ends in an `Outcome` instead of a code (`sign_in_test_answers`). It makes no
profile and keeps no session, and no event tells of it: nobody was let in.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from latchstring.adapters.base import Departure, Wishes
from latchstring.flows import connection_life, select, story
from latchstring.flows import connections as flow
from latchstring.flows.house import House
from latchstring.model import addresses, ids
from latchstring.model.attempt import TEST_ORIGIN, AttemptState, BrowserMismatch, LoginAttempt, Step, begun
from latchstring.model.connection import (
    Config,
    Connection,
    ConnectionSecrets,
    ConnectionState,
    MagicLinkConfig,
    OAuthConfig,
    OidcConfig,
)
from latchstring.model.environment import Pass, TrustedRedirect
from latchstring.model.refusal import Conflict, LoginRefused, Mender, NotFound
from latchstring.model.sign_in_test import LIFETIME, Check, Outcome, Result, SignInTest, State
from latchstring.storage import attempts, connections, events, sign_in_tests
from latchstring.storage.sqlite import OwnerGone

SHOWN = 10  # the newest of a connection


class NothingToTest(Conflict):
    """This connection has nothing to test yet: it is {state}."""

    code = "connection_not_testable"
    mender = Mender.OPERATOR
    fix = "Finish its set-up first: give it the identity provider's details. Magic links have no identity provider."
    state: str


class SpentTest(Conflict):
    """This test was started already, or its hour is over."""

    code = "sign_in_test_spent"
    mender = Mender.USER
    fix = "Start a new test where this one was made."


class UntestedConnection(Conflict):
    """No test sign-in has succeeded with the present set-up of this connection."""

    code = "connection_untested"
    mender = Mender.OPERATOR
    fix = "Run a test sign-in first; or say that the connection shall be turned on without one, which is recorded."


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A test on its way. No departure: it ended before the browser could go anywhere, and its outcome says why."""

    test: SignInTest
    attempt: LoginAttempt
    departure: Departure | None
    browser_secret: str


class Tests(msgspec.Struct, frozen=True, kw_only=True):
    """The tests of a connection, the newest first, and the newest good one of its present set-up."""

    connection: Connection
    newest: tuple[SignInTest, ...]
    good: SignInTest | None


def create(house: House, pass_: Pass, connection_id: str, *, by: str) -> tuple[Connection, SignInTest]:
    """A test that waits to be started. Raises `NotFound`, `NothingToTest`."""
    with house.database.read(pass_) as scope:
        connection = flow.existing(connections.get(scope, house.vault, connection_id), connection_id)
    _testable(connection)
    now = house.now()
    test = SignInTest(
        id=house.id(ids.ATTEMPT, now),
        handle=house.chance(16).hex(),
        connection_id=connection.id,
        made_by=by,
        configuration=configuration(house, connection),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    with house.database.write(pass_) as scope:
        try:
            sign_in_tests.add(scope, test)
        except OwnerGone:
            raise NotFound(kind="Connection", id=connection_id) from None
    return connection, test


def start(house: House, external_key: str, handle: str, visitor: story.Visitor) -> Started:
    """To the identity provider, once. Raises `NotFound`, `NothingToTest`, `SpentTest`."""
    pass_, connection, test = at_address(house, external_key, handle)
    config = _testable(connection)
    now = house.now()
    if test.state(now) is not State.READY:
        raise SpentTest
    secret = house.secret()
    attempt = _attempt(house, connection, config, test, secret, visitor)
    test = msgspec.structs.replace(
        test, begun_at=now, expires_at=attempt.expires_at, configuration=configuration(house, connection)
    )
    departure: Departure | None = None
    outcome: Outcome | None = None
    refused: str | None = None
    try:
        departure = house.adapters[type(config)].begin(
            house.door(connection, config), attempt, Wishes(), house.fetch, now
        )
        last = Step(name="departed", at=house.now(), facts={"to": departure.url.partition("?")[0]})
    except LoginRefused as refusal:
        refused = refusal.code
        outcome = Outcome(
            checks=(Check(name="departure", result=Result.FAILED, problem=story.problem(refusal)),),
            ip_address=visitor.ip_address,
            user_agent=visitor.user_agent,
        )
        last = Step(name="refused", at=house.now(), facts=story.refused_facts(refusal))
    attempt = msgspec.structs.replace(
        attempt,
        state=AttemptState.AWAY if departure else AttemptState.REFUSED,
        steps=(*attempt.steps, last),
    )
    with house.database.write(pass_) as scope:
        begun = sign_in_tests.begin(
            scope, test.id, now=now, expires_at=test.expires_at, configuration=test.configuration
        )
        if not begun:
            raise SpentTest
        attempts.add(scope, attempt, refusal=refused)
        if outcome is not None:
            sign_in_tests.end(scope, house.vault, test.id, outcome, house.now())
    return Started(test=test, attempt=attempt, departure=departure, browser_secret=secret)


def at_address(house: House, external_key: str, handle: str) -> tuple[Pass, Connection, SignInTest]:
    """By the test's own address. Raises `NotFound`."""
    entered = select.at_address(house, external_key)
    if entered is None:
        raise NotFound(kind="Test", id=handle[:100])
    pass_, connection = entered
    with house.database.read(pass_) as scope:
        test = sign_in_tests.by_handle(scope, house.vault, handle)
    if test is None or test.connection_id != connection.id:
        raise NotFound(kind="Test", id=handle[:100])
    return pass_, connection, test


def in_browser(house: House, external_key: str, handle: str, secret: str) -> tuple[Connection, SignInTest]:
    """The test with what it found, for the browser in which it was started; one that waits is shown to anybody.

    Raises `NotFound`, `BrowserMismatch`.
    """
    pass_, connection, test = at_address(house, external_key, handle)
    if test.begun_at is not None:
        _check_browser(house, pass_, test, secret)
    return connection, test


def again(house: House, external_key: str, handle: str, secret: str) -> SignInTest:
    """Another test of the same connection, from the browser of a test that has an hour at most.

    Raises `NotFound`, `BrowserMismatch`, `NothingToTest`, `SpentTest`.
    """
    pass_, connection, test = at_address(house, external_key, handle)
    _check_browser(house, pass_, test, secret)
    if house.now() >= test.expires_at:
        raise SpentTest
    return create(house, pass_, connection.id, by=test.made_by)[1]


def of_connection(house: House, pass_: Pass, connection_id: str) -> Tests:
    """Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        connection = flow.existing(connections.get(scope, house.vault, connection_id), connection_id)
        newest = sign_in_tests.newest(scope, house.vault, connection_id, SHOWN)
        good = sign_in_tests.last_good(scope, house.vault, connection_id, configuration(house, connection))
    return Tests(connection=connection, newest=tuple(newest), good=good)


def get(house: House, pass_: Pass, connection_id: str, test_id: str) -> tuple[Connection, SignInTest]:
    """Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        connection = flow.existing(connections.get(scope, house.vault, connection_id), connection_id)
        test = sign_in_tests.get(scope, house.vault, test_id)
    if test is None or test.connection_id != connection_id:
        raise NotFound(kind="Test", id=test_id)
    return connection, test


def turn_on(house: House, pass_: Pass, connection_id: str, *, by: str, untested: bool = False) -> Connection:
    """Makes a connection active for the reason of a good test of its present set-up, or, `untested`, without one.

    Either is told in an event of ours, with who did it; the audit log tells of the latter in so many words.
    Raises `NotFound`, `UntestedConnection`, `StateUnreachable`.
    """
    now = house.now()
    with house.database.write(pass_) as scope:
        connection = flow.existing(connections.get(scope, house.vault, connection_id), connection_id)
        good = sign_in_tests.last_good(scope, house.vault, connection_id, configuration(house, connection))
        if good is None and not untested:
            raise UntestedConnection
        if connection.state is ConnectionState.ACTIVE:
            return connection
        active = connection_life.switched(house, scope, connection, "on")
        if good is None:
            scope.note("connection.turned_on_untested", ("connection", connection.id, connection.name))
        data = {
            **story.connection_core(active),
            "reason": "untested" if good is None else "test",
            "test_id": None if good is None else good.id,
            "turned_on_by": by,
        }
        events.add(scope, house.id(ids.EVENT, now), "connection.turned_on", data, now=now)
    return active


def configuration(house: House, connection: Connection) -> str:
    """A digest of everything that a test tries out, the client secret included.

    Secrets go in under a key of the house: whoever reads the database cannot try guesses on them.
    """
    tried = msgspec.json.encode((connection.type, connection.config, connection.attribute_maps), order="deterministic")
    secrets = connection.secrets.reveal()
    if secrets != ConnectionSecrets():
        told = msgspec.json.encode(secrets, order="deterministic")
        tried += house.vault.digest(
            told,
            environment_id=connection.environment_id,
            table="sign_in_tests",
            row_id=connection.id,
            column="configuration",
        )
    return sha256(tried).hexdigest()


def is_testable(connection: Connection) -> bool:
    """In whatever state it is: what counts is that there is something to ask."""
    config, state = connection.config, connection.state
    return config is not None and not isinstance(config, MagicLinkConfig) and state is not ConnectionState.DELETING


def _testable(connection: Connection) -> Config:
    if connection.config is None or not is_testable(connection):
        raise NothingToTest(state=connection.state.value)
    return connection.config


def _attempt(
    house: House, connection: Connection, config: Config, test: SignInTest, secret: str, visitor: story.Visitor
) -> LoginAttempt:
    now = house.now()
    keeps_secrets = isinstance(config, OidcConfig | OAuthConfig)
    facts = {
        "origin": TEST_ORIGIN,
        "made_by": test.made_by,
        "ip_address": visitor.ip_address,
        "user_agent": visitor.user_agent,
    }
    return begun(
        id=test.id,
        handle=test.handle,
        connection=connection,
        redirect_uri=TrustedRedirect(addresses.of_test(house.base_url, connection.external_key, test.handle)),
        now=now,
        lifetime=LIFETIME,
        steps=(Step(name="begun", at=now, facts=facts),),
        browser_hash=sha256(secret.encode()).digest(),
        nonce=house.secret() if keeps_secrets else None,
        code_verifier=house.secret() if keeps_secrets else None,
    )


def _check_browser(house: House, pass_: Pass, test: SignInTest, secret: str) -> None:
    """Raises `BrowserMismatch`."""
    with house.database.read(pass_) as scope:
        attempt = attempts.get(scope, test.id)
    if attempt is None or not attempt.is_of(secret):
        raise BrowserMismatch
