"""The cookie that binds a sign-in to the browser that began it (WEB-02)."""

from __future__ import annotations

from latchstring.flows import consent
from latchstring.flows.house import House
from latchstring.model.attempt import LIFETIME, LoginAttempt
from latchstring.web.kit.message import Header, Inbound, cookie

# The identity provider's answer is a POST from another site: the cookie must be SameSite=None, which needs Secure.
_PREFIX = "__Host-ls_"
# On plain http (development) the __Host- prefix is refused by browsers, and some refuse Secure as well. There the
# secret travels twice, the second time as a Lax cookie, which reaches us whenever the provider is on our own site.
_PLAIN_PREFIX = "ls_"
_LAX_PREFIX = "ls_lax_"

_CONSENT = "latchstring_consent_"


def bind(house: House, attempt: LoginAttempt, secret: str) -> tuple[Header, ...]:
    return _cookies(house, attempt.handle, secret, int((attempt.expires_at - attempt.created_at).total_seconds()))


def forget(house: House, attempt: LoginAttempt) -> tuple[Header, ...]:
    return drop(house, attempt.handle)


def hold(house: House, handle: str, secret: str) -> tuple[Header, ...]:
    """The same for anything that comes back to this browser under a handle."""
    return _cookies(house, handle, secret, int(LIFETIME.total_seconds()))


def drop(house: House, handle: str) -> tuple[Header, ...]:
    return _cookies(house, handle, "", 0)


def secrets(house: House, inbound: Inbound) -> dict[str, str]:
    """Handle -> secret, for every sign-in that this browser has under way."""
    found: dict[str, str] = {}
    prefixes = (_PREFIX,) if _secure(house) else (_LAX_PREFIX, _PLAIN_PREFIX)
    for name, value in inbound.cookies().items():
        for prefix in prefixes:
            if name.startswith(prefix):
                found.setdefault(name[len(prefix) :], value)
                break
    return found


def remember(house: House, external_key: str, token: str) -> Header:
    """That the person of this browser has said yes; sent along with the provider's answer from another site."""
    prefix = "__Host-" if _secure(house) else ""
    seconds = int(consent.LIFETIME.total_seconds())
    return cookie(f"{prefix}{_CONSENT}{external_key}", token, max_age=seconds, same_site="None")


def consented(house: House, inbound: Inbound, external_key: str) -> str:
    prefix = "__Host-" if _secure(house) else ""
    return inbound.cookies().get(f"{prefix}{_CONSENT}{external_key}", "")


def _cookies(house: House, handle: str, value: str, max_age: int) -> tuple[Header, ...]:
    if _secure(house):
        return (cookie(_PREFIX + handle, value, max_age=max_age, same_site="None"),)
    return (
        cookie(_PLAIN_PREFIX + handle, value, max_age=max_age, same_site="None"),
        cookie(_LAX_PREFIX + handle, value, max_age=max_age, same_site="Lax", secure=False),
    )


def _secure(house: House) -> bool:
    return house.base_url.startswith("https:")
