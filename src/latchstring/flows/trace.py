"""A sign-in as one value that explains itself: what happened, expected against received, who can mend it, and how.

Everything is in English, in short sentences; a page says them in its own language, and values stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

from latchstring import guides
from latchstring.flows import sign_ins, trace_checks, trace_differences, trace_further, trace_messages, trace_remedy
from latchstring.flows.house import House
from latchstring.flows.trace_checks import Check, Protocol
from latchstring.flows.trace_differences import Difference
from latchstring.flows.trace_further import Further
from latchstring.flows.trace_messages import Message
from latchstring.flows.trace_remedy import Remedy
from latchstring.model import ids
from latchstring.model.answer import Answer
from latchstring.model.attempt import TEST_ORIGIN, AttemptState, Step
from latchstring.model.environment import Pass
from latchstring.model.sign_in import Outcome, SignIn
from latchstring.model.sign_in_test import SILENCE
from latchstring.storage import sign_in_answers


class Sight(Enum):
    """How much whoever looks may see."""

    VALUES = "values"  # what was said of the person
    SHAPE = "shape"  # which attributes there were, and everything that is not about the person
    SHARED = "shared"  # the same, for somebody outside: without address and browser


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the time line."""

    at: datetime
    name: str
    label: str
    facts: tuple[tuple[str, str], ...] = ()
    checks: tuple[Check, ...] = ()


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """The whole story of one sign-in."""

    sign_in: SignIn
    reference: str
    protocol: Protocol
    provider: str  # the type in words: "Okta SAML"
    sentence: str
    sight: Sight
    email: str | None
    remedy: Remedy | None
    stays_away: tuple[str, ...]  # of one that is under way: what most often keeps people there, and what helps
    differences: tuple[Difference, ...]
    moments: tuple[Moment, ...]
    request: Message | None
    response: Message | None
    attributes: Mapping[str, tuple[str, ...]]  # without values where they are not to be seen
    proven: bool  # the attributes are: everything about them was checked
    kept: bool  # there is an answer, to be downloaded or run again


_STEPS = {
    "begun": "The application asked for a sign-in",
    "departed": "The browser was sent to the identity provider",
    "arrived": "The identity provider's answer came and was accepted",
    "granted": "The application got its code",
    "redeemed": "The application swapped the code for the profile",
    "refused": "The sign-in was refused",
    "tested": "The test ended",
}
_STEP_FACTS = {
    "redirect_uri": "Redirect URI",
    "made_by": "Test, made by",
    "ip_address": "IP address",
    "user_agent": "Browser",
    "to": "Address",
    "profile_id": "Profile",
    "mails": "Mails with this link",
}
_UNASKED = "The sign-in began at the identity provider"
_TEST = "The test was started"
_BY_MAIL = "The person opened a mailed link"
_REFUSED = "The sign-in was refused."
_NOBODY = "The test was successful. Nobody was signed in: a test gives the application no code."
_TESTED = "The test was good: a sign-in like this one would be let in."
_TOLD = {
    AttemptState.AWAY: "The browser is at the identity provider, and nothing has come back yet.",
    AttemptState.WAITING: "The identity provider's answer is good; the person is asked whether it is them.",
    AttemptState.GRANTED: "The person signed in, and the application has not fetched the profile yet.",
    AttemptState.DONE: "The person signed in, and the application has the profile.",
}
_SILENT = "The browser went to the identity provider, and nothing has come back for three minutes or more."
_STAYS_AWAY = (
    "If the person sees an error there, the account is most often not assigned to the application: then nothing ever "
    "comes back."
)
SENTENCES = (  # everything that is said here, for the catalogue
    *_STEPS.values(),
    *_STEP_FACTS.values(),
    *_TOLD.values(),
    *(_UNASKED, _TEST, _BY_MAIL, _REFUSED, _NOBODY, _TESTED, _SILENT, _STAYS_AWAY),
)
_ADDRESS = re.compile(r"[^\s@'\"<>]{1,64}@")
_ABOUT_THE_PERSON = frozenset({"ip_address", "user_agent"})


def of(house: House, pass_: Pass, named: str, sight: Sight, say: Callable[[str], str] = str) -> Trace:
    """`named` is an id or a reference; `say` puts our own sentences into another language.

    Raises `NotFound`.
    """
    sign_in = sign_ins.find(house, pass_, named)
    with house.database.read(pass_) as scope:
        answer = sign_in_answers.get(scope, house.vault, sign_in.id)
    further = trace_further.of(house, pass_, sign_in, answer)
    return _told(sign_in, answer, further, sight, say, house.now())


