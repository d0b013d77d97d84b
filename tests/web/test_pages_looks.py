"""Every template: values stay values, and the page has what a reader of any kind needs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flit_core import buildapi  # type: ignore[import-untyped]

from latchstring.model.connection import ConnectionState
from latchstring.model.environment import EnvironmentKind
from latchstring.model.operator import Role
from latchstring.model.organization import DomainState
from latchstring.model.refusal import Mender
from latchstring.model.sign_in import Outcome as Ended
from latchstring.model.sign_in_test import Result, State
from latchstring.web.kit import pages
from latchstring.web.kit.message import Reply
from tests.house_for_tests import BASE, START, Rig, call
from tests.house_for_tests import rig as build
from tests.web import looks_of_portal, looks_of_settings
from tests.web.html import Element, read
from tests.web.looks_of_set_up import ABOUT, DETAILS, GIVEN, STEPS

WEB = Path(pages.__file__).parent.parent
PERSON = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Example", "groups": ("Staff",), "about": "one"}
STEP = {"title": "Begun", "about": "It began.", "after": "at once", "checks": ["issuer"]}
OPERATOR = {
    "id": "operator_1",
    "email": "ann@example.com",
    "name": "Ann",
    "role": Role.ADMIN,
    "created_at": START,
    "disabled_at": None,
    "has_password": True,
}
ENVIRONMENT = {"id": "environment_1", "name": "Live", "kind": EnvironmentKind.PRODUCTION, "client_id": "client_1"}
PLACES = [("Main", [("home", "Environments", "/dashboard")]), ("Settings", [("team", "Team", "/dashboard/team")])]
SHELL = {
    "operator": OPERATOR,
    "csrf": "abc",
    "environment": ENVIRONMENT,
    "environments": [ENVIRONMENT],
    "places": PLACES,
}
CONNECTION = {
    **SHELL,
    "connection": {"id": "conn_1", "name": "Okta", "type": "OktaSAML", "state": ConnectionState.VALIDATING},
    "type_name": "Okta SAML",
    "organization": {"id": "org_1", "name": "Acme"},
    "tabs": [("overview", "Overview", "/dashboard/environment_1/connections/conn_1")],
    "here": "overview",
    "head_actions": [("test", "Test sign-in", "/dashboard/environment_1/connections/conn_1/test")],
    "address": "/dashboard/environment_1/connections/conn_1",
    "may_change": True,
    "fresh": True,
    "confirm_url": "/dashboard/confirm?next=/dashboard",
}
SIGN_IN = {
    "id": "sess_1",
    "reference": "5KQ2B-M8DXA",
    "url": "/dashboard/environment_1/sign-ins/sess_1",
    "outcome": Ended.REFUSED,
    "code": "mismatch",
    "email": "ann@acme.example",
    "is_test": True,
    "idp_initiated": False,
    "connection_id": "conn_1",
    "connection_name": "Okta",
    "organization_id": "org_1",
    "organization_name": "Acme",
    "created_at": START,
    "seconds": "0.8",
}
ALSO_WRONG = {
    "code": "missing",
    "message": "There is no address.",
    "mender": Mender.IT_ADMIN,
    "there": "In Okta.",
    "fix": "Send it.",
    "also": [],
}
TRACE: dict[str, Any] = {
    "reference": "5KQ2B-M8DXA",
    "provider": "Okta SAML",
    "sentence": "It is meant for another.",
    "differences": [{"label": "Audience", "expected": ["ours"], "received": ["theirs"], "note": "They differ."}],
    "remedy": {
        "code": "mismatch",
        "mender": Mender.IT_ADMIN,
        "there": "In Okta.",
        "fix": "Set it.",
        "also": ["It may be that."],
    },
    "moments": [
        {
            "at": START,
            "label": "The sign-in was refused",
            "facts": [("Browser", "Firefox")],
            "checks": [
                {"label": "Issuer", "result": Result.PASSED, "trusted": True, "remedy": None},
                {"label": "Audience", "result": Result.FAILED, "trusted": True, "remedy": None},
                {"label": "Attributes", "result": Result.PASSED, "trusted": False, "remedy": None},
                {"label": "Fields", "result": Result.FAILED, "trusted": False, "remedy": ALSO_WRONG, "differences": []},
                {"label": "Subject", "result": Result.NOT_REACHED, "trusted": True, "remedy": None},
            ],
        }
    ],
    "stays_away": ["It is not assigned."],
    "attributes": {"email": ["ann@acme.example"], "id": []},
    "proven": False,
    "kept": True,
    "request": {"document": "<x/>", "parameters": [("client_id", "abc")]},
    "response": {"document": "<y/>", "parameters": []},
}
MAPPER = {**CONNECTION, "mapper": "/dashboard/environment_1/connections/conn_1/attributes", "plain": False}
MAPPING_DONE = {"id": "event_1", "event_id": "event_1", "lines": [("email", ["mail"], [])], "stands": True}
REMEDY = {
    "message": "The last name receives an e-mail address ('sn').",
    "maps": [("email", ["mail", "contact"])],
    "entries": [("source.email.1", "mail"), ("source.email.2", "contact")],
    "at_once": True,
}
CERTIFICATE = {
    "id": "cert_1",
    "fingerprint": "4F:9A",
    "subject": "CN=idp.example",
    "key": "RSA 2048",
    "not_before": START,
    "not_after": START,
    "days_left": 20,
    "from_metadata": True,
    "retire_at": START,
    "active_from": START,
    "pem": "-----BEGIN CERTIFICATE-----",
}
SESSION = {"handle": "ab12", "ip_address": "192.0.2.1", "created_at": START, "last_seen_at": START}
PASSKEY = {"id": "passkey_1", "name": "Telephone", "created_at": START, "last_used_at": None}
FACTORS = {"totp_since": START, "passkeys": [PASSKEY], "recovery_codes_left": 7}
OPTION = {
    "name": "allow_sha1",
    "label": "Take SHA-1",
    "cost": "It can be forged.",
    "value": "yes",
    "check": True,
    "choices": [],
    "type": "text",
    "error": None,
}
ROLES = [("support", "Support", "looks")]
FAULT = {"error": "Say what is wrong."}
DOMAIN = {
    "id": "domain_1",
    "domain": "acme.example",
    "state": DomainState.PENDING,
    "verification_strategy": "dns",
}
ORGANIZATION = {"id": "org_1", "name": "Acme", "allow_profiles_outside_organization": True}
NARROW_ORGANIZATION = {**ORGANIZATION, "allow_profiles_outside_organization": False}
TABS = [("elsewhere", "Elsewhere", "/dashboard/environment_1/organizations/org_1")]
KEY = {
    "id": "api_key_1",
    "name": "backend",
    "hint": "abcd",
    "created_at": START,
    "revoked_at": None,
    "expires_at": START,
    "last_used_at": START,
}
REQUEST = {
    "id": "0123",
    "method": "GET",
    "path": "/organizations",
    "status": 404,
    "state": "err",
    "code": "code",
    "key": "sk_…abcd",
    "key_id": "api_key_1",
    "milliseconds": "1.2",
    "at": START,
}
RECORD = {"name": "acme.example", "value": "verification_token=abc"}
REFUSAL = {"message": "Something is wrong.", "fix": "Mend it."}

# Template -> values as the doors pass them. Addresses are apart: the doors pass none that is not http or https.
CHANGES = [
    {"field": "name", "before": "Acme", "after": None},
    {"field": "email", "before": None, "after": ["mail"]},
]
ENTRY = {
    "sequence": 7,
    "at": START,
    "environment_id": "1",
    "actor": "operator:1",
    "actor_name": "Ann",
    "action": "connection.updated",
    "target_id": "1",
    "target_name": "Acme",
    "changes": CHANGES,
    "ip_address": "192.0.2.7",
    "user_agent": "Firefox",
}
CHART = {
    "bars": [
        {
            "x": 1,
            "good_y": 1,
            "good_height": 2,
            "bad_y": 0,
            "bad_height": 1,
            "since": START,
            "begun": 3,
            "refused": 1,
        }
    ],
    "width": 24,
    "bar": 18,
    "height": 120,
}
VALUES: dict[str, dict[str, Any]] = {
    "consent.html": {
        "action": "/sso/consent/abc",
        "handle": "0123",
        "application": "app.example",
        "email": "ann@example.com",
        "organization": "Acme",
        "identity_provider": "idp.example",
    },
    "dashboard_account.html": {
        **SHELL,
        "done": "It is done.",
        "failed": True,
        "errors": {"current": "wrong", "new": "wrong"},
        "factors": FACTORS,
        "sessions": [
            {"session": SESSION, "browser": "Firefox, Linux", "here": True},
            {"session": SESSION, "browser": "Chrome, Android", "here": False},
        ],
        "chosen_scheme": "none of them",
    },
    "dashboard_attributes.html": {
        **MAPPER,
        "samples": 2,
        "dismissed": [("groups_joined", "The groups arrive in one value.")],
        "kept_nowhere": False,
        "maps_nothing": False,
        "rows": [
            {
                "field": "email",
                "custom": False,
                "boxes": [("source.email.1", "mail"), ("source.email.2", "")],
                "fed_by": ["mail"],
                "usual": ["email"],
                "held": "a…@acme.example",
                "several": 0,
                "rule": "custom",
                "frozen": None,
                "always": True,
                "required": True,
                "mark": "ok",
                "word": "yes",
                "words": "in the organization's domains",
                "error": "A field has 1 to 20 sources.",
            },
            {
                "field": "job_title",
                "custom": True,
                "boxes": [],
                "fed_by": [],
                "usual": ["jobTitle"],
                "held": None,
                "several": 0,
                "rule": "default",
                "frozen": "id",
                "always": False,
                "required": True,
                "mark": "err",
                "word": "no",
                "words": "does not arrive",
                "error": None,
            },
        ],
        "seen": [("mail", "e-mail address"), ("title", "text")],
        "addable": [("username", None)],
        "add": {"name": "shoe", "source": "size", "error": "It is not defined."},
        "failed": True,
        "nothing": True,
        "recommendations": [
            {**REMEDY, "code": "email_in_last_name", "mark": "err", "counted": "Seen twice.", "effect": "Of two: two."},
            {
                "code": "groups_missing",
                "mark": "info",
                "message": "No groups arrive.",
                "counted": "Seen twice.",
                "fix": "Send them.",
                "maps": [],
                "entries": [],
            },
        ],
        "awaiting": 2,
        "unused": [
            {"name": "title", "friendly_name": "Title", "kinds": "text", "examples": "H…", "samples": 1},
        ],
        "looked_at": 7,
        "picks": [("0", "25 Nov, 10:00, a…"), ("1", "24 Nov, 10:00, b…")],
        "done": MAPPING_DONE,
    },
    "dashboard_attributes_identifier.html": {
        **MAPPER,
        "people": [
            {
                "id": f"prof_{number}",
                "email": "a…@acme.example",
                "last": START,
                "returned": "prof_4" if number else None,
                "linkable": number > 1,
                "is_undone": number > 2,
            }
            for number in range(4)
        ],
        "frozen": "id",
        **FAULT,
        "boxes": [("source.idp_id.1", "id"), ("source.idp_id.2", "")],
        "seen": [("id", "text"), ("objectid", "object id")],
    },
    "dashboard_attributes_preview.html": {
        **MAPPER,
        "entries": [("source.email.1", "mail")],
        "then": "awaiting",
        "lines": [("email", [], ["mail"])],
        "required": (["last_name"], []),
        "effect": "Of the last 2 sign-ins: 2 become good.",
        "changes": [
            {
                "whose": "u…",
                "at": START,
                "fields": [("email", "nothing", "a…@acme.example")],
                "before": "The identity provider did not send it.",
                "after": None,
            }
        ],
        "waiting": {"all": 2, "can": 1},
        "identifier_change": {
            "before": "id",
            "after": "objectid",
            "profiles": 3,
            "kept": 0,
            "rekeyed": 2,
            "orphaned": 1,
            "asks": True,
            "examples": [{"id": "prof_1", "email": "a…@acme.example", "idp_id": "a…"}],
        },
        "asked": True,
        **FAULT,
    },
    "dashboard_awaiting.html": {
        **MAPPER,
        "people": [
            {
                "id": "reconciliation_1",
                "whose": "u…",
                "can_sign_in": False,
                "stored": "prof_1",
                "fields": [("email", "a…@acme.example", "nothing")],
                "refusal": "The identity provider did not send it.",
                "suggestion": "Take email from mail: then they can sign in.",
                "tries": 2,
                "first": START,
                "last": START,
                "received": [("mail", "a…@acme.example")],
            }
        ],
        "count": 2,
        "ready": 0,
        "remedies": [REMEDY],
        "done": MAPPING_DONE,
        "kept_nowhere": False,
        "paged": True,
        "newer_url": "/dashboard/environment_1/connections/conn_1/attributes/awaiting?before=reconciliation_1",
        "older_url": "/dashboard/environment_1/connections/conn_1/attributes/awaiting?after=reconciliation_1",
    },
    "dashboard_confirm.html": {**SHELL, "next": "/dashboard", "refusal": REFUSAL, "options": "{}", "sso": True},
    "dashboard_sso.html": {
        **SHELL,
        "found": {"environment": ENVIRONMENT, "organization": {"id": "org_1", "name": "Acme"}, "creates": True},
        "on": True,
        "choices": [("environment_1", "Live", "production")],
        "chosen_environment": "environment_1",
        "organization": "org_1",
        "creates": True,
        **FAULT,
    },
    "dashboard_passkey.html": {"csrf": "abc", "options": "{}", "next": "/dashboard", "refusal": REFUSAL},
    "dashboard_passkey_new.html": {**SHELL, "options": "{}", "name": "Key", "error": "wrong", "refusal": REFUSAL},
    "dashboard_audit_check.html": {
        **SHELL,
        "found": {"beginning": 1, "first": 1, "last": 1000, "end": 3000, "at_the_end": False},
        "broken": None,
        "next_url": "/dashboard/audit/check?after=1000",
    },
    "dashboard_audit.html": {
        **SHELL,
        "entries": [ENTRY],
        "names": {"1": "Staging"},
        "typed": dict.fromkeys(("actor", "action", "target", "environment", "since", "until"), "x"),
        "errors": {"since": "wrong", "until": None},
        "failed": True,
        "filtered": True,
        "actors": [("x", "Ann")],
        "actions": [("x", "connection.updated")],
        "environment_choices": [("x", "Staging")],
        "newer_url": "/dashboard/audit?newer=9",
        "older_url": "/dashboard/audit?older=3",
        "check_url": "/dashboard/audit/check",
        "checked": {"end": {"sequence": 9}, "whole": False, "first": 3},
        "broken": None,
        "export_urls": [("csv", "/dashboard/audit/export?format=csv")],
        "most": 10_000,
    },
    "dashboard_custom_attribute.html": {
        **SHELL,
        "address": "/dashboard/environment_1/settings/attributes",
        "name": "badge_number",
        "used": ["conn_1"],
        "used_in_all": 2,
        **FAULT,
    },
    "dashboard_custom_attributes.html": {
        **SHELL,
        "address": "/dashboard/environment_1/settings/attributes",
        "own": [{"name": "badge_number", "created_at": START}],
        "predefined": [{"name": "job_title", "sources": ["jobTitle", "title"]}],
        "uses": {"badge_number": 2},
        "most": 100,
        "name": "Badge",
        **FAULT,
        "may_change": True,
    },
    "dashboard_connection.html": {
        **CONNECTION,
        "given": [
            GIVEN,
            {**GIVEN, "name": "sp_signing_cert", "value": "-----BEGIN", "long": True},
        ],
        "saml": {
            "idp_metadata_url": "https://idp.example/metadata",
            "idp_entity_id": "https://idp.example",
            "idp_sso_url": "https://idp.example/sso",
        },
        "oidc": None,
        "oauth": None,
        "watch": {
            "error": {"message": "It does not answer."},
            "failing_since": START,
            "asked_at": START,
            "failures": 2,
            "pending": {"entity_id": "https://other.example"},
            "refreshed_at": START,
            "next_at": START,
        },
        "trusted": [CERTIFICATE],
        "ending": [{"kind": "warn", "text": "It ends."}],
        "may_set_up": True,
        "may_test": True,
        "health": {"ended": 3, "refused": 1, "percent": "66.6", "all_counted": False, "last_good": START},
        "chart": CHART,
    },
    "dashboard_factors.html": {
        **SHELL,
        "done": "It is done.",
        "factors": FACTORS,
        "needed": True,
        "secret": "ABCD EFGH",
        "qr": "data:image/svg+xml,abc",
        "error": "wrong",
        "failed": None,
    },
    "dashboard_recovery_codes.html": {"csrf": "abc", "codes": ["abcd-efgh-abcd-efgh"]},
    "dashboard_second_factor.html": {
        "csrf": "abc",
        "next": "/dashboard",
        "email": "ann@example.com",
        "factors": FACTORS,
        "options": "{}",
        "refusal": REFUSAL,
    },
    "dashboard_connection_certificate.html": {
        **CONNECTION,
        "used": {"count": 14},
        "kind": "idp",
        "ours": False,
        "one": CERTIFICATE,
        "signs": False,
        "may_sign": True,
        "start": "4F9A11AB",
        **FAULT,
    },
    "dashboard_connection_certificates.html": {
        **CONNECTION,
        "saml": {"idp_metadata_url": "https://idp.example/metadata"},
        "oidc": None,
        "whose": "Acme",
        "jwks_uri": f"{BASE}/sso/oidc/abc/jwks",
        "metadata_url": f"{BASE}/sso/saml/metadata/abc",
        "collections": {
            "idp": [
                {"row": CERTIFICATE, "signs": False, "used": None, "can_go": True},
                {"row": CERTIFICATE, "signs": False, "used": {"count": 14, "newest": START}, "can_go": False},
            ],
            "signing": [{"row": CERTIFICATE, "signs": True}],
            "encryption": [],
        },
        "watch": {
            "error": {"message": "It does not answer."},
            "failing_since": START,
            "asked_at": START,
            "failures": 2,
            "pending": {"entity_id": "https://other.example"},
            "refreshed_at": START,
            "next_at": START,
        },
        "asked_by": "on schedule",
        "refreshed_by": "by an operator",
        "errors": {"idp": "It is wrong.", "signing": "It is wrong.", "accept": "It is wrong."},
    },
    "dashboard_connection_delete.html": {**CONNECTION, **FAULT},
    "dashboard_connection_settings.html": {
        **CONNECTION,
        "name": "Okta",
        "external_id": "acme-okta",
        "groups": [
            {"heading": "Unsafe", "about": "Each of these is unsafe.", "weak": True, "options": [OPTION]},
            {
                "heading": "Begin",
                "about": None,
                "weak": False,
                "options": [
                    {**OPTION, "name": "sso_binding", "check": False, "choices": [("redirect", "HTTP-Redirect", True)]},
                    {**OPTION, "name": "clock_skew_seconds", "check": False, "error": "It is wrong."},
                ],
            },
        ],
        "errors": {"clock_skew_seconds": "It is wrong."},
        "on": True,
        "can_be_on": True,
        "deleting": False,
    },
    "dashboard_connection_new.html": {
        **SHELL,
        "organization": {"id": "org_1", "name": "Acme"},
        "address": "/dashboard/environment_1/organizations/org_1/connections/new",
        "type": "OktaSAML",
        "type_name": "Okta SAML",
        "about": "An app in the admin console.",
        "name": "Acme",
        **FAULT,
    },
    "dashboard_connection_set_up.html": {
        **CONNECTION,
        "here": "overview",
        "read": True,
        "weak": True,
        "findings": [{"kind": "warn", "text": "Certificate 4F9A"}],
        "given": [GIVEN],
        "steps": STEPS,
        "about": ABOUT,
        **DETAILS,
    },
    "dashboard_connection_types.html": {
        **SHELL,
        "organization": {"id": "org_1", "name": "Acme"},
        "address": "/dashboard/environment_1/organizations/org_1/connections/new",
        "search": "okta",
        "groups": [("Most asked for", [("OktaSAML", "Okta SAML", "SAML")])],
        "found": 0,
    },
    "dashboard_home.html": {**SHELL, "environment": None},
    "dashboard_invite.html": {
        **SHELL,
        "email": "a@b.example",
        "role": "support",
        "roles": ROLES,
        **FAULT,
        "failed": True,
    },
    "dashboard_link.html": {
        **SHELL,
        "heading": "Invited",
        "email": "a@b.example",
        "url": f"{BASE}/dashboard/welcome?link=abc",
        "expires_at": START,
        "mailed": False,
        "failure": REFUSAL,
    },
    "dashboard_operator.html": {**SHELL, "one": OPERATOR, "last": False, "roles": ROLES, **FAULT},
    "dashboard_organization.html": {
        **SHELL,
        "organization": ORGANIZATION,
        "domains": [
            {"domain": DOMAIN, "record": RECORD, "shortfall": "It is missing.", "looked_at": START, "next_at": START},
            {"domain": {**DOMAIN, "id": "domain_2", "state": DomainState.VERIFIED}},
        ],
        "connections": [{"id": "conn_1", "name": "Okta", "type": "OktaSAML", "state": ConnectionState.ACTIVE}],
        "type_names": {"OktaSAML": "Okta SAML"},
        "more_connections": True,
        "pending": looks_of_portal.LINK,
        "may_change": True,
        "tabs": TABS,
        "typed": "gmail.com",
        **FAULT,
    },
    "dashboard_api_keys.html": {
        **SHELL,
        "keys": [{"key": KEY, "state": ("works", "ok")}],
        "ended": [{**KEY, "id": "api_key_2", "revoked_at": START}],
        "may_change": True,
    },
    "dashboard_api_key_new.html": {
        **SHELL,
        "name": "backend",
        "days": "90",
        "errors": {"name": "Say what it is for.", "days": "Wrong."},
        "failed": True,
    },
    "dashboard_api_key_made.html": {**SHELL, "key": KEY, "secret": "sk_test_abc"},
    "dashboard_api_key.html": {**SHELL, "key": KEY, "opens": True, **FAULT},
    "dashboard_overview.html": {
        **SHELL,
        "concerns": [
            {
                "kind": "warn",
                "words": "Acme: look at it.",
                "url": "/dashboard/environment_1/connections/c",
                "renewal": "/dashboard/environment_1/organizations/o/links?intent=certificate_renewal",
            }
        ],
        "figures": {"begun": 3, "refused": 1, "percent": "66", "under_way": 1, "active": 1, "unfinished": 0},
        "chart": CHART,
        "latest": [SIGN_IN],
        "steps": [(True, "One", "/dashboard"), (False, "Two", "/dashboard")],
        "started": False,
        "still_open": 2,
        "may_change": True,
    },
    "dashboard_go_live.html": {
        **SHELL,
        "items": {
            "environment": {"tick": 1},
            "base_url": {"tick": 1, "base_url": "https://sso.example.com"},
            "keys": {"tick": 1, "keys": 1, "used": 0},
            "secured": {"tick": 1, "forgotten": ["old"]},
            "redirects": {"tick": 1, "default": "https://a.example", "broken": ["http://a"], "local": ["http://b"]},
            "reachable": {"tick": 1, "uris": ["https://a.example"]},
            "connections": {"tick": 1, "active": 1, "lonely": [("org_1", "Acme")], "more": True},
            "domains": {"tick": 1, "unproven": [("org_1", "Acme")], "more": True},
            "idp_initiated": {"tick": 1, "allowing": 0, "of": 1},
            "signed_in": {"tick": 1},
            "entrance": {"tick": 1},
            "backups": {"tick": 1},
        },
        "still_open": 2,
        "production": None,
    },
    "dashboard_search.html": {
        **SHELL,
        "wanted": "acme",
        "found": [{"title": "Acme", "about": "Organization", "url": "/dashboard/environment_1/organizations/org_1"}],
    },
    "dashboard_requests.html": {
        **SHELL,
        "requests": [REQUEST],
        "choices": [("", "All"), ("ok", "Answered")],
        "chosen": None,
        "path": "org",
        "filtered": True,
        "days": 7,
        "kept": 100,
        "newer_url": "/dashboard/environment_1/developers/requests?before=1",
        "older_url": "/dashboard/environment_1/developers/requests?after=1",
    },
    "dashboard_request.html": {**SHELL, "request": REQUEST, "docs_url": f"{BASE}/errors/some_code"},
    "dashboard_redirects.html": {
        **SHELL,
        "redirects": [
            {"uri": {"id": "uri_1", "uri": "https://a.example/cb", "default": False}, "admitted": True, "single": True}
        ],
        "has_default": False,
        "may_change": True,
    },
    "dashboard_redirect_new.html": {
        **SHELL,
        "typed": "http://a.example",
        "rules": [("https", "It begins with https.")],
        "examples": ["https://a.example/cb"],
        **FAULT,
    },
    "dashboard_redirect_delete.html": {
        **SHELL,
        "uri": {"id": "uri_1", "uri": "https://a.example/cb", "default": False},
    },
    "dashboard_organization_new.html": {
        **SHELL,
        "name": "Acme",
        "names": "acme.example",
        "errors": {"name": "Say what is wrong.", "domains": "Say what is wrong."},
        "failed": True,
    },
    "dashboard_organization_settings.html": {
        **SHELL,
        "organization": ORGANIZATION,
        "tabs": TABS,
        "name": "Acme",
        "external_id": "acme",
        "pairs": [("plan", "gold"), ("", "")],
        "errors": {"name": "Wrong.", "external_id": "Wrong.", "metadata": "Wrong."},
        "failed": True,
    },
    "dashboard_organization_outside.html": {**SHELL, "organization": NARROW_ORGANIZATION, **FAULT},
    "dashboard_organization_delete.html": {
        **SHELL,
        "organization": ORGANIZATION,
        "goes": {"connections": 1, "domains": 2, "profiles": 3},
        **FAULT,
    },
    "dashboard_domain.html": {**SHELL, "organization": ORGANIZATION, "domain": DOMAIN, **FAULT},
    "dashboard_profiles.html": {
        **SHELL,
        "organization": ORGANIZATION,
        "tabs": TABS,
        "profiles": [
            {
                "id": "prof_1",
                "email": "ann@acme.example",
                "name": "Ann",
                "connection_id": "conn_1",
                "type": "OktaSAML",
                "created_at": START,
                "updated_at": START,
            }
        ],
        "masked": True,
        "email": "ann",
        "paged": True,
        "newer_url": "/dashboard/environment_1/organizations/org_1/profiles?before=prof_1",
        "older_url": "/dashboard/environment_1/organizations/org_1/profiles?after=prof_1",
    },
    "dashboard_organizations.html": {
        **SHELL,
        "may_change": True,
        "organizations": [{"id": "org_1", "name": "Acme", "domains": [DOMAIN], "created_at": START}],
        "search": "Acme",
        "paged": True,
        "newer_url": "/dashboard/environment_1/organizations?before=org_1",
        "older_url": "/dashboard/environment_1/organizations?after=org_1",
    },
    "dashboard_team.html": {
        **SHELL,
        "operators": [{**OPERATOR, "disabled_at": START}],
        "factors": {},
        "needed": True,
        "invitations": [{"email": "a@b.example", "role": Role.SUPPORT, "expires_at": START}],
    },
    "dev_components.html": {
        "now": START,
        "operators": [OPERATOR],
        "tests": [],
        "changes": CHANGES,
        "stale": looks_of_portal.STALE,
        "trace": TRACE,
        "trace_rows": [SIGN_IN],
        "menders": {"it_admin": "the IT team"},
        "steps": STEPS,
        "about": ABOUT,
        "one": {"picture": "a drawing", "snippets": [{"id": "one", "title": "x", "language": "PHP", "text": "<?php"}]},
    },
    "dashboard_replay.html": {
        **SHELL,
        "reference": "5KQ2B-M8DXA",
        "address": "/dashboard/environment_1/sign-ins/sess_1",
        "settings": {
            "certificates": "PEM",
            "idp_entity_id": "https://idp.example",
            "sp_entity_id": "https://sp.example",
            "acs_url": "https://sp.example/acs",
            "clock_skew": "many",
            "sources": {"email": "mail"},
        },
        "result": {
            "checks": TRACE["moments"][0]["checks"],
            "remedy": TRACE["remedy"] | {"message": "It is meant for another."},
            "differences": TRACE["differences"],
            "profile": [],
        },
        "errors": {"certificates": "This is none.", "clock_skew": None},
        "refusal": REFUSAL,
        "menders": {"it_admin": "the IT team"},
    },
    "shared_trace.html": {
        "trace": {**TRACE, "email": "…@acme.example"},
        "began": START,
        "outcome": {"outcome": Ended.REFUSED, "is_test": False},
        "connection": "Okta",
        "organization": "Acme",
        "expires_at": START,
        "menders": {"it_admin": "the IT team"},
    },
    "dashboard_sign_ins.html": {
        **SHELL,
        "rows": [SIGN_IN],
        "typed": {
            "named": "5KQ2B",
            "email": "a@b.example",
            "outcome": "x",
            "code": "x",
            "connection": "conn_1",
            "organization": "org_1",
            "since": "2026-11-30",
            "until": "soon",
        },
        "errors": {"named": "There is none.", "since": None, "until": "This is not a date."},
        "failed": True,
        "filtered": True,
        "outcomes": [("x", "Signed in")],
        "live_url": "/dashboard/environment_1/sign-ins/live",
        "newer_url": "/dashboard/environment_1/sign-ins?before=sess_1",
        "older_url": "/dashboard/environment_1/sign-ins?after=sess_1",
    },
    "dashboard_trace.html": {
        **SHELL,
        "trace": TRACE,
        "row": SIGN_IN,
        "address": "/dashboard/environment_1/sign-ins/sess_1",
        "letter": "What happened: something",
        "links": [{"id": "trace_link_1", "made_by": "operator:1", "created_at": START, "expires_at": START}],
        "link_url": f"{BASE}/t/abc",
        "refusal": REFUSAL,
        "menders": {"it_admin": "the IT team"},
        "may_see": True,
        "for_attributes": True,
    },
    "dashboard_refused.html": {
        "message": "Something is wrong.",
        "fix": "Mend it.",
        "code": "some_code",
        "reference": "0123",
        "docs_url": f"{BASE}/errors/some_code",
    },
    "dashboard_sign_in.html": {"next": "/dashboard", "sso": True, "email": "ann@example.com", "refusal": REFUSAL},
    "dashboard_welcome.html": {
        "csrf": "abc",
        "first": True,
        "known": False,
        "role": "admin",
        "email": "ann@example.com",
        "name": "Ann",
        "errors": {"email": "wrong", "name": "wrong", "password": "wrong"},
        "failed": True,
    },
    "dev_mail.html": {
        "mails": [
            {
                "to": "ann@example.com",
                "subject": "Sign in to Acme",
                "at": "09:14:07 UTC",
                "lines": [{"text": "Words", "url": None}, {"text": "Link", "url": f"{BASE}/passwordless/abc/confirm"}],
            }
        ]
    },
    "error_code.html": {
        "code": "code",
        "message": "Something is wrong.",
        "has_facts": True,
        "mender_text": "somebody",
        "fix": "Mend it.",
        "public": "server_error",
        "reach": "One sign-in fails.",
        "retryable": True,
        "providers": [("Okta", "Open it."), ("Keycloak", "Close it.")],
    },
    "hand_off.html": {
        "url": "https://idp.example/sso",
        "fields": {"SAMLRequest": "abc", "RelayState": "def"},
        "destination_host": "idp.example",
    },
    "magic_link.html": {
        "action": "/passwordless/abc/confirm",
        "application": "Acme",
        "place": "app.example",
        "email": "ann@example.com",
    },
    "not_found.html": {},
    "sign_in_failed.html": {
        "title": "We could not sign you in",
        "plain": "Something is wrong.",
        "action": "Ask somebody.",
        "message": "It says too little.",
        "fix": "Mend it.",
        "mender_text": "somebody",
        "reference": "0123",
        "try_again_url": "https://app.example/login",
        "details": [("audience", "https://sp.example")],
        "code": "some_code",
        "docs_url": f"{BASE}/errors/some_code",
    },
    "signed_out.html": {"outcome": "partial"},
    "test_idp.html": {
        "ticket": "abc",
        "organization_name": "Acme",
        "persons": [PERSON],
        "values": {"email": "a", "first_name": "b", "last_name": "c", "groups": "d"},
        "errors": {"email": "wrong", "first_name": "wrong", "last_name": "wrong", "groups": "wrong"},
        "failed": True,
    },
    "try.html": {
        "organization_name": "Acme",
        "start_url": f"{BASE}/sso/authorize?client_id=client_1",
        "portal_url": f"{BASE}/test-idp/start/abc",
    },
    "try_failed.html": {
        "error": "server_error",
        "description": "It failed.",
        "received": [("error", "server_error")],
        "more_url": f"{BASE}/errors/some_code",
    },
    "try_result.html": {
        "profile": {"first_name": "Ann", "email": "ann@example.com"},
        "profile_json": "{}",
        "steps": [STEP],
        "variables": "A=B",
        "flask": "import flask",
        "express": "import express",
    },
}
PROBLEM = {"code": "some_code", "message": "It is.", "mender": "somebody", "fix": "Mend it.", "facts": [("a", "b")]}
for _worn in ("consent.html", "sign_in_failed.html", "hand_off.html", "magic_link.html", "signed_out.html"):
    VALUES[_worn]["branding"] = looks_of_settings.BRAND
VALUES |= looks_of_portal.VALUES
VALUES |= {name: {**SHELL, **values} for name, values in looks_of_portal.DASHBOARD.items()}
VALUES |= {name: {**SHELL, **values} for name, values in looks_of_settings.VALUES.items()}
VALUES["sign_in_test.html"] = {
    "state": State.FAILED,
    "elsewhere": False,
    "connection_name": "Okta",
    "address": f"{BASE}/sso/test/abc/0123",
    "silent": True,
    "may_repeat": True,
    "result": {
        "passed": False,
        "proven": False,
        "trouble": PROBLEM,
        "failures": 2,
        "checks": [
            {"label": "The signature", "result": Result.FAILED, "trusted": True, "problem": PROBLEM},
            {"label": "The audience", "result": Result.FAILED, "trusted": False, "problem": PROBLEM},
            {"label": "The time", "result": Result.PASSED, "trusted": False, "problem": None},
        ],
        "remarks": ["Something is worth a look."],
        "mapped": [("first_name", "Ann", "firstName")],
        "arrived": [("firstName", ["Ann", "Anna"])],
        "facts": [("Took", "1.0 seconds")],
        "ended_at": START,
    },
}
VALUES["portal_test.html"]["result"] = VALUES["sign_in_test.html"]["result"]
TEST_ROW = {
    "id": "sess_1",
    "state": State.FAILED,
    "silent": False,
    "created_at": START,
    "made_by": "ann@example.com",
    "who": "ann@example.com",
    "code": "code",
    "path": "/dashboard/environment_1/connections/conn_1/test/sess_1",
    "trace_url": "/dashboard/environment_1/sign-ins/sess_1",
}
VALUES["dashboard_sign_in_test.html"] = {
    **CONNECTION,
    "row": TEST_ROW,
    "result": VALUES["sign_in_test.html"]["result"],
}
VALUES["dashboard_sign_in_tests.html"] = {
    **CONNECTION,
    "can_test": True,
    "rows": [TEST_ROW],
    "newest": TEST_ROW,
    "result": VALUES["sign_in_test.html"]["result"],
    "good": False,
    "can_turn_on": True,
    "refusal": REFUSAL,
}
TEMPLATES = sorted(VALUES)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One house for all of these: nothing here changes it."""
    built = build(tmp_path_factory.mktemp("house"))
    yield built
    built.house.database.close()


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</title></code></pre></textarea><svg onload=alert(1)>",
    "<!-- ",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00\u2028\u202e]]>",
    "&#34; onclick=&#34;alert(1)",
]


