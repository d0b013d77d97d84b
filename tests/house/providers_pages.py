"""Writes docs/providers/ from the guides themselves: `python -m tests.house.providers_pages`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from latchstring import guides
from latchstring.guides import Guide, drawing, remedies, snippet
from latchstring.guides.exchange import OURS, Step

FOLDER = Path(__file__).parents[2] / "docs" / "providers"
DRAWINGS = "drawings"

_INDEX = """# Identity providers

A guide for each identity provider: what to do there in its own menu words, the values to exchange, attributes, what is
unlike elsewhere, and errors with their fixes. The set-up page of a connection in the [Dashboard](../dashboard.md) shows
the same steps with the values of that connection filled in. Sign-in with accounts of Google, GitHub and the like is in
[OAuth providers](../oauth-providers.md). A provider without a guide is set up as
[Custom SAML](generic-saml.md) or [Custom OpenID Connect](generic-oidc.md).

Consoles change. Where yours looks different, the vendor's page is right; each guide names it, and the day on which it
was compared.

| Identity provider | Protocol | Checked | How |
| --- | --- | --- | --- |
"""
_HOW = {
    "run": "signed in with by the tests of this product",
    "documentation": "compared with the vendor's documentation",
    "others": "compared with what others published; the vendor's own pages were not at hand",
}
_PROTOCOLS = {"saml": "SAML 2.0", "oidc": "OpenID Connect"}


def pages() -> Mapping[str, str]:
    """Every file of the folder by its path in it."""
    found: dict[str, str] = {}
    rows = []
    for entry in described():
        name = file(entry)
        found[f"{name}.md"] = _page(entry)
        for number, picture in _pictures(entry):
            found[f"{DRAWINGS}/{name}-{number}.svg"] = drawing.svg(picture, name="drawing", alone=True) + "\n"
        protocol, how = _PROTOCOLS[entry.protocol], _HOW[entry.verified_by or "others"]
        rows.append(f"| [{_md(entry.name)}]({name}.md) | {protocol} | {entry.verified_on} | {how} |")
    found["README.md"] = _INDEX + "\n".join(sorted(rows, key=str.lower)) + "\n"
    return found


def described() -> list[Guide]:
    return [entry for entry in guides.load().values() if entry.protocol in _PROTOCOLS]


def file(entry: Guide) -> str:
    """The name of its page, which is that of its guide."""
    folder = Path(guides.__file__).parent
    return next(path.stem for path in folder.glob("*.md") if path.stem.replace("-", "") == entry.type.lower())


def _page(entry: Guide) -> str:
    parts = [entry.body.strip()]
    how = _HOW[entry.verified_by or "others"]
    parts.append(f"Checked on {entry.verified_on}: {how}. [The vendor's page]({entry.vendor_page}).")
    parts.append(
        "The set-up page of a connection shows the same steps with its values filled in. Names in braces, such as "
        f"`{{{entry.give[0]}}}`, stand for them here."
    )
    parts.append("## Values to exchange")
    parts.append(_values(entry, "Give it", entry.give))
    parts.append(_values(entry, "Bring back", entry.want))
    parts.append("## Set it up")
    for at, step in enumerate(entry.steps, start=1):
        parts += _step(entry, step, at)
    parts.append("## Attributes")
    parts.append("What a profile is made of, the first that arrives:")
    parts.append(_table(("Profile field", "Read from"), [(f"`{k}`", _codes(v)) for k, v in entry.attributes.items()]))
    parts.append("## Good to know")
    parts.append("\n".join(f"- {_md(one)}" for one in entry.quirks))
    if entry.errors:
        parts.append("## If it shows an error")
        parts.append(_table(("It says", "What to do"), [(_md(one.says), _md(one.fix)) for one in entry.errors]))
    if rows := list(_refusals(entry)):
        parts.append("## If a sign-in is refused here")
        parts.append(_table(("About", "What to do"), rows))
    return "\n\n".join(parts) + "\n"


def _values(entry: Guide, title: str, names: tuple[str, ...]) -> str:
    terms = {str(name): term for name, term in entry.fields.items()}
    rows = [(OURS[name], f"`{name}`", _md(terms[name].name), _md(terms[name].where) or "–") for name in names]
    return _table((title, "Name in the API", f"Its name in {remedies.product(entry.name)}", "Where"), rows)


def _step(entry: Guide, step: Step, at: int) -> Iterator[str]:
    terms = {str(name): term for name, term in entry.fields.items()}
    yield f"### {at}. {_md(step.title)}"
    if step.where:
        yield f"*{_md(step.where)}*"
    if step.text:
        yield _md(step.text)
    if step.drawing is not None:
        number = next(number for number, picture in _pictures(entry) if picture is step.drawing)
        alt = drawing.told(step.drawing).replace("[", "\\[").replace("]", "\\]")
        yield f"![{_md(alt)}]({DRAWINGS}/{file(entry)}-{number}.svg)"
    if step.copy:
        yield "\n".join(f"- Paste `{{{name}}}` as **{_md(terms[name].name)}**." for name in step.copy)
    if step.fetch:
        yield "\n".join(_taken(terms[name].name, OURS[name]) for name in step.fetch)
    for one in step.snippets:
        yield f"{_md(one.title)} ({snippet.NAMES[one.language]}):"
        yield f"```{one.language if one.language not in ('claims', 'text') else ''}\n{one.text.strip()}\n```"
    if step.sends:
        yield _table(("Attribute", "Comes from"), [(f"`{name}`", _md(value)) for name, value in entry.sends.items()])


def _taken(theirs: str, ours: str) -> str:
    return f"- Take along **{_md(theirs)}**{'' if theirs == ours else f', our “{ours}”'}."


def _pictures(entry: Guide) -> list[tuple[int, drawing.Drawing]]:
    return list(enumerate((step.drawing for step in entry.steps if step.drawing is not None), start=1))


def _refusals(entry: Guide) -> Iterator[tuple[str, str]]:
    for topic in entry.fixes:
        text = remedies.told(
            (topic,),
            product=remedies.product(entry.name),
            hosted_by=entry.hosted_by,
            places=entry.fixes,
            say=str,
        )
        yield f"[{topic}](../provider-fixes.md#{topic})", _md(text)


def _codes(values: tuple[str, ...]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines)


def _md(text: str) -> str:
    """Our text in Markdown: what is no code must not become a tag, emphasis or a formula."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*_$<\[\]])", r"\\\1", part) for part in parts)


def write() -> None:
    (FOLDER / DRAWINGS).mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in (*FOLDER.glob("*.md"), *FOLDER.glob(f"{DRAWINGS}/*.svg")):
        if str(path.relative_to(FOLDER)) not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
