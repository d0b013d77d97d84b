"""GET /t/{token}: one sign-in for somebody without an account, without the person in it."""

from __future__ import annotations

from latchstring.flows import trace_links
from latchstring.flows.house import House
from latchstring.web.kit import pages, test_results
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask


def shown(house: House, ask: Ask) -> Reply:
    """No search engine keeps it, and no page that it leads to hears where one came from."""
    link, found = trace_links.follow(house, ask.params["token"], _)
    return pages.render(
        house,
        "shared_trace.html",
        headers=((b"x-robots-tag", b"noindex, nofollow"),),
        forms_stay_here=True,
        trace=found,
        began=found.sign_in.attempt.created_at,
        outcome={"outcome": found.sign_in.outcome, "is_test": found.sign_in.attempt.is_test},
        connection=found.sign_in.connection_name,
        organization=found.sign_in.organization_name,
        expires_at=link.expires_at,
        menders=test_results.menders(),
    )
