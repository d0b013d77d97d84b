"""A page taken apart: elements with their attributes and text, forms with what they would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass
class Element:
    """One element and everything in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # of this element and those in it, in order

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def every(self, tag: str, **attributes: str) -> list[Element]:
        found = [] if self.tag != tag or not attributes.items() <= self.attributes.items() else [self]
        return found + [inner for child in self.children for inner in child.every(tag, **attributes)]

    def one(self, tag: str, **attributes: str) -> Element:
        found = self.every(tag, **attributes)
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]

    def by_id(self, id: str) -> Element:  # noqa: A002 - HTML's own word
        found = [element for element in self.all() if element.attributes.get("id") == id]
        assert len(found) == 1, (id, len(found))
        return found[0]

    def all(self) -> list[Element]:
        return [self] + [inner for child in self.children for inner in child.all()]

    def sends(self) -> dict[str, str]:
        """The fields of a form, without its buttons."""
        return {entry.attributes["name"]: entry.attributes.get("value", "") for entry in self.every("input")}

    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """Tags and names of attributes: what a value must never change."""
        return [(element.tag, tuple(element.attributes)) for element in self.all()]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> repeats an attribute: {attrs}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.words.append(data)


def read(page: str) -> Element:
    """The whole page. Fails where an element is not closed or an attribute is there twice."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], [element.tag for element in reader.open]
    return reader.root
