"""The Test IdP: reads a sign-in request of one of our own connections and signs the answer, as any provider does.

Anybody may be anybody here: that is what it is for. It is safe because only connections that were set up with this
provider believe it, and because its answers go nowhere but to their own ACS, never where a request says.
"""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec

from latchstring.adapters.base import AutoPost
from latchstring.flows import select
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.addresses import TestIdpIdentity
from latchstring.model.connection import Certificate, Connection, SamlConfig, TestIdpConfig
from latchstring.model.refusal import Mender, UntrustedRequest
from latchstring.protocols.saml import certificates, issue, metadata, names, request
from latchstring.storage import house_keys, organizations
from latchstring.storage.database import Database
from latchstring.storage.vault import Vault

Binding = Literal["redirect", "post"]


class TestIdpUnaware(UntrustedRequest):
    """The Test IdP does not know who asks: no connection that uses it has this entity id."""

    __test__ = False  # not a test case, whatever pytest thinks of the name
    code = "test_idp_unaware"
    mender = Mender.DEVELOPER
    fix = "Start from the application, with the connection of the Test Organization."


class TicketInvalid(UntrustedRequest):
    """The form of the Test IdP came back damaged."""

    code = "test_idp_ticket_invalid"
    mender = Mender.DEVELOPER
    fix = "Start the sign-in again from the application."


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """What the form carries from the question to the answer."""

    external_key: str
    request_id: str | None  # None: nobody asked, the sign-in begins here
    relay_state: str | None


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is to sign in: where to, and for whom."""

    connection: Connection
    organization_name: str | None
    domain: str | None  # a verified domain of the organization, for the persons to come from
    ticket: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs in."""

    email: str
    first_name: str = ""
    last_name: str = ""
    groups: tuple[str, ...] = ()


def identity(
    database: Database,
    vault: Vault,
    base_url: str,
    make_key_pair: Callable[[str, datetime], tuple[str, str]],
    now: datetime,
) -> TestIdpIdentity:
    """The Test IdP's public side; its key pair is made once in the life of a database."""
    with database.house() as whole:
        pair = house_keys.get(whole, vault, house_keys.TEST_IDP)
    if pair is None:
        certificate, key = make_key_pair("latchstring Test IdP", now)
        with database.write_house() as whole:
            house_keys.add(whole, vault, house_keys.TEST_IDP, certificate=certificate, key=key, now=now)
            pair = house_keys.get(whole, vault, house_keys.TEST_IDP)
    assert pair is not None  # noqa: S101 - it was added above
    facts = certificates.load(pair[0])
    return TestIdpIdentity(
        entity_id=f"{base_url}/test-idp/metadata",
        sso_url=f"{base_url}/test-idp/sso",
        certificate=Certificate(
            id=f"{ids.CERTIFICATE}_test_idp",
            pem=facts.pem,
            fingerprint=facts.fingerprint,
            not_before=facts.not_before,
            not_after=facts.not_after,
            created_at=facts.not_before,
        ),
    )


def document(house: House) -> bytes:
    """The Test IdP's metadata."""
    ours = _identity(house)
    return metadata.write_idp(entity_id=ours.entity_id, sso_url=ours.sso_url, certificates=(ours.certificate.pem,))


def receive(house: House, *, saml_request: str, relay_state: str | None, binding: Binding) -> SignIn:
    """Raises `TestIdpUnaware`, or what `request.inflate` and `request.read` raise."""
    asked = request.read(request.inflate(saml_request) if binding == "redirect" else _from_post(saml_request))
    external_key = asked.issuer.rpartition("/")[2]
    connection, organization_name, domain = _connection(house, external_key)
    if asked.issuer != house.addresses(connection).sp_entity_id:
        raise TestIdpUnaware
    ticket = msgspec.json.encode(Ticket(external_key, asked.id, relay_state))
    return SignIn(
        connection=connection,
        organization_name=organization_name,
        domain=domain,
        ticket=urlsafe_b64encode(ticket).decode(),
    )


def begin(house: House, *, external_key: str) -> SignIn:
    """A sign-in that begins here, as from a provider's own portal. Raises `TestIdpUnaware`."""
    ticket = msgspec.json.encode(Ticket(external_key, None, None))
    return reopen(house, ticket=urlsafe_b64encode(ticket).decode())


