"""Values for the pages of settings, with everything in them that can be there, for `test_pages_looks`."""

from __future__ import annotations

from typing import Any

SETTINGS = (
    *("idp_initiated", "idp_initiated_consent", "relay_state", "domain_selector", "redirect_uri_rules"),
    *("return_oauth_tokens", "logout_uri", "magic_links_per_hour", "raw_attributes", "sign_in_answers"),
    *("trace_retention_days", "reconciliation_days", "api_log_days", "portal_return_url", "portal_success_url"),
)

FIELD = {"label": "Key", "hint": "hint", "required": True, "value": "abc", "error": "wrong"}

BRAND = {
    "application": "Acme",
    "support": "help@acme.example",
    "style_url": "/branding/style/f0bf63.css",
    "logo_url": "/assets/mark.svg",
    "dark_logo_url": "/assets/mark.svg",
}

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
    "dashboard_branding.html": {
        "address": "/dashboard/1/settings/branding",
        "typed": {"application": "Acme", "accent": "#3b4fd8", "support": "help@acme.example"},
        "errors": dict.fromkeys(("application", "accent", "support", "logo", "dark_logo"), "wrong"),
        "failed": True,
        "saved": True,
        "brand": {"logo_url": "/assets/mark.svg", "dark_logo_url": "/assets/mark.svg"},
        "contrast": "6.8",
        "white_text": True,
        "may_change": True,
    },
    "dashboard_mail.html": {
        "facts": [("Server", "mail.example.com")],
        "kept": True,
        "sent": True,
        "refusal": {"message": "It failed.", "fix": "Mend it."},
    },
    "dashboard_oauth_providers.html": {
        "address": "/dashboard/1/settings/oauth",
        "rows": [
            {"type": "GoogleOAuth", "name": "Google", "state": "active"},
            {"type": "GitHubOAuth", "name": "GitHub", "state": None},
        ],
        "may_change": True,
    },
    "dashboard_oauth_provider.html": {
        "address": "/dashboard/1/settings/oauth/AppleOAuth",
        "back": "/dashboard/1/settings/oauth",
        "name": "Apple",
        "state": "active",
        "callback": "https://sso.example.com/callback",
        "connection_id": "1",
        "fields": [
            {**FIELD, "name": "1", "lines": False, "secret": False},
            {**FIELD, "name": "2", "lines": False, "secret": True},
            {**FIELD, "name": "3", "lines": True, "secret": True},
        ],
        "scopes": "openid",
        "default_scopes": ["openid"],
        "trust_email": True,
        "enabled": "neither",
        "configured": True,
        "errors": {"scopes": "wrong", "typed": "wrong"},
        "failed": True,
        "saved": True,
        "may_change": True,
    },
}
