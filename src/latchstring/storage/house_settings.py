"""Rows of settings of the house itself, each JSON under a name."""

from __future__ import annotations

import msgspec

from latchstring.model.dashboard_settings import DashboardSettings
from latchstring.storage.database import HouseScope
from latchstring.storage.statement import OpenStatement

DASHBOARD = "dashboard"

_GET = OpenStatement("SELECT value FROM house_settings WHERE name = :name")
_SET = OpenStatement(
    "INSERT INTO house_settings (name, value) VALUES (:name, :value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def dashboard(house: HouseScope) -> DashboardSettings:
    row = house.one(_GET, name=DASHBOARD)
    return msgspec.json.decode(row[0], type=DashboardSettings) if row else DashboardSettings()


def set_dashboard(house: HouseScope, settings: DashboardSettings) -> None:
    house.change(_SET, name=DASHBOARD, value=msgspec.json.encode(settings).decode())
