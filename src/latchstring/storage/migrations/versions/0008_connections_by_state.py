"""Connections by their state: the half deleted are looked for in the background"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_connections_environment_id_state"), "connections", ["environment_id", "state"])
