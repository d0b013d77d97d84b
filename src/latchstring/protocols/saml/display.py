"""SAML documents for people: indented, without signature bytes, and, where values are not to be seen, without values.

Nothing is proven here. A document that is no XML is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from latchstring.protocols.saml import names, refusals, xml

MAX_SHOWN = 200_000  # characters
_BYTES = frozenset({"SignatureValue", "DigestValue", "X509Certificate", "CipherValue", "Modulus"})
_VALUES = frozenset({"AttributeValue", "NameID", "BaseID"})
HIDDEN = "(hidden)"


def pretty(document: bytes, *, values: bool, max_bytes: int = xml.MOST_BYTES) -> str:
    """`values`: whether attribute values and the name of the person are there."""
    root = _tree(document, max_bytes)
    if root is None:
        return document[:2_000].decode("utf-8", "replace") if values else "(This is no XML.)"
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = xml.local(element)
        if name in _BYTES and element.text:
            element.text = f"({len(''.join(element.text.split()))} characters)"
        elif not values and name in _VALUES:
            for part in list(element):
                element.remove(part)
            element.text = HIDDEN
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")[:MAX_SHOWN]


def attributes(document: bytes, *, max_bytes: int = xml.MOST_BYTES) -> Mapping[str, tuple[str, ...]]:
    """What stands there, by name; nothing of an encrypted assertion."""
    root = _tree(document, max_bytes)
    found: dict[str, tuple[str, ...]] = {}
    if root is None:
        return found
    for name_id in root.iter(names.NAME_ID):
        found["NameID"] = (xml.full_text(name_id)[:2_000],)
    for attribute in root.iter(names.ATTRIBUTE):
        values = tuple(xml.full_text(value)[:2_000] for value in xml.children(attribute))
        name = attribute.get("Name", "")[:500]
        found[name] = (*found.get(name, ()), *values)
    return found


def _tree(document: bytes, max_bytes: int) -> etree._Element | None:
    try:
        return xml.parse(document, max_bytes=max_bytes)
    except refusals.SamlRefused:
        return None
