"""Values for the pages of the Admin Portal, with everything in them that can be there, for `test_pages_looks`."""

from __future__ import annotations

from typing import Any

from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.flows.sign_in_tests import UntestedConnection
from latchstring.model.connection import ConnectionState
from latchstring.model.portal import Intent, PortalProgress, Step
from latchstring.model.sign_in import Outcome
from latchstring.model.sign_in_test import State
from tests.house_for_tests import START
from tests.web.looks_of_set_up import ABOUT, DETAILS, STEPS
from tests.web.looks_of_settings import BRAND

STALE = PortalProgressStale(step="guide", connection_type="OktaSAML", by="joe@acme.example", at=START, version=3)
STAGES = [
    {"name": "domain", "label": "Domain", "number": 1, "url": "/portal/domain", "done": True, "here": False},
    {"name": "provider", "label": "Identity provider", "number": 2, "url": None, "done": False, "here": True},
]
PORTAL: dict[str, Any] = {
    "branding": BRAND,
    "organization": {"id": "org_1", "name": "Acme"},
    "intent": Intent.SSO,
    "link": {"return_url": "https://app.example/back"},
    "stages": STAGES,
    "number": 2,
    "saved_at": START,
    "csrf": "abc",
    "version": 3,
    "stale": STALE,
    "stale_chosen": "Okta SAML",
}
TEST = {"state": State.FAILED, "silent": False, "created_at": START, "who": "ann@acme.example", "trouble": "It fails."}
LINK = {
    "id": "portal_link_1",
    "intent": "Set up single sign-on",
    "by_api": True,
    "state": "open",
    "for_whom": "it@acme.example",
    "created_at": START,
    "expires_at": START,
    "opened": 2,
    "last_opened_at": START,
    "step": "guide",
}
# Of the Dashboard, about the portal.
DASHBOARD: dict[str, dict[str, Any]] = {
    "dashboard_organization_links.html": {
        "organization": {"id": "org_1", "name": "Acme"},
        "tabs": [("elsewhere", "Elsewhere", "/dashboard/environment_1/organizations/org_1")],
        "address": "/dashboard/environment_1/organizations/org_1",
        "links": [LINK],
        "others": [{**LINK, "id": "portal_link_2"}],
        "progress": PortalProgress(step=Step.GUIDE, updated_by="it@acme.example", updated_at=START, version=1),
        "contacts": [{"id": "it_contact_1", "email": "it@acme.example", "created_at": START}],
        "mails": [
            {"about": "It ends", "at": START, "mailed": ("it@acme.example",), "missed": (), "next_at": None},
            {"about": "It ends", "at": START, "mailed": (), "missed": [("a@acme.example", "No.")], "next_at": START},
        ],
        "intents": [("sso", "Set up", "everything")],
        "intent": "sso",
        "typed": "joe@acme.example",
        "email": "nobody",
        "errors": {"emails": "wrong", "email": "wrong"},
        "may_change": True,
        "fresh": True,
        "confirm_url": "/dashboard/confirm?next=/dashboard",
    },
    "dashboard_portal_link_made.html": {
        "organization": {"id": "org_1", "name": "Acme"},
        "address": "/dashboard/environment_1/organizations/org_1",
        "url": "http://localhost:4100/portal/launch?token=abc",
        "link": LINK,
        "mailed": "it@acme.example",
        "failed": [("joe@acme.example", "The server did not take it.")],
    },
}
FIELD = {
    "field": "email",
    "label": "E-mail address",
    "boxes": [("source.email.1", "mail"), ("source.email.2", "")],
    "fed_by": ["mail"],
    "there": [("mail", "user.email")],
    "wanted": ("email", "user.email"),
    "held": "ann@acme.example",
    "frozen": None,
    "required": True,
    "missing": True,
    "mark": "err",
    "word": "no",
    "words": "does not arrive",
    "error": "wrong",
}
VALUES: dict[str, dict[str, Any]] = {
    "portal_start.html": {
        **PORTAL,
        "begun": True,
        "works": False,
        "connection_name": "Okta",
        "connection_state": "active",
        "go_on": "/portal/domain",
        "later_places": [("Sign-ins", "/portal/sign-ins")],
        "domains": ["acme.example"],
        "proven": True,
        "success_url": "https://app.example/done",
    },
    "portal_launch.html": {
        "branding": BRAND,
        "organization": {"id": "org_1", "name": "Acme"},
        "intent": Intent.SSO,
        "once": True,
        "token": "abc",
        "elsewhere": "Globex",
    },
    "portal_left.html": {
        "organization": {"id": "org_1", "name": "Acme"},
        "once": True,
        "return_url": "https://app.example/back",
    },
    "portal_attributes.html": {
        **PORTAL,
        "refusal": {"message": "No.", "fix": "Ask."},
        "failed": True,
        "nothing": True,
        "saved": True,
        "good": False,
        "preview": {"effect": "Nothing changes.", "entries": [("source.email.1", "mail")]},
        "product": "Okta",
        "sends": [{"name": "email", "source": "user.email", "fields": ["E-mail address"], "required": True}],
        "tested": True,
        "missing": [FIELD],
        "add_there": "Open it.",
        "rows": [FIELD, {**FIELD, "frozen": "id", "fed_by": []}],
        "seen": ["mail"],
        "recommendations": [
            {
                "mark": "warn",
                "message": "Better.",
                "fix": "Send it.",
                "maps": [("E-mail address", ["mail"])],
                "entries": [("source.email.1", "mail")],
                "effect": "Nothing changes.",
                "at_once": True,
            }
        ],
        "kept_nowhere": True,
        "arrived": [{"name": "mail", "values": ["ann@acme.example", "b"], "feeds": ["E-mail address"]}],
        "test": "/portal/test",
        "back": "/portal/details",
    },
    "portal_test.html": {
        **PORTAL,
        "refusal": UntestedConnection(),
        "product": "Okta",
        "can_test": True,
        "rows": [TEST, TEST],
        "newest": TEST,
        "result": None,
        "not_assigned": "Assign the person.",
        "good": False,
        "works": False,
        "is_off": False,
        "can_turn_on": True,
        "others": [("conn_2", "Keycloak", True)],
        "untested": True,
        "back": "/portal/attributes",
    },
    "portal_done.html": {
        **PORTAL,
        "connection": {"name": "Okta", "state": ConnectionState.ACTIVE},
        "product": "Okta",
        "works": True,
        "tested": False,
        "ending": [{"kind": "warn", "text": "It ends soon."}],
        "domains": [("acme.example", True)],
        "onward": "https://app.example/done",
        "can_finish": True,
        "later_places": [("Sign-ins", "/portal/sign-ins")],
    },
    "portal_connection.html": {
        **PORTAL,
        "connection": {"name": "Okta", "state": ConnectionState.ACTIVE},
        "product": "Okta",
        "facts": [("Issuer", "https://idp.acme.example")],
        "health": [{"kind": "err", "text": "It ends soon."}],
        "later_places": [("Sign-ins", "/portal/sign-ins")],
        "can_test": True,
    },
    "portal_sign_ins.html": {
        **PORTAL,
        "rows": [
            {
                "reference": "0123",
                "created_at": START,
                "outcome": Outcome.REFUSED,
                "is_test": True,
                "email": "ann@acme.example",
                "sentence": "It was refused.",
                "fix": "Open it.",
            }
        ],
        "outcome": "refused",
        "outcomes": [("refused", "Refused")],
        "filtered": True,
        "newer_url": "/portal/sign-ins?before=1",
        "older_url": "/portal/sign-ins?after=1",
    },
    "portal_certificate.html": {
        **PORTAL,
        "product": "Okta",
        "saml": True,
        "rows": [
            {
                "row": {
                    "id": "cert_1",
                    "fingerprint": "4F:9A:00",
                    "subject": "CN=Okta",
                    "not_before": START,
                    "not_after": START,
                    "days_left": 5,
                    "from_metadata": True,
                    "retire_at": START,
                },
                "used": {"count": 3, "newest": START},
                "last": True,
                "can_go": True,
            }
        ],
        "ending": [{"kind": "warn", "text": "It ends soon."}],
        "term": {"name": "Signing Certificate", "where": "Sign On"},
        "url_term": {"name": "Metadata URL", "where": "Sign On"},
        "metadata_url": "https://idp.acme.example/metadata",
        "watch": {"error": "broken"},
        "typed": {"pem": "abc", "url": "https"},
        "errors": {"file": "wrong", "url": "wrong", "remove": "wrong"},
        "added": True,
        "only": True,
    },
    "portal_reset.html": {
        **PORTAL,
        "connection": {"name": "Okta"},
        "product": "Okta",
        "works": True,
        "goes": False,
        "typed": "Acm",
        "error": "wrong",
    },
    "portal_refused.html": {
        "branding": BRAND,
        "message": "It has expired.",
        "fix": "Ask for another.",
        "code": "portal_link_expired",
        "reference": "0123",
        "home": "/portal",
    },
    "portal_domain.html": {
        **PORTAL,
        "domains": [
            {
                "domain": {
                    "id": "org_domain_1",
                    "domain": "acme.example",
                    "state": {"value": "pending", "is_verified": False},
                    "verification_strategy": "dns",
                },
                "record": {"name": "acme.example", "value": "latchstring-domain-verification-1=abc"},
                "shortfall": "There is none.",
                "looked_at": START,
                "next_at": START,
            }
        ],
        "typed": "acme",
        "error": "It is wrong.",
        "proven": False,
        "alone": False,
    },
    "portal_provider.html": {
        **PORTAL,
        "error": "It is wrong.",
        "search": "okta",
        "groups": [("Most asked for", [("OktaSAML", "Okta SAML", "SAML")])],
        "chosen": ("OktaSAML", "Okta SAML"),
        "suggested": None,
    },
    "portal_provider_change.html": {
        **PORTAL,
        "called": "LemonLDAP",
        "type": "OktaSAML",
        "type_name": "Okta SAML",
        "before_name": "Keycloak",
        "in_use": True,
    },
    "portal_colleague.html": {**PORTAL, "made": "https://sso.example/portal/launch?token=abc", "shared": False},
    "portal_guide.html": {
        **PORTAL,
        "product": "Okta SAML",
        "titles": [(1, "Make an application", True), (2, "Enter our values", False)],
        "part": 2,
        "step": STEPS[0],
        "about": ABOUT,
    },
    "portal_guide_whole.html": {**PORTAL, "product": "Okta SAML", "steps": STEPS, "about": ABOUT},
    "portal_details.html": {
        **PORTAL,
        "product": "Okta SAML",
        "there": True,
        "read": True,
        "findings": [{"kind": "warn", "text": "Certificate 4F9A"}],
        "certificate": None,
        **DETAILS,
    },
}
