"""Settings of environments: what a RelayState may do, and whether to ask before a sign-in that the portal began"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("environments", sa.Column("settings", sa.Text(), nullable=False, server_default="{}"))
