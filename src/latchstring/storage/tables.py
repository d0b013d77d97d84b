"""Describes every table. Read at migration time and by tests; the product's own statements are plain text."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy import text as sql_text

from latchstring.storage.api_tables import api_calls as api_calls
from latchstring.storage.attribute_tables import reconciliations as reconciliations
from latchstring.storage.audit_tables import audit_entries as audit_entries
from latchstring.storage.branding_tables import brandings as brandings
from latchstring.storage.columns import belongs, blob, flag, moment, scoped, text
from latchstring.storage.columns import metadata as metadata
from latchstring.storage.operator_tables import operators as operators
from latchstring.storage.portal_tables import portal_links as portal_links
from latchstring.storage.trace_tables import sign_in_answers as sign_in_answers

house_keys = Table(
    "house_keys",
    metadata,
    Column("id", Text, primary_key=True),  # "test_idp", "jwks:<environment id>"
    text("certificate"),  # PEM
    blob("sealed_key"),
    moment("created_at"),
)

environments = Table(
    "environments",
    metadata,
    Column("id", Text, primary_key=True),
    text("name"),
    text("kind"),
    text("client_id"),
    moment("created_at"),
    moment("updated_at"),
    Column("settings", Text, nullable=False, server_default="{}"),  # JSON, model.environment.EnvironmentSettings
    UniqueConstraint("client_id"),
    UniqueConstraint("name"),
)

api_keys = scoped(
    "api_keys",
    text("id"),
    text("name"),
    blob("key_hash"),  # SHA-256: the keys have 256 bits of chance
    text("hint"),
    moment("created_at"),
    moment("revoked_at", null=True),
    moment("expires_at", null=True),  # null: it has no end
    moment("last_used_at", null=True),  # to the hour
    UniqueConstraint("key_hash"),
)

redirect_uris = scoped(
    "redirect_uris",
    text("id"),
    text("uri"),
    flag("is_default"),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("environment_id", "uri"),
)

organizations = scoped(
    "organizations",
    text("id"),
    text("name"),
    flag("allow_profiles_outside_organization"),
    text("external_id", null=True),
    text("stripe_customer_id", null=True),
    text("metadata"),  # JSON
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("environment_id", "external_id"),
    UniqueConstraint("environment_id", "stripe_customer_id"),
    Index(None, "environment_id", "created_at", "id"),
)

organization_domains = scoped(
    "organization_domains",
    text("id"),
    text("organization_id"),
    text("domain"),
    text("state"),
    text("verification_strategy"),
    text("verification_token", null=True),
    text("verification_prefix", null=True),
    moment("created_at"),
    moment("updated_at"),
    Column("holds_policy", Boolean(create_constraint=False), nullable=False, server_default=false()),
    belongs("organization_id", "organizations"),
    UniqueConstraint("environment_id", "organization_id", "domain"),
    Index(None, "environment_id", "domain"),
    Index(  # of the organizations that have proven a domain, one is meant by it
        "uq_organization_domains_policy",
        "environment_id",
        "domain",
        unique=True,
        sqlite_where=sql_text("holds_policy"),
        postgresql_where=sql_text("holds_policy"),
    ),
)

domain_watches = scoped(
    "domain_watches",
    text("domain_id"),
    moment("begun_at"),
    moment("next_at", null=True),  # whoever moves it on has the work; null: its time is over
    moment("looked_at", null=True),
    text("shortfall", null=True),  # JSON of protocols.domain_proof.Shortfall: what the last look saw
    belongs("domain_id", "organization_domains"),
    Index(None, "environment_id", "next_at"),
    key=("domain_id",),
)

connections = scoped(
    "connections",
    text("id"),
    text("organization_id", null=True),
    text("external_key"),
    text("external_id", null=True),
    text("type"),
    text("name"),
    text("state"),
    text("config", null=True),  # JSON of the tagged union model.connection.Config
    blob("secrets", null=True),  # JSON of ConnectionSecrets, sealed
    text("attribute_maps"),  # JSON
    text("identifier_source", null=True),  # what alone feeds idp_id, since the first profile
    moment("created_at"),
    moment("updated_at"),
    belongs("organization_id", "organizations"),
    UniqueConstraint("external_key"),
    UniqueConstraint("environment_id", "organization_id", "external_id"),
    Index(None, "environment_id", "state"),
    Index(None, "environment_id", "created_at", "id"),
    Index(  # of those that belong to no organization there is one of a type
        "ix_connections_of_environment",
        "environment_id",
        "type",
        unique=True,
        sqlite_where=sql_text("organization_id IS NULL AND state <> 'deleting'"),
        postgresql_where=sql_text("organization_id IS NULL AND state <> 'deleting'"),
    ),
)

custom_attributes = scoped(
    "custom_attributes",
    text("name"),
    moment("created_at"),
    key=("name",),
)

attempts = scoped(
    "attempts",
    text("id"),
    text("handle"),
    text("connection_id", null=True),  # refused before anybody could tell
    text("organization_id", null=True),
    text("state"),
    text("redirect_uri"),
    text("app_state", null=True),
    text("code_challenge", null=True),
    blob("browser_hash"),
    text("nonce", null=True),
    text("code_verifier", null=True),
    text("steps"),  # JSON
    text("email", null=True),  # in lower case; of a refused one, what was said and perhaps not proven
    text("refusal", null=True),  # the code, for lists
    text("certificate", null=True),  # SAML: the fingerprint of the one that vouched for the answer
    moment("created_at"),
    moment("expires_at"),
    belongs("connection_id", "connections"),
    UniqueConstraint("environment_id", "handle"),
    Index(None, "environment_id", "connection_id", "id"),  # ids are made in the order of time
    *(
        Index(name, *columns, sqlite_where=sql_text(there), postgresql_where=sql_text(there))
        for name, columns, there in (
            ("ix_attempts_by_email", ("environment_id", "email", "id"), "email IS NOT NULL"),
            ("ix_attempts_by_refusal", ("environment_id", "refusal", "id"), "refusal IS NOT NULL"),
            ("ix_attempts_refused", ("environment_id", "id"), "refusal IS NOT NULL"),
            ("ix_attempts_unconnected", ("environment_id", "organization_id", "id"), "connection_id IS NULL"),
        )
    ),
    Index(None, "environment_id", "state", "expires_at"),
)

sign_in_tests = scoped(
    "sign_in_tests",
    text("id"),  # of the sign-in as well
    text("handle"),
    text("connection_id"),
    text("made_by"),  # an operator's address
    text("configuration"),  # a digest of what is tried out
    moment("created_at"),
    moment("expires_at"),
    moment("begun_at", null=True),  # whoever sets it starts the test
    moment("ended_at", null=True),
    Column("passed", Boolean(create_constraint=False), nullable=True),
    blob("sealed", null=True),  # JSON of model.sign_in_test.Outcome
    belongs("connection_id", "connections"),
    UniqueConstraint("environment_id", "handle"),
    Index(None, "environment_id", "connection_id", "created_at"),
    Index(None, "environment_id", "created_at"),
)

used_messages = scoped(
    "used_messages",
    text("connection_id"),
    blob("message_hash"),  # of the assertion ID or nonce
    moment("forget_at"),
    belongs("connection_id", "connections"),
    Index(None, "forget_at"),
    key=("connection_id", "message_hash"),
)

metadata_watches = scoped(
    "metadata_watches",
    text("connection_id"),
    moment("next_at"),  # whoever moves it on has the work
    Column("failures", Integer, nullable=False),  # since the last success
    moment("asked_at", null=True),
    moment("refreshed_at", null=True),  # the last success
    text("error", null=True),  # JSON: code and message of the last failure
    text("asked_by", null=True),  # the actor, as in the event log: "worker" is the schedule
    text("refreshed_by", null=True),  # the same of the last success
    moment("failing_since", null=True),  # the first failure after the last success
    text("seen", null=True),  # JSON: the single sign-on service that the document named last
    text("pending", null=True),  # JSON: what waits for a person to decide
    belongs("connection_id", "connections"),
    Index(None, "environment_id", "next_at"),
    key=("connection_id",),
)

expiry_warnings = scoped(
    "expiry_warnings",
    text("connection_id"),
    text("certificate_type"),
    text("fingerprint"),
    Column("threshold", Integer, nullable=False),  # days before the end; negative: after it
    moment("warned_at"),
    belongs("connection_id", "connections"),
    key=("connection_id", "certificate_type", "fingerprint", "threshold"),
)

chores = scoped(
    "chores",
    text("name"),
    moment("next_at"),  # whoever moves it on has the work
    key=("name",),
)

profiles = scoped(
    "profiles",
    text("id"),
    text("connection_id"),
    text("organization_id", null=True),
    text("idp_id"),
    text("email"),
    text("data"),  # JSON: names, groups, custom and raw attributes
    moment("created_at"),
    moment("updated_at"),
    belongs("connection_id", "connections"),
    UniqueConstraint("environment_id", "connection_id", "idp_id"),
    Index(None, "environment_id", "organization_id", "created_at", "id"),
)

grants = scoped(
    "grants",
    blob("code_hash"),
    text("attempt_id"),
    text("profile_id"),
    text("redirect_uri"),
    text("code_challenge", null=True),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", null=True),
    blob("idempotency_hash", null=True),  # of the request that used it, so that its retry gets the same answer
    Column("failures", Integer, nullable=False),
    blob("oauth_tokens", null=True),  # JSON of model.oauth_tokens.OAuthTokens, sealed; until the code is swapped
    belongs("profile_id", "profiles"),
    Index(None, "environment_id", "attempt_id"),
    Index(None, "environment_id", "profile_id"),  # a profile that goes looks for its codes
    Index(None, "expires_at"),
    key=("code_hash",),
)

access_tokens = scoped(
    "access_tokens",
    blob("token_hash"),
    blob("code_hash"),
    text("profile_id"),
    moment("expires_at"),
    moment("revoked_at", null=True),
    belongs("profile_id", "profiles"),
    Index(None, "environment_id", "code_hash"),
    Index(None, "environment_id", "profile_id"),
    Index(None, "expires_at"),
    key=("token_hash",),
)

idp_sessions = scoped(
    "idp_sessions",
    text("id"),  # of the sign-in that began it
    text("connection_id"),
    text("profile_id"),
    blob("key_hash", null=True),  # of what the identity provider names it by: NameID, or `sid`
    blob("sealed"),  # JSON of model.session.IdpSession
    moment("created_at"),
    moment("expires_at"),
    moment("ended_at", null=True),
    belongs("connection_id", "connections"),
    belongs("profile_id", "profiles"),
    Index(None, "environment_id", "connection_id", "key_hash"),
    Index(None, "environment_id", "profile_id"),
    Index(None, "expires_at"),
)

logouts = scoped(
    "logouts",
    blob("handle_hash"),  # of the logout token, of the request that is away, of the address to come back to
    text("connection_id"),
    text("step"),  # JSON of model.logout.LogoutStep
    moment("expires_at"),
    moment("used_at", null=True),
    belongs("connection_id", "connections"),
    Index(None, "environment_id", "connection_id"),
    Index(None, "handle_hash"),
    Index(None, "expires_at"),
    key=("handle_hash",),
)

magic_links = scoped(
    "magic_links",
    text("id"),
    text("connection_id"),
    text("email"),
    text("redirect_uri", null=True),  # as it was asked for; None: the default one, whichever that is by then
    text("app_state", null=True),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", null=True),
    moment("refused_at", null=True),  # when a refusal of it became a sign-in in the trail: once for each link
    belongs("connection_id", "connections"),
    Index(None, "environment_id", "connection_id"),
    Index(None, "expires_at"),
)

magic_link_tokens = scoped(
    "magic_link_tokens",
    blob("token_hash"),
    text("link_id"),
    text("recipient", null=True),  # of a mailed one: the address in lower case, by which mails are counted
    moment("sent_at", null=True),
    belongs("link_id", "magic_links"),
    UniqueConstraint("token_hash"),
    Index(None, "environment_id", "link_id"),
    Index(None, "environment_id", "recipient", "sent_at"),
    key=("token_hash",),
)

events = scoped(
    "events",
    text("id"),
    text("event"),
    text("data"),  # JSON
    moment("created_at"),
)

replays = scoped(
    "replays",
    blob("key_hash"),
    blob("request_hash"),
    Column("status", Integer, nullable=False),
    text("body"),
    moment("forget_at"),
    Index(None, "forget_at"),
    key=("key_hash",),
)
