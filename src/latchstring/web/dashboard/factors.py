"""/dashboard/account/second-factors: an authenticator and recovery codes of one's own, set up and taken away."""

from __future__ import annotations

import re
from collections.abc import Sequence

from latchstring.flows import dashboard_settings, second_factors
from latchstring.flows.house import House
from latchstring.flows.operator_tries import TriedTooOften
from latchstring.flows.second_factors import Changed, CodeWrong
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidRequest, Mender, Refusal
from latchstring.web.dashboard import access, browser
from latchstring.web.dashboard.account import ACCOUNT
from latchstring.web.dashboard.guard import Page, Visit, render
from latchstring.web.kit import decode, pages
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

FACTORS = f"{ACCOUNT}/second-factors"
CODES = f"{ACCOUNT}/recovery-codes"
_CODE = re.compile("[a-z2-7]{4}(-[a-z2-7]{4}){3}")


class NoRecoveryCodes(InvalidRequest):
    """These are no recovery codes."""

    code = "operator_recovery_codes_malformed"
    mender = Mender.USER
    fix = "Make new ones at your second factors, and download those."


def factors(house: House, visit: Visit) -> Reply:
    asked = decode.singles(decode.pairs(visit.inbound.query))
    return shown(house, visit, done=_done(asked.get("done", "")))


def begin_totp(house: House, visit: Visit) -> Reply:
    second_factors.begin_totp(house, visit.operator)
    return redirect(f"{FACTORS}#authenticator")


def prove_totp(house: House, visit: Visit) -> Reply:
    try:
        changed = second_factors.prove_totp(house, visit.session, browser.form(visit.inbound).get("code", ""))
    except (CodeWrong, TriedTooOften) as refusal:
        return shown(house, visit, failed="code", refusal=refusal)
    return done(house, changed, "authenticator")


def remove_totp(house: House, visit: Visit) -> Reply:
    try:
        changed = second_factors.remove_totp(house, visit.session, browser.form(visit.inbound).get("code", ""))
    except (CodeWrong, TriedTooOften) as refusal:
        return shown(house, visit, failed="code", refusal=refusal)
    return done(house, changed, "removed")


def new_codes(house: House, visit: Visit) -> Reply:
    return done(house, second_factors.new_recovery_codes(house, visit.session), "codes")


def download(house: House, visit: Visit) -> Reply:
    """The codes come back from the page that showed them: here they are kept as hashes alone."""
    codes = browser.form(visit.inbound).get("codes", "").split()
    if not codes or not all(_CODE.fullmatch(code) for code in codes):
        raise NoRecoveryCodes
    place = house.base_url.partition("://")[2]
    text = f"latchstring, {place}, {visit.operator.email}\r\n\r\n" + "".join(f"{code}\r\n" for code in codes)
    return Reply(
        headers=(
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-disposition", b'attachment; filename="latchstring-recovery-codes.txt"'),
        ),
        body=text.encode("utf-8", "replace"),
    )


def done(house: House, changed: Changed, word: str) -> Reply:
    """The codes are shown once, by the answer itself: they are in no address and nowhere else to be had again."""
    kept = browser.keep_session(house, changed.session.reveal())
    if not changed.recovery_codes:
        return redirect(f"{FACTORS}?done={word}", headers=(kept,))
    return _codes(house, changed.session.reveal(), changed.recovery_codes).plus(kept)


def _codes(house: House, secret: str, codes: Sequence[str]) -> Reply:
    return pages.render(
        house,
        "dashboard_recovery_codes.html",
        forms_stay_here=True,
        csrf=browser.csrf(secret),
        codes=codes,
    )


def _done(word: str) -> str | None:
    return {
        "authenticator": _("The authenticator counts from now on. Everywhere else you were signed out."),
        "passkey": _("The passkey counts from now on. Everywhere else you were signed out."),
        "removed": _("It is removed. Everywhere else you were signed out."),
    }.get(word)


def shown(
    house: House, visit: Visit, *, done: str | None = None, failed: str | None = None, refusal: Refusal | None = None
) -> Reply:
    found = second_factors.set_up(house, visit.operator)
    wrong = None if refusal is None else f"{refusal.message} {refusal.fix}"
    return render(
        house,
        visit,
        "dashboard_factors.html",
        status=200 if refusal is None else 429 if isinstance(refusal, TriedTooOften) else 422,
        headers=access.wait(refusal),
        done=done,
        factors=second_factors.of(house, visit.operator),
        needed=dashboard_settings.lacks_second_factor(house, visit.session),
        secret=None if found is None else _grouped(found.secret.reveal()),
        qr=None if found is None else _qr(found.address.reveal()),
        error=wrong,
        failed=failed,
    )


def _grouped(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _qr(text: str) -> str:
    """A QR code as an address of an image, dark on white whatever the page's colours are: cameras want it so."""
    import segno  # twenty milliseconds, for a page that is seen once

    drawn: str = segno.make(text, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    return drawn


PAGES = (
    Page(method="GET", path=FACTORS, summary="Second factors", least=Role.SUPPORT, bare=True, fresh=True, show=factors),
    *(
        Page(
            method="POST",
            path=path,
            summary=summary,
            least=Role.SUPPORT,
            bare=True,
            fresh=True,
            back=FACTORS,
            show=show,
        )
        for path, summary, show in (
            (f"{FACTORS}/authenticator", "Set up an authenticator", begin_totp),
            (f"{FACTORS}/authenticator/prove", "Show its first code", prove_totp),
            (f"{FACTORS}/authenticator/remove", "Remove the authenticator", remove_totp),
            (CODES, "New recovery codes", new_codes),
            (f"{CODES}/download", "Recovery codes as text", download),
        )
    ),
)
