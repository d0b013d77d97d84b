"""Domains: who is looked for in DNS, and which organization a domain that several have proven stands for"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organization_domains", sa.Column("holds_policy", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Where several have proven one already, the first of them is meant.
    op.execute(
        "UPDATE organization_domains SET holds_policy = TRUE WHERE (environment_id, id) IN ("
        "SELECT environment_id, id FROM (SELECT environment_id, id, "
        "row_number() OVER (PARTITION BY environment_id, domain ORDER BY created_at, id) AS place "
        "FROM organization_domains WHERE state IN ('verified', 'legacy_verified')) AS proven WHERE place = 1)"
    )
    op.create_index(
        "uq_organization_domains_policy",
        "organization_domains",
        ["environment_id", "domain"],
        unique=True,
        sqlite_where=sa.text("holds_policy"),
        postgresql_where=sa.text("holds_policy"),
    )
    op.create_table(
        "domain_watches",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("domain_id", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("shortfall", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f("fk_domain_watches_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id", "domain_id"],
            ["organization_domains.environment_id", "organization_domains.id"],
            name=op.f("fk_domain_watches_environment_id_organization_domains"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("environment_id", "domain_id", name=op.f("pk_domain_watches")),
        info={"scoped": True},
    )
    op.create_index(op.f("ix_domain_watches_environment_id_next_at"), "domain_watches", ["environment_id", "next_at"])
    # Nobody has looked for the records of those that wait: their thirty days begin now.
    op.execute(
        sa.text(
            "INSERT INTO domain_watches (environment_id, domain_id, begun_at, next_at) "
            "SELECT environment_id, id, :now, :now FROM organization_domains "
            "WHERE state = 'pending' AND verification_token IS NOT NULL"
        ).bindparams(now=time.time_ns() // 1_000_000)
    )
