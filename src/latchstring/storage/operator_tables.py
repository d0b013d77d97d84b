"""Describes the tables of the Dashboard's operators. They are the house's own: operators work in all environments."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from latchstring.storage.columns import blob, metadata, moment, text

operators = Table(
    "operators",
    metadata,
    Column("id", Text, primary_key=True),
    text("email"),
    text("email_key"),  # in lower case: one account, however it is typed
    text("name"),
    text("role"),
    text("password_hash", null=True),  # Argon2id in the PHC format; null after a reset
    moment("created_at"),
    moment("disabled_at", null=True),
    UniqueConstraint("email_key"),
)

operator_sessions = Table(
    "operator_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("operator_id", Text, ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
    moment("created_at"),
    moment("last_seen_at"),
    moment("confirmed_at"),
    moment("expires_at"),
    text("user_agent", null=True),
    text("ip_address", null=True),
    text("way", null=True),  # model.operator.Way; null in sessions from before it was kept: by password
    Index(None, "operator_id"),
    Index(None, "expires_at"),
)

operator_links = Table(
    "operator_links",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    text("purpose"),
    text("email", null=True),
    text("email_key", null=True),
    text("role"),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", null=True),
    Index(None, "email_key"),
    Index(None, "expires_at"),
)

operator_tries = Table(
    "operator_tries",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),  # of account and address: neither is kept as typed
    Column("tries", Integer, nullable=False),  # since `began_at`
    Column("rounds", Integer, nullable=False),  # how often it was too many: each pause is twice the one before
    moment("began_at"),
    moment("blocked_until", null=True),
    moment("last_at"),
    Index(None, "last_at"),
)

operator_totp = Table(
    "operator_totp",
    metadata,
    Column("operator_id", Text, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    blob("sealed_secret"),
    moment("created_at"),
    moment("proven_at", null=True),  # when a first code was shown; until then it is asked for nowhere
    Column("last_step", BigInteger),  # of the newest code that was taken: none at or before it is taken again
)

operator_recovery_codes = Table(
    "operator_recovery_codes",
    metadata,
    Column("operator_id", Text, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),  # SHA-256: they have 80 bits of chance
    moment("created_at"),
    moment("used_at", null=True),
)

operator_passkeys = Table(
    "operator_passkeys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator_id", Text, ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
    text("name"),
    blob("credential_id"),
    blob("credential"),  # AAGUID, id and public key (WebAuthn, 6.5.1)
    Column("sign_count", BigInteger, nullable=False),
    moment("created_at"),
    moment("last_used_at", null=True),
    UniqueConstraint("credential_id"),
    Index(None, "operator_id"),
)

half_sessions = Table(
    "half_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    text("purpose"),
    Column("operator_id", Text, ForeignKey("operators.id", ondelete="CASCADE")),  # null: nobody is known yet
    moment("created_at"),
    moment("expires_at"),
    Index(None, "operator_id"),
    Index(None, "expires_at"),
)

house_settings = Table(
    "house_settings",
    metadata,
    Column("name", Text, primary_key=True),
    text("value"),  # JSON
)
