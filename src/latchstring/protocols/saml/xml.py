"""The only XML parser of the house: hardened, with limits; and the few ways in which a tree is read.

Nothing here opens a file or a connection: no DTD is loaded, no entity expanded, no schema, stylesheet or XInclude
followed (SAML-01). What a document may hold is decided on the parsed tree, never by searching its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from lxml import etree

from latchstring.protocols.saml import refusals

MAX_BYTES = 262_144
MOST_BYTES = 1_048_576  # as far as `max_bytes` is ever raised
MAX_DEPTH = 64
MAX_ELEMENTS = 5_000
MAX_ATTRIBUTES = 256  # on one element, and as many namespaces in its scope
MAX_ATTRIBUTE_SIZE = 65_536  # characters
MAX_IDS = 100

_ENCODINGS = frozenset({"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE"})
_ID_NAMES = frozenset({"ID", "Id", "id", "AssertionID"})  # and xml:id, which ends in "id" (SAML-08)
_ID_ENDS = frozenset({"ID", "Id", "id"})
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))?", re.ASCII)


def parse(document: bytes, *, max_bytes: int = MAX_BYTES) -> etree._Element:
    """The root element. Raises `DocumentTooLarge`, `DocumentNotXml`, `DocumentHasDtd` or `DuplicateIds`."""
    if len(document) > max_bytes:
        raise refusals.DocumentTooLarge(limit="bytes", most=max_bytes)
    root = _tree(document)
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise refusals.DocumentHasDtd
    if info.xml_version != "1.0" or (info.encoding or "").upper() not in _ENCODINGS:
        raise refusals.DocumentNotXml(reason=f"XML {info.xml_version} in {info.encoding}")
    # Each attribute has its sign of equality, in UTF-16 too: with few of them nobody needs to count.
    _check_limits(root, many_attributes=document.count(b"=") > MAX_ATTRIBUTES)
    _check_namespaces(root)
    return root


def reparse(canonical_bytes: bytes) -> etree._Element:
    """A tree of bytes that `canonical` made of a tree that `parse` admitted: the limits hold already."""
    return _tree(canonical_bytes)


def _tree(document: bytes) -> etree._Element:
    # No `collect_ids=False`: libxml2 takes it as a wish to load the external DTD, `load_dtd=False` or not (SAML-01).
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        strip_cdata=False,
        remove_comments=False,
        remove_pis=False,
    )
    try:
        return etree.fromstring(document, parser)
    except etree.XMLSyntaxError as fault:
        raise refusals.DocumentNotXml(reason=_reason(fault)) from None


def _reason(fault: etree.XMLSyntaxError) -> str:
    """What libxml2 says, without control characters and not endless: parts of it are the sender's."""
    return "".join(character if character.isprintable() else " " for character in str(fault))[:200]


def _check_limits(root: etree._Element, *, many_attributes: bool) -> None:
    """Walks the tree level by level, which gives the depth for free.

    The attributes of an element are counted before they are read: lxml looks each value up by its name, so that reading
    25,000 of them takes seconds (SAML-02).
    """
    depth = elements = 0
    tags: set[Any] = set()
    ids: set[str] = set()
    level = [root]
    while level:
        depth += 1
        elements += len(level)
        if depth > MAX_DEPTH:
            raise refusals.DocumentTooLarge(limit="depth", most=MAX_DEPTH)
        if elements > MAX_ELEMENTS:
            raise refusals.DocumentTooLarge(limit="elements", most=MAX_ELEMENTS)
        below: list[etree._Element] = []
        for element in level:
            tag: Any = element.tag
            if tag not in tags:
                _check_tag(tag)
                tags.add(tag)
            if many_attributes and len(element.attrib) > MAX_ATTRIBUTES:
                raise refusals.DocumentTooLarge(limit="attributes", most=MAX_ATTRIBUTES)
            if attributes := element.items():
                _check_attributes(attributes, ids)
            if len(element):
                below.extend(element)
        level = below


def _check_tag(tag: Any) -> None:
    if not isinstance(tag, str) and tag is not etree.Comment:
        raise refusals.DocumentNotXml(reason="a processing instruction or an entity inside the document")


