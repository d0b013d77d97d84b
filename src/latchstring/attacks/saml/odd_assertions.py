"""Unusual but valid assertions: conditions, confirmations, times, statements, attributes and names.

Each is something that a product on the market sends, or that a standard allows and nobody has forbidden here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from latchstring.attacks.saml.forge import Build, Forge, attribute, composed, issuer_of, swap
from latchstring.attacks.saml.signing import Edit
from latchstring.protocols.saml import names, xml

_DATA = "saml:SubjectConfirmationData"


def _times(form: Callable[[Forge], str]) -> Build:
    """An end of the Conditions, written in some other way."""
    return lambda forge: forge.answer(in_assertion=attribute("saml:Conditions", "NotOnOrAfter", form(forge)))


def _near(element: str, name: str, seconds: float) -> Build:
    return lambda forge: forge.answer(
        in_assertion=attribute(element, name, xml.shown(forge.now + timedelta(seconds=seconds)))
    )


def _restricted(forge: Forge) -> str:
    """Three restrictions, each of which names us among others."""
    ours = f"<saml:Audience>{forge.party.sp_entity_id}</saml:Audience>"
    one = f"<saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience>{ours}</saml:AudienceRestriction>"
    return forge.answer(in_assertion=swap("</saml:Conditions>", one * 2 + "</saml:Conditions>"))


def _twice_confirmed(forge: Forge, *, other: Edit) -> str:
    def double(text: str) -> str:
        end = "</saml:SubjectConfirmation>"
        start, stop = text.index("<saml:SubjectConfirmation "), text.index(end) + len(end)
        return text[:start] + other(text[start:stop]) + text[start:]

    return forge.answer(in_assertion=double)


def _more_attributes(more: str) -> Build:
    return composed(
        swap("</saml:Assertion>", f"<saml:AttributeStatement>{more}</saml:AttributeStatement></saml:Assertion>")
    )


def _attribute(name: str, values: str) -> str:
    return f'<saml:Attribute Name="{name}">{values}</saml:Attribute>'


def _other_context(text: str) -> str:
    start, end = text.index("<saml:AuthnContext>"), text.index("</saml:AuthnContext>")
    said = (
        '<saml:SubjectLocality Address="203.0.113.9"/><saml:AuthnContext><saml:AuthnContextDeclRef>urn:x'
        "</saml:AuthnContextDeclRef><saml:AuthenticatingAuthority>urn:y</saml:AuthenticatingAuthority>"
    )
    return text[:start] + said + text[end:]


def _two_statements(text: str) -> str:
    end = "</saml:AuthnStatement>"
    start, stop = text.index("<saml:AuthnStatement"), text.index(end) + len(end)
    return text[:stop] + text[start:]


def _shouted(forge: Forge) -> str:
    name, _, domain = forge.party.person.partition("@")
    return f"{name}@{domain.upper()}"


_BEHIND_CONDITIONS = "</saml:Conditions>"
ROWS: dict[str, tuple[str, str, Build]] = {
    "response-issuerless": (
        "SAML-26",
        "a Response without an Issuer",
        lambda f: f.answer(after=swap(issuer_of(f.party), "", 1)),
    ),
    "issuer-entity": (
        "SAML-26",
        "an Issuer with its Format",
        composed(swap("<saml:Issuer>", f'<saml:Issuer Format="{names.FORMAT_ENTITY}">')),
    ),
    "destination-absent": ("SAML-28", "no Destination, the Response not signed", lambda f: f.answer(destination=None)),
    "audiences-three": ("SAML-27", "three restrictions that name us among others", _restricted),
    "audience-blanks": (
        "SAML-27",
        "blanks around the audience",
        lambda f: f.answer(audience=f"\n  {f.party.sp_entity_id}\n"),
    ),
    "one-time-use": (
        "SAML-27",
        "OneTimeUse",
        composed(swap(_BEHIND_CONDITIONS, "<saml:OneTimeUse/></saml:Conditions>")),
    ),
    "proxy-restriction": (
        "SAML-27",
        "a ProxyRestriction",
        composed(swap(_BEHIND_CONDITIONS, '<saml:ProxyRestriction Count="0"/></saml:Conditions>')),
    ),
    "confirmation-foreign-too": (
        "SAML-29",
        "a confirmation for somebody else first",
        lambda f: _twice_confirmed(f, other=attribute(_DATA, "Recipient", "https://other.example/acs")),
    ),
    "confirmation-key-too": (
        "SAML-29",
        "holder-of-key first",
        lambda f: _twice_confirmed(
            f, other=attribute("saml:SubjectConfirmation", "Method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key")
        ),
    ),
    "confirmation-address": ("SAML-29", "an Address", composed(attribute(_DATA, "Address", "203.0.113.9"))),
    "seconds-7": (
        "SAML-30",
        "seconds with seven digits behind the point",
        _times(lambda f: f"{f.now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}.1234567Z"),
    ),
    "seconds-12": (
        "SAML-30",
        "seconds with twelve",
        _times(lambda f: f"{f.now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}.123456789012Z"),
    ),
    "offset-east": (
        "SAML-30",
        "a time in another zone",
        _times(lambda f: f"{f.now + timedelta(hours=5, minutes=35):%Y-%m-%dT%H:%M:%S}+05:30"),
    ),
    "offset-west": (
        "SAML-30",
        "a time in the other direction",
        _times(lambda f: f"{f.now - timedelta(hours=7, minutes=55):%Y-%m-%dT%H:%M:%S}-08:00"),
    ),
    "zoneless": (
        "SAML-30",
        "a time without a zone, which is UTC",
        _times(lambda f: f"{f.now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}"),
    ),
    "ended-within-skew": ("SAML-30", "an end of half a minute ago", _near("saml:Conditions", "NotOnOrAfter", -30)),
    "begins-within-skew": ("SAML-30", "a beginning in half a minute", _near("saml:Conditions", "NotBefore", 30)),
    "confirmation-within-skew": (
        "SAML-30",
        "a confirmation that ended half a minute ago",
        _near(_DATA, "NotOnOrAfter", -30),
    ),
    "session-end": ("SAML-30", "a session of eight hours", lambda f: f.answer(session_lifetime=timedelta(hours=8))),
    "nine-minutes-old": (
        "SAML-31",
        "nine minutes old",
        lambda f: f.answer(now=f.now - timedelta(minutes=9), lifetime=timedelta(minutes=20)),
    ),
    "context-declared": ("SAML-12", "a declared AuthnContext, an authority and a locality", composed(_other_context)),
    "sign-ins-two": ("SAML-12", "two AuthnStatements", composed(_two_statements)),
    "advice": ("SAML-12", "an Advice", composed(swap("</saml:Conditions>", "</saml:Conditions><saml:Advice/>"))),
    "statements-several": (
        "SAML-40",
        "several AttributeStatements",
        _more_attributes(_attribute("team", "<saml:AttributeValue>a</saml:AttributeValue>")),
    ),
    "values-typed": (
        "SAML-40",
        "typed, nil, empty and structured values",
        _more_attributes(
            _attribute(
                "mixed",
                '<saml:AttributeValue xsi:type="xs:int">1</saml:AttributeValue><saml:AttributeValue xsi:nil="true"/>'
                "<saml:AttributeValue/><saml:AttributeValue><saml:NameID>x</saml:NameID></saml:AttributeValue>",
            )
        ),
    ),
    "names-of-javascript": (
        "SAML-40",
        "attributes called __proto__ and constructor",
        _more_attributes(
            _attribute("__proto__", "<saml:AttributeValue>a</saml:AttributeValue>")
            + _attribute("constructor", "<saml:AttributeValue>&lt;script&gt;</saml:AttributeValue>")
        ),
    ),
    "scripts-of-the-world": (
        "SAML-40",
        "values in many scripts",
        composed(swap(">staff<", ">日本語 ελληνικά עברית 😀<")),
    ),
    "attributes-twice": (
        "SAML-40",
        "one attribute in two parts",
        _more_attributes(_attribute("groups", "<saml:AttributeValue>b</saml:AttributeValue>")),
    ),
    "domain-in-capitals": (
        "SAML-37",
        "a domain in capitals",
        lambda f: f.answer(attributes=f.attributes(email=(_shouted(f),))),
    ),
    "name-persistent": (
        "SAML-39",
        "a persistent NameID with qualifiers",
        lambda f: f.answer(
            name_id="p-1",
            name_id_format=names.FORMAT_PERSISTENT,
            in_assertion=swap("<saml:NameID ", '<saml:NameID NameQualifier="urn:i" SPNameQualifier="urn:s" '),
        ),
    ),
    "name-transient": (
        "SAML-39",
        "a transient NameID, the id in an attribute",
        lambda f: f.answer(name_id="_t1", name_id_format=names.FORMAT_TRANSIENT),
    ),
    "name-long": ("SAML-39", "a NameID of 256 characters", lambda f: f.answer(name_id="n" * 256)),
}
