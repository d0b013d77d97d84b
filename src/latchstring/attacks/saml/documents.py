"""Documents that attack the parser: declarations, entities, encodings, two roots, ambiguous names (SAML-01 to 05)."""

from __future__ import annotations

from collections.abc import Callable

from latchstring.attacks.outcome import Attack, Verdict
from latchstring.attacks.saml.forge import ATTACKER, Build, Forge, altered, attack, encoded, forge, swap
from latchstring.attacks.saml.scene import Scene

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_XINCLUDE = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="file:///etc/hostname"/>'
_NOWHERE = "http://127.0.0.1:9"  # whoever fetched it would be answered by nobody


def _declared(declaration: str, *, name: str | None = None) -> Build:
    """With a document type declaration in front; `name` goes into the NameID."""

    def build(forge: Forge) -> str:
        text = forge.answer()
        if name is not None:
            text = text.replace(f">{forge.party.person}<", f">{name}<", 1)
        return f"<?xml version='1.0'?>{declaration}{text}"

    return build


def _encoded(encoding: str, declaration: str = "", *, start: bytes = b"") -> Build:
    return lambda forge: start + f"{declaration}{forge.answer()}".encode(encoding)


def _bytes(old: bytes, new: bytes) -> Build:
    return lambda forge: forge.answer().encode().replace(old, new, 1)


