"""Tests of sign-ins, from the Dashboard"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_tests",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f("fk_sign_in_tests_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id", "connection_id"],
            ["connections.environment_id", "connections.id"],
            name=op.f("fk_sign_in_tests_environment_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("environment_id", "id", name=op.f("pk_sign_in_tests")),
        sa.UniqueConstraint("environment_id", "handle", name=op.f("uq_sign_in_tests_environment_id_handle")),
    )
    for columns in (("environment_id", "connection_id", "created_at"), ("environment_id", "created_at")):
        op.create_index(op.f(f"ix_sign_in_tests_{'_'.join(columns)}"), "sign_in_tests", list(columns))
