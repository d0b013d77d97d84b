"""The door of the built-in Test IdP: a question who signs in, and a signed answer."""

from __future__ import annotations

from latchstring.web.kit.refusals import answer
from latchstring.web.kit.route import Door, Route
from latchstring.web.test_idp import pages

ROUTES = tuple(
    Route(method=method, path=path, handler=handler, summary=summary, hidden=True)
    for method, path, handler, summary in (
        ("GET", "/test-idp/sso", pages.by_redirect, "Who signs in?"),
        ("POST", "/test-idp/sso", pages.by_post, "Who signs in?"),
        ("GET", "/test-idp/start/{external_key}", pages.start, "Who signs in, unasked?"),
        ("POST", "/test-idp/answer", pages.answer, "Sign in or deny"),
        ("GET", "/test-idp/metadata", pages.metadata, "The Test IdP's SAML metadata"),
    )
)


def door() -> Door:
    return Door(routes=ROUTES, refuse=answer)
