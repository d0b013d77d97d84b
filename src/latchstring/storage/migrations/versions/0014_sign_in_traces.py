"""What identity providers answered, links that show a trace to others, and sign-ins found by what is known of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_answers",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        *_of("sign_in_answers"),
        sa.PrimaryKeyConstraint("environment_id", "attempt_id", name=op.f("pk_sign_in_answers")),
        info={"scoped": True},
    )
    op.create_table(
        "trace_links",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        *_of("trace_links"),
        sa.PrimaryKeyConstraint("environment_id", "id", name=op.f("pk_trace_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_trace_links_token_hash")),
        info={"scoped": True},
    )
    _index("trace_links", "environment_id", "attempt_id")
    _index("trace_links", "environment_id", "expires_at")
    op.drop_index(op.f("ix_attempts_environment_id_connection_id_created_at"), table_name="attempts")
    _index("attempts", "environment_id", "connection_id", "id")
    for name, columns, there in (
        ("ix_attempts_by_email", ["environment_id", "email", "id"], "email IS NOT NULL"),
        ("ix_attempts_by_refusal", ["environment_id", "refusal", "id"], "refusal IS NOT NULL"),
        ("ix_attempts_refused", ["environment_id", "id"], "refusal IS NOT NULL"),
    ):
        op.create_index(name, "attempts", columns, sqlite_where=sa.text(there), postgresql_where=sa.text(there))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _of(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f(f"fk_{table}_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id", "attempt_id"],
            ["attempts.environment_id", "attempts.id"],
            name=op.f(f"fk_{table}_environment_id_attempts"),
            ondelete="CASCADE",
        ),
    )
