"""What the set-up at a provider takes: its own words for what is exchanged, and what is done there, step by step.

Menu words stay as the provider's console writes them, in English.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from latchstring.guides.drawing import Drawing
from latchstring.guides.snippet import Snippet

OURS: Mapping[str, str] = {  # how we call what is exchanged
    "acs_url": "ACS URL",
    "acs_url_regex": "ACS URL as a pattern",
    "app_redirect_uri": "Redirect URI of your application",
    "logout_redirect_uri": "Post-logout redirect URI",
    "public_cert": "Public key (certificate)",
    "redirect_uri": "Redirect URI",
    "relay_state": "RelayState",
    "sign_in_url": "Sign-in page of your application",
    "sp_entity_id": "SP Entity ID",
    "sp_metadata_url": "SP metadata URL",
    "sp_signing_cert": "Certificate that signs our requests",
    "apple_key_id": "Key ID",
    "apple_private_key": "Private key",
    "apple_team_id": "Team ID",
    "client_id": "Client ID",
    "client_secret": "Client secret",
    "client_tls_cert": "Client certificate",
    "client_tls_key": "Private key of the client certificate",
    "discovery_endpoint": "Discovery endpoint",
    "idp_cert": "Signing certificate",
    "idp_entity_id": "Issuer (IdP entity ID)",
    "idp_metadata_url": "Metadata URL",
    "idp_metadata_xml": "Metadata file",
    "idp_sso_url": "Sign-in URL (SSO URL)",
}


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a provider calls a value, and where it stands there."""

    name: str
    where: str = ""  # the menu path or the file


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do in the provider's console."""

    title: str
    text: str = ""
    where: str = ""
    copy: tuple[str, ...] = ()  # what is pasted there; names of `give`
    fetch: tuple[str, ...] = ()  # what is taken along from there; names of `want`
    sends: bool = False  # here the attributes of `sends` are entered
    snippets: tuple[Snippet, ...] = ()  # what is pasted there as a whole
    drawing: Drawing | None = None  # the page, drawn


class Trouble(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a provider itself says or shows when something is wrong, before anybody comes back to us."""

    says: str  # in its own words: a message or a code
    fix: str
