"""Describes the tables of the audit log. They are the house's own: a record outlives the environment it tells of."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from latchstring.storage.columns import blob, metadata, moment, text

# Triggers refuse to change an entry, and to delete one that `audit_chain.pruned_to` does not allow to go.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    moment("at"),
    text("environment_id", null=True),
    text("actor"),
    text("actor_name", null=True),
    text("action"),
    text("target_type"),
    text("target_id", null=True),
    text("target_name", null=True),
    text("changes"),  # JSON of model.audit.Change
    text("ip_address", null=True),
    text("user_agent", null=True),
    text("previous_hash"),
    text("hash"),
    Index(None, "at"),
    Index(None, "environment_id", "sequence"),
    Index(None, "actor", "sequence"),
    Index(None, "target_id", "sequence"),
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: whoever adds an entry changes this row first
    Column("sequence", BigInteger, nullable=False),  # of the newest entry
    text("hash"),
    Column("pruned_to", BigInteger, nullable=False),  # the last one that `audit prune` took away
    text("pruned_hash"),
    blob("sealed", null=True),  # JSON of protocols.audit_chain.Head; null before the first entry
)
