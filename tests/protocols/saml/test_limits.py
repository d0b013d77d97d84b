"""Hostile and broken documents: size, depth, entities, encodings, Base64; what is too much and what is just enough."""

from __future__ import annotations

import ast
import base64
import codecs
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from latchstring.protocols import saml
from latchstring.protocols.saml import metadata, metadata_refusals, names, refusals, request, response, xml
from tests.protocols.saml.answers import NOW, answer, read, verify

TEXT = answer().decode()
READERS: dict[str, Callable[[bytes], object]] = {"parse": xml.parse, "glance": response.glance, "verify": verify}

# Size (SAML-02): each maker gives a document with so much of something.
Maker = Callable[[int], bytes]
LIMITS: dict[str, tuple[str, int, Maker]] = {
    "bytes": ("bytes", xml.MAX_BYTES, lambda size: b"<a>" + b"x" * (size - 7) + b"</a>"),
    "depth": ("depth", xml.MAX_DEPTH, lambda depth: b"<a>" * depth + b"</a>" * depth),
    "elements": ("elements", xml.MAX_ELEMENTS, lambda count: b"<a>" + b"<b/>" * (count - 1) + b"</a>"),
    "elements-by-comments": ("elements", xml.MAX_ELEMENTS, lambda count: b"<a>" + b"<!---->" * (count - 1) + b"</a>"),
    "attributes": (
        "attributes",
        xml.MAX_ATTRIBUTES,
        lambda count: ("<a " + " ".join(f"a{at}=''" for at in range(count)) + "/>").encode(),
    ),
    "namespaces": (
        "namespaces",
        xml.MAX_ATTRIBUTES,
        lambda count: ("<a " + " ".join(f"xmlns:a{at}='u:u'" for at in range(count)) + "/>").encode(),
    ),
    "namespaces-in-utf-16": (
        "namespaces",
        xml.MAX_ATTRIBUTES,
        lambda count: ("<a " + " ".join(f"xmlns:a{at}='u:u'" for at in range(count)) + "/>").encode("utf-16"),
    ),
    "namespaces-inherited": (
        "namespaces",
        xml.MAX_ATTRIBUTES,
        lambda count: (
            "<a " + " ".join(f"xmlns:a{at}='u:u'" for at in range(count - 1)) + "><b xmlns:b='u:u'/></a>"
        ).encode(),
    ),
    "attribute-size": ("attribute_size", xml.MAX_ATTRIBUTE_SIZE, lambda size: b"<a b='" + b"x" * size + b"'/>"),
    "ids": (
        "ids",
        xml.MAX_IDS,
        lambda count: ("<a>" + "".join(f"<b ID='i{at}'/>" for at in range(count)) + "</a>").encode(),
    ),
}


@pytest.mark.parametrize("row", LIMITS)
def test_saml_02_as_much_as_allowed_is_read_and_one_more_is_refused(row: str) -> None:
    limit, most, make = LIMITS[row]
    assert xml.parse(make(most)).tag == "a"
    with pytest.raises(refusals.DocumentTooLarge) as caught:
        xml.parse(make(most + 1))
    assert caught.value.facts == {"limit": limit, "most": most}


@pytest.mark.parametrize("depth", [65, 255, 257, 1_000, 30_000])
def test_saml_02_no_depth_breaks_the_parser(depth: int) -> None:
    with pytest.raises((refusals.DocumentTooLarge, refusals.DocumentNotXml)):
        xml.parse(b"<a>" * depth + b"</a>" * depth)


def test_saml_02_the_size_of_the_form_field_is_limited_before_it_is_decoded() -> None:
    most = base64.b64encode(b"x" * xml.MAX_BYTES).decode()
    assert len(response.decode(most)) == xml.MAX_BYTES
    for field in (base64.b64encode(b"x" * (xml.MAX_BYTES + 1)).decode(), "!" * (xml.MAX_BYTES * 2 + 1)):
        with pytest.raises(refusals.DocumentTooLarge):
            response.decode(field)


# Document type declarations (SAML-01).

