"""Where the browser goes in the end: the application's redirect URI, with a code or with an error."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from latchstring.flows.authorize import ReturnToApp
from latchstring.flows.house import House
from latchstring.flows.land import Landing
from latchstring.web.kit.message import Header, Reply, redirect

MAX_DESCRIPTION = 256  # characters (OIDC-19)


def with_code(landing: Landing, *, headers: tuple[Header, ...] = ()) -> Reply:
    return redirect(_url(landing.redirect_uri, {"code": landing.code}, landing.app_state), headers=headers)


def with_error(house: House, returned: ReturnToApp, *, headers: tuple[Header, ...] = ()) -> Reply:
    """`error` speaks WorkOS, `error_uri` names the exact reason and how to mend it (contract 2.1.2)."""
    refusal = returned.refusal
    parameters = {
        "error": refusal.public,
        "error_description": refusal.message[:MAX_DESCRIPTION],
        "error_uri": f"{house.base_url}/errors/{refusal.code}",
        **returned.parameters,
    }
    return redirect(_url(returned.redirect_uri, parameters, returned.app_state), headers=headers)


def _url(redirect_uri: str, parameters: dict[str, str], state: str | None) -> str:
    query = urlencode(parameters, quote_via=quote)
    if state is not None:
        query += "&state=" + quote(state, safe="", encoding="latin-1")  # byte for byte as it came
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"
