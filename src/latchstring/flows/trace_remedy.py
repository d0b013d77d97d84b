"""What helps against a refusal: who can mend it, how, and how in the menu words of this provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from latchstring import guides
from latchstring.flows import kept_refusals
from latchstring.model.attempt import AttemptExpired
from latchstring.model.refusal import Mender
from latchstring.model.sign_in import SignIn

STAYS_AWAY = (
    "Nothing came back from the identity provider. If the person saw an error there, the account is most often not "
    "assigned to the application."
)
_OF_NOBODY_ASSIGNED = ("idp_refused", "provider_denied")  # SAML, OpenID Connect


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """Why it was refused, and what helps."""

    code: str
    message: str
    mender: Mender
    fix: str
    there: str | None  # the same in the menu words of this provider; None: nothing is known
    also: tuple[str, ...] = ()  # what else it may be, where the refusal itself cannot know


def of(
    facts: Mapping[str, Any],
    connection_type: str,
    say: Callable[[str], str] = str,
    seen: Callable[[str], str] = str,
) -> Remedy:
    """Of `story.refused_facts`. `seen` takes out of the message what whoever looks may not see."""
    code = str(facts.get("code") or "")
    return Remedy(
        code=code,
        message=seen(message(facts, say)),
        mender=Mender(facts.get("mender") or Mender.OPERATOR.value),
        fix=say(str(facts.get("fix") or "")),
        there=guides.fix(code, connection_type, say),
    )


def message(facts: Mapping[str, Any], say: Callable[[str], str]) -> str:
    """What was wrong, in the language of the reader."""
    kept = str(facts.get("message") or "")
    return kept_refusals.message(str(facts.get("code") or ""), facts.get("facts") or {}, kept, say)


def of_sign_in(
    sign_in: SignIn,
    facts: Mapping[str, Any],
    say: Callable[[str], str],
    seen: Callable[[str], str],
) -> Remedy:
    """The same, of one that was refused; for one that nobody came back of, what most often keeps people there."""
    remedy = of({"code": sign_in.refusal, **facts}, sign_in.connection_type, say, seen)
    if remedy.code != AttemptExpired.code or any(step.name == "arrived" for step in sign_in.attempt.steps):
        return remedy
    also = (say(STAYS_AWAY),)
    return msgspec.structs.replace(remedy, there=not_assigned(sign_in.connection_type, say), also=also)


def not_assigned(connection_type: str, say: Callable[[str], str]) -> str | None:
    """How a person is let in at this provider; None: nothing is known."""
    told = (guides.fix(code, connection_type, say) for code in _OF_NOBODY_ASSIGNED)
    return next(filter(None, told), None)