def hostile(value: Any, words: str) -> Any:
    """`value` with every text in it replaced; the names of fields stay, and the menu, which is ours."""
    if value is PLACES:
        return value
    if isinstance(value, str):
        return words
    if isinstance(value, dict):
        return {name: hostile(inner, words) for name, inner in value.items()}
    if isinstance(value, list):
        return [hostile(inner, words) for inner in value]
    if isinstance(value, tuple):
        return tuple(hostile(inner, words) for inner in value)
    return value


def render(rig: Rig, template: str, **changed: Any) -> Reply:
    return pages.render(rig.house, template, **{**VALUES[template], **changed})


def shown(rig: Rig, template: str, **changed: Any) -> Element:
    return read(render(rig, template, **changed).body.decode())


def header(reply: Reply, name: bytes) -> str:
    return dict(reply.headers)[name].decode()


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0, br", False),
        ("gzip;q=0.0", False),
        ("", False),
    ],
)
def test_a_style_sheet_travels_packed_where_the_browser_can_unpack_it(rig: Rig, accepts: str, packed: bool) -> None:
    answer = call(rig.endpoint, "GET", "/assets/latchstring.css", headers={"accept_encoding": accepts})
    assert answer.header("content-encoding") == ("gzip" if packed else None)
    assert answer.header("vary") == "accept-encoding"
    whole = (WEB / "assets" / "latchstring.css").read_bytes()
    assert (gzip.decompress(answer.body) if packed else answer.body) == whole


