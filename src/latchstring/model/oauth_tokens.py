"""`OAuthTokens`: what an OAuth provider gave for a code, handed on to who asks for it (contract 2.2)."""

from __future__ import annotations

import msgspec


class OAuthTokens(msgspec.Struct, frozen=True, kw_only=True):
    """All five are always there: the SDKs demand them."""

    provider: str  # "GoogleOAuth"
    access_token: str
    refresh_token: str  # empty: the provider gave none
    expires_at: int  # Unix time, seconds; 0: the provider did not say
    scopes: tuple[str, ...]
