"""The door of the built-in application, in development alone: it signs in as any application would."""

from __future__ import annotations

from latchstring.web.demo import components, mail, pages
from latchstring.web.kit.refusals import answer
from latchstring.web.kit.route import Door, Route

ROUTES = tuple(
    Route(method="GET", path=path, handler=handler, summary=summary, hidden=True)
    for path, handler, summary in (
        ("/", pages.home, "The way to /try"),
        ("/try", pages.start, "Try a sign-in"),
        ("/dev/mail", mail.listed, "The mails that were not sent"),
        ("/dev/components", components.shown, "Every component in every state"),
        ("/callback", pages.callback, "The redirect URI of the built-in application"),
    )
)


def door() -> Door:
    return Door(routes=ROUTES, refuse=answer)
