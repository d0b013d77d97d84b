"""Unusual but valid documents: encodings, spellings, namespaces, sizes, and what may stand beside the assertion.

Each is something that a product on the market sends, or that a standard allows and nobody has forbidden here.
"""

from __future__ import annotations

import re

from latchstring.attacks.saml.forge import ATTACKER, Build, altered, composed, evil, swap
from latchstring.protocols.saml import names


def _indented(text: str) -> str:
    """Pretty-printed, as some products do before they sign."""
    return re.sub(r"(?<=>)(?=<(?!/))", "\n    ", text)


def _renamed(text: str) -> str:
    """Other prefixes, and none for the assertion."""
    return re.sub(r"<(/?)saml:", r"<\1", text).replace("xmlns:saml=", "xmlns=")


def _spelled(encoding: str, start: bytes, declaration: str) -> Build:
    return lambda forge: start + (declaration + forge.answer()).encode(encoding)


_NAMESPACES = " ".join(f'xmlns:n{n}="urn:n{n}"' for n in range(40))
ROWS: dict[str, tuple[str, str, Build]] = {
    "utf-16-le": ("SAML-05", "UTF-16", _spelled("utf-16-le", b"\xff\xfe", "")),
    "utf-16-be": (
        "SAML-05",
        "UTF-16, big end first",
        _spelled("utf-16-be", b"\xfe\xff", '<?xml version="1.0" encoding="UTF-16"?>'),
    ),
    "utf-8-mark": ("SAML-05", "UTF-8 with a byte order mark", _spelled("utf-8", b"\xef\xbb\xbf", "")),
    "xml-declaration": (
        "SAML-05",
        "an XML declaration",
        _spelled("utf-8", b"", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'),
    ),
    "line-ends": ("SAML-05", "line ends of Windows", altered(swap("<samlp:Status>", "\r\n<samlp:Status>"))),
    "stylesheet": (
        "SAML-01",
        "a stylesheet that nobody fetches",
        _spelled("utf-8", b"", '<?xml-stylesheet href="http://127.0.0.1:9/x.xsl" type="text/xsl"?>'),
    ),
    "schema-location": (
        "SAML-01",
        "a schema that nobody fetches",
        altered(
            swap(
                "<samlp:Response ",
                f'<samlp:Response xmlns:xsi="{names.XSI}" xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd" ',
            )
        ),
    ),
    "comments-between": (
        "SAML-17",
        "comments between elements, set after signing",
        altered(swap("<samlp:Status>", "<!-- a --><samlp:Status>"), swap("<saml:Subject>", "<!-- b --><saml:Subject>")),
    ),
    "comment-in-name": (
        "SAML-17",
        "a comment in the name, which splits nothing",
        altered(swap(ATTACKER, f"{ATTACKER[:3]}<!-- -->{ATTACKER[3:]}")),
    ),
    "cdata-in-name": ("SAML-17", "CDATA in the name", altered(swap(f">{ATTACKER}@", f"><![CDATA[{ATTACKER}]]>@"))),
    "namespaces": (
        "SAML-04",
        "many namespaces declared and not used",
        altered(swap("<samlp:Response ", f"<samlp:Response {_NAMESPACES} ")),
    ),
    "prefixes": ("SAML-04", "no prefix in the assertion", composed(_renamed)),
    "pretty-printed": ("SAML-04", "indented before it was signed", lambda f: f.answer(in_assertion=_indented)),
    "quotes": ("SAML-04", "single quotes", altered(lambda text: text.replace('"', "'"))),
    "large": ("SAML-02", "200,000 characters", composed(swap(">staff<", f">{'s' * 190_000}<"))),
    "deep": (
        "SAML-02",
        "55 elements deep",
        altered(
            swap(
                "</samlp:Status>", f"<samlp:StatusDetail>{'<x>' * 52}{'</x>' * 52}</samlp:StatusDetail></samlp:Status>"
            )
        ),
    ),
    "many-values": (
        "SAML-02",
        "900 groups",
        lambda f: f.answer(attributes=f.attributes(groups=tuple(f"g{n}" for n in range(900)))),
    ),
    "extensions": (
        "SAML-06",
        "Extensions",
        altered(swap("<samlp:Status>", '<samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions><samlp:Status>')),
    ),
    "name-in-extensions": (
        "SAML-12",
        "somebody else's name in unsigned Extensions, which nobody reads",
        lambda f: f.answer(
            after=swap(
                "<samlp:Status>",
                f"<samlp:Extensions><saml:Subject><saml:NameID>{evil(f.party.person)}</saml:NameID></saml:Subject></samlp:Extensions><samlp:Status>",
            )
        ),
    ),
    "status-words": (
        "SAML-25",
        "Success with words, a detail and a second code",
        altered(
            swap(
                "/></samlp:Status>",
                '><samlp:StatusCode Value="urn:x"/></samlp:StatusCode><samlp:StatusMessage>ok</samlp:StatusMessage>'
                "<samlp:StatusDetail/></samlp:Status>",
            )
        ),
    ),
    "consent": (
        "SAML-06",
        "a Consent",
        altered(swap("<samlp:Response ", '<samlp:Response Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" ')),
    ),
}
