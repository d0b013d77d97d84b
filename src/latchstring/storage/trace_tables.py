"""Describes the tables behind the trace of a sign-in: its provider's answer, and the links that show it to others."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint

from latchstring.storage.columns import belongs, blob, moment, scoped, text

sign_in_answers = scoped(
    "sign_in_answers",
    text("attempt_id"),
    blob("sealed"),  # model.answer.Answer, packed
    belongs("attempt_id", "attempts"),
    key=("attempt_id",),
)

trace_links = scoped(
    "trace_links",
    text("id"),
    text("attempt_id"),
    blob("token_hash"),  # SHA-256 of 256 bits of chance
    text("made_by"),  # the actor, as in the event log
    moment("created_at"),
    moment("expires_at"),
    moment("revoked_at", null=True),
    belongs("attempt_id", "attempts"),
    UniqueConstraint("token_hash"),
    Index(None, "environment_id", "attempt_id"),
    Index(None, "environment_id", "expires_at"),
)
