"""Every route of the API and every page that changes something leaves an entry under the name of who it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from latchstring.app import application
from latchstring.effects import keys
from latchstring.effects.settings import Settings
from latchstring.flows import api_keys, audit
from latchstring.flows.house import House
from latchstring.model.dns import TxtRecords
from latchstring.model.secret import Secret
from latchstring.storage.audit import Filter
from latchstring.web.api.routes import ROUTES
from latchstring.web.dashboard.guard import OpenPage, Page, Visit, guarded
from latchstring.web.dashboard.routes import PAGES
from latchstring.web.kit.endpoint import Endpoint
from latchstring.web.kit.message import Reply, empty
from latchstring.web.kit.route import Door
from tests.house_for_tests import BASE, Answer, Client, Rig
from tests.idp_for_tests import ATTRIBUTES, oidc_idp, pair, saml_idp
from tests.operators_for_tests import hire, signed_in
from tests.web.test_metadata_wishes import document

# Routes that somebody signs in by, which nobody configures anything with.
_SIGNS_IN = {
    "POST /passwordless/sessions": "a magic link is a sign-in that begins",
    "POST /passwordless/sessions/{id}/send": "the same, on its way",
}
_CHANGES = {f"{route.method} {route.path}" for route in ROUTES if route.method != "GET"} - _SIGNS_IN.keys()


class Walk:
    """Calls the API, and looks at what each call leaves in the audit log."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.client = Client(
            application(_settings(rig), replace(rig.house, make_key_pair=keys.rsa_pair)), rig.key.secret.reveal()
        )
        self.walked: set[str] = set()

    def __call__(self, route: str, action: str, body: Any = None, /, **ids: str) -> Any:
        method, _, path = route.partition(" ")
        before = self._last()
        answer: Answer = self.client(method, path.format_map(ids), body)
        assert answer.status < 300, (route, answer.body)
        left = [entry for entry in audit.export(self.rig.house, Filter()) if entry.sequence > before]
        assert action in [entry.action for entry in left], (route, [entry.action for entry in left])
        assert {entry.actor for entry in left} == {f"key:{self.rig.key.key.id}"}
        assert {entry.environment_id for entry in left} == {self.rig.environment.id}
        self.walked.add(route)
        return answer.json if answer.body else None

    def _last(self) -> int:
        return audit.page(self.rig.house, Filter(), count=1).entries[0].sequence


def _settings(rig: Rig) -> Settings:
    return Settings(base_url=BASE, database=rig.folder / "house.db", secret_key=Secret("x" * 40), development=True)


def test_i5_every_route_of_the_api_that_changes_something_leaves_an_entry(rig: Rig) -> None:
    walk = Walk(rig)
    organizations(rig, walk)
    saml(rig, walk)
    oidc(rig, walk)
    the_rest(walk)
    assert walk.walked == _CHANGES
    audit.check(rig.house)


def organizations(rig: Rig, walk: Walk) -> None:
    first = walk("POST /organizations", "organization.created", {"name": "Acme"})["id"]
    walk("PUT /organizations/{id}", "organization.updated", {"name": "Acme & Sons"}, id=first)
    second = walk("POST /organizations", "organization.created", {"name": "Globex"})["id"]
    domains = [
        walk("POST /organization_domains", "domain.created", {"organization_id": one, "domain": "waits.example"})
        for one in (first, second)
    ]
    waits, other = domains
    record = walk.client("GET", f"/organization_domains/{waits['id']}").json["verification"]["record"]
    rig.names.records["waits.example"] = TxtRecords(texts=(record["value"],))
    walk("POST /organization_domains/{id}/verify", "domain.verified", id=waits["id"])
    walk("POST /organization_domains/{id}/verify_manually", "domain.verified", id=other["id"])
    walk("POST /organization_domains/{id}/take_policy", "domain.updated", id=other["id"])
    walk("DELETE /organization_domains/{id}", "domain.deleted", id=waits["id"])
    portal(walk, second)
    walk("DELETE /organizations/{id}", "organization.deleted", id=second)


