"""What a browser in the portal holds and sends: its session's cookie, and forms that carry that session's token."""

from __future__ import annotations

from latchstring.flows.house import House
from latchstring.model.portal import SESSION
from latchstring.model.refusal import Forbidden, Mender
from latchstring.web.kit import forms
from latchstring.web.kit.message import Header, Inbound, cookie


class PortalFormFromElsewhere(Forbidden):
    """This form belongs to another set-up than the one that is open in this browser now, or stood on another site."""

    code = "portal_form_from_elsewhere"
    mender = Mender.IT_ADMIN
    fix = "Nothing was changed. Load the page again, look whose set-up it is, and send the form from there."


def session(house: House, inbound: Inbound) -> str:
    """The secret of the session, or nothing."""
    return inbound.cookies().get(_name(house), "")


def keep_session(house: House, secret: str) -> Header:
    """One browser has one set-up open at a time: another one takes its place, and its pages say whose they are."""
    return cookie(_name(house), secret, max_age=int(SESSION.total_seconds()), secure=_secure(house))


def drop_session(house: House) -> Header:
    return cookie(_name(house), "", max_age=0, secure=_secure(house))


def must_stand_here(house: House, inbound: Inbound) -> None:
    """Raises `PortalFormFromElsewhere` unless the browser says that the form stood on a page of ours (WEB-03)."""
    if not forms.stood_here(house, inbound):
        raise PortalFormFromElsewhere


def must_be_of_session(inbound: Inbound, secret: str) -> None:
    """Raises `PortalFormFromElsewhere` unless the form carries this session's token.

    A form of a page that was opened in another organization's session carries that one's, and changes nothing here.
    """
    if not forms.is_of_session(inbound, secret):
        raise PortalFormFromElsewhere


def _name(house: House) -> str:
    """On plain http, on this machine alone, browsers take no cookie with the prefix."""
    return "__Host-latchstring_portal" if _secure(house) else "latchstring_portal"


def _secure(house: House) -> bool:
    return house.base_url.startswith("https:")