def test_every_template_is_in_the_table() -> None:
    assert {path.name for path in (WEB / "templates").glob("*.html")} - {
        "base.html",
        "shell.html",
        "connection_details_forms.html",
        "connection_frame.html",
        "portal_shell.html",
        "sign_in_rows.html",
        "ui.html",
    } == set(VALUES)


def test_web_09_a_template_says_through_the_catalogue_what_stands_in_it_and_no_value() -> None:
    """What comes out of the catalogue is taken for our own markup, and so is not escaped."""
    loose = [
        (path.name, found)
        for path in (WEB / "templates").glob("*.html")
        for found in re.findall(r"(?<![\w.])(?:_|n?gettext)\((?!\").{20}", path.read_text(encoding="utf-8"))
    ]
    assert loose == []


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("template", TEMPLATES)
def test_values_stay_values(rig: Rig, template: str, words: str) -> None:
    clean, soiled = shown(rig, template), shown(rig, template, **hostile(VALUES[template], words))
    assert soiled.skeleton() == clean.skeleton()


@pytest.mark.parametrize("words", HOSTILE[:4])
def test_the_names_of_fields_and_facts_stay_values(rig: Rig, words: str) -> None:
    for template, changed in (
        ("hand_off.html", {"fields": {words: "x"}}),
        ("try_failed.html", {"received": [(words, "x")]}),
    ):
        plain = hostile(changed, "x") if template == "try_failed.html" else {"fields": {"x": "x"}}
        assert shown(rig, template, **changed).skeleton() == shown(rig, template, **plain).skeleton()


