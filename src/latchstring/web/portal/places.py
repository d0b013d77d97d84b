"""The places of the portal: the steps of the walk in their order, and those for whoever comes back later."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from latchstring.model.portal import Intent, PortalProgress, Step
from latchstring.web.kit.language import _, later

HOME = "/portal"
_SSO = frozenset({Intent.SSO})
_DOMAINS = frozenset({Intent.SSO, Intent.DOMAIN_VERIFICATION})
_CERTIFICATES = frozenset({Intent.SSO, Intent.CERTIFICATE_RENEWAL})
EVERY = frozenset(Intent)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is what a page of it calls itself (`{% block place %}`)."""

    name: str
    label: str  # in English; said in the language of the page
    path: str
    intents: frozenset[Intent]  # whose links lead here
    step: Step | None = None  # of the walk; None: for later
    stands: bool = False  # whether its page is there: nothing leads to one that is not


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A step as its page's list of steps shows it."""

    name: str
    label: str
    number: int
    url: str | None  # None: not yet
    done: bool
    here: bool


WALK = (
    Place(
        name="domain",
        label=later("Domain"),
        path=f"{HOME}/domain",
        intents=_DOMAINS,
        step=Step.DOMAIN,
        stands=True,
    ),
    Place(
        name="provider",
        label=later("Identity provider"),
        path=f"{HOME}/provider",
        intents=_SSO,
        step=Step.PROVIDER,
        stands=True,
    ),
    Place(name="guide", label=later("Guide"), path=f"{HOME}/guide", intents=_SSO, step=Step.GUIDE, stands=True),
    Place(name="details", label=later("Details"), path=f"{HOME}/details", intents=_SSO, step=Step.DETAILS, stands=True),
    Place(
        name="attributes",
        label=later("Attributes"),
        path=f"{HOME}/attributes",
        intents=_SSO,
        step=Step.ATTRIBUTES,
        stands=True,
    ),
    Place(name="test", label=later("Test"), path=f"{HOME}/test", intents=_SSO, step=Step.TEST, stands=True),
    Place(name="done", label=later("Done"), path=f"{HOME}/done", intents=EVERY, step=Step.DONE, stands=True),
)
LATER = (
    Place(name="connection", label=later("Connection"), path=f"{HOME}/connection", intents=_CERTIFICATES, stands=True),
    Place(name="sign-ins", label=later("Sign-ins"), path=f"{HOME}/sign-ins", intents=_SSO, stands=True),
    Place(
        name="certificate", label=later("Certificate"), path=f"{HOME}/certificate", intents=_CERTIFICATES, stands=True
    ),
    Place(name="attributes", label=later("Attributes"), path=f"{HOME}/attributes", intents=_SSO, stands=True),
    Place(name="reset", label=later("Start over"), path=f"{HOME}/reset", intents=_SSO, stands=True),
)


def steps(intent: Intent) -> Sequence[Place]:
    """The walk of a link with this intent. Who renews a certificate walks nowhere."""
    if intent is Intent.CERTIFICATE_RENEWAL:
        return ()
    return [place for place in WALK if intent in place.intents]


def stages(intent: Intent, progress: PortalProgress, name: str) -> Sequence[Stage]:
    """For the list beside the page of that name: numbered, and links as far as somebody has come."""
    found = []
    for number, place in enumerate(steps(intent), 1):
        step = place.step or Step.START
        reached = step.number <= max(progress.step.number, 1)
        found.append(
            Stage(
                name=place.name,
                label=_(place.label),
                number=number,
                url=place.path if reached and place.stands else None,
                done=step.number < progress.step.number,
                here=place.name == name,
            )
        )
    return found


def later_places(intent: Intent) -> Sequence[Place]:
    """Where somebody goes who comes back to a connection that works."""
    return [place for place in LATER if intent in place.intents and place.stands]


def here(intent: Intent, progress: PortalProgress) -> str:
    """Where the walk goes on: the page of the step that is reached, or the next one that stands; else the start."""
    standing = [place for place in steps(intent) if place.stands]
    ahead = [place for place in standing if (place.step or Step.START).number >= progress.step.number]
    return (ahead or standing)[0].path if standing else HOME


def after(intent: Intent, name: str) -> str:
    """The page behind this one."""
    walk = steps(intent)
    position = next((number for number, place in enumerate(walk) if place.name == name), -1)
    return next((place.path for place in walk[position + 1 :] if place.stands), HOME)


def before(intent: Intent, name: str) -> str:
    """The page in front of this one."""
    walk = steps(intent)
    position = next((number for number, place in enumerate(walk) if place.name == name), 0)
    return next((place.path for place in reversed(walk[:position]) if place.stands), HOME)
