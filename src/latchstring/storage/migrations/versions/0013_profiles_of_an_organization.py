"""The people of an organization are listed in order, whatever connection they come by"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_profiles_environment_id_organization_id_created_at_id"),
        "profiles",
        ["environment_id", "organization_id", "created_at", "id"],
    )
