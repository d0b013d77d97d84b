"""/passwordless/{token}/confirm: looking shows a page with one button; the button signs in.

Only the POST changes anything. Scanners of mail fetch links, and some look at them in a browser; they press no buttons.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from latchstring.flows import magic_link_confirm as flow
from latchstring.flows.authorize import ReturnToApp
from latchstring.flows.house import House
from latchstring.flows.magic_link_confirm import ConfirmedElsewhere
from latchstring.web.kit import brand, caller, pages
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask
from latchstring.web.sso import landing


def look(house: House, ask: Ask) -> Reply:
    token = ask.params["token"]
    try:
        prompt = flow.look(house, token, caller.visitor(ask.inbound), records=ask.inbound.method == "GET")
    except ReturnToApp as returned:
        return landing.with_error(house, returned)
    parts = urlsplit(prompt.place)
    return pages.render(
        house,
        "magic_link.html",
        branding=brand.of(house, ask.inbound),
        form_scheme=parts.scheme,
        action=f"/passwordless/{token}/confirm",
        application=prompt.application,
        place=parts.netloc,
        email=prompt.email,
    )


def confirm(house: House, ask: Ask) -> Reply:
    # Browsers say where a form stood (Fetch Metadata). The older ones that do not are let through: what could be done
    # to them is to sign them in as the attacker, which the application's own `state` stops as well.
    if ask.inbound.header(b"sec-fetch-site") not in (None, "same-origin"):
        raise ConfirmedElsewhere
    try:
        landed = flow.confirm(house, ask.params["token"], caller.visitor(ask.inbound))
    except ReturnToApp as returned:
        return landing.with_error(house, returned)
    return landing.with_code(landed)
