"""`Departure` -> reply: a redirect, or a page with a form that posts itself (and has a button where it cannot)."""

from __future__ import annotations

from urllib.parse import urlsplit

from latchstring.adapters.base import Departure, Redirect
from latchstring.flows.house import House
from latchstring.web.kit import brand, pages
from latchstring.web.kit.message import Header, Inbound, Reply, redirect


def reply(
    house: House, departure: Departure, headers: tuple[Header, ...] = (), *, inbound: Inbound | None = None
) -> Reply:
    if isinstance(departure, Redirect):
        return redirect(departure.url, headers=headers)
    return pages.render(
        house,
        "hand_off.html",
        branding=brand.of(house, inbound) if inbound is not None else None,
        headers=headers,
        url=departure.url,
        fields=dict(departure.fields),
        destination_host=urlsplit(departure.url).hostname or "",
    )
