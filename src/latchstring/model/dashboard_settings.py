"""What administrators settle for the Dashboard itself, in the whole house."""

from __future__ import annotations

import msgspec


class OperatorSso(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose identity provider lets operators in."""

    environment_id: str
    organization_id: str
    creates: bool = False  # somebody of its verified domains without an account gets one, with the role support


class DashboardSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    second_factor_needed: bool = False  # by everybody who does not sign in through an identity provider
    sso: OperatorSso | None = None
