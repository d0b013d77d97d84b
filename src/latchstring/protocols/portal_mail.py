"""The words of the mails around the Admin Portal, as text and as HTML.

An invitation, a set-up that is finished, and a certificate that ends go to an organization's IT, in their language
where it is known; a change made there goes to the administrators.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Literal

import msgspec

from latchstring.model.mail import Mail, Voice

Part = str | tuple[str, str]  # a sentence, or an address and the label of its button
Purpose = Literal["sso", "domain_verification", "certificate_renewal"]

_MAX_NAME = 80

_PAGE = """\
<!doctype html>
<html lang="{language}">
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


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What all mails to an organization's IT speak of."""

    organization: str
    application: str  # what people call whoever writes
    support: str | None = None  # an address of theirs

    def names(self, **more: str) -> dict[str, str]:
        return {"organization": one_line(self.organization), "application": one_line(self.application), **more}


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate of an identity provider that ends, or has ended."""

    connection: str
    at: datetime
    days: int  # that are left; not positive: it is over
    watched: bool  # a new one is found by itself, in the metadata


def invitation(*, to: str, purpose: Purpose, around: Around, url: str, life: timedelta, voice: Voice) -> Mail:
    say, names = voice.say, around.names(days=str(life.days))
    subject, why, label = _purpose(purpose, voice)
    terms = say(
        "The link is good for %(days)s days, and you can come back by it until you are done. "
        "Send it only to people who may do this for your company."
    )
    ask = say("If you expected no such mail, delete it; nothing happens unless the link is opened.")
    parts: list[Part] = [why % names, (url, label), terms % names, _questions(ask, around, voice)]
    return _written(to, subject % names, parts, voice)


def _purpose(purpose: Purpose, voice: Voice) -> tuple[str, str, str]:
    """Subject, why, and the label of the button."""
    say = voice.say
    if purpose == "sso":
        return (
            say("Set up single sign-on for %(organization)s"),
            say(
                "%(application)s asks you to set up single sign-on for %(organization)s. "
                "The pages behind this link take you through it:"
            ),
            say("Open the set-up"),
        )
    if purpose == "domain_verification":
        return (
            say("Verify the domains of %(organization)s"),
            say(
                "%(application)s asks you to verify the domains of %(organization)s. "
                "The pages behind this link take you through it:"
            ),
            say("Verify the domains"),
        )
    return (
        say("Renew the certificate of %(organization)s"),
        say(
            "%(application)s asks you to renew the certificate of %(organization)s. "
            "The pages behind this link take you through it:"
        ),
        say("Renew the certificate"),
    )


def finished(*, to: str, around: Around, by: str | None, url: str | None, ends: bool, voice: Voice) -> Mail:
    """Single sign-on was switched on. `url`: where the link leads back to; `ends`: there is a certificate that does."""
    say, names = voice.say, around.names(by=one_line(by or ""))
    parts: list[Part] = [
        say("Single sign-on to %(application)s is set up: people of %(organization)s can sign in with it now.") % names
    ]
    if by:
        parts.append(say("It was switched on by %(by)s.") % names)
    if url:
        parts.append((url, say("Go to %(application)s") % names))
    parts.append(say("Give access to everybody who is to sign in, in your identity provider."))
    if ends:
        parts.append(say("Before its certificate ends, you get a mail with a link to renew it."))
    ask = say("If nobody of you was meant to do this, tell those who look after %(application)s at once.") % names
    subject = say("Single sign-on is set up for %(organization)s") % names
    return _written(to, subject, [*parts, _questions(ask, around, voice)], voice)


def certificate_ends(
    *, to: str, around: Around, endings: Sequence[Ending], url: str, until: datetime, voice: Voice
) -> Mail:
    """`endings`: the first to end first. `until`: when the link behind `url` ends."""
    say, first = voice.say, endings[0]
    names = around.names(day=voice.day(first.at), until=voice.day(until))
    over = say("%(organization)s: a certificate ended on %(day)s")
    subject = (over if first.days <= 0 else say("%(organization)s: a certificate ends on %(day)s")) % names
    parts: list[Part] = [
        say("The certificate with which your identity provider signs for %(application)s has to be renewed:") % names,
        *(_ending(each, voice) for each in endings),
        say("Make a new one in your identity provider, and bring it to us by this link before it is used there:"),
        (url, say("Renew the certificate")),
        say(
            "The link is good until %(until)s, and takes the place of an earlier one. "
            "Send it only to people who may do this for your company."
        )
        % names,
    ]
    ask = say("If you expected no such mail, ask those who look after %(application)s.") % names
    return _written(to, subject, [*parts, _questions(ask, around, voice)], voice)


def _ending(one: Ending, voice: Voice) -> str:
    say = voice.say
    names = {"connection": one_line(one.connection), "day": voice.day(one.at), "days": str(one.days)}
    words = say("%(connection)s: it ends on %(day)s. Days left: %(days)s.")
    if one.days <= 0:
        words = say("%(connection)s: it ended on %(day)s.")
    if one.watched:
        words += " " + say("We read its metadata address: it is enough that the new one stands there.")
    return words % names


def _questions(words: str, around: Around, voice: Voice) -> str:
    say = voice.say
    return words if not around.support else f"{words} {say('Questions: %(support)s') % {'support': around.support}}"


def change(*, to: str, what: str, connection: str, organization: str, by: str, url: str) -> Mail:
    """To the administrators: somebody in the portal has changed a connection through which people sign in (WEB-08)."""
    organization, connection, by = one_line(organization), one_line(connection), one_line(by)
    subject = f"{organization}: {what}"
    why = f"In the Admin Portal, {by} changed the connection {connection} of {organization}: {what}."
    ask = "If nobody there was meant to do this, take back their link and look at the connection now."
    return Mail(
        to=to,
        subject=subject,
        text=f"{why}\n\n{url}\n\n{ask}\n",
        html=_html(subject, why, (url, "Look at the connection"), ask),
    )


def _written(to: str, subject: str, parts: Sequence[Part], voice: Voice) -> Mail:
    """Sentences, and among them one address with the label of its button; both say the same."""
    say, text, html, large = voice.say, list[str](), list[str](), True
    for part in parts:
        if isinstance(part, str):
            text.append(part)
            html.append(_paragraph(part, large=large))
            continue
        url, label = part
        text.append(url)
        html.append(_BUTTON.format(url=escape(url), label=escape(label)))
        html.append(_paragraph(say("If the button does nothing, open this address:") + f" {url}", large=False))
        large = False
    page = _PAGE.format(subject=escape(subject), body="\n".join(html), language=voice.language)
    return Mail(to=to, subject=subject, text="\n\n".join(text) + "\n", html=page)


def _paragraph(words: str, *, large: bool) -> str:
    style = "margin:0 0 24px" if large else "margin:0 0 16px;font-size:14px"
    return f'<p style="{style}">{escape(words)}</p>'


def _html(subject: str, why: str, button: tuple[str, str], *more: str) -> str:
    url, label = button
    parts = [_paragraph(why, large=True), _BUTTON.format(url=escape(url), label=escape(label))]
    parts += [_paragraph(each, large=False) for each in more]
    return _PAGE.format(subject=escape(subject), body="\n".join(parts), language="en")


def one_line(name: str) -> str:
    """A name that somebody else chose, as it may stand in a subject."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return plain if len(plain) <= _MAX_NAME else f"{plain[:_MAX_NAME]}…"
