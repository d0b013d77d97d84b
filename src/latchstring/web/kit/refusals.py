"""Refusal -> what a browser or an OAuth client is told: a page, or OAuth's `error` and `error_description`."""

from __future__ import annotations

from latchstring.flows.house import House
from latchstring.flows.logout import LogoutTokenInvalid
from latchstring.model import ids
from latchstring.model.refusal import (
    GrantRefused,
    InvalidFields,
    InvalidRequest,
    LoginRefused,
    LogoutRefused,
    NotFound,
    Refusal,
    Throttled,
    Unauthorized,
    Unavailable,
)
from latchstring.web.kit import brand, pages, words
from latchstring.web.kit.endpoint import BodyTooLarge, MethodNotAllowed
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Header, Inbound, Reply, as_json

_LOGOUT_LINK = "/sso/logout/authorize"

_STATUS: tuple[tuple[type[Refusal], int], ...] = (  # the first that fits
    (Unavailable, 503),
    (Throttled, 429),
    (MethodNotAllowed, 405),
    (BodyTooLarge, 413),
    (NotFound, 404),
    (Unauthorized, 401),
    (InvalidFields, 422),
    (LoginRefused, 400),
    (LogoutRefused, 400),
    (GrantRefused, 400),
    (InvalidRequest, 400),
)


def answer(house: House, refusal: Refusal, inbound: Inbound) -> Reply:
    status = next((status for family, status in _STATUS if isinstance(refusal, family)), 400)
    headers: tuple[Header, ...] = ()
    if isinstance(refusal, Throttled):
        headers = ((b"retry-after", str(refusal.retry_after).encode()),)
    elif isinstance(refusal, Unavailable):
        headers = ((b"retry-after", b"1"),)
    if inbound.path == "/sso/token":
        return _oauth(refusal, inbound, status, headers)
    if inbound.path == _LOGOUT_LINK and isinstance(refusal, LogoutRefused | LoginRefused):
        return as_json({**_words(refusal), "error": "connection_invalid"}, status=status, headers=headers)
    if isinstance(refusal, Unauthorized):
        return as_json({"message": "Unauthorized", "error": "Unauthorized"}, status=401)
    if _is_for_people(refusal, inbound):
        return _page(house, refusal, inbound, status, headers)
    return as_json({"message": refusal.message, "code": refusal.code}, status=status, headers=headers)


def _oauth(refusal: Refusal, inbound: Inbound, status: int, headers: tuple[Header, ...]) -> Reply:
    """RFC 6749, 5.2; `message` besides, because SDKs read it of every error."""
    error = "invalid_request"
    if isinstance(refusal, GrantRefused):
        error = refusal.code
    elif isinstance(refusal, Unavailable | Throttled):
        error = "temporarily_unavailable"
    if error == "invalid_client" and (inbound.header(b"authorization") or "").lower().startswith("basic "):
        status, headers = 401, (*headers, (b"www-authenticate", b'Basic realm="latchstring"'))
    body = {"error": error, "error_description": refusal.message, "message": refusal.message}
    return as_json(body, status=status, headers=headers)


def _words(refusal: Refusal) -> dict[str, str]:
    return {"error_description": refusal.message, "message": refusal.message, "code": refusal.code}


def _is_for_people(refusal: Refusal, inbound: Inbound) -> bool:
    if inbound.path == _LOGOUT_LINK:  # back ends alone ask for it
        return False
    if isinstance(refusal, LogoutRefused):
        return True
    return inbound.wants_html or isinstance(refusal, LoginRefused) or inbound.path.startswith("/sso/authorize")


def _page(house: House, refusal: Refusal, inbound: Inbound, status: int, headers: tuple[Header, ...]) -> Reply:
    if isinstance(refusal, NotFound) and not isinstance(refusal, LogoutTokenInvalid):
        return pages.render(house, "not_found.html", status=404, headers=headers)
    details: list[tuple[str, str]] = []
    if house.development:  # whoever sees this page is the developer
        details = [(name, str(value)) for name, value in refusal.facts.items()]
    return pages.render(
        house,
        "sign_in_failed.html",
        # Where the database does not answer, nothing is asked of it for its looks.
        branding=None if isinstance(refusal, Unavailable) else brand.of(house, inbound),
        status=status,
        headers=headers,
        title=_("We could not sign you out") if _is_logout(inbound.path) else _("We could not sign you in"),
        plain=words.plain(refusal),
        action=words.advice(refusal),
        message=words.message(refusal),
        fix=words.fix(refusal),
        mender_text=_(words.MENDERS[refusal.mender]),
        reference=_reference(refusal, inbound),
        try_again_url=None,
        details=details,
        code=refusal.code,
        docs_url=f"{house.base_url}/errors/{refusal.code}",
    )


def _reference(refusal: Refusal, inbound: Inbound) -> str:
    """What opens the trace of the sign-in; without one, what the operator finds in the log."""
    sign_in_id = refusal.sign_in_id if isinstance(refusal, LoginRefused) else None
    return inbound.request_id if sign_in_id is None else ids.reference(sign_in_id)


def _is_logout(path: str) -> bool:
    return path.startswith(("/sso/logout", "/sso/saml/slo/")) or path.endswith("/logout")
