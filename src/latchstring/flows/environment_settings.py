"""The settings of an environment: changed by its operator or its API key, and every change told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows import environments as flow
from latchstring.flows import story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Environment, EnvironmentKind, EnvironmentSettings, Pass
from latchstring.model.refusal import InvalidFields, InvalidRequest, NotFound
from latchstring.protocols import portal_url, redirect_uri
from latchstring.storage import (
    attribute_samples,
    environments,
    events,
    front_door,
    profiles,
    reconciliations,
    sign_in_answers,
)

MAX_MAGIC_LINKS = 1000  # an hour to one address; more is no limit any more
MAX_RECONCILIATION_DAYS = 365
MAX_API_LOG_DAYS = 90
MAX_TRACE_DAYS = 365
_BATCH = 100  # answers in one transaction


class LooseInProduction(InvalidRequest):
    """A production environment takes no loose redirect URI rules."""

    code = "redirect_uri_rules_production"
    fix = "Register https addresses, each by itself; loose rules are for a staging environment of its own."


class SettingsWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be changed. A field that is left out stays as it is."""

    relay_state: Literal["refuse", "redirect_uri"] | UnsetType = UNSET
    idp_initiated: Literal["allow", "refuse"] | UnsetType = UNSET
    idp_initiated_consent: bool | UnsetType = UNSET
    return_oauth_tokens: bool | UnsetType = UNSET
    logout_uri: str | UnsetType | None = UNSET  # null: no such place
    redirect_uri_rules: Literal["strict", "loose"] | UnsetType = UNSET
    raw_attributes: Literal["keep", "empty"] | UnsetType = UNSET
    domain_selector: Literal["refuse", "resolve"] | UnsetType = UNSET
    magic_links_per_hour: Annotated[int, msgspec.Meta(ge=0, le=MAX_MAGIC_LINKS)] | UnsetType = UNSET  # 0: none
    reconciliation_days: Annotated[int, msgspec.Meta(ge=1, le=MAX_RECONCILIATION_DAYS)] | UnsetType = UNSET
    sign_in_answers: Literal["keep", "off"] | UnsetType = UNSET
    api_log_days: Annotated[int, msgspec.Meta(ge=0, le=MAX_API_LOG_DAYS)] | UnsetType = UNSET  # 0: none
    portal_return_url: str | UnsetType | None = UNSET  # null: no such place
    portal_success_url: str | UnsetType | None = UNSET  # the same
    trace_retention_days: Annotated[int, msgspec.Meta(ge=1, le=MAX_TRACE_DAYS)] | UnsetType = UNSET


def of(house: House, pass_: Pass) -> Environment:
    """The environment that this pass opens."""
    return flow.get(house, pass_.environment_id)


def change(house: House, name: str, wish: SettingsWish) -> Environment:
    """For whoever sits at the machine. Raises `NotFound`, and what `change_own` raises."""
    return change_own(house, front_door.by_operator(flow.get(house, name)), wish)


def change_own(house: House, pass_: Pass, wish: SettingsWish) -> Environment:
    """Adds `environment.settings_changed` to the event log if anything is other than before.

    Raises `LooseInProduction`, and `InvalidFields` for a logout URI that is none, or that only the rules to be taken
    back would admit, and for a URL of the portal that leads nowhere.
    """
    wished = {name: value for name, value in msgspec.structs.asdict(wish).items() if value is not UNSET}
    now = house.now()
    with house.database.write_house() as whole:
        before = environments.named(whole, pass_.environment_id)
        if before is None:
            raise NotFound(kind="Environment", id=pass_.environment_id)
        settings = msgspec.structs.replace(before.settings, **wished)
        _check(before, settings)
        changes = _changes(before.settings, settings)
        if changes:
            environments.set_settings(whole, before.id, settings, now)
            with house.database.within(pass_, whole) as scope:
                data = {"environment": story.environment_core(before), "changes": changes, "actor": pass_.actor}
                events.add(scope, house.id(ids.EVENT, now), "environment.settings_changed", data, now=now)
    if wish.raw_attributes == "empty":
        _forget_raw_attributes(house, pass_)
    if wish.raw_attributes == "empty" or wish.sign_in_answers == "off":
        _forget_answers(house, pass_)
    return of(house, pass_)


def _forget_raw_attributes(house: House, pass_: Pass) -> None:
    """Of all profiles that there are, some at a time. Whoever is interrupted says it again."""
    after: str | None = ""
    while after is not None:
        with house.database.write(pass_) as scope:
            after = profiles.forget_raw(scope, after)
    with house.database.write(pass_) as scope:
        attribute_samples.forget_all(scope)
        reconciliations.forget_all(scope)


def _forget_answers(house: House, pass_: Pass) -> None:
    """Of all sign-ins that there are, some at a time. Whoever is interrupted says it again."""
    gone = _BATCH
    while gone == _BATCH:
        with house.database.write(pass_) as scope:
            gone = sign_in_answers.forget_all(scope, _BATCH)


def _check(environment: Environment, settings: EnvironmentSettings) -> None:
    if settings.redirect_uri_rules == "loose" and environment.kind is EnvironmentKind.PRODUCTION:
        raise LooseInProduction
    if settings.logout_uri is not None:
        redirect_uri.check_one_place(settings.logout_uri, settings.redirects(environment.kind))
    urls = (("portal_return_url", settings.portal_return_url), ("portal_success_url", settings.portal_success_url))
    faults = tuple(fault for name, url in urls if url and (fault := portal_url.fault(environment.kind, name, url)))
    if faults:
        raise InvalidFields(errors=faults)


def _changes(old: EnvironmentSettings, new: EnvironmentSettings) -> dict[str, Any]:
    was, now = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
    return {name: {"from": was[name], "to": now[name]} for name in was if was[name] != now[name]}