BOMB = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
DTDS = {
    "empty": ("<!DOCTYPE x>", ""),
    "of-the-root": ("<!DOCTYPE samlp:Response>", ""),
    "in-lower-case-is-no-xml": ("<!doctype x>", ""),
    "system": ('<!DOCTYPE x SYSTEM "file:///etc/passwd">', ""),
    "public": ('<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1:9/x.dtd">', ""),
    "internal-entity": ('<!DOCTYPE x [<!ENTITY e "eve">]>', "&e;"),
    "unused-entity": ('<!DOCTYPE x [<!ENTITY e "eve">]>', ""),
    "external-entity": ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;"),
    "remote-entity": ('<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>', "&e;"),
    "parameter-entity": ('<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/"> %e;]>', ""),
    "billion-laughs": (f'<!DOCTYPE x [<!ENTITY e0 "{"ha" * 10}">{BOMB}]>', "&e9;"),
    "default-attribute": ('<!DOCTYPE x [<!ATTLIST samlp:Response ID CDATA "_forged">]>', ""),
    "id-attribute": ("<!DOCTYPE x [<!ATTLIST saml:NameID Format ID #IMPLIED>]>", ""),
    "notation": ('<!DOCTYPE x [<!NOTATION n SYSTEM "n">]>', ""),
    "undeclared-entity": ("", "&eve;"),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("row", DTDS)
def test_saml_01_a_document_type_declaration_is_refused(row: str, encoding: str) -> None:
    declaration, use = DTDS[row]
    text = declaration + TEXT.replace(">ann<", f">{use}ann<")
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    for reader in READERS.values():
        with pytest.raises((refusals.DocumentHasDtd, refusals.DocumentNotXml)):
            reader(mark + text.encode(encoding))


def test_saml_01_entities_in_attributes_are_refused_too() -> None:
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "{"ha" * 10}">{BOMB}]><x a="&e9;"/>'
    one = '<!DOCTYPE x [<!ENTITY e "v">]><x a="&e;"/>'
    for text in (bomb, one):
        with pytest.raises((refusals.DocumentHasDtd, refusals.DocumentNotXml)):
            xml.parse(text.encode())


def test_saml_01_a_declaration_is_seen_in_the_tree_and_not_in_the_bytes() -> None:
    assert verify(TEXT.replace("<samlp:Status>", "<!-- <!DOCTYPE x> --><samlp:Status>").encode()).assertion_signed
    with pytest.raises(refusals.DocumentHasDtd):
        xml.parse(f"<?xml version='1.0'?><!--x--><!DOCTYPE samlp:Response>{TEXT}".encode())


READ = """
import sys
from latchstring.protocols.saml import refusals, xml
for text in open(sys.argv[1], encoding="utf-8").read().split("\\0"):
    try:
        xml.parse(text.encode())
        print("read")
    except refusals.SamlRefused as refusal:
        print(refusal.code)
"""


def test_saml_01_nothing_is_opened_or_fetched(tmp_path: Path) -> None:
    pipe, documents = tmp_path / "pipe", tmp_path / "documents"
    os.mkfifo(pipe)  # whoever opens it for reading waits for ever, as nobody writes
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        texts = [
            text
            for url in (f"file://{pipe}", str(pipe), f"http://127.0.0.1:{server.getsockname()[1]}/x")
            for text in (
                f'<!DOCTYPE x SYSTEM "{url}"><x/>',
                f'<!DOCTYPE x PUBLIC "x" "{url}"><x>&nbsp;</x>',
                f'<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]><x>&e;</x>',
                f'<!DOCTYPE x [<!ENTITY % e SYSTEM "{url}"> %e;]><x/>',
                f'<?xml-stylesheet href="{url}" type="text/xsl"?><x/>',
                f'<x xmlns:xsi="{names.XSI}" xsi:schemaLocation="u:u {url}" xsi:noNamespaceSchemaLocation="{url}"/>',
                f'<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}"/></x>',
            )
        ]
        documents.write_text("\0".join(texts), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", READ, documents], capture_output=True, text=True, timeout=30, check=True
        )
        with pytest.raises(BlockingIOError):
            server.accept()
    assert done.stdout.split() == (["document_has_dtd"] * 4 + ["read"] * 3) * 3


# Encodings and well-formedness (SAML-05).

