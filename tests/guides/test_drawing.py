"""Drawings of pages: well-formed, told in words, numbered, and without a style that a page would refuse."""

from __future__ import annotations

from xml.etree import ElementTree

import msgspec

from latchstring.guides.drawing import Drawing, Field, faults, marks, svg, told

SVG = "{http://www.w3.org/2000/svg}"
PAGE = Drawing(
    window="A <b> & c",
    page="Settings",
    menu=("Home", "Apps"),
    here="Apps",
    fields=(
        Field("Name"),
        Field("ACS “URL”", mark=True),
        Field("Format", "choice", "email", mark=True),
        Field("Sign", "check", mark=True),
        Field("Encrypt", "check", "off"),
        Field("Save & go", "button", mark=True),
    ),
)


def drawn(drawing: Drawing) -> ElementTree.Element:
    return ElementTree.fromstring(svg(drawing, name="d", alone=True))  # noqa: S314 - our own text


def words(root: ElementTree.Element, kind: str) -> list[str | None]:
    return [one.text for one in root.iter(f"{SVG}text") if one.get("class") == kind]


def test_every_word_stands_in_the_picture_as_it_is() -> None:
    root = drawn(PAGE)
    assert words(root, "label") == ["Name", "ACS “URL”", "Format", "Sign", "Encrypt", "Save & go"]
    assert words(root, "quiet") == ["A <b> & c", "Home", "email"] and words(root, "head") == ["Settings"]
    assert words(root, "on") == ["Apps", "1", "2", "3", "4"]
    assert len([one for one in root.iter(f"{SVG}path") if one.get("class") == "tick"]) == 1  # “Encrypt” is off


def test_it_is_told_to_those_who_do_not_see_it() -> None:
    root = drawn(PAGE)
    assert root.get("role") == "img"
    named = [root.find(f"{SVG}title"), root.find(f"{SVG}desc")]
    assert root.get("aria-labelledby") == " ".join(one.get("id", "") for one in named if one is not None)
    assert named[1] is not None and named[1].text == told(PAGE)
    assert told(PAGE) == (
        "The page “Settings” of A <b> & c. In the menu, “Apps” is open. "
        "Marked are 1: ACS “URL”; 2: Format = email; 3: Sign; 4: Save & go."
    )
    assert marks(PAGE) == ["ACS “URL”", "Format", "Sign", "Save & go"]


def test_within_a_page_it_has_no_style_of_its_own() -> None:
    assert "style" not in svg(PAGE, name="d") and "xmlns" not in svg(PAGE, name="d")
    assert svg(PAGE, name="d", alone=True).count("<style>") == 1


def test_everything_is_within_the_frame() -> None:
    for page in (PAGE, msgspec.structs.replace(PAGE, menu=tuple("abcdefghijklmnopqrs"), here="a")):
        root = drawn(page)
        *_, width, height = (int(number) for number in root.get("viewBox", "").split())
        for one in root.iter(f"{SVG}text"):
            assert 0 < int(one.get("x", "0")) < width and 0 < int(one.get("y", "0")) < height


def test_what_cannot_be_drawn_well_is_told() -> None:
    assert faults(PAGE) == []
    bad = Drawing("w", "p", (Field("x" * 57), Field("y" * 29, "button")), ("m" * 23,), "elsewhere")
    assert len(faults(bad)) == 5
