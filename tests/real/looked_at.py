"""By which picture each page of the Dashboard and the portal is looked at with axe, so that none is left out."""

from __future__ import annotations

import re

_HERE = "/dashboard/{environment}"
_CONNECTION = f"{_HERE}/connections/{{id}}"
_ORGANIZATION = f"{_HERE}/organizations/{{id}}"

LOOKED_AT = {  # path -> a name that `chromium.unfit` is given while that page is open
    "/dashboard/sign-in": "sign-in",
    "/dashboard/welcome": "welcome",
    "/dashboard/confirm": "confirm",
    "/dashboard/sign-in/second-factor": "second-factor",
    "/dashboard/sign-in/passkey": "passkey",
    "/dashboard/sign-in/sso/return": "sign-in-sso-refused",
    "/dashboard": "home",
    "/dashboard/account": "account",
    "/dashboard/account/second-factors": "factors",
    "/dashboard/account/passkeys/new": "passkey-new",
    "/dashboard/team": "team",
    "/dashboard/team/sso": "sso",
    "/dashboard/team/invite": "invite",
    "/dashboard/team/{id}": "operator",
    "/dashboard/audit": "audit",
    "/dashboard/audit/check": "audit-check",
    "/dashboard/settings/mail": "mail",
    _HERE: "overview",
    f"{_HERE}/go-live": "go-live",
    f"{_HERE}/search": "search",
    f"{_HERE}/organizations": "organizations",
    f"{_HERE}/organizations/new": "organization-new",
    f"{_ORGANIZATION}/links": "organization-links",
    _ORGANIZATION: "organization",
    f"{_ORGANIZATION}/domains/{{domain}}": "organization-domain",
    f"{_ORGANIZATION}/profiles": "organization-profiles",
    f"{_ORGANIZATION}/settings": "organization-settings",
    f"{_ORGANIZATION}/settings/outside": "organization-outside",
    f"{_ORGANIZATION}/settings/delete": "organization-delete",
    f"{_ORGANIZATION}/connections/new": "connection-types",
    _CONNECTION: "connection",
    f"{_CONNECTION}/set-up": "connection-set-up-saml",
    f"{_CONNECTION}/attributes": "attributes",
    f"{_CONNECTION}/attributes/identifier": "attributes-identifier",
    f"{_CONNECTION}/attributes/awaiting": "awaiting",
    f"{_CONNECTION}/certificates": "connection-certificates",
    f"{_CONNECTION}/certificates/{{kind}}/{{certificate}}": "connection-certificate",
    f"{_CONNECTION}/settings": "connection-settings",
    f"{_CONNECTION}/settings/delete": "connection-delete",
    f"{_CONNECTION}/test": "sign-in-tests-waiting",
    f"{_CONNECTION}/test/{{test}}": "sign-in-test-result",
    f"{_HERE}/sign-ins": "sign-ins",
    f"{_HERE}/sign-ins/{{id}}": "trace-good",
    f"{_HERE}/sign-ins/{{id}}/replay": "replay-good",
    f"{_HERE}/developers/keys": "keys",
    f"{_HERE}/developers/keys/new": "key-new",
    f"{_HERE}/developers/keys/{{id}}": "key",
    f"{_HERE}/developers/redirects": "redirects",
    f"{_HERE}/developers/redirects/new": "redirect-new",
    f"{_HERE}/developers/redirects/{{id}}/delete": "redirect-delete",
    f"{_HERE}/developers/requests": "requests",
    f"{_HERE}/developers/requests/{{id}}": "request",
    f"{_HERE}/settings/attributes": "custom-attributes",
    f"{_HERE}/settings/attributes/{{name}}": "custom-attribute",
    f"{_HERE}/settings/sign-in": "sign-in-settings",
    f"{_HERE}/settings/oauth": "oauth",
    f"{_HERE}/settings/oauth/{{type}}": "oauth-apple",
    f"{_HERE}/settings/branding": "branding",
    "/portal/launch": "portal-launch",
    "/portal": "portal-start",
    "/portal/domain": "portal-domain",
    "/portal/provider": "portal-provider",
    "/portal/provider/colleague": "portal-colleague",
    "/portal/guide": "portal-guide",
    "/portal/guide/whole": "portal-guide-whole",
    "/portal/details": "portal-details",
    "/portal/attributes": "portal-attributes",
    "/portal/test": "portal-test",
    "/portal/done": "portal-done",
    "/portal/connection": "portal-connection",
    "/portal/sign-ins": "portal-sign-ins",
    "/portal/certificate": "portal-certificate",
    "/portal/reset": "portal-reset",
}
NO_PAGES = {  # path -> what it answers with
    "/dashboard/audit/export": "a file",
    f"{_HERE}/sign-ins/{{id}}/raw": "a file",
    f"{_HERE}/sign-ins/live": "events",
    "/dashboard/sign-ins/{id}": "the way to the page",
    "/dashboard/sign-in/sso": "the way to the identity provider",
    "/dashboard/confirm/sso": "the way to the identity provider",
}
_PATTERNS = {picture: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path, picture in LOOKED_AT.items()}


def mistaken(picture: str | None, path: str) -> list[str]:
    """What is wrong about a look, if it is at another page than its name says."""
    pattern = _PATTERNS.get(picture or "")
    return [] if pattern is None or pattern.fullmatch(path) else [f"is at {path}, and not at {pattern.pattern}"]
