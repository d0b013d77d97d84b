"""Describes the table of what environments show of their application while somebody signs in."""

from __future__ import annotations

from latchstring.storage.columns import blob, scoped, text

brandings = scoped(
    "brandings",
    text("data"),  # JSON of model.branding.Branding
    text("logo_kind", null=True),  # "image/png" or "image/jpeg"
    blob("logo", null=True),
    text("dark_logo_kind", null=True),
    blob("dark_logo", null=True),
    key=(),
)
