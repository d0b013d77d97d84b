"""GET /sso/authorize: the query -> flows.authorize -> the browser's departure to the identity provider."""

from __future__ import annotations

from latchstring.adapters.base import Redirect
from latchstring.flows import authorize as flow
from latchstring.flows.authorize import AuthorizeRequest, ReturnToApp
from latchstring.flows.house import House
from latchstring.web.kit import caller, decode, departure
from latchstring.web.kit.message import Inbound, Reply, as_json, empty
from latchstring.web.kit.route import Ask, Parameter
from latchstring.web.sso import browser, landing

_MANY = frozenset({"provider_scopes", "provider_query_params"})
_PLAIN = (
    "client_id redirect_uri response_type connection organization provider domain login_hint domain_hint nonce prompt "
    "code_challenge code_challenge_method".split()
)
_PKCE = frozenset({"code_challenge", "code_challenge_method"})
_SPELLINGS = {"connection": "connection_id", "organization": "organization_id"}  # one SDK's helper (contract 2.1)

PARAMETERS = (
    Parameter(name="client_id", about="The environment's Client ID.", required=True),
    Parameter(name="redirect_uri", about="A registered redirect URI; the default one if absent."),
    Parameter(name="response_type", about="`code`.", required=True),
    Parameter(name="connection", about="The connection's id. One of connection, organization, provider."),
    Parameter(name="organization", about="The organization's id. One of connection, organization, provider."),
    Parameter(name="provider", about="An OAuth provider. One of connection, organization, provider."),
    Parameter(name="state", about="Comes back byte for byte."),
    Parameter(name="login_hint", about="Who is expected to sign in."),
    Parameter(name="domain_hint", about="The domain of who is expected to sign in."),
    Parameter(name="provider_scopes", about="More scopes for OAuth and OpenID Connect.", many=True),
    Parameter(name="provider_query_params", about="More parameters for OAuth and OpenID Connect."),
    Parameter(name="nonce", about="Accepted for compatibility."),
    Parameter(name="prompt", about="`login` makes the identity provider ask again."),
    Parameter(name="code_challenge", about="PKCE (RFC 7636)."),
    Parameter(name="code_challenge_method", about="`S256`."),
)


def authorize(house: House, ask: Ask) -> Reply:
    request = _request(ask.inbound)
    try:
        if ask.inbound.method == "HEAD":
            flow.examine(house, request)  # link checkers ask like this; no sign-in begins
            return empty(200)
        begun = flow.authorize(house, request, caller.visitor(ask.inbound))
    except ReturnToApp as returned:
        return landing.with_error(house, returned)
    cookies = browser.bind(house, begun.attempt, begun.browser_secret)
    if isinstance(begun.departure, Redirect) and _is_program(ask.inbound):
        return as_json({"url": begun.departure.url}, headers=cookies)
    return departure.reply(house, begun.departure, cookies, inbound=ask.inbound)


def _request(inbound: Inbound) -> AuthorizeRequest:
    found = decode.pairs(inbound.query)
    values = decode.singles(found, many=_MANY)
    state = next((value for name, value in decode.pairs(inbound.query, encoding="latin-1") if name == "state"), None)
    for name, other in _SPELLINGS.items():
        if values.get(name) and values.get(other):
            raise decode.ParameterRepeated(name=name)
        values[name] = values.get(name) or values.get(other, "")
    return AuthorizeRequest(
        # One without a value counts as omitted (RFC 6749, 3.1); but an empty challenge is a broken one, never none.
        **{name: values[name] for name in _PLAIN if values.get(name) or (name in _PKCE and name in values)},
        state=state,
        provider_scopes=decode.listed(found, "provider_scopes"),
        provider_query_params=decode.mapped(found, "provider_query_params"),
    )


def _is_program(inbound: Inbound) -> bool:
    """A back end asks for the URL rather than being sent there (contract 2.1, success)."""
    if caller.bearer_tokens(inbound):
        return True
    return not inbound.wants_html and "application/json" in (inbound.header(b"accept") or "")
