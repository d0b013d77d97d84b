"""Outcomes -> a table for people, JSON for programs, and the sentence at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from latchstring.attacks.outcome import Outcome

HEAD = ("", "attack", "id", "what it tries", "answer")


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The figures that count."""

    attacks: int
    accepted: int  # attacks that came through: 0, or there is a hole
    other_check: int  # refused, but not by the check that is meant to refuse them
    controls: int
    controls_refused: int

    @property
    def good(self) -> bool:
        return not (self.accepted or self.other_check or self.controls_refused)


def summary(outcomes: Sequence[Outcome]) -> Summary:
    attacks = [each for each in outcomes if each.expected is not None]
    controls = [each for each in outcomes if each.expected is None]
    return Summary(
        attacks=len(attacks),
        accepted=sum(each.verdict.accepted for each in attacks),
        other_check=sum(bool(each.wrong) and not each.verdict.accepted for each in attacks),
        controls=len(controls),
        controls_refused=sum(bool(each.wrong) for each in controls),
    )


def row(outcome: Outcome) -> tuple[str, ...]:
    """A line of the table under `HEAD`; the first cell marks what is wrong."""
    answer = outcome.verdict.words
    if outcome.wrong and not outcome.verdict.accepted:
        answer = f"{answer} ({outcome.wrong})"
    return ("!!" if outcome.wrong else "", outcome.name, outcome.requirement, outcome.tries, _printable(answer))


def sentence(found: Summary) -> str:
    """For the last line."""
    words = [f"{found.attacks} attacks: {found.accepted} accepted"]
    if found.other_check:
        words.append(f"{found.other_check} refused by another check than the one that is meant to")
    accepted = found.controls - found.controls_refused
    words.append(f"{found.controls} unusual but valid answers: {accepted} accepted")
    return "; ".join(words) + "."


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The whole report, stable."""
    found = summary(outcomes)
    return {
        "good": found.good,
        **msgspec.structs.asdict(found),
        "outcomes": [
            {
                "protocol": each.protocol,
                "name": each.name,
                "requirement": each.requirement,
                "tries": each.tries,
                "control": each.expected is None,
                "expected": each.expected,
                "accepted": each.verdict.accepted,
                "code": each.verdict.code,
                "status": each.verdict.status,
                "wrong": each.wrong or None,
            }
            for each in outcomes
        ],
    }


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
