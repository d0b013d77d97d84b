"""Describes the table of API requests."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer

from latchstring.storage.columns import moment, scoped, text

api_calls = scoped(
    "api_calls",
    text("id"),  # as in x-request-id
    text("method"),
    text("path"),  # without its query
    Column("status", Integer, nullable=False),
    text("code", null=True),  # of the refusal
    text("key_id", null=True),
    Column("microseconds", Integer, nullable=False),
    moment("created_at"),
    Index(None, "environment_id", "created_at", "id"),
)
