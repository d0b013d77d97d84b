"""The shape of a Response: which parts stand where, exactly one assertion, and the status. It refuses, it never admits.

Everything in here is decided on the child axis, before any signature is looked at (core 3.2.2, 3.3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from latchstring.protocols.saml import names, refusals, xml

_RESPONSE_ORDER = {
    names.ISSUER: 1,
    names.SIGNATURE: 2,
    names.EXTENSIONS: 3,
    names.STATUS: 4,
    names.ASSERTION: 5,
    names.ENCRYPTED_ASSERTION: 5,
}
_ASSERTION_PARTS = frozenset(
    {
        names.SUBJECT,
        names.CONDITIONS,
        names.ADVICE,
        names.STATEMENT,
        names.AUTHN_STATEMENT,
        names.AUTHZ_STATEMENT,
        names.ATTRIBUTE_STATEMENT,
    }
)
_ONCE = (names.SUBJECT, names.CONDITIONS, names.ADVICE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A Response taken apart. Exactly one of `assertion` and `encrypted` is there."""

    response: etree._Element
    response_signature: etree._Element | None
    assertion: etree._Element | None
    assertion_signature: etree._Element | None
    encrypted: etree._Element | None


def open_envelope(root: etree._Element) -> Envelope:
    """Takes a successful Response apart.

    Raises `NotAResponse`, `ResponseMalformed`, `IdpRefused`, `IdpError`, `NoAssertion`, `SeveralAssertions`,
    `AssertionMalformed` or `SignatureMisplaced`.
    """
    if root.tag != names.RESPONSE:
        raise refusals.NotAResponse(received=str(root.tag)[:256])
    if root.get("Version") != "2.0" or not root.get("ID"):
        raise refusals.ResponseMalformed(element="Response", reason="Version is not 2.0, or there is no ID")
    parts = _parts(root)
    status = parts.get(names.STATUS)
    if status is None:
        raise refusals.ResponseMalformed(element="Response", reason="there is no Status")
    _check_status(status)
    _check_counts(root)
    assertion, encrypted = parts.get(names.ASSERTION), parts.get(names.ENCRYPTED_ASSERTION)
    if assertion is None and encrypted is None:
        raise refusals.ResponseMalformed(element="Response", reason="the assertion is not a child of the Response")
    response_signature = parts.get(names.SIGNATURE)
    assertion_signature = None if assertion is None else signature_of(assertion)
    _check_signatures(root, (response_signature, assertion_signature))
    return Envelope(root, response_signature, assertion, assertion_signature, encrypted)


def open_plaintext(root: etree._Element) -> etree._Element | None:
    """Checks what an EncryptedAssertion held by the rules for a plain one; answers its signature (SAML-22, 24)."""
    if root.tag != names.ASSERTION:
        raise refusals.NotAResponse(received=str(root.tag)[:256])
    _check_counts(root)
    signature = signature_of(root)
    _check_signatures(root, (signature,))
    return signature


def signature_of(assertion: etree._Element) -> etree._Element | None:
    """The signature of an assertion, behind the Issuer. Raises `AssertionMalformed` or `SignatureMisplaced`."""
    if not assertion.get("ID"):
        raise refusals.AssertionMalformed(element="Assertion", reason="there is no ID")
    parts = xml.children(assertion)
    tags = [str(part.tag) for part in parts]
    if not tags or tags[0] != names.ISSUER:
        raise refusals.AssertionMalformed(element="Assertion", reason="it does not begin with an Issuer")
    signed = len(tags) > 1 and tags[1] == names.SIGNATURE
    rest = tags[2:] if signed else tags[1:]
    if names.SIGNATURE in rest:
        raise refusals.SignatureMisplaced(element="Assertion")
    if not _ASSERTION_PARTS.issuperset(rest) or any(rest.count(tag) > 1 for tag in _ONCE):
        raise refusals.AssertionMalformed(element="Assertion", reason="a part that may not stand there, or twice")
    return parts[1] if signed else None


def _parts(response: etree._Element) -> dict[str, etree._Element]:
    parts: dict[str, etree._Element] = {}
    last = 0
    for part in xml.children(response):
        tag = str(part.tag)
        rank = _RESPONSE_ORDER.get(tag, 0)
        if rank > last:
            parts[tag], last = part, rank
        elif tag == names.SIGNATURE:
            raise refusals.SignatureMisplaced(element="Response")
        elif rank == last == 5:
            raise refusals.SeveralAssertions(received=2)
        else:
            raise refusals.ResponseMalformed(element=xml.local(part)[:64], reason="it may not stand there, or twice")
    return parts


def _check_status(status: etree._Element) -> None:
    codes = [part for part in xml.children(status) if part.tag == names.STATUS_CODE]
    if len(codes) != 1:
        raise refusals.ResponseMalformed(element="Status", reason="there is not exactly one StatusCode")
    first = codes[0].get("Value", "")
    if first == names.STATUS_SUCCESS:
        return
    inner = codes[0].findall(names.STATUS_CODE)
    values = tuple(value[:256] for value in (first, *(code.get("Value", "") for code in inner[:4])))
    message = xml.child(status, names.STATUS_MESSAGE)
    words = "" if message is None else xml.full_text(message)[:1024]
    kind = refusals.IdpError if names.DENIALS.isdisjoint(values) else refusals.IdpRefused
    raise kind(status=values, status_message=words)


def _check_counts(root: etree._Element) -> None:
    """One assertion in the whole document, wherever it hides and whatever its namespace; no Response in a Response."""
    assertions = responses = 0
    for element in root.iter("{*}Assertion", "{*}EncryptedAssertion", "{*}Response"):
        if xml.local(element) == "Response":
            responses += 1
        else:
            assertions += 1
    if assertions == 0:
        raise refusals.NoAssertion
    if assertions > 1:
        raise refusals.SeveralAssertions(received=assertions)
    if responses > (root.tag == names.RESPONSE):
        raise refusals.ResponseMalformed(element="Response", reason="a Response inside the Response")


def _check_signatures(root: etree._Element, known: tuple[etree._Element | None, ...]) -> None:
    for signature in root.iter(names.SIGNATURE):
        if not any(signature is one for one in known):
            parent = signature.getparent()
            raise refusals.SignatureMisplaced(element="" if parent is None else xml.local(parent)[:64])
