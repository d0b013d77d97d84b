"""The logout side of `SamlIdp`: messages it signs, the two bindings that carry them, and what it is sent."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from lxml import etree

from latchstring.flows import environment_settings
from latchstring.flows.environment_settings import SettingsWish
from latchstring.model.session import NameId
from latchstring.protocols.saml import deflate, logout, message, names, query, request, signature, xml
from latchstring.protocols.saml.request import Message
from tests.house_for_tests import BASE, Answer, Browser, Rig
from tests.idp_for_tests import SamlIdp, pair, saml_idp
from tests.web.html import read

IDP_SLO = "https://idp.acme.example/slo"
IDP_DONE = "https://idp.acme.example/slo-done"
LOGOUT_URI = "http://localhost:3000/signed-out"
Edit = Callable[[str], str]


@dataclass
class SloIdp:
    """An identity provider that offers Single Logout."""

    idp: SamlIdp

    @property
    def rig(self) -> Rig:
        return self.idp.rig

    @property
    def connection(self) -> dict[str, Any]:
        return self.idp.connection

    @property
    def slo_url(self) -> str:
        url: str = self.connection["saml_options"]["sp_slo_url"]
        return url

    def signed_in(self, browser: Browser, index: str = "s1", name: str = "u1", **changed: Any) -> dict[str, Any]:
        """Somebody signs in; the answer of the token endpoint."""
        answer = self.idp.sign_in(browser, assertion_id=index, name_id=name, **changed)
        assert "code" in answer.returned, answer.returned
        token: dict[str, Any] = self.rig.swap(answer.returned["code"]).json
        return token

    def link(self, profile_id: str) -> str:
        answer = self.rig.client("POST", "/sso/logout/authorize", {"profile_id": profile_id})
        assert answer.status == 200, answer.body
        url: str = answer.json["logout_url"]
        return url.removeprefix(BASE)

    def request(self, *indexes: str, name: str = "u1", edit: Edit = lambda text: text, **changed: Any) -> bytes:
        """A LogoutRequest, good unless `changed` and `edit` say otherwise; unsigned."""
        facts: dict[str, Any] = {
            "request_id": "_q" + self.rig.house.chance(16).hex(),
            "now": self.rig.clock.now() + changed.pop("shift", timedelta(0)),
            "sp_entity_id": self.idp.entity_id,
            "destination": self.slo_url,
            "name_id": NameId(value=name, format=names.FORMAT_UNSPECIFIED),
            "indexes": indexes,
        }
        return edit(logout.build_request(**{**facts, **changed}).decode()).encode()

    def response(self, in_response_to: str, *, edit: Edit = lambda text: text, **changed: Any) -> bytes:
        facts: dict[str, Any] = {
            "response_id": "_p" + self.rig.house.chance(16).hex(),
            "now": self.rig.clock.now() + changed.pop("shift", timedelta(0)),
            "issuer": self.idp.entity_id,
            "destination": self.slo_url,
            "in_response_to": in_response_to,
        }
        return edit(logout.build_response(**{**facts, **changed}).decode()).encode()

    def query(
        self,
        document: bytes,
        *,
        kind: Message = "SAMLRequest",
        relay_state: str | None = None,
        key: str | None = "acme",
    ) -> str:
        url = request.redirect_url(
            self.slo_url, document, relay_state, signing_key_pem=key and pair(key)[1], message=kind
        )
        return url.removeprefix(BASE)

    def redirected(self, browser: Browser, document: bytes, **changed: Any) -> Answer:
        """The message comes by HTTP-Redirect."""
        return browser.get(self.query(document, **changed))

    def posted(
        self,
        browser: Browser,
        document: bytes,
        *,
        kind: Message = "SAMLRequest",
        relay_state: str | None = None,
        key: str | None = "acme",
    ) -> Answer:
        """The message comes by HTTP-POST, signed inside."""
        if key is not None:
            certificate, secret = pair(key)
            document = signature.sign(document, key_pem=secret, certificate_pem=certificate)
        fields: dict[str, str] = {kind: b64encode(document).decode()}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        return browser.post(self.slo_url, fields, origin="https://idp.acme.example")

    def received(self, answer: Answer, to: str) -> tuple[etree._Element, str | None]:
        """What the product sent the provider, after a look at its signature; and the RelayState."""
        certificate = self.rig.client("GET", f"/connections/{self.connection['id']}").json["saml_options"][
            "sp_signing_cert"
        ]
        policy = signature.SignaturePolicy()
        if answer.status == 302:
            url, _, raw = answer.location.partition("?")
            found = query.read(raw.encode())
            verified = message.verify_query(found, certificates=[certificate], policy=policy)
            relay_state = found.relay_state
        else:
            form = read(answer.text).one("form")
            url, fields = form.attributes["action"], form.sends()
            kind: Message = "SAMLRequest" if "SAMLRequest" in fields else "SAMLResponse"
            verified = message.verify_posted(b64decode(fields[kind]), kind, certificates=[certificate], policy=policy)
            relay_state = fields.get("RelayState")
        assert url == to == verified.root.get("Destination")
        assert verified.root[0].text == self.connection["saml_options"]["sp_entity_id"]
        return verified.root, relay_state

    def status(self, answer: Answer, in_response_to: str, *, to: str = IDP_DONE) -> tuple[str, ...]:
        """The status codes of the product's LogoutResponse."""
        root, _ = self.received(answer, to)
        assert root.tag == names.LOGOUT_RESPONSE
        assert root.get("InResponseTo") == in_response_to
        return tuple((code.get("Value") or "").rpartition(":")[2] for code in root.iter(names.STATUS_CODE))

    def lives(self, token: dict[str, Any]) -> bool:
        """Whether an access token is still good."""
        answer = self.rig.client("GET", "/sso/profile", authorization=f"Bearer {token['access_token']}")
        return answer.status == 200


def slo_idp(rig: Rig, **options: Any) -> SloIdp:
    slo = {"idp_slo_url": IDP_SLO, "idp_slo_response_url": IDP_DONE}
    return SloIdp(saml_idp(rig, **{**slo, **options}))


def set_logout_uri(rig: Rig, uri: str | None = LOGOUT_URI) -> None:
    environment_settings.change(rig.house, rig.environment.id, SettingsWish(logout_uri=uri))


def ids(answer: Answer) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def id_of(document: bytes) -> str:
    return xml.parse(document).get("ID", "")


def deflated(document: bytes) -> str:
    return quote(deflate.deflate(document), safe="")
