"""A guide in another language: the sentences of ours that stand in it, said anew; menu words and values stay.

Whatever a guide says in sentences of its own goes through `told`; the catalogues are gathered by it too, so that what
it passes to `say` is translated, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from latchstring.guides import Guide, remedies
from latchstring.guides.exchange import Step, Trouble


def told(guide: Guide, say: Callable[[str], str]) -> Guide:
    """`say` puts one sentence, or one paragraph, into the other language. Fixes are said by `guides.fix`."""
    return msgspec.structs.replace(
        guide,
        steps=tuple(_step(step, say) for step in guide.steps),
        quirks=tuple(map(say, guide.quirks)),
        errors=tuple(Trouble(says=one.says, fix=say(one.fix)) for one in guide.errors),
        body=_paragraphs(guide.body, say),
    )


def sentences(guide: Guide) -> tuple[str, ...]:
    """Everything that `told` says, as it stands in the guide."""
    found: list[str] = []

    def heard(sentence: str) -> str:
        found.append(sentence)
        return sentence

    told(guide, heard)
    return tuple(found)


def _step(step: Step, say: Callable[[str], str]) -> Step:
    return msgspec.structs.replace(
        step,
        title=say(step.title),
        text=step.text and say(step.text),
        where=step.where.replace(remedies.APPLICATION, say(remedies.APPLICATION)),
        snippets=tuple(msgspec.structs.replace(one, title=_title(one.title, say)) for one in step.snippets),
    )


def _title(title: str, say: Callable[[str], str]) -> str:
    """Of a text to paste: a name of a file stays as it is."""
    return say(title) if " " in title else title


def _paragraphs(body: str, say: Callable[[str], str]) -> str:
    """Each paragraph is one sentence for the catalogues, whose lines are joined. Headings are names, and stay."""
    parts = [part for part in body.split("\n\n") if part.strip()]
    return "\n\n".join(part if part.startswith("#") else say(" ".join(part.split())) for part in parts)
