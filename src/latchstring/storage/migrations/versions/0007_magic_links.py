"""Magic links, and the tokens that open them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "magic_links",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=True),
        sa.Column("app_state", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        _of_environment("magic_links"),
        _of("magic_links", "connection_id", "connections"),
        sa.PrimaryKeyConstraint("environment_id", "id", name=op.f("pk_magic_links")),
        info={"scoped": True},
    )
    _index("magic_links", "expires_at")
    op.create_table(
        "magic_link_tokens",
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        _of_environment("magic_link_tokens"),
        _of("magic_link_tokens", "link_id", "magic_links"),
        sa.PrimaryKeyConstraint("environment_id", "token_hash", name=op.f("pk_magic_link_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_magic_link_tokens_token_hash")),
        info={"scoped": True},
    )
    _index("magic_link_tokens", "environment_id", "link_id")
    _index("magic_link_tokens", "environment_id", "recipient", "sent_at")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _of_environment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["environment_id"],
        ["environments.id"],
        name=op.f(f"fk_{table}_environment_id_environments"),
        ondelete="CASCADE",
    )


def _of(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["environment_id", column],
        [f"{to}.environment_id", f"{to}.id"],
        name=op.f(f"fk_{table}_environment_id_{to}"),
        ondelete="CASCADE",
    )