def _check_namespaces(root: etree._Element) -> None:
    """Few in scope, each declaration counted; and absolute: canonicalization is undefined for relative ones, and has
    failed silently on them (SAML-14).
    """
    in_scope = 0
    declared: Any = etree.iterwalk(root, events=("start-ns", "end-ns"))
    for event, declaration in declared:
        if event == "end-ns":
            in_scope -= 1
            continue
        in_scope += 1
        if in_scope > MAX_ATTRIBUTES:
            raise refusals.DocumentTooLarge(limit="namespaces", most=MAX_ATTRIBUTES)
        namespace = declaration[1]
        if namespace and _ABSOLUTE.match(namespace) is None:  # xmlns="" means none
            raise refusals.CanonicalizationFailed(reason="a namespace that is not an absolute URI")


def _check_attributes(attributes: Sequence[tuple[Any, Any]], ids: set[str]) -> None:
    for name, value in attributes:
        if len(value) > MAX_ATTRIBUTE_SIZE:
            raise refusals.DocumentTooLarge(limit="attribute_size", most=MAX_ATTRIBUTE_SIZE)
        if name[-2:] in _ID_ENDS and name.rpartition("}")[2] in _ID_NAMES:
            if value in ids:
                raise refusals.DuplicateIds(received=value[:256])
            ids.add(value)
            if len(ids) > MAX_IDS:
                raise refusals.DocumentTooLarge(limit="ids", most=MAX_IDS)


def canonical(
    element: etree._Element,
    inclusive_prefixes: Sequence[str] = (),
    *,
    exclusive: bool = True,
    with_comments: bool = False,
) -> bytes:
    """The canonical form (XML-EXC-C14N, or Canonical XML 1.0). Raises `CanonicalizationFailed`, also for nothing."""
    try:
        made = etree.tostring(
            element,
            method="c14n",
            exclusive=exclusive,
            with_comments=with_comments,
            with_tail=False,
            inclusive_ns_prefixes=list(inclusive_prefixes) or None,
        )
    except etree.LxmlError as fault:
        raise refusals.CanonicalizationFailed(reason=str(fault)[:200]) from None
    if not made:
        raise refusals.CanonicalizationFailed(reason="the canonical form is empty")
    return made


def detach(element: etree._Element) -> None:
    """Takes an element out of its tree and leaves the text behind it where it is."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)


def children(element: etree._Element) -> list[etree._Element]:
    """The child elements, comments left out."""
    return [child for child in element if child.tag.__class__ is str]


def child(element: etree._Element, tag: str) -> etree._Element | None:
    """The first child element with this tag."""
    return element.find(tag)


def text(element: etree._Element) -> str:
    """All text of an element that may hold nothing but text: comments split nothing (SAML-17, VU#475445).

    Raises `AssertionMalformed` if there is an element inside.
    """
    if not len(element):
        return element.text or ""
    if children(element):
        raise refusals.AssertionMalformed(element=local(element), reason="elements where only text may stand")
    return full_text(element)


def full_text(element: etree._Element) -> str:
    """All text of an element and of the elements in it, in document order, without comments."""
    if not len(element):
        return element.text or ""
    return "".join(map(str, element.itertext()))  # lxml leaves the text of comments out


def local(element: etree._Element) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def instant(text: str) -> datetime:
    """An `xs:dateTime` in UTC; without a zone it is UTC (core 1.3.3). Raises `TimeInvalid`."""
    found = _INSTANT.fullmatch(text.strip(" \t\r\n"))
    if found is None:
        raise refusals.TimeInvalid(received=text[:64])
    year, month, day, hour, minute, second, fraction, sign, zone_hours, zone_minutes = found.groups()
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second),
            int((fraction or "0")[:6].ljust(6, "0")),
            tzinfo=UTC if sign is None else _zone(sign, zone_hours, zone_minutes),
        )
        return moment if sign is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refusals.TimeInvalid(received=text[:64]) from None


def _zone(sign: str, hours: str, minutes: str) -> timezone:
    if int(hours) > 14 or int(minutes) > 59:
        raise ValueError("an offset beyond fourteen hours")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def shown(moment: datetime) -> str:
    """A moment as SAML writes it: UTC, to the millisecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
