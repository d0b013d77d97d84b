"""Describes the tables behind the attribute mapper: what arrived, what was dismissed, and who waits for a mapping."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, UniqueConstraint

from latchstring.storage.columns import belongs, blob, moment, scoped, text

attribute_samples = scoped(
    "attribute_samples",
    text("connection_id"),
    Column("place", Integer, nullable=False),  # in the ring: the turn modulo its length
    Column("turn", Integer, nullable=False),
    text("refusal", null=True),
    blob("sealed"),  # JSON of model.testimony.Testimony
    moment("kept_at"),
    belongs("connection_id", "connections"),
    Index(None, "environment_id", "connection_id", "turn"),
    Index(None, "environment_id", "kept_at"),
    key=("connection_id", "place"),
)

dismissed_findings = scoped(
    "dismissed_findings",
    text("connection_id"),
    text("code"),
    text("facts"),  # a digest: with others it is another finding, and shown again
    text("dismissed_by"),  # the actor, as in the event log
    moment("dismissed_at"),
    belongs("connection_id", "connections"),
    key=("connection_id", "code"),
)

reconciliations = scoped(
    "reconciliations",
    text("id"),
    text("connection_id"),
    blob("subject_hash"),  # of the best-known name of the person
    text("refusal"),  # the code of the last try
    Column("tries", Integer, nullable=False),
    blob("sealed"),  # JSON of model.testimony.Testimony, of the last try
    moment("created_at"),
    moment("updated_at"),
    belongs("connection_id", "connections"),
    UniqueConstraint("environment_id", "connection_id", "subject_hash"),
    Index(None, "environment_id", "connection_id", "created_at", "id"),
    Index(None, "environment_id", "updated_at"),
)
