"""Settings of the Dashboard itself: whether everybody needs a second factor, and who lacks one."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from latchstring.flows.house import House
from latchstring.model.dashboard_settings import DashboardSettings
from latchstring.model.operator import OperatorSession, Way
from latchstring.storage import house_settings, operator_factors, passkeys


def current(house: House) -> DashboardSettings:
    with house.database.house() as whole:
        return house_settings.dashboard(whole)


def need_second_factor(house: House, *, needed: bool) -> DashboardSettings:
    """Whoever has none is led to set one up, with the very next page that they ask for."""
    with house.database.write_house() as whole:
        settings = msgspec.structs.replace(house_settings.dashboard(whole), second_factor_needed=needed)
        house_settings.set_dashboard(whole, settings)
    return settings


def lacks_second_factor(house: House, session: OperatorSession) -> bool:
    """Whether this one has to set one up first. Of whoever an identity provider let in, that one asks what it asks."""
    if session.way is Way.SSO:
        return False
    with house.database.house() as whole:
        if not house_settings.dashboard(whole).second_factor_needed:
            return False
        return not operator_factors.exist(whole, session.operator.id)


def who_has_what(house: House) -> Mapping[str, tuple[str, ...]]:
    """Of every operator who has a second factor: which."""
    with house.database.house() as whole:
        authenticators, keys = operator_factors.totp_since(whole), passkeys.owners(whole)
    return {
        operator_id: ("authenticator",) * (operator_id in authenticators) + ("passkey",) * (operator_id in keys)
        for operator_id in authenticators.keys() | keys.keys()
    }
