"""The branding of a page that somebody sees while they sign in, and its two files: a style sheet and a logo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring.flows import branding as flow
from latchstring.flows.house import House
from latchstring.model.branding import Branding
from latchstring.model.refusal import InvalidRequest
from latchstring.protocols import brand_colour
from latchstring.web.kit import decode
from latchstring.web.kit.message import Inbound, Reply
from latchstring.web.kit.route import Ask, Route

_FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")  # its own hash stands in its address


def of(house: House, inbound: Inbound) -> dict[str, Any] | None:
    """For the templates; None where the environment has none, or is not known."""
    named = _named(inbound)
    signs_out = inbound.path.startswith("/sso/logout")
    token = (named.get("token") or named.get("handle")) if signs_out else None
    found = flow.of_request(house, inbound.path, named.get("client_id"), token)
    if found is None:
        return None
    return shown(*found)


def _named(inbound: Inbound) -> Mapping[str, str]:
    """What the query names once. What cannot be read is refused already, and its page has no looks of anybody's."""
    try:
        return decode.singles(decode.pairs(inbound.query)) if inbound.query else {}
    except InvalidRequest:
        return {}


def shown(client_id: str, branding: Branding) -> dict[str, Any]:
    accent = branding.accent
    return {
        "application": branding.application,
        "support": branding.support,
        "style_url": f"/branding/style/{accent.removeprefix('#')}.css" if accent else None,
        "logo_url": f"/branding/logo/{client_id}/{branding.logo}" if branding.logo else None,
        "dark_logo_url": f"/branding/logo/{client_id}/{branding.dark_logo}" if branding.dark_logo else None,
    }


def _style(_house: House, ask: Ask) -> Reply:
    """Made of the colour in the address alone, so that nothing has to be looked up."""
    colour = brand_colour.colour(ask.params["name"].removesuffix(".css"))
    if colour is None or ask.params["name"] != f"{colour.removeprefix('#')}.css":
        return Reply(status=404)
    text = f".button.primary {{ background: {colour}; color: {brand_colour.text_on(colour)}; }}\n"
    return Reply(
        headers=((b"content-type", b"text/css; charset=utf-8"), (b"cache-control", b"public, max-age=3600")),
        body=text.encode(),
    )


def _logo(house: House, ask: Ask) -> Reply:
    """As the picture that it was looked at for, and as nothing else (nosniff stands on every answer)."""
    found = flow.logo(house, ask.params["client_id"], ask.params["digest"])
    if found is None:
        return Reply(status=404)
    return Reply(
        headers=(
            (b"content-type", found.kind.encode()),
            (b"content-security-policy", b"default-src 'none'; sandbox"),
            _FOR_EVER,
        ),
        body=found.data,
    )


FILES = (
    Route(method="GET", path="/branding/style/{name}", handler=_style, summary="An accent colour", hidden=True),
    Route(method="GET", path="/branding/logo/{client_id}/{digest}", handler=_logo, summary="A logo", hidden=True),
)
