"""What a browser of the Dashboard holds and shows: its session's cookie, a link it followed, where a form stood."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring.flows.house import House
from latchstring.model.operator import SESSION
from latchstring.model.refusal import Forbidden, Mender
from latchstring.model.second_factor import HALF_SESSION
from latchstring.web.kit import forms, multipart
from latchstring.web.kit.message import Header, Inbound, cookie

_LINK_SECONDS = 3600


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
    """The token of every form of this session."""
    return forms.csrf(secret)


def form(inbound: Inbound) -> Mapping[str, str]:
    """The fields of a form; its files, if it may have some, are in `files`."""
    return forms.fields(inbound)


def files(inbound: Inbound) -> Mapping[str, multipart.File]:
    return forms.files(inbound)


def must_stand_here(house: House, inbound: Inbound) -> None:
    """Raises `FormFromElsewhere` unless the browser says that the form stood on a page of ours (WEB-03)."""
    if not forms.stood_here(house, inbound):
        raise FormFromElsewhere


def must_be_of_session(inbound: Inbound, secret: str) -> None:
    """Raises `FormFromElsewhere` unless the form carries this session's token."""
    if not forms.is_of_session(inbound, secret):
        raise FormFromElsewhere


def _cookie(house: House, name: str, value: str, max_age: int) -> Header:
    return cookie(_name(house, name), value, max_age=max_age, secure=_secure(house))


def _name(house: House, name: str) -> str:
    """On plain http, on this machine alone, browsers take no cookie with the prefix."""
    return f"__Host-latchstring_{name}" if _secure(house) else f"latchstring_{name}"


def _secure(house: House) -> bool:
    return house.base_url.startswith("https:")
