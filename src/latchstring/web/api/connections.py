"""/connections: listed, made, changed, switched, deleted (contract 3.4 and 3.5)."""

from __future__ import annotations

import msgspec

from latchstring.flows import certificates, connection_life, refresh
from latchstring.flows import connections as flow
from latchstring.flows.house import House
from latchstring.web.api import once, shapes
from latchstring.web.kit import decode
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask


class LegacyOptions(msgspec.Struct, frozen=True, kw_only=True):
    """A key pair, PEM."""

    signing_key: str | None = None
    signing_cert: str | None = None


class LegacyBody(msgspec.Struct, frozen=True, kw_only=True):
    """The older way to set the key pair that signs requests."""

    options: LegacyOptions


class AcceptBody(msgspec.Struct, frozen=True):
    """The identity provider that is meant, by its entity id, as `saml_options.idp_metadata.pending` names it."""

    idp_entity_id: str


def create(house: House, ask: Ask) -> Reply:
    def made() -> tuple[int, dict[str, object]]:
        seen, new = flow.create(house, ask.caller, ask.body)
        return 201 if new else 200, shapes.with_warnings(shapes.connection(house, seen), seen.cautions)

    return once.answered(house, ask, made)


def listed(house: House, ask: Ask) -> Reply:
    found = decode.pairs(ask.inbound.query)
    values = dict(found)
    page = flow.page(
        house,
        ask.caller,
        decode.window(found),
        connection_type=values.get("connection_type") or None,
        organization_id=values.get("organization_id") or None,
        domain=values.get("domain") or None,
        search=values.get("search") or None,
    )
    return as_json(shapes.page(page, lambda seen: shapes.connection(house, seen)))


def get(house: House, ask: Ask) -> Reply:
    return as_json(shapes.connection(house, flow.get(house, ask.caller, ask.params["id"])))


def update(house: House, ask: Ask) -> Reply:
    seen = flow.update(house, ask.caller, ask.params["id"], ask.body)
    return as_json(shapes.with_warnings(shapes.connection(house, seen), seen.cautions))


def refresh_metadata(house: House, ask: Ask) -> Reply:
    refresh.ask(house, ask.caller, ask.params["id"])
    return get(house, ask)


def accept_metadata(house: House, ask: Ask) -> Reply:
    body: AcceptBody = ask.body
    refresh.accept(house, ask.caller, ask.params["id"], entity_id=body.idp_entity_id)
    return get(house, ask)


def set_signing_pair(house: House, ask: Ask) -> Reply:
    options: LegacyOptions = ask.body.options
    connection_id = ask.params["id"]
    certificates.replace_signing_pair(
        house, ask.caller, connection_id, key=options.signing_key or "", pem=options.signing_cert or ""
    )
    return as_json(shapes.connection(house, flow.get(house, ask.caller, connection_id)))


def activate(house: House, ask: Ask) -> Reply:
    seen = connection_life.switch(house, ask.caller, ask.params["id"], "on")
    return as_json(shapes.with_warnings(shapes.connection(house, seen), seen.cautions))


def deactivate(house: House, ask: Ask) -> Reply:
    return as_json(shapes.connection(house, connection_life.switch(house, ask.caller, ask.params["id"], "off")))


def delete(house: House, ask: Ask) -> Reply:
    connection_life.delete(house, ask.caller, ask.params["id"])
    return empty()
