"""The audit log: a chain of entries that is only ever added to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("environment_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=True),
        sa.Column("target_name", sa.Text(), nullable=True),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("ip_address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"])
    for column in ("environment_id", "actor", "target_id"):
        op.create_index(op.f(f"ix_audit_entries_{column}_sequence"), "audit_entries", [column, "sequence"])
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("pruned_to", sa.BigInteger(), nullable=False),
        sa.Column("pruned_hash", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    beginning = "0" * 64
    op.execute(
        "INSERT INTO audit_chain (id, sequence, hash, pruned_to, pruned_hash) "
        f"VALUES (1, 0, '{beginning}', 0, '{beginning}')"
    )
    refuse = "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
    op.execute(f"CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries {refuse}")
    op.execute(
        "CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries "
        f"WHEN OLD.sequence > (SELECT pruned_to FROM audit_chain WHERE id = 1) {refuse}"
    )
    op.execute(f"CREATE TRIGGER audit_chain_remains BEFORE DELETE ON audit_chain {refuse}")
    op.execute(
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain "
        f"WHEN NEW.sequence < OLD.sequence OR NEW.pruned_to < OLD.pruned_to {refuse}"
    )
