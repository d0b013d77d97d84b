"""Mails that are on their way to IT contacts, and the language that a contact reads"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("it_contacts", sa.Column("language", sa.Text(), nullable=True))
    op.create_table(
        "portal_mails",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("mailed_at", sa.BigInteger(), nullable=True),
        sa.Column("mailed_to", sa.Text(), nullable=False),
        sa.Column("missed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id", "organization_id"],
            ["organizations.environment_id", "organizations.id"],
            name=op.f("fk_portal_mails_environment_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f("fk_portal_mails_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("environment_id", "organization_id", "kind", name=op.f("pk_portal_mails")),
        info={"scoped": True},
    )
    op.create_index(op.f("ix_portal_mails_environment_id_next_at"), "portal_mails", ["environment_id", "next_at"])
