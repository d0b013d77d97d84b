"""Builds Responses as an identity provider sends them (profiles 4.1.4): the Test IdP and the tests stand on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from latchstring.protocols.saml import names, xml
from latchstring.protocols.saml.signing import sign as _sign

Signed = Literal["assertion", "response", "both", "none"]

_NAMESPACES = f'xmlns:samlp="{names.SAMLP}" xmlns:saml="{names.SAML}"'
_XS = "http://www.w3.org/2001/XMLSchema"


def issue(
    *,
    key_pem: str,
    certificate_pem: str,
    entity_id: str,
    acs_url: str,
    audience: str,
    response_id: str,
    assertion_id: str,
    in_response_to: str | None,
    now: datetime,
    name_id: str,
    name_id_format: str = names.FORMAT_UNSPECIFIED,
    attributes: Mapping[str, Sequence[str]] = {},
    sign: Signed = "assertion",
    lifetime: timedelta = timedelta(minutes=5),
    status: str = names.STATUS_SUCCESS,
    destination: str | None = "",
    recipient: str | None = None,
    friendly_names: Mapping[str, str] = {},
    session_lifetime: timedelta | None = None,
) -> bytes:
    """A Response about one person. Ids are NCNames; an empty `destination` and no `recipient` mean `acs_url`.

    `sign` says which elements carry a signature; "none" is for tests. `destination=None` leaves the attribute out.
    """
    assertion = _assertion(
        entity_id=entity_id,
        recipient=acs_url if recipient is None else recipient,
        audience=audience,
        assertion_id=assertion_id,
        in_response_to=in_response_to,
        now=now,
        until=xml.shown(now + lifetime),
        session_until=None if session_lifetime is None else xml.shown(now + session_lifetime),
        name_id=name_id,
        name_id_format=name_id_format,
        attributes=_attributes(attributes, friendly_names),
    )
    if sign in ("assertion", "both"):
        assertion = _sign(assertion.encode(), key_pem=key_pem, certificate_pem=certificate_pem).decode("ascii")
    response = _response(
        response_id=response_id,
        in_response_to=in_response_to,
        destination=acs_url if destination == "" else destination,
        now=now,
        entity_id=entity_id,
        status=f"<samlp:StatusCode Value={quoteattr(status)}/>",
        rest=assertion,
    )
    if sign in ("response", "both"):
        return _sign(response, key_pem=key_pem, certificate_pem=certificate_pem)
    return response


def refuse(
    *,
    entity_id: str,
    acs_url: str,
    response_id: str,
    in_response_to: str | None,
    now: datetime,
    status: str = names.STATUS_RESPONDER,
    detail: str | None = names.STATUS_REQUEST_DENIED,
    message: str = "",
) -> bytes:
    """A Response that says no: a first-level status, a second-level one, and words. Unsigned, as most products do."""
    inner = "" if detail is None else f"<samlp:StatusCode Value={quoteattr(detail)}/>"
    words = f"<samlp:StatusMessage>{escape(message)}</samlp:StatusMessage>" if message else ""
    return _response(
        response_id=response_id,
        in_response_to=in_response_to,
        destination=acs_url,
        now=now,
        entity_id=entity_id,
        status=f"<samlp:StatusCode Value={quoteattr(status)}>{inner}</samlp:StatusCode>{words}",
        rest="",
    )


def _response(
    *,
    response_id: str,
    in_response_to: str | None,
    destination: str | None,
    now: datetime,
    entity_id: str,
    status: str,
    rest: str,
) -> bytes:
    return (
        f'<samlp:Response {_NAMESPACES} ID={quoteattr(response_id)} Version="2.0"'
        f' IssueInstant="{xml.shown(now)}"{_optional("Destination", destination)}'
        f"{_optional('InResponseTo', in_response_to)}>"
        f"<saml:Issuer>{escape(entity_id)}</saml:Issuer><samlp:Status>{status}</samlp:Status>{rest}</samlp:Response>"
    ).encode()


def _assertion(
    *,
    entity_id: str,
    recipient: str,
    audience: str,
    assertion_id: str,
    in_response_to: str | None,
    now: datetime,
    until: str,
    session_until: str | None,
    name_id: str,
    name_id_format: str,
    attributes: str,
) -> str:
    moment = xml.shown(now)
    return (
        f'<saml:Assertion xmlns:saml="{names.SAML}" xmlns:xs="{_XS}" xmlns:xsi="{names.XSI}"'
        f' ID={quoteattr(assertion_id)} Version="2.0" IssueInstant="{moment}">'
        f"<saml:Issuer>{escape(entity_id)}</saml:Issuer><saml:Subject>"
        f"<saml:NameID Format={quoteattr(name_id_format)}>{escape(name_id)}</saml:NameID>"
        f'<saml:SubjectConfirmation Method="{names.BEARER}"><saml:SubjectConfirmationData'
        f'{_optional("InResponseTo", in_response_to)} Recipient={quoteattr(recipient)} NotOnOrAfter="{until}"/>'
        f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{moment}" NotOnOrAfter="{until}">'
        f"<saml:AudienceRestriction><saml:Audience>{escape(audience)}</saml:Audience></saml:AudienceRestriction>"
        f'</saml:Conditions><saml:AuthnStatement AuthnInstant="{moment}" SessionIndex={quoteattr(assertion_id)}'
        f"{_optional('SessionNotOnOrAfter', session_until)}><saml:AuthnContext><saml:AuthnContextClassRef>"
        f"{names.PASSWORD_PROTECTED}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        f"{attributes}</saml:Assertion>"
    )


def _attributes(attributes: Mapping[str, Sequence[str]], friendly_names: Mapping[str, str]) -> str:
    if not attributes:
        return ""
    names_by_name = {name: friendly for friendly, name in friendly_names.items()}
    written = "".join(
        f"<saml:Attribute Name={quoteattr(name)}{_optional('FriendlyName', names_by_name.get(name))}>"
        + "".join(f'<saml:AttributeValue xsi:type="xs:string">{escape(v)}</saml:AttributeValue>' for v in values)
        + "</saml:Attribute>"
        for name, values in attributes.items()
    )
    return f"<saml:AttributeStatement>{written}</saml:AttributeStatement>"


def _optional(name: str, value: str | None) -> str:
    return "" if value is None else f" {name}={quoteattr(value)}"
