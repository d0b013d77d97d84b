"""Values of a guide and of the forms for a provider's details, which the Dashboard and the Admin Portal both show."""

from __future__ import annotations

from typing import Any

from tests.house_for_tests import START

GIVEN = {
    "name": "acs_url",
    "label": "Single sign-on URL",
    "ours": "ACS URL",
    "where": "Configure SAML",
    "value": "https://sso.example.com/acs",
    "long": False,
}
STEPS = [
    {
        "title": "Create the app",
        "where": "Applications",
        "text": "Give it a name.",
        "pastes": [{**GIVEN, "name": "sp_entity_id"}],
        "fetches": [{"label": "Metadata URL", "where": "Sign On", "ours": "Metadata address"}],
        "snippets": [{"id": "snippet-1-1", "title": "Rules", "language": "PHP", "text": "<?php"}],
        "picture": "a drawing",
        "rows": [("email", "user.email")],
    }
]
ABOUT = {
    "quirks": ["It takes a day."],
    "errors": [{"says": "404", "fix": "Look at the address."}],
    "vendor_page": "https://idp.example/help",
    "verified_on": START,
    "verified_by": "documentation",
}
DETAILS: dict[str, Any] = {
    "saml": True,
    "oidc": False,
    "terms": {"idp_metadata_url": "Okta calls it so."},
    "typed": {"idp_metadata_url": "https://idp.example/metadata", "idp_metadata_xml": "<a/>"},
    "errors": {"idp_metadata_url": "It is wrong.", "idp_metadata_file": "It is wrong."},
    "open": {"url": True, "document": False, "values": False},
    "ambiguous": True,
    "fixed_discovery": "",
    "signs": False,
    "tenant": True,
    "saml_there": True,
    "watched": True,
    "secret_there": True,
    "secret_hint": "It is never shown again.",
    "oauth": [],
}
