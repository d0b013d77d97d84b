"""Style sheets name logical sides only, so that pages can be read from the right."""

from __future__ import annotations

import re

import pytest

from tests.house.sentences import SOURCE

_SIDED = re.compile(
    r"""(?<![\w-])(
        (?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*
        | left | right | (?:float|clear)(?=\s*:\s*(?:left|right)) | text-align(?=\s*:\s*(?:left|right))
        | border-(?:top|bottom)-(?:left|right)-radius
    )\s*:""",
    re.VERBOSE,
)
_FOUR = re.compile(r"(?<![\w-])(?:margin|padding|inset|border-(?:width|style|color))\s*:\s*([^;}]+)")
_SHADOW = re.compile(r"box-shadow\s*:\s*inset\s+(-?[1-9][\d.]*\w+)")


def sided(css: str) -> list[str]:
    """What means left or right. A shadow inside that has a side is turned by `var(--forward)`."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = [match[0] for match in _SIDED.finditer(css)]
    for match in _FOUR.finditer(css):
        values = re.findall(r"(?:[^\s(]|\([^)]*\))+", match[1])
        if len(values) == 4 and values[1] != values[3]:
            found.append(match[0])
    return found + [match[0] for match in _SHADOW.finditer(css)]


def test_style_sheets_know_start_and_end_but_not_left_and_right() -> None:
    sheets = sorted((SOURCE / "web" / "assets").glob("*.css"))
    assert sheets
    assert {path.name: sided(path.read_text(encoding="utf-8")) for path in sheets} == {path.name: [] for path in sheets}


@pytest.mark.parametrize(
    "css",
    [
        "a { left: 0 }",
        "a{margin-left:1px}",
        "a { border-right-color: red; }",
        "a { text-align: right; }",
        "a { padding: 0 1px 0 calc(2px + 3px); }",
        "a { box-shadow: inset 3px 0 0 red; }",
        "a { border-top-left-radius: 2px }",
    ],
)
def test_a_side_is_found(css: str) -> None:
    assert sided(css)


@pytest.mark.parametrize("css", ["a { margin: 0 4px 1px 4px }", "a { inset-inline-start: 0; text-align: start }"])
def test_what_has_no_side_is_not_found(css: str) -> None:
    assert sided(css) == []