def portal(walk: Walk, id_: str) -> None:
    contacts = "/organizations/{id}/it_contacts"
    one = walk(f"POST {contacts}", "it_contact.created", {"email": "it@globex.example"}, id=id_)["id"]
    contact = {"id": id_, "contact_id": one}
    walk(f"POST {contacts}/{{contact_id}}/invite", "portal_link.created", {"intents": ["sso"]}, **contact)
    walk(f"POST {contacts}/{{contact_id}}/revoke", "portal_link.revoked", **contact)
    walk(f"DELETE {contacts}/{{contact_id}}", "it_contact.deleted", **contact)
    theirs = {"organization": id_, "external_user_id": "ann"}
    walk("POST /portal/generate_link", "portal_link.created", theirs)
    walk("POST /portal/revoke_link", "portal_link.revoked", theirs)


def saml(rig: Rig, walk: Walk) -> None:
    idp = saml_idp(rig, walk.client)
    id_ = idp.connection["id"]
    updated = "connection.updated"
    base = "/connections/{id}"
    walk(f"PATCH {base}", updated, {"name": "Other"}, id=id_)
    legacy = {"options": {"signing_key": pair("own")[1], "signing_cert": pair("own")[0]}}
    walk(f"POST {base}/deactivate", "connection.deactivated", id=id_)
    walk(f"POST {base}/activate", "connection.activated", id=id_)
    more = walk(f"POST {base}/saml_idp_signing_certs", updated, {"value": pair("more")[0]}, id=id_)["id"]
    walk(f"DELETE {base}/saml_idp_signing_certs/{{certificate_id}}", updated, id=id_, certificate_id=more)
    for _ in range(2):
        seals = walk(f"POST {base}/saml_sp_encryption_certs", updated, id=id_)["id"]
    walk(f"DELETE {base}/saml_sp_encryption_certs/{{certificate_id}}", updated, id=id_, certificate_id=seals)
    walk(f"POST {base}/saml_sp_signing_cert", updated, id=id_)
    walk(f"DELETE {base}/saml_sp_signing_cert", updated, id=id_)
    for _ in range(2):
        signs = walk(f"POST {base}/saml_sp_signing_certs", updated, {}, id=id_)["id"]
    walk(f"POST {base}/saml_sp_signing_certs/{{certificate_id}}/activate", updated, id=id_, certificate_id=signs)
    listed = walk.client("GET", f"/connections/{id_}/saml_sp_signing_certs").json["data"]
    old = next(each["id"] for each in listed if each["id"] != signs)
    walk(f"DELETE {base}/saml_sp_signing_certs/{{certificate_id}}", updated, id=id_, certificate_id=old)
    walk(f"PUT {base}", updated, legacy, id=id_)

    where = "https://idp.acme.example/metadata"
    rig.network.put(where, document().encode(), content_type="application/xml")
    walk(f"PATCH {base}", updated, {"saml_options": {"idp_metadata_url": where}}, id=id_)
    moved = document().replace("/sso", "/sso2")
    rig.network.put(where, moved.encode(), content_type="application/xml")
    walk(f"POST {base}/saml_metadata/refresh", updated, id=id_)
    entity = moved.partition('entityID="')[2].partition('"')[0]
    rig.network.put(where, moved.replace(f'"{entity}"', '"https://new.example"').encode())
    walk.client("POST", f"/connections/{id_}/saml_metadata/refresh")
    walk(f"POST {base}/saml_metadata/accept", updated, {"idp_entity_id": "https://new.example"}, id=id_)

    people = saml_idp(rig, walk.client)
    theirs = people.connection["id"]
    said = {**ATTRIBUTES, "email": ("nonsense",), "contact": ("ann@acme.example",)}
    for subject in ("u1", "u2"):
        people.sign_in(rig.browser(), attributes={**said, "id": (subject,)}, name_id=subject)
    waiting = [each["id"] for each in walk.client("GET", f"/connections/{theirs}/reconciliations").json["data"]]
    finding = {"finding": walk.client("GET", f"/connections/{theirs}/attribute_findings").json["findings"][0]["code"]}
    walk(f"POST {base}/attribute_findings/apply", updated, finding, id=theirs)
    walk(
        f"POST {base}/reconciliations/apply",
        updated,
        {"attribute_maps": {"standard_attributes": {"first_name": ["firstName", "given"]}}},
        id=theirs,
    )
    walk(
        f"DELETE {base}/reconciliations/{{reconciliation_id}}",
        "reconciliation.deleted",
        id=theirs,
        reconciliation_id=waiting[0],
    )
    draft = walk("POST /connections", "connection.created", {"organization_id": "org_test_idp", "draft": True})["id"]
    walk(f"DELETE {base}", "connection.deleted", id=draft)


