"""The words of the mails around the Admin Portal, as text and as HTML: an invitation, a change, an end."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Literal

from latchstring.model.mail import Mail

Purpose = Literal["sso", "domain_verification", "certificate_renewal"]

_PURPOSES = {
    "sso": ("Set up single sign-on for {organization}", "set up single sign-on", "Open the set-up"),
    "domain_verification": ("Verify the domains of {organization}", "verify its domains", "Verify the domains"),
    "certificate_renewal": ("Renew the certificate of {organization}", "renew its certificate", "Renew it"),
}
_MAX_NAME = 80

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{subject}</title>
</head>
<body style="margin:0;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<main style="display:block;max-width:560px;margin:0 auto;padding:32px 24px;overflow-wrap:anywhere">
<h1 style="margin:0 0 12px;font-size:24px;line-height:1.25">{subject}</h1>
{body}
</main>
</body>
</html>
"""
_BUTTON = (
    '<p style="margin:0 0 24px"><a href="{url}" style="display:inline-block;padding:12px 28px;border-radius:8px;'
    'background:#3b4fd8;color:#ffffff;font-weight:600;text-decoration:none">{label}</a></p>'
)


def invitation(
    *, to: str, purpose: Purpose, organization: str, application: str, support: str | None, url: str, life: timedelta
) -> Mail:
    """`application` is what people call whoever asks; `support` an address of theirs, if there is one."""
    subject, task, label = _PURPOSES[purpose]
    organization, application = _one_line(organization), _one_line(application)
    subject = subject.format(organization=organization)
    why = f"{application} asks you to {task} for {organization}. The pages behind this link take you through it:"
    terms = (
        f"The link is good for {life.days} days, and you can come back by it until you are done. "
        "Send it only to people who may do this for your company."
    )
    ask = "If you expected no such mail, delete it; nothing happens unless the link is opened."
    if support:
        ask += f" Questions: {support}."
    return Mail(
        to=to,
        subject=subject,
        text=f"{why}\n\n{url}\n\n{terms}\n{ask}\n",
        html=_html(subject, why, (url, label), f"{terms} If the button does nothing, open this address: {url}", ask),
    )


def change(*, to: str, what: str, connection: str, organization: str, by: str, url: str) -> Mail:
    """To the administrators: somebody in the portal has changed a connection through which people sign in (WEB-08)."""
    organization, connection, by = _one_line(organization), _one_line(connection), _one_line(by)
    subject = f"{organization}: {what}"
    why = f"In the Admin Portal, {by} changed the connection {connection} of {organization}: {what}."
    ask = "If nobody there was meant to do this, take back their link and look at the connection now."
    return Mail(
        to=to,
        subject=subject,
        text=f"{why}\n\n{url}\n\n{ask}\n",
        html=_html(subject, why, (url, "Look at the connection"), ask),
    )


def finished(*, to: str, organization: str, connection: str, url: str | None, support: str | None) -> Mail:
    """To an IT contact: single sign-on is on. `url` is where the application wants to have them."""
    organization, connection = _one_line(organization), _one_line(connection)
    subject = f"Single sign-on for {organization} is on"
    why = f"The set-up of {connection} is finished. People of {organization} can sign in through it now."
    ask = "The link of the set-up opens no more. To change something, ask for a new one."
    if support:
        ask += f" Questions: {support}."
    return Mail(
        to=to,
        subject=subject,
        text="\n\n".join(part for part in (why, url, ask) if part) + "\n",
        html=_html(subject, why, (url, "Back to the application") if url else None, ask),
    )


def certificate_ends(*, to: str, organization: str, days: int, date: str, url: str, support: str | None) -> Mail:
    """To an IT contact: the certificate with which their identity provider signs ends in so many days."""
    organization = _one_line(organization)
    left = "in one day" if days == 1 else f"in {days} days"
    subject = f"The certificate of {organization} ends {left}"
    why = f"Your identity provider signs with a certificate that ends on {date}. Hand over the next one before:"
    terms = "The link is good for 30 days. Old and new certificates are accepted side by side, and nobody notices it."
    ask = "Have you handed it over already? Then delete this mail."
    if support:
        ask += f" Questions: {support}."
    return Mail(
        to=to,
        subject=subject,
        text=f"{why}\n\n{url}\n\n{terms}\n{ask}\n",
        html=_html(subject, why, (url, "Renew it"), f"{terms} If the button does nothing, open: {url}", ask),
    )


def _html(subject: str, why: str, button: tuple[str, str] | None, *more: str) -> str:
    parts = [f'<p style="margin:0 0 24px">{escape(why)}</p>']
    if button is not None:
        url, label = button
        parts.append(_BUTTON.format(url=escape(url), label=escape(label)))
    parts += [f'<p style="margin:0 0 16px;font-size:14px">{escape(each)}</p>' for each in more]
    return _PAGE.format(subject=escape(subject), body="\n".join(parts))


def _one_line(name: str) -> str:
    """A name that somebody else chose, as it may stand in a subject."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return plain if len(plain) <= _MAX_NAME else f"{plain[:_MAX_NAME]}…"