_DTD = "<!DOCTYPE samlp:Response"
_DECLARATIONS: dict[str, tuple[str, str, str | None]] = {
    "dtd-empty": ("a declaration that declares nothing", f"{_DTD}>", None),
    "dtd-internal": ("an internal entity", f'{_DTD} [<!ENTITY x "victim">]>', None),
    "dtd-entity-in-name": ("an internal entity in the NameID", f'{_DTD} [<!ENTITY x "victim">]>', "&x;"),
    "dtd-file": ("an external entity: a file", f'{_DTD} [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
    "dtd-http": ("an external entity: a URL", f'{_DTD} [<!ENTITY x SYSTEM "{_NOWHERE}/x">]>', "&x;"),
    "dtd-external-subset": ("an external subset", f'{_DTD} SYSTEM "{_NOWHERE}/x.dtd">', None),
    "dtd-public": ("a public identifier", f'{_DTD} PUBLIC "-//X//X" "{_NOWHERE}/x.dtd">', None),
    "dtd-parameter-entity": (
        "a parameter entity from elsewhere",
        f'{_DTD} [<!ENTITY % p SYSTEM "{_NOWHERE}/p"> %p;]>',
        None,
    ),
    "dtd-billion-laughs": ("entities that multiply", f'{_DTD} [<!ENTITY l0 "ha">{_LAUGHS}]>', None),
    "dtd-quadratic": ("one long entity, used often", f'{_DTD} [<!ENTITY q "{"q" * 9000}">]>', None),
    "dtd-default-attribute": (
        "a default for InResponseTo",
        f'{_DTD} [<!ATTLIST samlp:Response InResponseTo CDATA "_x">]>',
        None,
    ),
    "dtd-id-attribute": ("another attribute is an ID", f"{_DTD} [<!ATTLIST saml:NameID Format ID #IMPLIED>]>", None),
    "dtd-notation": ("an unparsed entity", f'{_DTD} [<!NOTATION n SYSTEM "x"><!ENTITY u SYSTEM "x" NDATA n>]>', None),
}

_DECLARED = '<?xml version="1.0" encoding="{}"?>'
_NOT_XML: dict[str, tuple[str, Build]] = {
    "xml-1.1": ("XML 1.1", _encoded("utf-8", '<?xml version="1.1"?>')),
    "latin-1": ("ISO 8859-1", _encoded("latin-1", _DECLARED.format("ISO-8859-1"))),
    "utf-7": ("UTF-7", _encoded("utf-7", _DECLARED.format("UTF-7"))),
    "utf-32": ("UTF-32", _encoded("utf-32-le", start=b"\xff\xfe\x00\x00")),
    "ebcdic": ("EBCDIC", _encoded("cp037", _DECLARED.format("IBM037"))),
    "declared-otherwise": ("UTF-8 that says it is UTF-16", _encoded("utf-8", _DECLARED.format("UTF-16"))),
    "two-roots": ("a second Response behind the first", lambda f: f.answer() + f.another().answer()),
    "element-behind": ("an element behind the root", lambda f: f.answer() + "<x/>"),
    "text-before": ("text before the root", lambda f: "x" + f.answer()),
    "text-behind": ("text behind the root", lambda f: f.answer() + "x"),
    "nul-in-name": ("a NUL in the NameID", _bytes(ATTACKER.encode(), b"victim\x00" + ATTACKER.encode())),
    "nul-reference": ("a NUL as a character reference", altered(swap(ATTACKER, "victim&#0;", 1))),
    "control-character": ("a control character", _bytes(ATTACKER.encode(), b"\x08victim")),
    "invalid-utf-8": ("bytes that are not UTF-8", _bytes(ATTACKER.encode(), b"\xc3\x28victim")),
    "overlong-utf-8": ("an overlong UTF-8 sequence", _bytes(ATTACKER.encode(), b"\xc0\xaevictim")),
    "surrogate": ("a lone surrogate", _bytes(ATTACKER.encode(), b"\xed\xa0\x80victim")),
    "duplicate-attribute": ("the attribute ID twice", altered(swap(' Version="2.0"', ' Version="2.0" ID="_x"', 1))),
    "duplicate-by-prefix": (
        "one attribute by two prefixes",
        altered(swap("<samlp:Status>", '<samlp:Status xmlns:a="urn:x" xmlns:b="urn:x" a:x="1" b:x="2">')),
    ),
    "undeclared-prefix": ("a prefix that nobody declared", altered(swap("<samlp:Status>", "<samlp:Status><u:x/>"))),
    "undeclared-entity": ("an entity that nobody declared", altered(swap(ATTACKER, "&victim;", 1))),
    "empty-prefix": ("an element whose prefix is empty", altered(swap("<samlp:Status>", "<samlp:Status><:x/>"))),
    "prefix-undeclared-again": ("a prefix undone", altered(swap("<samlp:Status>", '<samlp:Status xmlns:saml="">'))),
    "xml-prefix-rebound": (
        "the prefix xml bound anew",
        altered(swap("<samlp:Status>", '<samlp:Status xmlns:xml="u">')),
    ),
    "xmlns-as-namespace": (
        "the namespace of namespaces",
        altered(swap("<samlp:Status>", '<samlp:Status xmlns:x="http://www.w3.org/2000/xmlns/">')),
    ),
    "unclosed": ("the end is missing", lambda f: f.answer()[:-4]),
    "overlapping": ("tags that overlap", altered(swap("</saml:NameID>", "</saml:Subject>", 1))),
    "cdata-end": ("]]> in text", altered(swap(ATTACKER, "victim]]>", 1))),
    "comment-dashes": ("-- in a comment", altered(swap("<samlp:Status>", "<!-- -- --><samlp:Status>"))),
    "bare-ampersand": ("a bare ampersand", altered(swap(ATTACKER, "victim&" + ATTACKER, 1))),
    "html": ("an HTML page", lambda f: "<!doctype html><p>Signed in<br></p>"),
    "json": ("JSON", lambda f: '{"email": "victim@example.com"}'),
    "blank": ("white space", lambda f: "  \n"),
    "instruction-inside": ("a processing instruction", altered(swap("<samlp:Status>", "<?x y?><samlp:Status>"))),
    "instruction-in-name": ("one in the NameID", altered(swap(ATTACKER, f"victim<?x y?>{ATTACKER}", 1))),
    "instruction-in-issuer": ("one in the Issuer", altered(swap("<saml:Issuer>", "<saml:Issuer><?x y?>", 1))),
    "instruction-in-digest": ("one in the DigestValue", altered(swap("<ds:DigestValue>", "<ds:DigestValue><?x AA?>"))),
}

_BASE64: dict[str, tuple[str, str]] = {
    "base64-empty": ("an empty field", ""),
    "base64-garbage": ("what is no Base64", "%%%&&&"),
    "base64-blanks": ("white space alone", " \r\n\t "),
    "base64-unpadded": ("Base64 cut in the middle", "PHNhbWxwOlJlc3BvbnNlP"),
    "base64-not-ascii": ("Base64 with letters of another script", "PHNhbWxwОg=="),
}


def _field(text: str) -> Callable[[Scene], Verdict]:
    """The form field as it is."""

    def play(scene: Scene) -> Verdict:
        party = scene.party()
        return scene.deliver(party, scene.begin(party), text)

    return play


def _url_safe(scene: Scene) -> Verdict:
    """A valid response in the alphabet of RFC 4648, section 5, which no binding of SAML uses."""
    party = scene.party()
    sign_in = scene.begin(party)
    marked = swap("<samlp:Status>", "<!--???>>>???>>>--><samlp:Status>")
    text = encoded(forge(scene, party, sign_in.request_id).answer(after=marked))
    return scene.deliver(party, sign_in, text.replace("+", "-").replace("/", "_"))


def _utf16_dtd(encoding: str, mark: bytes) -> Build:
    declaration = f'{_DTD} [<!ENTITY x "victim">]>'
    return lambda forge: mark + f"<?xml version='1.0'?>{declaration}{forge.answer()}".encode(encoding)


ATTACKS: tuple[Attack[Scene], ...] = (
    *(
        attack(name, "SAML-01", tries, "document_has_dtd", _declared(declaration, name=in_name))
        for name, (tries, declaration, in_name) in _DECLARATIONS.items()
    ),
    attack(
        "dtd-utf-16-le", "SAML-01", "a declaration in UTF-16", "document_has_dtd", _utf16_dtd("utf-16-le", b"\xff\xfe")
    ),
    attack(
        "dtd-utf-16-be", "SAML-01", "the same, big end first", "document_has_dtd", _utf16_dtd("utf-16-be", b"\xfe\xff")
    ),
    attack(
        "xinclude-in-name",
        "SAML-01",
        "an XInclude of a file, signed, as the NameID",
        "assertion_malformed",
        lambda f: f.answer(in_assertion=swap(f">{f.party.person}</saml:NameID>", f">{_XINCLUDE}</saml:NameID>")),
    ),
    attack(
        "relative-namespace",
        "SAML-04",
        "a name that parsers see in different namespaces",
        "canonicalization_failed",
        altered(swap("<samlp:Status>", '<samlp:Status><x xmlns="urn"/>')),
    ),
    attack(
        "id-in-a-namespace",
        "SAML-04",
        "two attributes named ID, one with a prefix, which is signed",
        "signature_malformed",
        lambda f: f.forged(
            in_assertion=swap(f' ID="{f.assertion_id}"', f' saml:ID="{f.assertion_id}" ID="_victim"'),
            uri=f"#{f.assertion_id}",
        ),
    ),
    *(attack(name, "SAML-05", tries, "document_not_xml", build) for name, (tries, build) in _NOT_XML.items()),
    *(
        Attack(name=name, requirement="SAML-05", tries=tries, expected="document_not_base64", play=_field(text))
        for name, (tries, text) in _BASE64.items()
    ),
    Attack(
        name="base64-url-safe",
        requirement="SAML-05",
        tries="Base64 for URLs",
        expected="document_not_base64",
        play=_url_safe,
    ),
)
