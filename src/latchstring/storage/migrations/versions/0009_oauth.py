"""OAuth providers: one connection of a type that belongs to the environment itself, and the providers' own tokens"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("grants", sa.Column("oauth_tokens", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_connections_of_environment",
        "connections",
        ["environment_id", "type"],
        unique=True,
        sqlite_where=sa.text("organization_id IS NULL AND state <> 'deleting'"),
        postgresql_where=sa.text("organization_id IS NULL AND state <> 'deleting'"),
    )
