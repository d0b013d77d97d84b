"""The only list of adapters: configuration type -> adapter."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring.adapters.base import Adapter
from latchstring.adapters.magic_link import MagicLinkAdapter
from latchstring.adapters.oauth import OAuthAdapter
from latchstring.adapters.oidc import OidcAdapter
from latchstring.adapters.saml import SamlAdapter, TestIdpAdapter
from latchstring.model.connection import Config, MagicLinkConfig, OAuthConfig, OidcConfig, SamlConfig, TestIdpConfig

Adapters = Mapping[type[Config], Adapter]


def adapters(*, allow_http: bool, max_response_bytes: int) -> Adapters:
    return {
        SamlConfig: SamlAdapter(max_bytes=max_response_bytes),
        OidcConfig: OidcAdapter(allow_http=allow_http),
        OAuthConfig: OAuthAdapter(),
        TestIdpConfig: TestIdpAdapter(max_bytes=max_response_bytes),
        MagicLinkConfig: MagicLinkAdapter(),
    }
