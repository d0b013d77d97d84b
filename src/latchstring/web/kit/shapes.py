"""Shapes that several doors show: the Profile as every SDK reads it (contract 11)."""

from __future__ import annotations

from typing import Any

from latchstring.model.profile import Profile


def profile(profile: Profile) -> dict[str, Any]:
    """All keys are always there: typed SDKs raise on a missing one, null included."""
    return {
        "object": "profile",
        "id": profile.id,
        "organization_id": profile.organization_id,
        "connection_id": profile.connection_id,
        "connection_type": profile.connection_type,
        "idp_id": profile.idp_id,
        "email": profile.email,
        "email_domain_verified": profile.email_domain_verified,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "name": profile.name,
        "role": None,
        "roles": None,
        "groups": list(profile.groups),
        "custom_attributes": dict(profile.custom_attributes),
        "raw_attributes": dict(profile.raw_attributes),
    }
