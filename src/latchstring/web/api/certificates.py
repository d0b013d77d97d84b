"""The certificate collections of a SAML connection (contract 3.5)."""

from __future__ import annotations

import msgspec

from latchstring.flows import certificates as flow
from latchstring.flows import signing_pairs
from latchstring.flows.certificates import Collection
from latchstring.flows.connection_wishes import SigningPairWish
from latchstring.flows.house import House
from latchstring.model.refusal import NotFound
from latchstring.web.api import shapes
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask, Handler

_OBJECT = {
    Collection.IDP_SIGNING: "saml_idp_signing_certificate",
    Collection.SP_SIGNING: "saml_sp_signing_certificate",
    Collection.SP_ENCRYPTION: "saml_sp_encryption_certificate",
}


class CertificateBody(msgspec.Struct, frozen=True):
    """A certificate, as PEM or as the Base64 text of its DER form."""

    value: str


def listing(collection: Collection) -> Handler:
    def listed(house: House, ask: Ask) -> Reply:
        held = flow.listed(house, ask.caller, ask.params["id"], collection)
        return as_json({"object": "list", "data": [shapes.certificate(entry, _OBJECT[collection]) for entry in held]})

    return listed


def removal(collection: Collection) -> Handler:
    def remove(house: House, ask: Ask) -> Reply:
        flow.remove(house, ask.caller, ask.params["id"], collection, ask.params.get("certificate_id"))
        return empty()

    return remove


def add_idp_signing(house: House, ask: Ask) -> Reply:
    body: CertificateBody = ask.body
    added = flow.add_idp_certificate(house, ask.caller, ask.params["id"], pem=body.value)
    shown = shapes.certificate(added.entry, _OBJECT[Collection.IDP_SIGNING])
    return as_json(shapes.with_warnings(shown, added.cautions), status=201)


def make_sp_encryption(house: House, ask: Ask) -> Reply:
    entry = flow.make_encryption_certificate(house, ask.caller, ask.params["id"])
    return as_json(shapes.certificate(entry, _OBJECT[Collection.SP_ENCRYPTION]), status=201)


def get_sp_signing(house: House, ask: Ask) -> Reply:
    held = signing_pairs.listed(house, ask.caller, ask.params["id"])
    for entry in held.entries:
        if entry.id == held.signing_id:
            return as_json(shapes.certificate(entry, _OBJECT[Collection.SP_SIGNING]))
    raise NotFound(kind="Certificate", id=ask.params["id"])


def make_sp_signing(house: House, ask: Ask) -> Reply:
    entry = flow.make_signing_certificate(house, ask.caller, ask.params["id"])
    return as_json(shapes.certificate(entry, _OBJECT[Collection.SP_SIGNING]), status=201)


def list_signing_pairs(house: House, ask: Ask) -> Reply:
    held = signing_pairs.listed(house, ask.caller, ask.params["id"])
    return as_json(
        {
            "object": "list",
            "data": [
                shapes.signing_pair(entry, _OBJECT[Collection.SP_SIGNING], held.signing_id) for entry in held.entries
            ],
        }
    )


def add_signing_pair(house: House, ask: Ask) -> Reply:
    wish: SigningPairWish = ask.body
    entry, held = signing_pairs.add(house, ask.caller, ask.params["id"], wish)
    return as_json(shapes.signing_pair(entry, _OBJECT[Collection.SP_SIGNING], held.signing_id), status=201)


def activate_signing_pair(house: House, ask: Ask) -> Reply:
    entry, held = signing_pairs.activate(house, ask.caller, ask.params["id"], ask.params["certificate_id"])
    return as_json(shapes.signing_pair(entry, _OBJECT[Collection.SP_SIGNING], held.signing_id))


def remove_signing_pair(house: House, ask: Ask) -> Reply:
    signing_pairs.remove(house, ask.caller, ask.params["id"], ask.params["certificate_id"])
    return empty()
