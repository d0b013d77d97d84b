"""A logo of its own for dark ground"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("brandings", sa.Column("dark_logo_kind", sa.Text(), nullable=True))
    op.add_column("brandings", sa.Column("dark_logo", sa.LargeBinary(), nullable=True))