def _told(
    sign_in: SignIn,
    answer: Answer | None,
    further: Further,
    sight: Sight,
    say: Callable[[str], str],
    now: datetime,
) -> Trace:
    guide = guides.guide(sign_in.connection_type)
    protocol = _protocol(sign_in)
    facts = _refused_facts(sign_in)
    refused = sign_in.outcome is Outcome.REFUSED
    email = sign_in.email
    if sight is not Sight.VALUES and email:
        email = "…@" + email.rpartition("@")[2]
    seen = str if sight is Sight.VALUES else without_addresses
    said = trace_messages.attributes(protocol, answer)
    if sight is not Sight.VALUES:
        said = dict.fromkeys(said, ())
    teller = _Teller(sight=sight, say=say, seen=seen, connection_type=sign_in.connection_type, further=further)
    return Trace(
        sign_in=sign_in,
        reference=ids.reference(sign_in.id),
        protocol=protocol,
        provider=guide.name if guide else sign_in.connection_type,
        sentence=seen(_sentence(sign_in, facts, say, now)),
        sight=sight,
        email=email,
        remedy=trace_remedy.of_sign_in(sign_in, facts, say, seen) if refused else None,
        stays_away=_stays_away(sign_in, protocol, say),
        differences=trace_differences.of(facts, values=sight is Sight.VALUES, say=say) if refused else (),
        moments=tuple(_moment(step, protocol, teller) for step in sign_in.attempt.steps),
        request=trace_messages.request(protocol, _sent(sign_in)),
        response=_masked(trace_messages.response(protocol, answer, values=sight is Sight.VALUES), seen),
        attributes=said,
        proven=sign_in.outcome is Outcome.GOOD or sign_in.attempt.state is AttemptState.WAITING,
        kept=answer is not None,
    )


def _protocol(sign_in: SignIn) -> Protocol:
    guide = guides.guide(sign_in.connection_type)
    if guide is not None and guide.protocol in ("oidc", "oauth"):
        return "oidc" if guide.protocol == "oidc" else "oauth"
    if sign_in.connection_type == "MagicLink":
        return "magic_link"
    return "saml"


def in_short(
    sign_in: SignIn, say: Callable[[str], str], now: datetime, seen: Callable[[str], str] = str
) -> tuple[str, Remedy | None]:
    """What became of it in a sentence, and what helps where it was refused."""
    facts = _refused_facts(sign_in)
    remedy = trace_remedy.of_sign_in(sign_in, facts, say, seen) if sign_in.outcome is Outcome.REFUSED else None
    return seen(_sentence(sign_in, facts, say, now)), remedy


def _refused_facts(sign_in: SignIn) -> Mapping[str, Any]:
    last = sign_in.attempt.steps[-1] if sign_in.attempt.steps else None
    return last.facts if last is not None and last.name == "refused" else {}


def _sent(sign_in: SignIn) -> Mapping[str, Any]:
    return next((step.facts.get("sent", {}) for step in sign_in.attempt.steps if step.name == "departed"), {})


def _sentence(sign_in: SignIn, facts: Mapping[str, Any], say: Callable[[str], str], now: datetime) -> str:
    if sign_in.outcome is Outcome.REFUSED:
        return trace_remedy.message(facts, say) or say(_REFUSED)
    if sign_in.attempt.is_test and sign_in.attempt.state is AttemptState.DONE:
        return say(_NOBODY)
    if sign_in.attempt.is_test and sign_in.outcome is Outcome.GOOD:
        return say(_TESTED)
    if sign_in.attempt.state is AttemptState.AWAY and now - sign_in.attempt.created_at >= SILENCE:
        return say(_SILENT)
    return say(_TOLD[sign_in.attempt.state])


def without_addresses(text: str) -> str:
    """E-mail addresses stand in the messages of some refusals, and in what providers say about theirs."""
    return _ADDRESS.sub("…@", text)


def _masked(message: Message | None, seen: Callable[[str], str]) -> Message | None:
    """What stands outside of attributes, like a status message, names the person now and then."""
    if message is None:
        return None
    return msgspec.structs.replace(
        message,
        document=message.document and seen(message.document),
        parameters=tuple((name, seen(value)) for name, value in message.parameters),
    )


def _stays_away(sign_in: SignIn, protocol: Protocol, say: Callable[[str], str]) -> tuple[str, ...]:
    """Many a provider keeps whoever is not assigned on a page of its own: no answer tells of it, ever."""
    if sign_in.attempt.state is not AttemptState.AWAY or protocol == "magic_link":
        return ()
    there = trace_remedy.not_assigned(sign_in.connection_type, say)
    return (say(_STAYS_AWAY), *((there,) if there else ()))


class _Teller(msgspec.Struct, frozen=True, kw_only=True):
    """How the steps are told: to whom, in which language, and with what was found out besides."""

    sight: Sight
    say: Callable[[str], str]
    seen: Callable[[str], str]
    connection_type: str
    further: Further

    def informed(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        values = self.sight is Sight.VALUES
        return trace_checks.informed(
            checks, self.further, self.connection_type, values=values, say=self.say, seen=self.seen
        )


def _moment(step: Step, protocol: Protocol, teller: _Teller) -> Moment:
    say = teller.say
    label = _STEPS[step.name]
    checks: Sequence[Check] = ()
    if step.name == "begun" and step.facts.get("idp_initiated"):
        label = _UNASKED
    elif step.name == "begun" and step.facts.get("origin") == TEST_ORIGIN:
        label = _TEST
    elif step.name == "begun" and "magic_link" in step.facts:
        label = _BY_MAIL
    elif step.name in ("arrived", "tested"):
        checks = trace_checks.of_good(protocol, step.facts.get("checks", ()))
    elif step.name == "refused":
        checks = teller.informed(trace_checks.of_refused(protocol, step.facts))
    shown = tuple(
        (say(title), str(step.facts[name]))
        for name, title in _STEP_FACTS.items()
        if step.facts.get(name) is not None and not (teller.sight is Sight.SHARED and name in _ABOUT_THE_PERSON)
    )
    said = tuple(msgspec.structs.replace(check, label=say(check.label)) for check in checks)
    return Moment(at=step.at, name=step.name, label=say(label), facts=shown, checks=said)
