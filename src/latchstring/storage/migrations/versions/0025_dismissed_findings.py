"""Findings about attributes that somebody has dismissed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dismissed_findings",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("dismissed_by", sa.Text(), nullable=False),
        sa.Column("dismissed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id", "connection_id"],
            ["connections.environment_id", "connections.id"],
            name=op.f("fk_dismissed_findings_environment_id_connections"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f("fk_dismissed_findings_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("environment_id", "connection_id", "code", name=op.f("pk_dismissed_findings")),
    )
