"""The house stays in order: floors, first lines, no pool of leftovers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
_FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc", "base_service"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_the_first_line_of_a_file_says_what_happens_in_it(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if not source.strip():
        pytest.fail("an empty file has no purpose")
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring and len(docstring.splitlines()[0]) > 20


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_a_file_is_one_room(path: Path) -> None:
    assert path.stem not in _FORBIDDEN_NAMES
    limit = 500 if "versions" in path.parts else 420
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


def test_the_login_path_loads_no_database_toolkit() -> None:
    code = (
        "import sys, latchstring.app; "
        "print([name for name in ('sqlalchemy', 'alembic', 'publicsuffixlist') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() in ("[]", "['publicsuffixlist']")


def test_saml_04_one_parser_reads_saml() -> None:
    for path in (ROOT / "src" / "latchstring" / "protocols" / "saml").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
            if alias.name != "xml.sax.saxutils"  # escapes what is written; reads nothing
        }
        assert not imported & {"xml", "xmltodict", "defusedxml", "signxml", "xmlsec", "bs4", "html"}, path.name


def test_nothing_names_a_package_registry() -> None:
    hosts = ("pypi" + ".org", "npmjs" + ".org", "python" + "hosted.org", "npmjs" + ".com")
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert not any(host in text for host in hosts), path.name
