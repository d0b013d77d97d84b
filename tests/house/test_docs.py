"""What is public is documented, and what the documents show can be run."""

from __future__ import annotations

import re
from argparse import ArgumentParser, _SubParsersAction
from pathlib import Path

import pytest

from latchstring.app import doors
from latchstring.cli.main import parser
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


def test_every_option_of_environment_set_is_in_the_configuration_page() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    section = page.partition("## `latchstring environment set`\n")[2].partition("\n## ")[0]
    options = _options(parser(), "environment", "set") - _options(parser(), "environment", "show")
    assert "--logout-uri" in options
    assert set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE)) == options


def _options(found: ArgumentParser, *words: str) -> set[str]:
    """The long options of a command."""
    for word in words:
        (verbs,) = [action for action in found._actions if isinstance(action, _SubParsersAction)]
        found = verbs.choices[word]
    return {name for action in found._actions for name in action.option_strings if name.startswith("--")}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_snippets_are_python(path: Path) -> None:
    for language, _, code in _FENCE.findall(path.read_text(encoding="utf-8")):
        if language == "python":
            compile(code, str(path), "exec")


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
