"""The collections of our own key pairs of an OpenID Connect connection."""

from __future__ import annotations

from latchstring.flows import client_key_pairs as flow
from latchstring.flows.client_key_pairs import Use
from latchstring.flows.connection_wishes import SigningPairWish
from latchstring.flows.house import House
from latchstring.web.api import shapes
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask, Handler

_SIGNING = "oidc_jwt_signing_certificate"
_ENCRYPTION = "oidc_encryption_certificate"


def list_signing(house: House, ask: Ask) -> Reply:
    held = flow.listed(house, ask.caller, ask.params["id"], Use.SIGNING)
    return as_json(
        {"object": "list", "data": [shapes.signing_pair(entry, _SIGNING, held.signing_id) for entry in held.entries]}
    )


def add_signing(house: House, ask: Ask) -> Reply:
    wish: SigningPairWish = ask.body
    entry, held = flow.add_signing_pair(house, ask.caller, ask.params["id"], wish)
    return as_json(shapes.signing_pair(entry, _SIGNING, held.signing_id), status=201)


def activate_signing(house: House, ask: Ask) -> Reply:
    entry, held = flow.activate(house, ask.caller, ask.params["id"], ask.params["certificate_id"])
    return as_json(shapes.signing_pair(entry, _SIGNING, held.signing_id))


def list_encryption(house: House, ask: Ask) -> Reply:
    held = flow.listed(house, ask.caller, ask.params["id"], Use.ENCRYPTION)
    return as_json({"object": "list", "data": [shapes.certificate(entry, _ENCRYPTION) for entry in held.entries]})


def add_encryption(house: House, ask: Ask) -> Reply:
    entry = flow.make_encryption_pair(house, ask.caller, ask.params["id"])
    return as_json(shapes.certificate(entry, _ENCRYPTION), status=201)


def removal(use: Use) -> Handler:
    def remove(house: House, ask: Ask) -> Reply:
        flow.remove(house, ask.caller, ask.params["id"], use, ask.params["certificate_id"])
        return empty()

    return remove
