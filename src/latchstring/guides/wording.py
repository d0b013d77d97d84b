"""A guide in another language: the sentences of ours that stand in it, said anew; menu words and values stay.

Whatever a guide says in sentences of its own goes through `told`; the catalogues are gathered by it too, so that what
it passes to `say` is translated, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from latchstring.guides import Guide, remedies
from latchstring.guides.exchange import Step, Trouble

# Where a value comes from, in words of ours. What else stands in `[sends]` are the provider's own.
_SOURCES = frozenset(
    {
        "ADP's own identifier of the person",
        "Clever's own identifier of the person",
        "Group attribute: values mapped to user groups",
        "Groups claim, if you want it",
        "Login.gov's own identifier of the person",
        "a user id that stays the same",
        "an identifier that never changes",
        "attribute “family_name”, for proofed identities",
        "attribute “given_name”, for proofed identities",
        "automatic",
        "e-mail address",
        "e-mail address, where the district shares it",
        "email address",
        "family name",
        "first name",
        "firstName of the upstream IdP",
        "given name",
        "group claim, values are object GUIDs unless another source attribute is picked",
        "group mapping",
        "group names (optional)",
        "group names, one value each",
        "groups (JSONata when nested)",
        "groups, where a connection of yours has them",
        "immutable user id",
        "last name",
        "lastName of the upstream IdP",
        "sent automatically",
        "sent by default",
        "sent by default (directory object GUID)",
        "transform rule (travels as Subject NameID)",
    }
)


def told(guide: Guide, say: Callable[[str], str]) -> Guide:
    """`say` puts one sentence, or one paragraph, into the other language. Fixes are said by `guides.fix`."""
    return msgspec.structs.replace(
        guide,
        steps=tuple(_step(step, say) for step in guide.steps),
        quirks=tuple(map(say, guide.quirks)),
        errors=tuple(Trouble(says=one.says, fix=say(one.fix)) for one in guide.errors),
        body=_paragraphs(guide.body, say),
        sends=sends(guide, say),
    )


def sends(guide: Guide, say: Callable[[str], str]) -> dict[str, str]:
    """The attributes to be sent, and where the value of each comes from."""
    return {name: say(source) if source in _SOURCES else source for name, source in guide.sends.items()}


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
