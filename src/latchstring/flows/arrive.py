"""An identity provider's answer -> Assertion -> Profile -> a code for the application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from latchstring.adapters.base import Adapter, Arrival
from latchstring.flows import idp_initiated, land, select, sign_in_test_answers, story, strays
from latchstring.flows.authorize import ReturnToApp
from latchstring.flows.house import House
from latchstring.flows.idp_initiated import Question
from latchstring.flows.land import Landing
from latchstring.flows.select import AddressUnknown
from latchstring.flows.sign_in_test_answers import Tested
from latchstring.model import addresses
from latchstring.model.attempt import (
    AnswerUnknown,
    AttemptState,
    LoginAttempt,
    OutOfTurn,
    Step,
)
from latchstring.model.connection import Connection, ConnectionState, OAuthConfig, OidcConfig, SamlConfig, TestIdpConfig
from latchstring.model.environment import Pass
from latchstring.model.refusal import LoginRefused
from latchstring.storage import attempts, organizations

Speaks = Literal["saml", "oidc", "oauth"]
_SPOKEN: Mapping[Speaks, tuple[type, ...]] = {  # nobody answers at another protocol's address; a draft has none yet
    "saml": (SamlConfig, TestIdpConfig, type(None)),
    "oidc": (OidcConfig,),
    "oauth": (OAuthConfig,),
}


def arrive(
    house: House,
    external_key: str,
    *,
    speaks: Speaks,
    provider: str | None = None,
    fields: Mapping[str, str],
    browser_secret: Mapping[str, str],
    consented: str,
    visitor: story.Visitor,
) -> Landing | Question | Tested:
    """`speaks` and, for OAuth, `provider` are what the address says. `browser_secret` maps an attempt's handle to the
    secret that this browser's cookie holds for it; `consented` is what it remembers of a question answered with yes
    (`flows.consent`).

    Raises `UntrustedRequest` (show a page) while the attempt is not known to be this browser's, `ReturnToApp` after.
    """
    entered = select.at_address(house, external_key)
    if entered is None or not isinstance(entered[1].config, _SPOKEN[speaks]):
        raise AddressUnknown
    pass_, connection = entered
    if speaks == "oauth" and addresses.provider_word(connection.type) != provider:
        raise AddressUnknown
    config = connection.config
    if config is None or connection.state is ConnectionState.DELETING:
        refusal = select.unlinked(connection)
        strays.record(house, pass_, connection, refusal, visitor)
        raise refusal
    adapter = house.adapters[type(config)]
    try:
        arrival = adapter.receive(fields)
    except LoginRefused as refusal:
        under_test = sign_in_test_answers.of_browser(house, pass_, connection, fields, browser_secret)
        if under_test is not None:
            return sign_in_test_answers.refuse(house, pass_, connection, under_test, refusal, visitor)
        try:
            select.usable(connection)  # one that is switched off says that first
        except LoginRefused as switched_off:
            strays.record(house, pass_, connection, switched_off, visitor)
            raise
        strays.record(house, pass_, connection, refusal, visitor)
        raise
    handle = arrival.handle
    attempt = None
    if handle is not None:
        with house.database.read(pass_) as scope:
            attempt = attempts.by_handle(scope, handle)
    if attempt is None or attempt.connection_id != connection.id:
        under_test = sign_in_test_answers.of_browser(house, pass_, connection, fields, browser_secret)
        if under_test is not None:
            unasked = sign_in_test_answers.unasked(under_test, handle)
            return sign_in_test_answers.refuse(house, pass_, connection, under_test, unasked, visitor, arrival)
    elif attempt.is_test:
        attempt.check_browser(browser_secret.get(attempt.handle, ""), house.now())
        return sign_in_test_answers.judge(house, pass_, connection, adapter, attempt, arrival, visitor)
    try:
        select.usable(connection)
        if handle is None and speaks != "saml":
            raise AnswerUnknown  # OpenID Connect and OAuth always begin here
        if handle is not None:
            attempt = _of_browser(attempt, connection, browser_secret.get(handle, ""), house.now())
    except LoginRefused as refusal:
        strays.record(house, pass_, connection, refusal, visitor, arrival=arrival)
        raise
    if attempt is None or handle is None:
        return idp_initiated.receive(
            house,
            pass_,
            connection,
            adapter,
            arrival,
            relay_state=fields.get("RelayState"),
            consented=consented,
            visitor=visitor,
        )
    try:
        return _land(house, pass_, adapter, connection, attempt, arrival)
    except LoginRefused as refusal:
        land.record(house, pass_, connection, attempt, refusal, visitor, arrival)
        raise ReturnToApp(refusal, attempt.redirect_uri, attempt.app_state) from refusal


def _of_browser(attempt: LoginAttempt | None, connection: Connection, secret: str, now: datetime) -> LoginAttempt:
    if attempt is None or attempt.connection_id != connection.id:
        raise AnswerUnknown
    attempt.check_browser(secret, now)
    return attempt


def _land(
    house: House,
    pass_: Pass,
    adapter: Adapter,
    connection: Connection,
    attempt: LoginAttempt,
    arrival: Arrival,
) -> Landing:
    now = house.now()
    attempt.expect(AttemptState.AWAY, now)
    config = connection.config
    assert config is not None  # noqa: S101 - arrive() saw to it
    assertion = adapter.finish(house.door(connection, config), arrival, attempt, house.fetch, now)
    assertion = land.passed_on(house, pass_, assertion)
    # Only now: a provider may be asked for seconds, and a domain that was taken away meanwhile lets nobody in.
    with house.database.read(pass_) as scope:
        organization = organizations.get(scope, connection.organization_id) if connection.organization_id else None
    person = land.person(house, pass_, connection, organization, assertion, now)
    with house.database.write(pass_) as scope:
        profile = land.enter(house, scope, connection, assertion, person)
        code = land.give_code(house, scope, attempt, profile.id, now)
        land.keep_oauth_tokens(house, scope, code, assertion)
        land.keep_session(house, scope, attempt, profile.id, assertion, now)
        steps = (
            Step(name="arrived", at=now, facts={"checks": assertion.passed, **person.facts}),
            Step(name="granted", at=house.now(), facts={"profile_id": profile.id}),
        )
        if not attempts.take_steps(scope, attempt, *steps, email=profile.email, certificate=person.certificate):
            raise OutOfTurn
        land.keep_answer(house, scope, pass_, attempt, arrival)
        land.activate(house, scope, connection, now)
    house.told(story.news(attempt, connection, house.now(), email=profile.email))
    return Landing(attempt=attempt, redirect_uri=attempt.redirect_uri, code=code, app_state=attempt.app_state)
