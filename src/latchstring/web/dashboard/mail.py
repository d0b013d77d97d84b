"""/dashboard/settings/mail: how this server sends mail, where that is said, and a test mail to oneself."""

from __future__ import annotations

from latchstring.effects.mail import MailNotConfigured, MailServerFailed, RecipientRefused
from latchstring.flows import trial_mail
from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.model.refusal import Refusal
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.dashboard.refusals import status
from latchstring.web.kit import language
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

MAIL = f"{HOME}/settings/mail"


def shown(house: House, visit: Visit) -> Reply:
    return _page(house, visit)


def send(house: House, visit: Visit) -> Reply:
    try:
        trial_mail.send(house, visit.operator.email, say=_, language=language.current())
    except (MailNotConfigured, MailServerFailed, RecipientRefused) as refusal:
        return _page(house, visit, refusal=refusal)
    return redirect(f"{MAIL}?sent=yes")


def _page(house: House, visit: Visit, *, refusal: Refusal | None = None) -> Reply:
    server = house.mail_server
    encryption = {
        "implicit": _("encrypted from the first byte (TLS)"),
        "starttls": _("encrypted (STARTTLS is required)"),
        "none": _("not encrypted: whoever listens on the network can read it"),
    }
    facts = []
    if server is not None:
        facts = [
            (_("Server"), f"{server.host}:{server.port}"),
            (_("Connection"), encryption[server.encryption]),
            (_("User name"), server.user or _("none")),
            (_("In whose name"), server.sender),
        ]
    return render(
        house,
        visit,
        "dashboard_mail.html",
        status=200 if refusal is None else status(refusal),
        facts=facts,
        kept=house.development,
        sent=refusal is None and b"sent=yes" in visit.inbound.query,
        refusal=refusal,
    )


PAGES = (
    Page(method="GET", path=MAIL, summary="How mail is sent", least=Role.ADMIN, show=shown),
    Page(method="POST", path=MAIL, summary="A test mail to oneself", least=Role.ADMIN, show=send),
)
