"""Which tables hold what people configure, and how a row of each is told in the audit log; secrets are never told.

A test walks all tables and all columns: whoever adds one decides here whether the audit log tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from latchstring.model.connection import ConnectionSecrets
from latchstring.model.dashboard_settings import DashboardSettings
from latchstring.model.environment import EnvironmentSettings
from latchstring.storage import connections, portal_audited
from latchstring.storage.audit_kind import Fields as Fields
from latchstring.storage.audit_kind import Hidden as Hidden
from latchstring.storage.audit_kind import Kind as Kind
from latchstring.storage.audit_kind import Told as Told
from latchstring.storage.audit_kind import made_or_gone
from latchstring.storage.database import Row
from latchstring.storage.times import from_ms
from latchstring.storage.vault import Vault


def _environment(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    settings = msgspec.json.decode(row["settings"], type=EnvironmentSettings)
    return Told(
        id=row["id"],
        name=row["name"],
        fields={
            "name": row["name"],
            "kind": row["kind"],
            "client_id": row["client_id"],
            **flat("settings", msgspec.structs.asdict(settings)),
        },
    )


def _environment_verb(before: Fields | None, after: Fields | None) -> str:
    verb = made_or_gone(before, after)
    return "settings_changed" if verb == "updated" else verb


def _organization(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    told = {key: row[key] for key in row if key not in ("id", "metadata")}
    told["allow_profiles_outside_organization"] = bool(row["allow_profiles_outside_organization"])
    told |= flat("metadata", msgspec.json.decode(row["metadata"]))
    return Told(id=row["id"], name=row["name"], fields=told)


def _domain(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    told = {key: row[key] for key in row if key != "id"}
    return Told(id=row["id"], name=row["domain"], fields={**told, "holds_policy": bool(row["holds_policy"])})


def _domain_verb(before: Fields | None, after: Fields | None) -> str:
    if before and after and before["state"] != after["state"] and after["state"] in ("verified", "failed"):
        return "verified" if after["state"] == "verified" else "verification_failed"
    return made_or_gone(before, after)


def _connection(vault: Vault, environment_id: str, row: Fields) -> Told:
    secrets = ConnectionSecrets()
    if row["secrets"] is not None:
        secrets = connections.open_secrets(vault, environment_id, row["id"], row["secrets"])
    told = {key: row[key] for key in row if key not in ("id", "config", "secrets", "attribute_maps")}
    told |= flat("config", msgspec.json.decode(row["config"]) if row["config"] else {})
    told |= {f"secrets.{name}": Hidden(value) for name, value in msgspec.structs.asdict(secrets).items() if value}
    told |= flat("attribute_maps", msgspec.json.decode(row["attribute_maps"]))
    return Told(id=row["id"], name=row["name"], fields=told)


def _connection_verb(before: Fields | None, after: Fields | None) -> str:
    if before is None:
        return "created"
    if after is None:  # its rows went by and by, and it was deleted in the eyes of everybody long before
        return "removed" if before["state"] == "deleting" else "deleted"
    if after["state"] == "deleting":
        return "deleted"
    if {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == {"state"}:
        return {"active": "activated", "inactive": "deactivated"}.get(after["state"], "updated")
    return "updated"


def _api_key(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    return Told(
        id=row["id"],
        name=row["name"],
        fields={
            "name": row["name"],
            "hint": row["hint"],
            "revoked": row["revoked_at"] is not None,
            "expires_at": None if row["expires_at"] is None else from_ms(row["expires_at"]).isoformat(),
        },
    )


def _revocable_verb(before: Fields | None, after: Fields | None) -> str:
    if before and after and after["revoked"] and not before["revoked"]:
        return "revoked"
    return made_or_gone(before, after)


def _redirect_uri(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    return Told(id=row["id"], name=row["uri"], fields={"uri": row["uri"], "default": bool(row["is_default"])})


def _custom_attribute(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    return Told(id=row["name"], name=row["name"], fields={"name": row["name"]})


def _branding(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    kinds = {"logo_kind": row["logo_kind"], "dark_logo_kind": row["dark_logo_kind"]}
    fields = {**flat("branding", msgspec.json.decode(row["data"])), **kinds}
    return Told(id=None, name=None, fields=fields)


def _operator(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    told: dict[str, Any] = {
        "email": row["email"],
        "name": row["name"],
        "role": row["role"],
        "disabled": row["disabled_at"] is not None,
    }
    if row["password_hash"] is not None:
        told["password"] = Hidden(row["password_hash"])
    return Told(id=row["id"], name=row["email"], fields=told)


def _operator_verb(before: Fields | None, after: Fields | None) -> str:
    if before and after:
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        if changed == {"role"}:
            return "role_changed"
        if changed == {"disabled"}:
            return "disabled" if after["disabled"] else "enabled"
        if changed == {"password"}:
            return "password_changed" if "password" in after else "password_reset"
    return made_or_gone(before, after)


def _session(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    return Told(
        id=row["operator_id"],
        name=None,
        fields={"user_agent": row["user_agent"], "ip": row["ip_address"], "way": row["way"]},
    )


def _session_verb(before: Fields | None, _after: Fields | None) -> str:
    return "signed_in" if before is None else "signed_out"


def _authenticator(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    return Told(id=row["operator_id"], name=None, fields={"authenticator": row["proven_at"] is not None})


def _authenticator_verb(before: Fields | None, after: Fields | None) -> str | None:
    """One that was never proven is asked for nowhere."""
    had, has = bool(before and before["authenticator"]), bool(after and after["authenticator"])
    return None if had is has else "authenticator_added" if has else "authenticator_removed"


def _passkey(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    return Told(id=row["operator_id"], name=None, fields={"passkey": row["name"]})


def _passkey_verb(before: Fields | None, after: Fields | None) -> str:
    return "passkey_added" if before is None else "passkey_removed" if after is None else "passkey_renamed"


def _house_setting(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    settings = msgspec.json.decode(row["value"], type=DashboardSettings)
    sso = {} if settings.sso is None else msgspec.structs.asdict(settings.sso)
    fields = {"second_factor_needed": settings.second_factor_needed} | {f"sso.{key}": sso[key] for key in sso}
    return Told(id=row["name"], name=row["name"], fields=fields)


def _link(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    return Told(id=row["email"], name=row["email"], fields={"purpose": row["purpose"], "role": row["role"]})


def _link_verb(before: Fields | None, after: Fields | None) -> str | None:
    """Only that one was made: what came of it is an operator's own entry, and what expired came to nothing."""
    if before is not None or after is None:
        return None
    return {"invitation": "invited", "new_password": "password_link_made"}.get(after["purpose"], "first_link_made")


