"""Sign-ins that were refused before anybody could tell their connection are kept as well"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite writes the table anew; what refers to it stays, because references are not watched during a migration.
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.alter_column("connection_id", existing_type=sa.Text(), nullable=True)
    there = sa.text("connection_id IS NULL")
    op.create_index(
        "ix_attempts_unconnected",
        "attempts",
        ["environment_id", "organization_id", "id"],
        sqlite_where=there,
        postgresql_where=there,
    )
