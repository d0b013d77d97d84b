"""Describes the tables of the Admin Portal: links, sessions, how far a set-up is, whom to write to, and mails."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, UniqueConstraint

from latchstring.storage.columns import belongs, blob, moment, scoped, text

portal_links = scoped(
    "portal_links",
    text("id"),
    text("organization_id"),
    text("intent"),
    text("kind"),
    blob("token_hash"),  # SHA-256 of 256 bits of chance
    text("return_url", null=True),
    text("success_url", null=True),
    text("options"),  # JSON of model.portal.IntentOptions
    text("external_user_id", null=True),
    text("recipients"),  # JSON: e-mail addresses
    text("made_by"),  # the actor, as in the event log
    moment("created_at"),
    moment("expires_at"),
    moment("first_opened_at", null=True),
    moment("last_opened_at", null=True),
    Column("opened", Integer, nullable=False),
    moment("finished_at", null=True),
    moment("revoked_at", null=True),
    belongs("organization_id", "organizations"),
    UniqueConstraint("token_hash"),
    Index(None, "environment_id", "organization_id", "id"),
    Index(None, "environment_id", "expires_at"),
)

portal_sessions = scoped(
    "portal_sessions",
    blob("token_hash"),
    text("link_id"),
    moment("created_at"),
    moment("last_seen_at"),
    moment("expires_at"),
    belongs("link_id", "portal_links"),
    UniqueConstraint("token_hash"),
    Index(None, "environment_id", "link_id"),
    Index(None, "environment_id", "expires_at"),
    key=("token_hash",),
)

# The connection is named and not referred to: when it is deleted, what else was done stays, and the count goes on.
portal_progress = scoped(
    "portal_progress",
    text("organization_id"),
    text("step"),
    Column("part", Integer, nullable=False),
    text("connection_id", null=True),
    text("connection_type", null=True),
    text("kept"),  # JSON: name -> text
    Column("version", Integer, nullable=False),
    text("updated_by", null=True),
    moment("updated_at"),
    belongs("organization_id", "organizations"),
    key=("organization_id",),
)

it_contacts = scoped(
    "it_contacts",
    text("id"),
    text("organization_id"),
    text("email"),  # as it was typed
    text("email_key"),  # in lower case
    moment("created_at"),
    moment("updated_at"),
    text("language", null=True),  # in which they were in the portal last
    belongs("organization_id", "organizations"),
    UniqueConstraint("environment_id", "organization_id", "email_key"),
)

# One of a kind for an organization: what is asked for anew takes the place of what was asked for before.
portal_mails = scoped(
    "portal_mails",
    text("organization_id"),
    text("kind"),
    text("about"),  # JSON of storage.portal_mails.About
    moment("asked_at"),
    moment("next_at", null=True),  # whoever moves it on has the work; null: there is none
    Column("tries", Integer, nullable=False),
    moment("mailed_at", null=True),  # the last success
    text("mailed_to"),  # JSON: e-mail addresses
    text("missed"),  # JSON: address -> the code of why not
    belongs("organization_id", "organizations"),
    Index(None, "environment_id", "next_at"),
    key=("organization_id", "kind"),
)
