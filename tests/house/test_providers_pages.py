"""docs/providers/ is what the guides say, and every link in it leads somewhere."""

from __future__ import annotations

import re

import pytest

from tests.house.providers_pages import DRAWINGS, FOLDER, described, file, pages

AGAIN = "write them anew: python -m tests.house.providers_pages"


def test_the_pages_of_providers_are_what_the_guides_say() -> None:
    wanted = pages()
    there = [*FOLDER.glob("*"), *FOLDER.glob(f"{DRAWINGS}/*")]
    assert {str(path.relative_to(FOLDER)) for path in there if path.is_file()} == set(wanted), AGAIN
    assert [name for name, text in wanted.items() if (FOLDER / name).read_text(encoding="utf-8") != text] == [], AGAIN


def test_the_index_has_every_page() -> None:
    index = pages()["README.md"]
    assert [entry.type for entry in described() if f"]({file(entry)}.md)" not in index] == []


@pytest.mark.parametrize("name", [name for name in pages() if name.endswith(".md")])
def test_links_within_the_documentation_lead_somewhere(name: str) -> None:
    text = pages()[name]
    for link in re.findall(r"\]\(([^)]+)\)", text):
        address, _, part = link.partition("#")
        if not address.startswith("https://"):
            assert (FOLDER / address).is_file(), link
            assert not part or f"\n## {part}\n" in (FOLDER / address).read_text(encoding="utf-8"), link
    assert "WorkOS" not in text
