"""The portal's table: every page with the intents whose links open it, each module's own pages at its end."""

from __future__ import annotations

from latchstring.web.portal import (
    attributes,
    certificate,
    connection,
    details,
    domains,
    done,
    guide,
    providers,
    reset,
    sign_ins,
    start,
    test,
)
from latchstring.web.portal.guard import OpenPortalPage, PortalPage

PAGES: tuple[PortalPage | OpenPortalPage, ...] = (
    *start.PAGES,
    *domains.PAGES,
    *providers.PAGES,
    *guide.PAGES,
    *details.PAGES,
    *attributes.PAGES,
    *test.PAGES,
    *done.PAGES,
    *connection.PAGES,
    *sign_ins.PAGES,
    *certificate.PAGES,
    *reset.PAGES,
)
