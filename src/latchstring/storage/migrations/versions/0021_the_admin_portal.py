"""The Admin Portal: links, sessions, how far a set-up is, and the IT contacts of organizations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_links",
        _text("environment_id"),
        _text("id"),
        _text("organization_id"),
        _text("intent"),
        _text("kind"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        _text("return_url", null=True),
        _text("success_url", null=True),
        _text("options"),
        _text("external_user_id", null=True),
        _text("recipients"),
        _text("made_by"),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("first_opened_at", null=True),
        _moment("last_opened_at", null=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        _moment("finished_at", null=True),
        _moment("revoked_at", null=True),
        *_of("portal_links", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("environment_id", "id", name=op.f("pk_portal_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_portal_links_token_hash")),
        info={"scoped": True},
    )
    _index("portal_links", "environment_id", "organization_id", "id")
    _index("portal_links", "environment_id", "expires_at")
    op.create_table(
        "portal_sessions",
        _text("environment_id"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        _text("link_id"),
        _moment("created_at"),
        _moment("last_seen_at"),
        _moment("expires_at"),
        *_of("portal_sessions", "link_id", "portal_links"),
        sa.PrimaryKeyConstraint("environment_id", "token_hash", name=op.f("pk_portal_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_portal_sessions_token_hash")),
        info={"scoped": True},
    )
    _index("portal_sessions", "environment_id", "link_id")
    _index("portal_sessions", "environment_id", "expires_at")
    op.create_table(
        "portal_progress",
        _text("environment_id"),
        _text("organization_id"),
        _text("step"),
        sa.Column("part", sa.Integer(), nullable=False),
        _text("connection_id", null=True),
        _text("connection_type", null=True),
        _text("kept"),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("updated_by", null=True),
        _moment("updated_at"),
        *_of("portal_progress", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("environment_id", "organization_id", name=op.f("pk_portal_progress")),
        info={"scoped": True},
    )
    op.create_table(
        "it_contacts",
        _text("environment_id"),
        _text("id"),
        _text("organization_id"),
        _text("email"),
        _text("email_key"),
        _moment("created_at"),
        _moment("updated_at"),
        *_of("it_contacts", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("environment_id", "id", name=op.f("pk_it_contacts")),
        sa.UniqueConstraint(
            "environment_id",
            "organization_id",
            "email_key",
            name=op.f("uq_it_contacts_environment_id_organization_id_email_key"),
        ),
        info={"scoped": True},
    )


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _moment(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _of(table: str, column: str, to: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f(f"fk_{table}_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id", column],
            [f"{to}.environment_id", f"{to}.id"],
            name=op.f(f"fk_{table}_environment_id_{to}"),
            ondelete="CASCADE",
        ),
    )