def oidc(rig: Rig, walk: Walk) -> None:
    keyed = oidc_idp(rig, token_authentication_method="private_key_jwt", client_secret=None)
    id_ = keyed.connection["id"]
    sealed = {"oidc_options": {"id_token_encryption_algorithm": "RSA-OAEP-256"}}
    walk("PATCH /connections/{id}", "connection.updated", sealed, id=id_)
    base = "/connections/{id}"
    for _ in range(2):
        walk(f"POST {base}/oidc_jwt_signing_certs", "connection.updated", {}, id=id_)
    rig.clock.forward(days=1)
    listed = walk.client("GET", f"/connections/{id_}/oidc_jwt_signing_certs").json["data"]
    signs, waits = sorted(listed[:2], key=lambda each: str(each["status"] != "signing"))
    activate = f"POST {base}/oidc_jwt_signing_certs/{{certificate_id}}/activate"
    walk(activate, "connection.updated", id=id_, certificate_id=waits["id"])
    remove = f"DELETE {base}/oidc_jwt_signing_certs/{{certificate_id}}"
    walk(remove, "connection.updated", id=id_, certificate_id=signs["id"])
    walk(f"POST {base}/oidc_encryption_certs", "connection.updated", id=id_)
    newest = walk(f"POST {base}/oidc_encryption_certs", "connection.updated", id=id_)["id"]
    walk(f"DELETE {base}/oidc_encryption_certs/{{certificate_id}}", "connection.updated", id=id_, certificate_id=newest)


def the_rest(walk: Walk) -> None:
    walk("POST /custom_attributes", "custom_attribute.created", {"name": "badge"})
    walk("DELETE /custom_attributes/{name}", "custom_attribute.deleted", name="badge")
    uris = "/user_management/redirect_uris"
    uri = walk(f"POST {uris}", "redirect_uri.created", {"uri": "https://app.example/cb"})["id"]
    walk(f"DELETE {uris}/{{id}}", "redirect_uri.deleted", id=uri)
    walk("PATCH /environment", "environment.settings_changed", {"domain_selector": "resolve"})
    credentials = {"client_id": "abc", "client_secret": "a secret of the provider"}
    walk("PUT /oauth_providers/{type}", "connection.created", credentials, type="GitHubOAuth")
    walk("DELETE /oauth_providers/{type}", "connection.deleted", type="GitHubOAuth")


def _changing(pages: tuple[Page | OpenPage, ...]) -> list[Page]:
    return [page for page in pages if isinstance(page, Page) and page.method != "GET"]


def test_i5_whatever_a_page_changes_stands_under_the_name_of_its_operator(rig: Rig) -> None:
    """Each page with its own door, and an act in place of its own: whatever it were, it would be told."""

    def act(house: House, visit: Visit) -> Reply:
        api_keys.create(house, rig.pass_, name="made by a page")
        return empty()

    ann = hire(rig)
    browser = signed_in(rig, ann)
    form = browser.get("/dashboard/confirm").text.partition('name="csrf" value="')[2].partition('"')[0]
    changing = _changing(PAGES)
    doors = [guarded(msgspec.structs.replace(page, show=act)) for page in changing]
    browser.endpoint = Endpoint(rig.house, [Door(routes=doors, refuse=lambda *_: empty(500))], secure=False)
    for page in changing:
        path = page.path.replace("{environment}", rig.environment.id)
        before = audit.page(rig.house, Filter(), count=1).entries[0].sequence
        answer = browser.post(path, {"csrf": form}, sec_fetch_site="same-origin", origin="null", user_agent="Firefox")
        assert answer.status == 204, (path, answer.body)
        (entry,) = audit.page(rig.house, Filter(), count=1).entries
        assert entry.sequence == before + 1, path
        assert (entry.action, entry.actor, entry.actor_name) == ("api_key.created", f"operator:{ann.id}", ann.name)
        assert (entry.ip_address, entry.user_agent) == ("203.0.113.7", "Firefox"), path
