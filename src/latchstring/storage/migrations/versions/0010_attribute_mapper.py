"""The last assertions of each connection, and the people who await reconciliation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attribute_samples",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        *_of("attribute_samples"),
        sa.PrimaryKeyConstraint("environment_id", "connection_id", "place", name=op.f("pk_attribute_samples")),
        info={"scoped": True},
    )
    _index("attribute_samples", "environment_id", "connection_id", "turn")
    _index("attribute_samples", "environment_id", "kept_at")
    op.create_table(
        "reconciliations",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        *_of("reconciliations"),
        sa.PrimaryKeyConstraint("environment_id", "id", name=op.f("pk_reconciliations")),
        sa.UniqueConstraint(
            "environment_id",
            "connection_id",
            "subject_hash",
            name=op.f("uq_reconciliations_environment_id_connection_id_subject_hash"),
        ),
        info={"scoped": True},
    )
    _index("reconciliations", "environment_id", "connection_id", "created_at", "id")
    _index("reconciliations", "environment_id", "updated_at")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _of(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f(f"fk_{table}_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id", "connection_id"],
            ["connections.environment_id", "connections.id"],
            name=op.f(f"fk_{table}_environment_id_connections"),
            ondelete="CASCADE",
        ),
    )
