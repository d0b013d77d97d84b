"""Which certificate vouched for a sign-in, and who asked a metadata URL"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("certificate", sa.Text(), nullable=True))
    op.add_column("metadata_watches", sa.Column("asked_by", sa.Text(), nullable=True))
    op.add_column("metadata_watches", sa.Column("refreshed_by", sa.Text(), nullable=True))
    op.add_column("metadata_watches", sa.Column("failing_since", sa.BigInteger(), nullable=True))
