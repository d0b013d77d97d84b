"""Every reference has an index: deleting five hundred people read all the codes of a day once for each of them"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("grants", "profile_id"), ("logouts", "connection_id"), ("magic_links", "connection_id")):
        op.create_index(op.f(f"ix_{table}_environment_id_{column}"), table, ["environment_id", column])
