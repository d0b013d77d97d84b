"""Every sentence that a page can say, with the places where it is said, and which languages have to know it.

A place is a file of the package, a macro of ui.html, or a refusal. A language that does not speak everywhere has to
know what is said in the places of `PORTAL_AND_SIGN_IN` (`web.kit.languages`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

import msgspec
from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

from latchstring import guides
from latchstring.guides import exchange, remedies, wording
from latchstring.model.refusal import (
    AssertionRefused,
    IdpFailed,
    LoginRefused,
    LogoutRefused,
    Mender,
    Refusal,
    Throttled,
    Unavailable,
    UntrustedRequest,
)
from latchstring.protocols import attribute_finding_words, redirect_uri_difference
from latchstring.web.dashboard.places import PLACES
from latchstring.web.kit.languages import Language
from tests.house.errors_page import refusals

SOURCE = Path(guides.__file__).parents[1]
TEMPLATES = SOURCE / "web" / "templates"
FOR_DEVELOPERS_OF_LATCHSTRING = {"dev_components.html"}  # shows components, and has no reader who could not read it
STEPS = "guides/steps"  # the place of what `wording.told` says

PORTAL_AND_SIGN_IN = re.compile(
    r"""(
        templates/(
            portal_\w+ | base | consent | error_code | hand_off | magic_link | not_found | shared_trace | sign_in_failed
            | sign_in_test | signed_out
        )\.html
        | web/(sso|portal|kit)/
        | adapters/ | protocols/(?!(invitation|trial)_mail)
        | guides/ | flows/(kept_|trace|portal)
        | refusal/of_the_sign_in
    )""",
    re.VERBOSE,
)
_OF_OPERATORS = re.compile(r"operator|second_factor|passkey|half_session|dashboard|\.cli\.|password|audit")
_KEYWORDS = ("_", "gettext", "later", "many", "ngettext")

Said = tuple[str, str | None]  # a sentence, and its plural if it has one


class Sentence(msgspec.Struct):
    several: str | None
    places: set[str]

    def concerns(self, language: Language) -> bool:
        return language.everywhere or any(PORTAL_AND_SIGN_IN.match(place) for place in self.places)


@cache
def gathered() -> Mapping[str, Sentence]:
    """Every sentence, in a stable order."""
    found: dict[str, Sentence] = {}
    for each in (_templates(), _calls(), _data()):
        for place, (one, several) in each:
            sentence = found.setdefault(one, Sentence(several, set()))
            sentence.several = several or sentence.several
            sentence.places.add(place)
    return dict(sorted(found.items()))


def _templates() -> Iterator[tuple[str, Said]]:
    options = {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "silent": "false"}
    macros = _used_macros()
    for path in sorted(TEMPLATES.glob("*.html")):
        if path.name in FOR_DEVELOPERS_OF_LATCHSTRING:
            continue
        at = _macro_lines(path) if path.name == "ui.html" else {}
        for line, _, said, _ in babel_extract(BytesIO(path.read_bytes()), list(_KEYWORDS), [], options):
            place = f"templates/{path.name}"
            if at:
                macro = max((start, name) for start, name in at.items() if start <= line)[1]
                place = "templates/base.html" if macro in macros else f"templates/ui.html/{macro}"
            yield from ((place, each) for each in _said(said))


def _macro_lines(path: Path) -> dict[int, str]:
    """Where each macro begins. A call over several lines counts from its first."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {at: found[1] for at, line in enumerate(lines, 1) if (found := re.match(r"{% macro (\w+)", line))}


@cache
def _used_macros() -> frozenset[str]:
    """Those of the pages around a sign-in and of the portal, with the macros that these call."""
    ui = (TEMPLATES / "ui.html").read_text(encoding="utf-8")
    bodies = dict(re.findall(r"{% macro (\w+)(.*?){%-? endmacro", ui, re.DOTALL))
    waiting: set[str] = set()
    for path in TEMPLATES.glob("*.html"):
        if PORTAL_AND_SIGN_IN.match(f"templates/{path.name}"):
            waiting |= set(re.findall(r"ui\.(\w+)\(", path.read_text(encoding="utf-8")))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= (set(re.findall(r"\b(\w+)\(", bodies.get(name, ""))) & set(bodies)) - found
    return frozenset(found)


def _calls() -> Iterator[tuple[str, Said]]:
    for path in sorted((SOURCE / "web").rglob("*.py")):
        for _, _, said, _ in extract_python(BytesIO(path.read_bytes()), dict.fromkeys(_KEYWORDS), [], {}):
            yield from ((_place(path), each) for each in _said(said))


def _place(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def _said(said: object) -> Iterator[Said]:
    """Nothing where the sentence is a variable: then it stands in a table."""
    texts = [text for text in (said if isinstance(said, tuple) else (said,)) if isinstance(text, str) and text]
    if len(texts) > 1:
        yield texts[0], texts[1]
    elif texts:
        yield texts[0], None


def _data() -> Iterator[tuple[str, Said]]:
    """What is a sentence because of where it stands."""
    for place, sentence in _tables():
        yield place, (sentence, None)


def _tables() -> Iterator[tuple[str, str]]:
    for kind in refusals():
        place = "refusal/of_the_sign_in" if _is_met_at_a_sign_in(kind) else "refusal/of_developers"
        yield from ((place, sentence) for sentence in (kind.meaning(), kind.fix) if sentence)
    for place_ in PLACES:
        yield from (("web/dashboard", words) for words in (place_.label, place_.group) if words)
    for words in (*remedies.SENTENCES.values(), *remedies.WITHOUT_PLACE.values(), remedies.APPLICATION):
        yield "guides/remedies.py", words
    for words in exchange.OURS.values():
        yield "guides/exchange.py", words
    for words in (*attribute_finding_words.MESSAGES.values(), *attribute_finding_words.FIXES.values()):
        yield "protocols/attribute_finding_words.py", words
    yield from (("protocols/redirect_uri_difference.py", words) for words in redirect_uri_difference.SENTENCES.values())
    for guide in guides.load().values():
        yield from (("guides/fixes", place.note) for place in guide.fixes.values() if place.note)
        yield from ((STEPS, words) for words in wording.sentences(guide))
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from ((_place(path), words) for words in (*_spoken_facts(tree), *_given_to_say(tree)))
        if re.match("flows/trace", _place(path)):
            yield from ((_place(path), words) for words in _words_of_traces(tree))


def _is_met_at_a_sign_in(kind: type[Refusal]) -> bool:
    """By somebody who signs in or out, or who sets up the identity provider; others are met by developers alone."""
    families = (AssertionRefused, IdpFailed, LoginRefused, LogoutRefused, Throttled, Unavailable, UntrustedRequest)
    of_operators = _OF_OPERATORS.search(kind.__module__) is not None
    return issubclass(kind, families) or (kind.mender in (Mender.IT_ADMIN, Mender.USER) and not of_operators)


def _spoken_facts(tree: ast.AST) -> Iterator[str]:
    """What is wrong with a field, and the reason that stands in a refusal's message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = {each.arg: each.value for each in node.keywords}
            spoken = [named.get("reason")]
            if isinstance(node.func, ast.Name) and node.func.id == "FieldError":
                spoken.append(named.get("message") or (node.args[2] if len(node.args) > 2 else None))
            for value in spoken:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value:
                    yield value.value


def _given_to_say(tree: ast.AST) -> Iterator[str]:
    """Below the doors, `say` is what `_` is in them: flows and protocols are given it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            yield from _literals(*node.args)


def _words_of_traces(tree: ast.Module) -> Iterator[str]:
    """In their files every text that begins with a capital letter is for readers; docstrings and letters are not."""
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    apart |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in apart else None
        if isinstance(text, str) and re.match("[A-Z]-?[a-z]+(?![A-Za-z])|[A-Z]+ [a-z]", text):
            yield text


def _literals(*nodes: ast.expr) -> Iterator[str]:
    yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
