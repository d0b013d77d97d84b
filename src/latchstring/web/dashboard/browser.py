"""What a browser of the Dashboard holds and shows: its session's cookie, a link it followed, where a form stood."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from latchstring.flows.house import House
from latchstring.model.operator import SESSION
from latchstring.model.refusal import Forbidden, Mender
from latchstring.model.second_factor import HALF_SESSION
from latchstring.web.kit import decode, multipart
from latchstring.web.kit.message import Header, Inbound, cookie

_LINK_SECONDS = 3600
_FIELDS = 1000  # of a form: an environment may have 110 custom attributes, and a mapping several boxes for each
_CSRF = "csrf"


class FormFromElsewhere(Forbidden):
    """This form was not sent by a page of this Dashboard, or that page was opened in an earlier session."""

    code = "dashboard_form_from_elsewhere"
    mender = Mender.USER
    fix = "Nothing was changed. Go back, load the page again, and send the form from there."


def session(house: House, inbound: Inbound) -> str:
    """The secret of the session, or nothing."""
    return inbound.cookies().get(_name(house, "session"), "")


def keep_session(house: House, secret: str) -> Header:
    return _cookie(house, "session", secret, int(SESSION.total_seconds()))


def drop_session(house: House) -> Header:
    return _cookie(house, "session", "", 0)


def link(house: House, inbound: Inbound) -> str:
    """The one-time link that this browser has followed, which stands in no address any more."""
    return inbound.cookies().get(_name(house, "link"), "")


def keep_link(house: House, token: str) -> Header:
    return _cookie(house, "link", token, _LINK_SECONDS)


def drop_link(house: House) -> Header:
    return _cookie(house, "link", "", 0)


def half(house: House, inbound: Inbound) -> str:
    """The secret of the half-session, or nothing."""
    return inbound.cookies().get(_name(house, "half"), "")


def keep_half(house: House, secret: str) -> Header:
    return _cookie(house, "half", secret, int(HALF_SESSION.total_seconds()))


def drop_half(house: House) -> Header:
    return _cookie(house, "half", "", 0)


def csrf(secret: str) -> str:
    """The token of every form of this session. Whoever has it knows nothing of the secret it is made of."""
    return urlsafe_b64encode(hmac.digest(secret.encode("utf-8", "surrogatepass"), b"csrf", sha256)).decode().rstrip("=")


def form(inbound: Inbound) -> Mapping[str, str]:
    """The fields of a form; its files, if it may have some, are in `files`."""
    if inbound.content_type == "multipart/form-data":
        return multipart.read(inbound).fields
    return decode.singles(decode.pairs(inbound.body, most=_FIELDS))


def files(inbound: Inbound) -> Mapping[str, multipart.File]:
    return multipart.read(inbound).files if inbound.content_type == "multipart/form-data" else {}


def must_stand_here(house: House, inbound: Inbound) -> None:
    """Raises `FormFromElsewhere` unless the browser says that the form stood on a page of ours (WEB-03).

    Every browser of the last years sends Sec-Fetch-Site. Our pages send no referrer, and so Origin is often `null`;
    where it is an address it must be ours, and where nothing else speaks it must be there.
    """
    site, origin = inbound.header(b"sec-fetch-site"), inbound.header(b"origin")
    ours = urlsplit(house.base_url)
    if site is not None and site != "same-origin":
        raise FormFromElsewhere
    known = origin == f"{ours.scheme}://{ours.netloc}"
    if not known and (site is None or origin not in (None, "null")):
        raise FormFromElsewhere


def must_be_of_session(inbound: Inbound, secret: str) -> None:
    """Raises `FormFromElsewhere` unless the form carries this session's token."""
    sent = form(inbound).get(_CSRF, "")
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), csrf(secret).encode()):
        raise FormFromElsewhere


def _cookie(house: House, name: str, value: str, max_age: int) -> Header:
    return cookie(_name(house, name), value, max_age=max_age, secure=_secure(house))


def _name(house: House, name: str) -> str:
    """On plain http, on this machine alone, browsers take no cookie with the prefix."""
    return f"__Host-latchstring_{name}" if _secure(house) else f"latchstring_{name}"


def _secure(house: House) -> bool:
    return house.base_url.startswith("https:")
