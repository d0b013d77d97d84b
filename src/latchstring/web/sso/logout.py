"""Signing out: POST /sso/logout/authorize and GET /sso/logout, SAML Single Logout, and the ways back (contract 2.4)."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from latchstring.adapters import saml_logout
from latchstring.adapters.saml_logout import LogoutArrival
from latchstring.flows import idp_logout
from latchstring.flows import logout as flow
from latchstring.flows.house import House
from latchstring.flows.logout import SignedOut
from latchstring.web.kit import brand, caller, decode, departure, pages
from latchstring.web.kit.message import Header, Inbound, Reply, as_json, empty, redirect
from latchstring.web.kit.route import Ask, Parameter
from latchstring.web.sso import browser


class LogoutBody(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs out."""

    profile_id: str


class LogoutShape(msgspec.Struct, kw_only=True):
    """Where to send the browser; the token in it is good for five minutes and one use."""

    logout_url: str
    logout_token: str


PARAMETERS = (
    Parameter(name="token", about="From POST /sso/logout/authorize.", required=True),
    Parameter(name="return_to", about="Where to go in the end: a registered redirect URI, or the logout URI."),
)
FRONT_CHANNEL = (
    Parameter(name="iss", about="The provider (OpenID Connect Front-Channel Logout 1.0)."),
    Parameter(name="sid", about="The session that ends."),
)


def authorize(house: House, ask: Ask) -> Reply:
    body: LogoutBody = ask.body
    token = flow.authorize(house, ask.caller, body.profile_id)
    return as_json({"logout_url": f"{house.base_url}/sso/logout?token={quote(token)}", "logout_token": token})


def leave(house: House, ask: Ask) -> Reply:
    fields = decode.singles(decode.pairs(ask.inbound.query))
    token, return_to = fields.get("token", ""), fields.get("return_to")
    if ask.inbound.method == "HEAD":
        flow.examine(house, token, return_to=return_to)  # link checkers ask like this; nothing ends
        return empty(200)
    left = flow.leave(house, token, return_to=return_to, visitor=caller.visitor(ask.inbound))
    if isinstance(left, SignedOut):
        return _signed_out(house, ask.inbound, left)
    cookie = browser.hold(house, left.handle, left.browser_secret)
    return departure.reply(house, left.departure, cookie, inbound=ask.inbound)


def by_redirect(house: House, ask: Ask) -> Reply:
    """The HTTP-Redirect binding: the signature covers the query as it was sent, so it is read raw (SAML-43)."""
    flow.saml_door(house, ask.params["external_key"])
    return _arrived(house, ask, saml_logout.receive_query(ask.inbound.query))


def by_post(house: House, ask: Ask) -> Reply:
    flow.saml_door(house, ask.params["external_key"])
    return _arrived(house, ask, saml_logout.receive_form(decode.singles(decode.pairs(ask.inbound.body))))


def app_is_done(house: House, ask: Ask) -> Reply:
    """The application has cleared its cookies."""
    fields = decode.singles(decode.pairs(ask.inbound.query))
    return departure.reply(house, idp_logout.finish(house, fields.get("handle", "")))


def oidc_answered(house: House, ask: Ask) -> Reply:
    fields = decode.singles(decode.pairs(ask.inbound.query))
    secrets = browser.secrets(house, ask.inbound)
    key, state = ask.params["external_key"], fields.get("state", "")
    return _signed_out(house, ask.inbound, flow.oidc_answered(house, key, state, browser_secret=secrets))


def front_channel(house: House, ask: Ask) -> Reply:
    fields = decode.singles(decode.pairs(ask.inbound.query))
    url = idp_logout.front_channel(
        house,
        ask.params["external_key"],
        issuer=fields.get("iss"),
        sid=fields.get("sid"),
        visitor=caller.visitor(ask.inbound),
    )
    return _page(house, ask.inbound, "unheard") if url is None else redirect(url)


def _arrived(house: House, ask: Ask, arrival: LogoutArrival) -> Reply:
    key = ask.params["external_key"]
    if arrival.kind == "SAMLRequest":
        return departure.reply(house, idp_logout.receive(house, key, arrival, caller.visitor(ask.inbound)))
    secrets = browser.secrets(house, ask.inbound)
    return _signed_out(house, ask.inbound, flow.saml_answered(house, key, arrival, browser_secret=secrets))


def _signed_out(house: House, inbound: Inbound, end: SignedOut) -> Reply:
    headers = browser.drop(house, end.handle) if end.handle else ()
    if end.return_to is not None:
        return redirect(end.return_to, headers=headers)
    return _page(house, inbound, end.outcome, headers)


def _page(house: House, inbound: Inbound, outcome: str, headers: tuple[Header, ...] = ()) -> Reply:
    return pages.render(house, "signed_out.html", branding=brand.of(house, inbound), headers=headers, outcome=outcome)
