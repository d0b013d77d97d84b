"""`Attack`: a row of a catalogue; `Verdict`: what the other side answered; `Outcome`: whether that was right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Generic, Literal, TypeVar

import msgspec

S = TypeVar("S")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an answer of an identity provider. Accepted: the application got a code, good for `profile`."""

    accepted: bool
    code: str | None = None  # of the refusal; None where it is accepted, or where the answer names none
    status: int = 0  # of HTTP
    profile: Mapping[str, Any] | None = None  # who signed in, where the code was redeemed
    note: str = ""  # accepted, and yet not as it should be: in words

    @property
    def words(self) -> str:
        if self.accepted:
            who = (self.profile or {}).get("email")
            return f"ACCEPTED as {who}" if who else "ACCEPTED"
        return self.code or f"no code, HTTP {self.status}"


class Attack(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """One named attack; or a control, unusual but valid, which must be accepted. `S` is the scene it plays in."""

    name: str
    requirement: str  # SAML-11, OIDC-03, ...
    tries: str  # a few words for people
    expected: str | None  # the code that is meant to refuse it; None: a control
    play: Callable[[S], Verdict]

    @property
    def control(self) -> bool:
        return self.expected is None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """An attack that was fired. `wrong` is empty if what should happen happened."""

    protocol: Literal["saml", "oidc"]
    name: str
    requirement: str
    tries: str
    expected: str | None
    verdict: Verdict
    wrong: str = ""


def fire(protocol: Literal["saml", "oidc"], attack: Attack[S], scene: S) -> Outcome:
    """Plays the attack and judges what came of it."""
    verdict = attack.play(scene)
    return Outcome(
        protocol=protocol,
        name=attack.name,
        requirement=attack.requirement,
        tries=attack.tries,
        expected=attack.expected,
        verdict=verdict,
        wrong=_wrong(attack, verdict),
    )


def _wrong(attack: Attack[S], verdict: Verdict) -> str:
    if attack.control:
        return verdict.note if verdict.accepted else "should be accepted"
    if verdict.accepted:
        return "accepted"
    return "" if verdict.code == attack.expected else f"should be refused with {attack.expected}"


def chosen(attacks: Iterable[Attack[S]], pattern: str | None) -> tuple[Attack[S], ...]:
    """The attacks whose name or requirement fits, with * and ? as in a shell; None: all."""
    if pattern is None:
        return tuple(attacks)
    return tuple(
        attack
        for attack in attacks
        if fnmatchcase(attack.name, pattern) or fnmatchcase(attack.requirement, pattern.upper())
    )
