"""Help and usage: examples first, every verb explained, wrong words are exit code 2."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator

import pytest

from latchstring.cli.main import COMMANDS, parser
from tests.cli.program import run
from tests.real.child import BIN


def _parsers(
    found: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    yield words, found
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from _parsers(inner, (*words, name))


EVERY = dict(_parsers(parser()))


def test_all_commands_are_there() -> None:
    nouns = {
        "environment",
        "key",
        "redirect-uri",
        "organization",
        "domain",
        "connection",
        "certificate",
        "custom-attribute",
    }
    others = {"dev", "serve", "worker", "migrate", "explain", "attack", "provider", "attributes", "operator", "portal"}
    others |= {"logs", "audit"}
    assert {words[0] for words in EVERY if words} == others | nouns
    for noun in nouns:
        assert {"create", "list", "show", "delete"} <= {
            words[1] for words in EVERY if len(words) == 2 and words[0] == noun
        }


@pytest.mark.parametrize("name", COMMANDS)
def test_the_file_of_a_command_adds_this_one_alone(name: str) -> None:
    assert {words[0] for words, _ in _parsers(parser(name)) if words} == {name}


def test_a_server_starts_without_what_other_commands_need() -> None:
    looks = "import sys; from latchstring.cli.main import parser; from latchstring import app; parser('serve'); "
    looks += "print(*sorted(name for name in sys.modules if name.startswith('latchstring.')))"
    found = subprocess.run([sys.executable, "-c", looks], check=True, capture_output=True, text=True).stdout.split()
    assert "latchstring.cli.serve" in found and "latchstring.app" in found
    assert not [name for name in found if name.startswith(("latchstring.attacks", "latchstring.cli.attack"))]
    assert "latchstring.cli.connections" not in found and "sqlalchemy" not in found


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_help(words: tuple[str, ...]) -> None:
    text = EVERY[words].format_help()
    assert all(len(line) <= 120 for line in text.splitlines())
    if len(words) < 2:
        before_options = text.partition("options:")[0]
        assert "examples:" in before_options, text
        assert "latchstring" in before_options.partition("examples:")[2]
    else:
        assert "--json" in text and "--data" in text


@pytest.mark.parametrize(
    "words", [(), ("fly",), ("organization",), ("organization", "fly"), ("organization", "create")]
)
def test_wrong_usage(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert "usage:" in done.err


def test_version() -> None:
    assert run("--version").out.startswith("latchstring 0.")


def test_a_pipe_that_closes() -> None:
    with subprocess.Popen([BIN / "latchstring", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