def test_code_in_our_own_words_is_marked_and_nothing_else_is(rig: Rig) -> None:
    page = shown(rig, "error_code.html", fix="Run `latchstring <script>` & `b`.")
    assert [code.text for code in page.every("div")[0].every("code")] == ["latchstring <script>", "b"]
    assert page.every("script") == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_page_says_what_it_is(rig: Rig, template: str) -> None:
    page = shown(rig, template)
    assert page.one("html").attributes["lang"] == "en"
    assert page.one("title").text
    assert page.one("meta", name="viewport").attributes["content"] == "width=device-width, initial-scale=1"
    assert page.one("h1").text
    assert page.one("main").attributes["id"] == "main"
    assert next(link for link in page.every("a")).attributes["href"] == "#main"  # the skip link comes first
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_page_has_no_script_or_style_in_itself(rig: Rig, template: str) -> None:
    page = shown(rig, template)
    assert page.every("style") == []
    for script in page.every("script"):
        assert script.attributes["src"].startswith("/assets/") and not script.text
    for element in page.all():
        assert not {name for name in element.attributes if name == "style" or name.startswith("on")}


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_a_page_loads_is_there(rig: Rig, template: str) -> None:
    page = shown(rig, template)
    loaded = {element.attributes["src"] for element in page.every("script") + page.every("img")}
    loaded |= {link.attributes["href"] for link in page.every("link")}
    assert loaded
    for path in loaded - {path for path in loaded if path.startswith("data:image/svg+xml,")}:
        answer = call(rig.endpoint, "GET", path)
        assert answer.status == 200 and answer.body, path
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("cache-control") == "public, max-age=3600"


