"""Values for the pages of settings, with everything in them that can be there, for `test_pages_looks`."""

from __future__ import annotations

from typing import Any

SETTINGS = (
    *("idp_initiated", "idp_initiated_consent", "relay_state", "domain_selector", "redirect_uri_rules"),
    *("return_oauth_tokens", "logout_uri", "magic_links_per_hour", "raw_attributes", "sign_in_answers"),
    *("trace_retention_days", "reconciliation_days"),
)

VALUES: dict[str, dict[str, Any]] = {
    "dashboard_sign_in_settings.html": {
        "address": "/dashboard/1/settings/sign-in",
        "typed": dict.fromkeys(SETTINGS, "x"),
        "errors": dict.fromkeys((*SETTINGS, "typed"), "wrong"),
        "failed": True,
        "saved": True,
        "options": {name: [("x", "Label", "about")] for name in SETTINGS},
        "production": False,
        "may_change": True,
    },
}