def reopen(house: House, *, ticket: str) -> SignIn:
    """The sign-in that the form belongs to, to show the form once more."""
    connection, organization_name, domain = _connection(house, _open(ticket).external_key)
    return SignIn(connection=connection, organization_name=organization_name, domain=domain, ticket=ticket)


def answer(house: House, *, ticket: str, person: Person) -> AutoPost:
    """A signed response that `person` has signed in."""
    opened = _open(ticket)
    connection, *_ = _connection(house, opened.external_key)
    ours, theirs = _identity(house), house.addresses(connection)
    with house.database.house() as whole:
        pair = house_keys.get(whole, house.vault, house_keys.TEST_IDP)
    if pair is None:
        raise LookupError("the Test IdP has lost its key")
    certificate, key = pair[0], pair[1]
    response = issue.issue(
        key_pem=key.reveal(),
        certificate_pem=certificate,
        entity_id=ours.entity_id,
        acs_url=theirs.acs_url,
        audience=theirs.sp_entity_id,
        response_id=_name(house),
        assertion_id=_name(house),
        in_response_to=opened.request_id,
        now=house.now(),
        name_id=person.email,
        name_id_format=names.FORMAT_EMAIL,
        attributes=_attributes(person),
    )
    return _post(theirs.acs_url, response, opened)


def deny(house: House, *, ticket: str) -> AutoPost:
    """A response that says no, as when somebody cancels or may not use the application."""
    opened = _open(ticket)
    connection, *_ = _connection(house, opened.external_key)
    theirs = house.addresses(connection)
    response = issue.refuse(
        entity_id=_identity(house).entity_id,
        acs_url=theirs.acs_url,
        response_id=_name(house),
        in_response_to=opened.request_id,
        now=house.now(),
        message="The sign-in was denied at the Test IdP.",
    )
    return _post(theirs.acs_url, response, opened)


def _connection(house: House, external_key: str) -> tuple[Connection, str | None, str | None]:
    entered = select.at_address(house, external_key)
    if entered is None or not _believes(house, entered[1]):
        raise TestIdpUnaware
    pass_, connection = entered
    with house.database.read(pass_) as scope:
        organization = organizations.get(scope, connection.organization_id) if connection.organization_id else None
    if organization is None:
        return connection, None, None
    verified = [domain.domain for domain in organization.domains if domain.state.is_verified]
    return connection, organization.name, verified[0] if verified else None


def _believes(house: House, connection: Connection) -> bool:
    """Set up with the Test IdP, as the built-in connection is, or by its metadata."""
    config = connection.config
    return isinstance(config, TestIdpConfig) or (
        isinstance(config, SamlConfig) and config.idp_entity_id == _identity(house).entity_id
    )


def _attributes(person: Person) -> dict[str, tuple[str, ...]]:
    """The names of the generic SAML type (contract 11); the id stays the same for the same address."""
    known = {
        "id": (f"test_{sha256(person.email.lower().encode()).hexdigest()[:20]}",),
        "email": (person.email,),
        "firstName": (person.first_name,) if person.first_name else (),
        "lastName": (person.last_name,) if person.last_name else (),
        "groups": person.groups,
    }
    return {name: values for name, values in known.items() if values}


def _post(acs_url: str, response: bytes, opened: Ticket) -> AutoPost:
    fields = {"SAMLResponse": b64encode(response).decode()}
    if opened.relay_state is not None:
        fields["RelayState"] = opened.relay_state
    return AutoPost(acs_url, fields)


def _from_post(field: str) -> bytes:
    try:
        return b64decode("".join(field.split()), validate=True)
    except (NotBase64, ValueError):
        raise request.AuthnRequestInvalid(reason="it is not Base64") from None


def _open(ticket: str) -> Ticket:
    try:
        return msgspec.json.decode(urlsafe_b64decode(ticket.encode("ascii", "replace")), type=Ticket)
    except (NotBase64, ValueError, msgspec.DecodeError):
        raise TicketInvalid from None


def _name(house: House) -> str:
    return "_" + house.chance(20).hex()


def _identity(house: House) -> TestIdpIdentity:
    if house.test_idp is None:
        raise TestIdpUnaware
    return house.test_idp
