"""What is public is documented, and what the documents show can be run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from latchstring.app import doors
from latchstring.effects import settings

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_every_route_is_in_the_api_page() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    roots = {
        "/" + route.path.split("/")[1] for door in doors(development=False) for route in door.routes if not route.hidden
    }
    assert [root for root in sorted(roots) if root not in page and root not in ("/openapi.json", "/test-idp")] == []


def test_every_setting_is_in_the_configuration_page() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    source = Path(settings.__file__).read_text(encoding="utf-8")
    names = set(re.findall(r"LATCHSTRING_[A-Z_]+", source))
    assert names and [name for name in sorted(names) if name not in page] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_snippets_are_python(path: Path) -> None:
    for language, _, code in _FENCE.findall(path.read_text(encoding="utf-8")):
        if language == "python":
            compile(code, str(path), "exec")


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
