"""A guide for the page of one connection: its steps with our values in them, and what else is good to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

import msgspec
from markupsafe import Markup

from latchstring.guides import Guide, drawing, snippet, wording
from latchstring.guides.exchange import OURS, Step, Trouble
from latchstring.web.kit.language import _, later

# What `guides.drawing` says of a picture.
_SPOKEN = (
    later("The page “%(page)s” of %(window)s."),
    later("In the menu, “%(entry)s” is open."),
    later("Marked are %(fields)s."),
    later("Where it stands: %(page)s"),
)


class Given(Protocol):
    """A value that is pasted: a row of the page, whose macro is `ui.given`."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...


class Fetched(msgspec.Struct, frozen=True):
    """A value that is taken along: in the provider's words, and in ours."""

    name: str
    label: str
    where: str
    ours: str  # empty where it is the same


class Piece(msgspec.Struct, frozen=True):
    """A text to be pasted as a whole, with our values in it."""

    id: str  # within the page
    title: str
    language: str  # as people call it
    text: str


class StepRow(msgspec.Struct, frozen=True, kw_only=True):
    """What `ui.steps` shows."""

    title: str
    where: str
    text: str
    pastes: Sequence[Given] = ()
    fetches: Sequence[Fetched] = ()
    rows: Sequence[tuple[str, str]] = ()  # attributes to be entered: name, and where its value comes from
    snippets: Sequence[Piece] = ()
    picture: str = ""  # SVG


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What `ui.guide_about` shows below the steps."""

    product: str
    quirks: Sequence[str]
    errors: Sequence[Trouble]
    vendor_page: str
    verified_on: date | None
    verified_by: str | None


def steps(guide: Guide, given: Sequence[Given]) -> list[StepRow]:
    """In order; a step that is about values alone which there are not yet is left out."""
    values = {one.name: one for one in given}
    return [
        _row(guide, step, values, at)
        for at, step in enumerate(wording.told(guide, _).steps, start=1)
        if not step.copy or set(step.copy) & set(values)
    ]


def about(guide: Guide) -> About:
    told = wording.told(guide, _)
    return About(
        product=guide.name,
        quirks=told.quirks,
        errors=told.errors,
        vendor_page=guide.vendor_page,
        verified_on=guide.verified_on,
        verified_by=guide.verified_by,
    )


def _row(guide: Guide, step: Step, values: Mapping[str, Given], at: int) -> StepRow:
    return StepRow(
        title=step.title,
        where=step.where,
        text=step.text,
        pastes=[values[name] for name in step.copy if name in values],
        fetches=[_fetched(guide, name) for name in step.fetch],
        rows=list(wording.sends(guide, _).items()) if step.sends else [],
        snippets=_pieces(step, {name: one.value for name, one in values.items()}, at),
        picture=_picture(step, at),
    )


def _fetched(guide: Guide, name: str) -> Fetched:
    term = guide.fields[name]  # type: ignore[index]  # names of `want` have their terms
    ours = _(OURS[name])
    return Fetched(name, term.name, term.where, ours if ours != term.name else "")


def _pieces(step: Step, values: Mapping[str, str], at: int) -> list[Piece]:
    found = []
    for number, one in enumerate(step.snippets, start=1):
        text = snippet.filled(one, values)
        if text is not None:
            found.append(Piece(f"snippet-{at}-{number}", one.title, snippet.NAMES[one.language], text))
    return found


def _picture(step: Step, at: int) -> str:
    if step.drawing is None:
        return ""
    return Markup(drawing.svg(step.drawing, name=f"drawing-{at}", say=_))  # noqa: S704 - it escapes what it writes