@pytest.mark.parametrize("name", ["nothing.css", "..", "%2e%2e%2fkit%2fpages.py", "base.html"])
def test_nothing_else_can_be_loaded(rig: Rig, name: str) -> None:
    assert call(rig.endpoint, "GET", f"/assets/{name}").status == 404


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_page_may_do_nothing_but_be_shown(rig: Rig, template: str) -> None:
    reply = render(rig, template)
    policy = dict(part.split(" ", 1) for part in header(reply, b"content-security-policy").split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self' https: http:"
    assert header(reply, b"x-frame-options") == "DENY"
    assert header(reply, b"content-type") == "text/html; charset=utf-8"


def test_the_banner_is_for_development(rig: Rig) -> None:
    assert "do not expose it" in shown(rig, "not_found.html").one("aside").text
    serving = pages.render(replace(rig.house, development=False), "not_found.html")
    assert read(serving.body.decode()).every("aside") == []
    assert header(serving, b"content-security-policy").endswith(
        "form-action 'self' https: http://localhost:* http://127.0.0.1:*"
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_controls_have_names(rig: Rig, template: str) -> None:
    page = shown(rig, template)
    labels = {label.attributes["for"]: label.text for label in page.every("label")}
    for entry in page.every("input"):
        assert entry.attributes["type"] == "hidden" or labels[entry.attributes["id"]]
    for control in page.every("button") + page.every("a") + page.every("summary"):
        assert control.text
    for image in page.every("img"):
        assert "alt" in image.attributes


def test_an_error_is_tied_to_its_field(rig: Rig) -> None:
    errors = {"email": "one", "first_name": None, "last_name": None, "groups": "four"}
    page = shown(rig, "test_idp.html", errors=errors)
    email, first, groups = page.by_id("email"), page.by_id("first_name"), page.by_id("groups")
    assert email.attributes["aria-invalid"] == groups.attributes["aria-invalid"] == "true"
    assert page.by_id(email.attributes["aria-describedby"]).text == "one"
    assert [page.by_id(id_).text for id_ in groups.attributes["aria-describedby"].split()] == [
        "four",
        "Separated by commas.",
    ]
    assert "aria-invalid" not in first.attributes and "aria-describedby" not in first.attributes
    focused = [entry.attributes["id"] for entry in page.every("input") if "autofocus" in entry.attributes]
    assert focused == ["email", "groups"]  # a browser takes the first that there is
    assert page.one("div", role="alert").text
    assert page.one("title").text.startswith("Error: ")


def test_without_errors_nothing_is_marked(rig: Rig) -> None:
    page = shown(
        rig, "test_idp.html", errors=dict.fromkeys(("email", "first_name", "last_name", "groups")), failed=False
    )
    assert page.every("div", role="alert") == []
    assert not [entry for entry in page.every("input") if {"aria-invalid", "autofocus"} & entry.attributes.keys()]


def test_handing_off_works_without_javascript(rig: Rig) -> None:
    form = shown(rig, "hand_off.html").one("form")
    assert form.attributes == {"method": "post", "action": "https://idp.example/sso", "data-auto-submit": ""}
    assert form.sends() == {"SAMLRequest": "abc", "RelayState": "def"}
    assert form.one("button").text == "Continue"
    assert "name" not in form.one("button").attributes  # the destination gets what it expects and no more


def test_copy_buttons_wait_for_a_script(rig: Rig) -> None:
    page = shown(rig, "try_result.html")
    buttons = [button for button in page.every("button") if "data-copy" in button.attributes]
    assert len(buttons) == 4
    for button in buttons:
        assert "hidden" in button.attributes
        assert page.by_id(button.attributes["data-copy"]).tag == "code"
    assert page.one("p", role="status").text == ""


def test_a_failed_sign_in_shows_no_more_than_it_is_given(rig: Rig) -> None:
    page = shown(rig, "sign_in_failed.html", details=[], try_again_url=None)
    assert page.every("a", **{"class": "button primary"}) == []
    assert "audience" not in page.text and "0123" in page.text
    assert "some_code" in page.one("details").text


@cache
def sheet() -> str:
    return (WEB / "assets" / "latchstring.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(path.name for path in (WEB / "assets").iterdir()))
def test_nothing_is_fetched_from_elsewhere(name: str) -> None:
    text = (WEB / "assets" / name).read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "://" not in text and "@import" not in text and "@font-face" not in text


@pytest.mark.parametrize(
    "query", ["(prefers-color-scheme: dark)", "(prefers-reduced-motion", "(forced-colors: active)", ":focus-visible"]
)
def test_the_style_sheet_heeds_its_reader(query: str) -> None:
    assert query in sheet()


def test_colours_are_tokens() -> None:
    """A colour is written where the tokens are and nowhere else."""
    rules = sheet().split("*, *::before", 1)[1]
    assert "#" not in rules and "rgb(" not in rules


def test_the_wheel_carries_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(WEB.parents[2])
    with ZipFile(tmp_path / buildapi.build_wheel(str(tmp_path))) as wheel:
        packed = set(wheel.namelist())
    for folder in ("templates", "assets"):
        assert {f"latchstring/web/{folder}/{path.name}" for path in (WEB / folder).iterdir()} <= packed
