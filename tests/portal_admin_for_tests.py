"""An IT admin in the Admin Portal with a connection, and the browser in which they try it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from latchstring.flows.portal_links import Made
from latchstring.model.portal import Intent
from latchstring.protocols.saml import request
from tests.house_for_tests import BASE, Answer, Browser, Rig
from tests.idp_for_tests import OidcIdp, SamlIdp
from tests.operators_for_tests import page, post, send
from tests.portal_for_tests import follow, set_up_link

Idp = SamlIdp | OidcIdp


@dataclass
class Admin:
    """Somebody who followed a link of their organization."""

    rig: Rig
    idp: Idp
    made: Made
    desk: Browser = field(init=False)
    other: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.desk = follow(self.rig, self.made)
        self.other = self.rig.browser()

    @property
    def connection_id(self) -> str:
        return str(self.idp.connection["id"])

    @property
    def state(self) -> str:
        return str(self.rig.client("GET", f"/connections/{self.connection_id}").json["state"])

    def sends(self, place: str, action: str, /, **changed: str) -> Answer:
        """Fills in the form of the page at `place` that leads to `action`."""
        return send(self.desk, self.desk.get(place), action, **changed)

    def begin(self) -> str:
        """The address of a new test."""
        forms = page(self.desk.get("/portal/test")).every("form", method="post", action="/portal/test")
        answer = post(self.desk, "/portal/test", forms[-1].sends())  # beside the result of a test that failed, too
        assert answer.status == 303, answer.text
        return answer.location.removeprefix(BASE)

    def depart(self, address: str) -> Answer:
        answer = self.other.post(address, {})
        assert answer.status == 302, answer.text
        return answer

    def come_back(self, away: Answer, **changed: Any) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(away.location).query).items()}
        if isinstance(self.idp, OidcIdp):
            self.idp.nonce = asked["nonce"]
            fields = {"code": "provider code", "state": asked["state"], **changed}
            return self.other.get(self.idp.connection["callback_endpoint"], query=fields)
        document = self.idp.response(request.read(request.inflate(asked["SAMLRequest"])), **changed)
        return self.idp.arrive(self.other, document, asked["RelayState"])

    def run(self, **changed: Any) -> Answer:
        """A whole test; the result as its own browser sees it."""
        address = self.begin()
        back = self.come_back(self.depart(address), **changed)
        assert (back.status, back.location.removeprefix(BASE)) == (302, address), back.text
        return self.other.get(address)


def admin(rig: Rig, idp: Idp, intent: Intent = Intent.SSO, *recipients: str) -> Admin:
    people = recipients or ("it@acme.example",)
    return Admin(rig, idp, set_up_link(rig, idp.organization["id"], intent, *people))