def _trace_link(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    fields = {
        "sign_in": row["attempt_id"],
        "expires_at": from_ms(row["expires_at"]),
        "revoked": row["revoked_at"] is not None,
    }
    return Told(id=row["id"], name=row["attempt_id"], fields=fields)


def _trace_link_verb(before: Fields | None, after: Fields | None) -> str | None:
    """It goes with its sign-in, when that one's time is over."""
    return None if after is None else _revocable_verb(before, after)


KINDS: Mapping[str, Kind] = {
    "environments": Kind(
        type="environment",
        columns=("name", "kind", "client_id", "settings"),
        scoped=False,
        silent=("created_at", "updated_at"),
        tell=_environment,
        verb=_environment_verb,
    ),
    "api_keys": Kind(
        type="api_key",
        columns=("name", "hint", "revoked_at", "expires_at"),
        silent=("key_hash", "created_at", "last_used_at"),
        tell=_api_key,
        verb=_revocable_verb,
    ),
    "redirect_uris": Kind(
        type="redirect_uri",
        columns=("uri", "is_default"),
        silent=("created_at", "updated_at"),
        tell=_redirect_uri,
        verb=made_or_gone,
    ),
    "organizations": Kind(
        type="organization",
        columns=("name", "allow_profiles_outside_organization", "external_id", "stripe_customer_id", "metadata"),
        silent=("created_at", "updated_at"),
        tell=_organization,
        verb=made_or_gone,
    ),
    "organization_domains": Kind(
        type="domain",
        columns=("organization_id", "domain", "state", "verification_strategy", "verification_token", "holds_policy"),
        silent=("verification_prefix", "created_at", "updated_at"),
        tell=_domain,
        verb=_domain_verb,
    ),
    "connections": Kind(
        type="connection",
        columns=(
            "organization_id",
            "external_key",
            "external_id",
            "type",
            "name",
            "state",
            "config",
            "secrets",
            "attribute_maps",
            "identifier_source",
        ),
        silent=("created_at", "updated_at"),
        tell=_connection,
        verb=_connection_verb,
    ),
    "brandings": Kind(
        type="branding",
        columns=("data", "logo_kind", "dark_logo_kind"),
        key=(),
        silent=("logo", "dark_logo"),  # their hashes stand in `data`
        tell=_branding,
        verb=made_or_gone,
    ),
    "custom_attributes": Kind(
        type="custom_attribute",
        columns=("name",),
        key=("name",),
        silent=("created_at",),
        tell=_custom_attribute,
        verb=made_or_gone,
    ),
    "trace_links": Kind(
        type="trace_link",
        columns=("attempt_id", "expires_at", "revoked_at"),
        silent=("token_hash", "made_by", "created_at"),
        tell=_trace_link,
        verb=_trace_link_verb,
    ),
    **portal_audited.KINDS,
    "operators": Kind(
        type="operator",
        columns=("email", "name", "role", "password_hash", "disabled_at"),
        scoped=False,
        silent=("email_key", "created_at"),
        tell=_operator,
        verb=_operator_verb,
    ),
    "operator_sessions": Kind(
        type="operator",
        columns=("operator_id", "user_agent", "ip_address", "way"),
        key=("token_hash",),
        scoped=False,
        silent=("created_at", "last_seen_at", "confirmed_at", "expires_at"),
        swept=True,
        tell=_session,
        verb=_session_verb,
    ),
    "operator_totp": Kind(
        type="operator",
        columns=("proven_at",),
        key=("operator_id",),
        scoped=False,
        silent=("sealed_secret", "created_at", "last_step"),
        tell=_authenticator,
        verb=_authenticator_verb,
    ),
    "operator_passkeys": Kind(
        type="operator",
        columns=("operator_id", "name"),
        scoped=False,
        silent=("credential_id", "credential", "sign_count", "created_at", "last_used_at"),
        tell=_passkey,
        verb=_passkey_verb,
    ),
    "house_settings": Kind(
        type="house_settings",
        columns=("value",),
        key=("name",),
        scoped=False,
        tell=_house_setting,
        verb=lambda _before, _after: "changed",
    ),
    "operator_links": Kind(
        type="operator",
        columns=("purpose", "email", "role"),
        key=("token_hash",),
        scoped=False,
        silent=("email_key", "created_at", "expires_at", "used_at"),
        tell=_link,
        verb=_link_verb,
    ),
}


def flat(start: str, value: Any) -> dict[str, Any]:
    """{"a": {"b": 1}} -> {"start.a.b": 1}; certificates as their fingerprints, with what is said of each."""
    if isinstance(value, dict) and value:
        found: dict[str, Any] = {}
        for key, inner in value.items():
            found |= flat(f"{start}.{key}", inner)
        return found
    if isinstance(value, list | tuple):
        return {start: [_certificate(each) if isinstance(each, dict) else each for each in value]}
    return {start: value}


def _certificate(value: Mapping[str, Any]) -> Any:
    if "fingerprint" not in value:
        return value
    words = [f"{value['fingerprint'][:16]} until {str(value.get('not_after'))[:10]}"]
    words += [
        f"{name.replace('_', ' ')} {str(value[name])[:19]}" for name in ("retire_at", "active_from") if value.get(name)
    ]
    return ", ".join(words)


def as_row(kind: Kind, row: Row) -> Fields:
    return dict(zip(kind.read, row, strict=True))
