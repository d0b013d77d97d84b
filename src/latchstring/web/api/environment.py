"""/environment: the one that the API key belongs to, and its settings. An addition of ours."""

from __future__ import annotations

from typing import Literal

import msgspec

from latchstring.flows import environment_settings as flow
from latchstring.flows import story
from latchstring.flows.environment_settings import SettingsWish
from latchstring.flows.house import House
from latchstring.web.kit.message import Reply, as_json
from latchstring.web.kit.route import Ask


class EnvironmentShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A world of its own, staging or production."""

    object_: Literal["environment"]
    id: str
    name: str
    kind: Literal["staging", "production"]
    client_id: str
    relay_state: Literal["refuse", "redirect_uri"]
    idp_initiated: Literal["allow", "refuse"]
    idp_initiated_consent: bool
    return_oauth_tokens: bool
    logout_uri: str | None
    redirect_uri_rules: Literal["strict", "loose"]
    domain_selector: Literal["refuse", "resolve"]
    magic_links_per_hour: int
    reconciliation_days: int
    api_log_days: int
    raw_attributes: Literal["keep", "empty"]
    sign_in_answers: Literal["keep", "off"]
    trace_retention_days: int
    portal_return_url: str | None
    portal_success_url: str | None
    created_at: str
    updated_at: str


def get(house: House, ask: Ask) -> Reply:
    return as_json(story.environment(flow.of(house, ask.caller)))


def update(house: House, ask: Ask) -> Reply:
    wish: SettingsWish = ask.body
    return as_json(story.environment(flow.change_own(house, ask.caller, wish)))
