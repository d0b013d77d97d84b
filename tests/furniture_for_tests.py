"""An environment with one of everything that a page of the Dashboard can show, twice: for two organizations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from latchstring.flows import portal_links, request_log, sign_in_tests
from latchstring.model.environment import Environment
from latchstring.protocols.saml import request
from latchstring.storage import attempts, front_door
from latchstring.storage.paging import Window
from latchstring.web.dashboard.guard import OpenPage, Page
from latchstring.web.portal.guard import OpenPortalPage, PortalPage
from tests.house_for_tests import Browser, Client, Rig
from tests.idp_for_tests import ATTRIBUTES, SamlIdp, saml_idp
from tests.web.html import read

# What stands in a path before a parameter -> which thing of the furniture is meant by it.
KINDS = {
    "organizations": "organization",
    "domains": "domain",
    "connections": "connection",
    "test": "test",
    "sign-ins": "sign_in",
    "attributes": "attribute",
    "certificates": "certificate",
    "reconciliations": "reconciliation",
    "awaiting": "reconciliation",
    "findings": "finding",
    "profiles": "profile",
    "api-keys": "key",
    "keys": "key",
    "redirect-uris": "redirect_uri",
    "redirects": "redirect_uri",
    "requests": "request",
    "oauth": "provider",
    "team": "operator",
    "links": "portal_link",
    "contacts": "it_contact",
}
NAMED = {"kind": "certificate_kind", "certificate": "certificate"}  # whatever stands before it
Found = Page | OpenPage | PortalPage | OpenPortalPage
WORDS = frozenset(
    {"environment", "certificate_kind", "provider", "finding"}
)  # no things: they are in every environment


@dataclass
class Furnished:
    """The things of one organization, by kind."""

    environment: Environment
    things: Mapping[str, str]
    idp: SamlIdp


def furnish(rig: Rig, client: Client, environment: Environment, *, words: str = "", number: int = 1) -> Furnished:
    """`words` stand in everything that a customer or an identity provider says."""
    pass_ = front_door.by_operator(environment)
    idp = saml_idp(rig, client)
    connection, organization = idp.connection["id"], idp.organization["id"]
    name = f"{words}Acme {number} of {environment.name}"
    assert client("PUT", f"/organizations/{organization}", {"name": name}).status == 200
    assert client("PATCH", f"/connections/{connection}", {"name": name}).status == 200
    body = {"organization_id": organization, "domain": f"waits{number}-{environment.id[-8:].lower()}.example"}
    domain = client("POST", "/organization_domains", body).json["id"]
    attribute = client("POST", "/custom_attributes", {"name": f"size_{number}_{environment.id[-8:].lower()}"}).json
    uri = client("POST", "/user_management/redirect_uris", {"uri": f"https://app{number}.example/cb"}).json["id"]
    certificate = client("GET", f"/connections/{connection}/saml_idp_signing_certs").json["data"][0]["id"]
    said = {name: (words or values[0],) for name, values in ATTRIBUTES.items()}
    said["email"] = ("ann@acme.example",)
    run_test(rig, idp, pass_, {**said, **({words: (words,)} if words else {})}, words)
    test = run_test(rig, idp, pass_, {**said, "email": (f"{words or 'ann'}@elsewhere.example",)}, words)
    sign_in(rig, idp, environment, {**said, "email": ("nonsense" + words,)})
    with rig.house.database.read(pass_) as scope:
        attempt = next(each for each in attempts.recent(scope, 10) if not each.is_test)
    request_log.write_down(rig.house)
    call = request_log.page(rig.house, pass_, Window(limit=1), statuses=None, path=None).items[0]
    link = portal_links.make_set_up(rig.house, pass_, organization, recipients=(f"{words}it@acme.example",))
    contact = client("POST", f"/organizations/{organization}/it_contacts", {"email": "it@acme.example"}).json["id"]
    waits = client("GET", f"/connections/{connection}/reconciliations").json["data"]
    found = client("GET", f"/connections/{connection}/attribute_findings").json["findings"]
    return Furnished(
        environment,
        {
            "name": name,
            "environment": environment.id,
            "organization": organization,
            "connection": connection,
            "domain": domain,
            "attribute": attribute["name"],
            "redirect_uri": uri,
            "certificate": certificate,
            "certificate_kind": "idp",
            "provider": "GoogleOAuth",
            "test": test,
            "sign_in": attempt.id,
            "request": call.id,
            "portal_link": link.link.id,
            "it_contact": contact,
            "reconciliation": waits[0]["id"],
            "finding": found[0]["code"],
            "key": rig.key.key.id if environment.id == rig.environment.id else "key_of_the_other",
        },
        idp,
    )


def run_test(rig: Rig, idp: SamlIdp, pass_: Any, attributes: Mapping[str, tuple[str, ...]], words: str) -> str:
    _, test = sign_in_tests.create(rig.house, pass_, idp.connection["id"], by="ann@example.com")
    browser = rig.browser()
    external_key = idp.acs.rpartition("/")[2]
    away = browser.post(f"/sso/test/{external_key}/{test.handle}", {}, user_agent=words or "a browser")
    assert away.status == 302, away.text
    asked = _asked(away.location)
    answer = idp.arrive(browser, idp.response(asked, attributes=attributes, name_id=words or "u1"))
    assert answer.status == 302, answer.text
    return test.id


def sign_in(rig: Rig, idp: SamlIdp, environment: Environment, attributes: Mapping[str, tuple[str, ...]]) -> None:
    browser = rig.browser()
    asked = idp.depart(browser, client_id=environment.client_id, redirect_uri="https://app1.example/cb")
    idp.arrive(browser, idp.response(asked, attributes=attributes))


def _asked(location: str) -> request.AuthnRequest:
    return request.read(request.inflate(parse_qs(urlsplit(location).query)["SAMLRequest"][0]))


def kinds(page: Found) -> list[tuple[str, str]]:
    """The parameters of the page's path, each with the kind of thing that it names; empty if nobody knows."""
    found = []
    before = ""
    for part in page.path.strip("/").split("/"):
        named = re.fullmatch(r"\{(\w+)\}", part)
        if named:
            kind = "environment" if before == "dashboard" else NAMED.get(named[1]) or KINDS.get(before)
            found.append((named[1], kind or ""))
        before = part
    return found


def address(page: Found, things: Mapping[str, str]) -> str:
    """The path of the page about these things."""
    return page.path.format_map({name: things[kind] for name, kind in kinds(page)})


def of_environments(pages: Any) -> list[Page]:
    """Those that belong to an environment, and whose things are known."""
    rooms = (page for page in pages if isinstance(page, Page) and "{environment}" in page.path)
    return [page for page in rooms if is_known(page)]


def things(page: Found) -> list[str]:
    """The kinds of things of an environment that the page is about."""
    return [kind for _, kind in kinds(page) if kind not in WORDS]


def is_known(page: Found) -> bool:
    return all(kind for _, kind in kinds(page))


def token(browser: Browser) -> str:
    """Of this browser's session, for its forms."""
    return read(browser.get("/dashboard").text).one("input", name="csrf").attributes["value"]
