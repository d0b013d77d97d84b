"""How the audit log tells of the Admin Portal: links that are made, opened and taken back, and who is written to."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from latchstring.storage.audit_kind import Fields, Kind, Told, made_or_gone
from latchstring.storage.times import from_ms
from latchstring.storage.vault import Vault


def _portal_link(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    """What it opens, and for whom; never what opens it."""
    told = {key: row[key] for key in row if key not in ("id", "opened", "finished_at", "revoked_at", "recipients")}
    told["recipients"] = msgspec.json.decode(row["recipients"])
    told["expires_at"] = from_ms(row["expires_at"]).isoformat()
    told |= {"opened": row["opened"], "finished": row["finished_at"] is not None}
    return Told(id=row["id"], name=None, fields={**told, "revoked": row["revoked_at"] is not None})


def _portal_link_verb(before: Fields | None, after: Fields | None) -> str:
    if before and after:
        for field, verb in (("revoked", "revoked"), ("finished", "finished"), ("opened", "opened")):
            if before[field] != after[field]:
                return verb
    return made_or_gone(before, after)


def _it_contact(_vault: Vault, _environment_id: str, row: Fields) -> Told:
    fields = {"organization_id": row["organization_id"], "email": row["email"]}
    return Told(id=row["id"], name=row["email"], fields=fields)


KINDS: Mapping[str, Kind] = {
    "portal_links": Kind(
        type="portal_link",
        columns=(
            "organization_id",
            "intent",
            "kind",
            "external_user_id",
            "recipients",
            "expires_at",
            "opened",
            "finished_at",
            "revoked_at",
        ),
        silent=(
            "token_hash",
            "return_url",
            "success_url",
            "options",
            "made_by",
            "created_at",
            "first_opened_at",
            "last_opened_at",
        ),
        swept=True,
        tell=_portal_link,
        verb=_portal_link_verb,
    ),
    "it_contacts": Kind(
        type="it_contact",
        columns=("organization_id", "email"),
        silent=("email_key", "created_at", "updated_at", "language"),
        tell=_it_contact,
        verb=made_or_gone,
    ),
}
