"""Logout: sessions at identity providers, and logouts that are under way"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idp_sessions",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        _of_environment("idp_sessions"),
        _of("idp_sessions", "connection_id", "connections"),
        _of("idp_sessions", "profile_id", "profiles"),
        sa.PrimaryKeyConstraint("environment_id", "id", name=op.f("pk_idp_sessions")),
        info={"scoped": True},
    )
    _index("idp_sessions", "environment_id", "connection_id", "key_hash")
    _index("idp_sessions", "environment_id", "profile_id")
    _index("idp_sessions", "expires_at")
    op.create_table(
        "logouts",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("handle_hash", sa.LargeBinary(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        _of_environment("logouts"),
        _of("logouts", "connection_id", "connections"),
        sa.PrimaryKeyConstraint("environment_id", "handle_hash", name=op.f("pk_logouts")),
        info={"scoped": True},
    )
    _index("logouts", "handle_hash")
    _index("logouts", "expires_at")
    _index("grants", "environment_id", "attempt_id")
    _index("access_tokens", "environment_id", "profile_id")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _of_environment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["environment_id"],
        ["environments.id"],
        name=op.f(f"fk_{table}_environment_id_environments"),
        ondelete="CASCADE",
    )


def _of(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["environment_id", column],
        [f"{to}.environment_id", f"{to}.id"],
        name=op.f(f"fk_{table}_environment_id_{to}"),
        ondelete="CASCADE",
    )