BROKEN: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n ",
    "text": b"Internal Server Error",
    "json": b'{"SAMLResponse": ""}',
    "html": b"<html><body><br></body></html>",
    "cut-off": TEXT.encode()[:-1],
    "cut-in-half": TEXT.encode()[: len(TEXT) // 2],
    "two-roots": TEXT.encode() * 2,
    "text-behind": TEXT.encode() + b"x",
    "text-in-front": b"x" + TEXT.encode(),
    "nul": TEXT.replace(">ann<", ">an\x00n<").encode(),
    "nul-behind": TEXT.encode() + b"\x00",
    "nul-reference": TEXT.replace(">ann<", ">an&#0;n<").encode(),
    "control-character": TEXT.replace(">ann<", ">an\x01n<").encode(),
    "control-reference": TEXT.replace(">ann<", ">an&#1;n<").encode(),
    "surrogate-reference": TEXT.replace(">ann<", ">an&#xD800;n<").encode(),
    "noncharacter": TEXT.replace(">ann<", ">an&#xFFFF;n<").encode(),
    "invalid-utf-8": TEXT.encode().replace(b">ann<", b">an\xffn<"),
    "overlong-utf-8": TEXT.encode().replace(b">ann<", b">an\xc0\xbcn<"),
    "surrogate-in-utf-8": TEXT.encode().replace(b">ann<", b">an\xed\xa0\x80n<"),
    "attribute-twice": TEXT.replace('Version="2.0"', 'Version="2.0" Version="2.0"', 1).encode(),
    "attribute-twice-by-prefix": b'<a xmlns:x="u:u" xmlns:y="u:u" x:b="1" y:b="2"/>',
    "undeclared-prefix": TEXT.replace("<samlp:Status>", "<foo:x/><samlp:Status>").encode(),
    "undeclared-prefix-of-an-attribute": TEXT.replace("<samlp:Status>", '<samlp:Status foo:x="1">').encode(),
    "unclosed": TEXT.replace("</samlp:Status>", "").encode(),
    "crossed": b"<a><b></a></b>",
    "unquoted": b"<a b=c/>",
    "xml-1.1": b'<?xml version="1.1"?>' + TEXT.encode(),
    "xml-2.0": b'<?xml version="2.0"?>' + TEXT.encode(),
    "latin-1": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + TEXT.encode("latin-1"),
    "ascii": b'<?xml version="1.0" encoding="US-ASCII"?>' + TEXT.encode(),
    "utf-7": b'<?xml version="1.0" encoding="UTF-7"?>' + TEXT.encode("utf-7"),
    "utf-7-markup": b'<?xml version="1.0" encoding="UTF-7"?>' + b"+ADw-a/+AD4-",
    "utf-32": TEXT.encode("utf-32"),
    "ebcdic": '<?xml version="1.0" encoding="IBM037"?>'.encode("cp037") + TEXT.encode("cp037"),
    "ebcdic-undeclared": TEXT.encode("cp037"),
    "unknown-encoding": b'<?xml version="1.0" encoding="klingon"?>' + TEXT.encode(),
    "another-encoding-than-declared": b'<?xml version="1.0" encoding="UTF-16"?>' + TEXT.encode(),
    "declaration-not-first": b' <?xml version="1.0"?>' + TEXT.encode(),
    "processing-instruction": TEXT.replace("<samlp:Status>", "<?php x?><samlp:Status>").encode(),
}


@pytest.mark.parametrize("row", BROKEN)
@pytest.mark.parametrize("reader", READERS)
def test_saml_05_what_is_not_xml_in_utf_8_or_utf_16_is_refused(row: str, reader: str) -> None:
    with pytest.raises(refusals.DocumentNotXml) as caught:
        READERS[reader](BROKEN[row])
    assert len(caught.value.reason) <= 200
    assert caught.value.reason.isprintable()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_saml_05_the_encoding_does_not_matter_to_the_signature(encoding: str) -> None:
    assert read(TEXT.encode(encoding)) == read(TEXT.encode())


def test_blanks_and_comments_around_the_root_do_no_harm() -> None:
    assert read(f'<?xml version="1.0" encoding="utf-8"?>\n<!-- x -->\n{TEXT}\n<!-- y -->\n'.encode()).subject == "ann"


@pytest.mark.parametrize("name", ["ID", "Id", "id", "AssertionID", "xml:id", "x:ID", "x:AssertionID"])
def test_saml_08_an_id_is_an_id_in_each_spelling(name: str) -> None:
    with pytest.raises(refusals.DuplicateIds) as caught:
        xml.parse(f'<a xmlns:x="u:u"><b ID="_1"/><c><d {name}="_1"/></c></a>'.encode())
    assert caught.value.received == "_1"


