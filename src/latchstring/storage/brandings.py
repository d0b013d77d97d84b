"""Rows of brandings: one for each environment that has one, with its logos."""

from __future__ import annotations

import msgspec

from latchstring.model.branding import Branding, Logo
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import insert, select

_GET = select("data", "brandings")
_LOGO = select("logo_kind, logo", "brandings", "logo IS NOT NULL")
_DARK_LOGO = select("dark_logo_kind, dark_logo", "brandings", "dark_logo IS NOT NULL")
_PUT = insert(
    "brandings",
    "data, logo_kind, logo, dark_logo_kind, dark_logo",
    tail="ON CONFLICT (environment_id) DO UPDATE SET data = excluded.data, logo_kind = excluded.logo_kind, "
    "logo = excluded.logo, dark_logo_kind = excluded.dark_logo_kind, dark_logo = excluded.dark_logo",
)
_decoder = msgspec.json.Decoder(Branding)


def get(scope: Scope) -> Branding:
    row = scope.one(_GET)
    return _decoder.decode(row[0]) if row else Branding()


def logo(scope: Scope) -> Logo | None:
    row = scope.one(_LOGO)
    return None if row is None else Logo(row[0], row[1])


def dark_logo(scope: Scope) -> Logo | None:
    row = scope.one(_DARK_LOGO)
    return None if row is None else Logo(row[0], row[1])


def put(scope: WritingScope, branding: Branding, logo: Logo | None, dark_logo: Logo | None) -> None:
    scope.change(
        _PUT,
        data=msgspec.json.encode(branding).decode(),
        logo_kind=logo.kind if logo else None,
        logo=logo.data if logo else None,
        dark_logo_kind=dark_logo.kind if dark_logo else None,
        dark_logo=dark_logo.data if dark_logo else None,
    )
