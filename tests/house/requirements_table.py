"""Writes into SECURITY.md which test holds which requirement: `python -m tests.house.requirements_table`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.house.requirements import REQUIREMENTS

PAGE = Path(__file__).parents[2] / "SECURITY.md"
TESTS = Path(__file__).parents[1]

_BEGIN = "<!-- requirements: written by python -m tests.house.requirements_table -->"
_END = "<!-- end of requirements -->"
_NAME = re.compile(r"test_(saml|oidc|oauth|web)_(\d\d(?:_\d\d)*)_(\w+)")  # test_saml_06_07_...: it holds both

_HEAD = """## What is held, and by which test

The tests are named after the requirements: `test_oauth_05_a_code_...` holds OAUTH-05. The rest of the name is shown
here, behind the file in `tests/`.

| | requirement | held by |
|---|---|---|
"""


@cache
def holders() -> Mapping[str, list[tuple[str, str]]]:
    """Requirement -> (file, what the test's name says), in the order of files and of lines."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file, name in _tests():
        match = _NAME.fullmatch(name)
        if match is not None:
            group, numbers, sentence = match.groups()
            for number in numbers.split("_"):
                found.setdefault(f"{group.upper()}-{number}", []).append((file, sentence.replace("_", " ")))
    return found


def _tests() -> Iterator[tuple[str, str]]:
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path.relative_to(TESTS).as_posix(), node.name


def section() -> str:
    """The part of SECURITY.md between the two marks, with them."""
    held = holders()
    lines = []
    for requirement, sentence in REQUIREMENTS.items():
        by_file: dict[str, list[str]] = {}
        for file, words in held.get(requirement, []):
            by_file.setdefault(file, []).append(words)
        shown = "; ".join(f"`{file}`: {', '.join(words)}" for file, words in by_file.items())
        lines.append(f"| {requirement} | {sentence} | {shown} |\n")
    return f"{_BEGIN}\n{_HEAD}{''.join(lines)}{_END}"


def page(text: str) -> str:
    """`text` of SECURITY.md with the section as it should be; in front of the supported versions if there is none."""
    before, begin, rest = text.partition(_BEGIN)
    if begin:
        return before + section() + rest.partition(_END)[2]
    head, title, tail = text.partition("## Supported versions")
    return f"{head}{section()}\n\n{title}{tail}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
