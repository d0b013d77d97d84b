"""What a refusal says to people, in the language of the page; the API, the log and the terminal say it in English."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment

from latchstring.flows import kept_refusals
from latchstring.model.refusal import (
    AssertionRefused,
    IdpFailed,
    LoginRefused,
    LogoutRefused,
    Mender,
    Refusal,
    Throttled,
    Unavailable,
)
from latchstring.web.kit.language import _, later

MENDERS = {  # to whoever reads up on it
    Mender.DEVELOPER: later("the developers of the application"),
    Mender.IT_ADMIN: later("the IT team of the organization, at its identity provider"),
    Mender.USER: later("the person who signs in"),
    Mender.OPERATOR: later("whoever runs this sign-in service"),
}
_TELL = {  # to the person whom it happened to; none of the words that the protocols have for it
    Mender.DEVELOPER: later(
        "Tell those who look after the application, with the reference: they can see what to change."
    ),
    Mender.IT_ADMIN: later("Ask your IT team to look at the reference: they can see what to change."),
    Mender.USER: later("Go back to the application and begin again. If it stays so, ask for help, with the reference."),
    Mender.OPERATOR: later("Try again in a while. If it stays so, ask for help, with the reference."),
}


def message(refusal: Refusal) -> str:
    """What is wrong. A fact that is a sentence of ours is translated too."""
    facts = {name: kept_refusals.fact(name, value, _) for name, value in refusal.facts.items()}
    return _(refusal.meaning()).format_map(facts)


def fix(refusal: Refusal) -> str:
    """How it is mended."""
    return _(refusal.fix)


def reach(kind: type[Refusal]) -> str:
    """How much fails until it is mended."""
    if issubclass(kind, LogoutRefused):
        return later("A sign-out fails; sign-ins go on.")
    if issubclass(kind, LoginRefused):
        if kind.mender is Mender.USER:
            return later("One sign-in fails; the next one can succeed.")
        return later("Sign-ins of this kind fail until it is mended.")
    if issubclass(kind, Unavailable):
        return later("Much or all fails until it is mended.")
    return later("One request or command fails, and nothing else.")


def plain(refusal: Refusal) -> str:
    """What happened, to somebody who only wanted to sign in or out."""
    if isinstance(refusal, Unavailable | Throttled):
        return message(refusal)
    if isinstance(refusal, IdpFailed):
        return _("Your organization's sign-in system did not answer as it should.")
    if isinstance(refusal, AssertionRefused | LogoutRefused) and refusal.mender is Mender.IT_ADMIN:
        return _("Your organization's sign-in system sent us something that we cannot accept.")
    if refusal.mender is Mender.USER:
        return _("It took too long, was done before, or did not begin in this browser.")
    if refusal.mender is Mender.DEVELOPER:
        return _("The application asked for it in a way that we cannot follow.")
    return _("The way to us is not set up as it should be.")


def advice(refusal: Refusal) -> str:
    """What the same person can do about it."""
    return _(_TELL[refusal.mender])


class Speaking(Environment):
    """Templates in which a refusal's message and fix are said in the language of the page."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Refusal):
            if attribute == "message":
                return message(obj)
            if attribute == "fix":
                return fix(obj)
        return super().getattr(obj, attribute)