def test_saml_08_what_only_looks_like_an_id_is_none() -> None:
    assert xml.parse(b'<a><b ID="_1"/><c uid="_1" NameID="_1" iD="_1"/></a>').tag == "a"


@pytest.mark.parametrize(
    "where",
    [
        "<x:a xmlns:x='relative'/>",
        "<a xmlns='relative'/>",
        "<x:a xmlns:x='../x'/>",
        "<a xmlns:x = \n '1'/>",
        "<a xmlns:x='a/b:c'/>",
        "<a xmlns:x='&#49;'/>",
        '<a><b c="d"><e xmlns:é="x"/></b></a>',
        """<a b="xmlns:x='u:" xmlns:y="relative" c="'"/>""",  # whoever searches the bytes reads it otherwise
        """<!-- xmlns:x="u: --><a xmlns:y="relative"/>""",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_saml_14_a_namespace_that_is_not_absolute_is_refused(where: str, encoding: str) -> None:
    with pytest.raises(refusals.CanonicalizationFailed):
        xml.parse(where.encode(encoding))


@pytest.mark.parametrize(
    "where", ["<a xmlns=''/>", "<a b=\"xmlns='1'\"/>", "<a>xmlns:x='1'</a>", "<a xmlns:x='u&#58;x'/>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_saml_14_what_only_looks_like_a_relative_namespace_is_none(where: str, encoding: str) -> None:
    assert xml.parse(where.encode(encoding)).tag == "a"


@pytest.mark.parametrize("exclusive", [True, False])
def test_saml_14_a_tree_without_a_canonical_form_is_refused(exclusive: bool) -> None:
    root = xml.reparse(b"<a xmlns:x='relative' x:b='1'/>")  # `parse` would not let it in
    with pytest.raises(refusals.CanonicalizationFailed):
        xml.canonical(root, exclusive=exclusive)


# Base64.


@pytest.mark.parametrize(
    "field", ["", " ", "!", "PGEvPg", "PGEvPg===", "PGE-Pg==", "PGE_Pg==", "PGEvPg==x", "é", "\x00"]
)
def test_what_is_not_base64_is_refused(field: str) -> None:
    with pytest.raises(refusals.DocumentNotBase64):
        response.decode(field)


@pytest.mark.parametrize("field", ["PGEvPg==", "PGEv\r\nPg==\r\n", " P G E v P g = = ", "\tPGEvPg=="])
def test_blanks_in_base64_do_no_harm(field: str) -> None:
    assert response.decode(field) == b"<a/>"


# The same limits stand in front of the other two kinds of document (SAML-44).


@pytest.mark.parametrize("row", [*BROKEN, *DTDS, "deep", "many"])
def test_saml_44_metadata_and_requests_have_the_same_limits(row: str) -> None:
    if row in DTDS:
        document = (DTDS[row][0] + TEXT.replace(">ann<", f">{DTDS[row][1]}ann<")).encode()
    else:
        more = {"deep": LIMITS["depth"][2](xml.MAX_DEPTH + 1), "many": LIMITS["elements"][2](xml.MAX_ELEMENTS + 1)}
        document = {**BROKEN, **more}[row]
    with pytest.raises(metadata_refusals.MetadataRefused):
        metadata.read_idp(document, NOW)
    with pytest.raises(request.AuthnRequestInvalid):
        request.read(document)


# One parser (SAML-04).


def test_saml_04_there_is_one_parser() -> None:
    folder = Path(next(iter(saml.__path__)))
    imported: set[str] = set()
    parsing: set[str] = set()
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                imported.update(f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Attribute) and node.attr in ("fromstring", "XML", "iterparse", "XMLParser"):
                parsing.add(file.name)
    parsers = {name for name in imported if any(word in name.lower() for word in ("xml", "html", "expat", "sax"))}
    ours = {name for name in parsers if name.startswith("latchstring.")}
    assert parsers - ours == {"lxml.etree", "xml.sax.saxutils.escape", "xml.sax.saxutils.quoteattr"}
    assert parsing == {"xml.py"}
