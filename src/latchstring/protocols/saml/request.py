"""AuthnRequests: building one, its two encodings (bindings 3.4 and 3.5), and reading one, as the Test IdP does."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape, quoteattr

import msgspec

from latchstring.model.refusal import InvalidRequest
from latchstring.protocols.saml import deflate, names, refusals, xml
from latchstring.protocols.saml.signing import sign, sign_query

Message = Literal["SAMLRequest", "SAMLResponse"]


class AuthnRequestInvalid(InvalidRequest):
    """The sign-in request to the identity provider could not be read: {reason}."""

    code = "authn_request_invalid"
    fix = "Send one SAML 2.0 AuthnRequest, deflated and Base64-encoded for the Redirect binding."
    reason: str


class AuthnRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an AuthnRequest asks for (core 3.4.1). Not verified: who may be answered is for the reader to know."""

    id: str
    issuer: str
    acs_url: str | None
    destination: str | None
    force_authn: bool
    issue_instant: datetime


def build(
    *,
    request_id: str,
    issue_instant: datetime,
    sp_entity_id: str,
    acs_url: str,
    destination: str,
    force_authn: bool = False,
    subject_hint: str | None = None,
) -> bytes:
    """An AuthnRequest. `request_id` is an NCName with at least 128 bits of chance (core 1.3.4).

    It asks for no NameID format and no authentication context: identity providers refuse what they cannot grant, and
    what they grant by themselves is what their administrator set up.
    """
    force = ' ForceAuthn="true"' if force_authn else ""
    subject = ""
    if subject_hint is not None:
        subject = f"<saml:Subject><saml:NameID>{escape(subject_hint)}</saml:NameID></saml:Subject>"
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{names.SAMLP}" xmlns:saml="{names.SAML}" ID={quoteattr(request_id)}'
        f' Version="2.0" IssueInstant="{xml.shown(issue_instant)}" Destination={quoteattr(destination)}{force}'
        f' AssertionConsumerServiceURL={quoteattr(acs_url)} ProtocolBinding="{names.POST_BINDING}">'
        f"<saml:Issuer>{escape(sp_entity_id)}</saml:Issuer>{subject}</samlp:AuthnRequest>"
    ).encode()


def redirect_url(
    sso_url: str,
    request: bytes,
    relay_state: str | None,
    *,
    extra: Mapping[str, str] = {},
    signing_key_pem: str | None = None,
    message: Message = "SAMLRequest",
) -> str:
    """Where the browser goes with the HTTP-Redirect binding. A query that `sso_url` has already is kept, in front.

    `extra` parameters are not covered by the signature (bindings 3.4.4.1 signs SAMLRequest, RelayState and SigAlg).
    """
    query = f"{message}={quote(deflate.deflate(request), safe='')}"
    if relay_state is not None:
        query += f"&RelayState={quote(relay_state, safe='')}"
    if signing_key_pem is not None:
        query = sign_query(query, signing_key_pem)
    rest = "".join(f"&{quote(name, safe='')}={quote(value, safe='')}" for name, value in extra.items())
    base = sso_url.partition("#")[0]
    return f"{base}{_joint(base)}{query}{rest}"


def post_fields(
    request: bytes,
    relay_state: str | None,
    *,
    signing_key_pem: str | None = None,
    signing_certificate_pem: str | None = None,
    message: Message = "SAMLRequest",
) -> dict[str, str]:
    """The form of the HTTP-POST binding; signed inside the document if there is a key pair."""
    if signing_key_pem is not None and signing_certificate_pem is not None:
        request = sign(request, key_pem=signing_key_pem, certificate_pem=signing_certificate_pem)
    fields: dict[str, str] = {message: base64.b64encode(request).decode()}
    return fields if relay_state is None else {**fields, "RelayState": relay_state}


def inflate(field: str) -> bytes:
    """The `SAMLRequest` of a Redirect query (percent-decoded) as a document.

    Raises `DocumentTooLarge` or `AuthnRequestInvalid`.
    """
    try:
        return deflate.inflate(field)
    except refusals.DocumentNotDeflated as refusal:
        raise AuthnRequestInvalid(reason=refusal.reason) from None


def from_query(query: str) -> tuple[bytes, str | None]:
    """Document and RelayState of a raw Redirect query (without its "?").

    Raises `AuthnRequestInvalid`, also for a SAMLResponse beside the request and for repeated parameters (SAML-43).
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=32)
    except ValueError:
        raise AuthnRequestInvalid(reason="the query cannot be read") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise AuthnRequestInvalid(reason="a parameter is repeated")
    if "SAMLResponse" in fields or "SAMLRequest" not in fields:
        raise AuthnRequestInvalid(reason="it must hold a SAMLRequest and no SAMLResponse")
    return inflate(fields["SAMLRequest"]), fields.get("RelayState")


def read(document: bytes) -> AuthnRequest:
    """An AuthnRequest's own words, unverified. Raises `AuthnRequestInvalid`."""
    try:
        root = xml.parse(document)
        issuer = xml.child(root, names.ISSUER)
        said = "" if issuer is None else xml.text(issuer)
        issued = xml.instant(root.get("IssueInstant", ""))
    except refusals.SamlRefused as refusal:
        raise AuthnRequestInvalid(reason=refusal.code) from None
    request_id = root.get("ID", "")
    if root.tag != names.AUTHN_REQUEST or root.get("Version") != "2.0" or not request_id or not said:
        raise AuthnRequestInvalid(reason="it is not an AuthnRequest of SAML 2.0 with an ID and an Issuer")
    return AuthnRequest(
        id=request_id,
        issuer=said,
        acs_url=root.get("AssertionConsumerServiceURL"),
        destination=root.get("Destination"),
        force_authn=root.get("ForceAuthn") in ("true", "1"),
        issue_instant=issued,
    )


def _joint(url: str) -> str:
    if "?" not in url:
        return "?"
    return "" if url.endswith(("?", "&")) else "&"
