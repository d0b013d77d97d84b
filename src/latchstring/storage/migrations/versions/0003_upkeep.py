"""Upkeep: watched metadata, warnings that were given, chores; timed-out sign-ins are found by their state"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "metadata_watches",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("refreshed_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("seen", sa.Text(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=True),
        _of_environment("metadata_watches"),
        _of_connection("metadata_watches"),
        sa.PrimaryKeyConstraint("environment_id", "connection_id", name=op.f("pk_metadata_watches")),
        info={"scoped": True},
    )
    op.create_index(
        op.f("ix_metadata_watches_environment_id_next_at"), "metadata_watches", ["environment_id", "next_at"]
    )
    op.create_table(
        "expiry_warnings",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("certificate_type", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("warned_at", sa.BigInteger(), nullable=False),
        _of_environment("expiry_warnings"),
        _of_connection("expiry_warnings"),
        sa.PrimaryKeyConstraint(
            "environment_id",
            "connection_id",
            "certificate_type",
            "fingerprint",
            "threshold",
            name=op.f("pk_expiry_warnings"),
        ),
        info={"scoped": True},
    )
    op.create_table(
        "chores",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        _of_environment("chores"),
        sa.PrimaryKeyConstraint("environment_id", "name", name=op.f("pk_chores")),
        info={"scoped": True},
    )
    op.create_index(
        op.f("ix_attempts_environment_id_state_expires_at"), "attempts", ["environment_id", "state", "expires_at"]
    )


def _of_environment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["environment_id"],
        ["environments.id"],
        name=op.f(f"fk_{table}_environment_id_environments"),
        ondelete="CASCADE",
    )


def _of_connection(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["environment_id", "connection_id"],
        ["connections.environment_id", "connections.id"],
        name=op.f(f"fk_{table}_environment_id_connections"),
        ondelete="CASCADE",
    )
