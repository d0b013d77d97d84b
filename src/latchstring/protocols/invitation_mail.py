"""The words of the mail that brings somebody into the Dashboard, as text and as HTML; both say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import escape

from latchstring.model.mail import Mail
from latchstring.protocols.sign_in_mail import within

_HTML = """\
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
<p style="margin:0 0 24px">{why}</p>
<p style="margin:0 0 24px"><a href="{url}" style="display:inline-block;padding:12px 28px;border-radius:8px;\
background:#3b4fd8;color:#ffffff;font-weight:600;text-decoration:none">{choose}</a></p>
<p style="margin:0 0 16px">{terms} {otherwise}<br><a href="{url}" style="word-break:break-all">{url}</a></p>
<p style="margin:0;font-size:14px">{unasked}</p>
</main>
</body>
</html>
"""


def compose(
    *,
    to: str,
    invited: bool,
    place: str,
    url: str,
    remaining: timedelta,
    say: Callable[[str], str] = str,
    language: str = "en",
) -> Mail:
    """`invited`: somebody new; otherwise somebody who needs a new password. `place` is our host.

    `say` puts a sentence into `language`.
    """
    here = {"place": place}
    if invited:
        subject = say("You are invited to the Dashboard at %(place)s") % here
        why = say("You are invited to the latchstring Dashboard at %(place)s, where single sign-on is looked after:")
    else:
        subject = say("A new password for the Dashboard at %(place)s") % here
        why = say("An administrator asks you to choose a new password for the latchstring Dashboard at %(place)s:")
    terms = say("It can be used once, %(within)s. Do not forward this mail: whoever has the link becomes you there.")
    unasked = say(
        "If you expected no such mail, delete it; nothing happens unless the link is opened and a password chosen."
    )
    words = {
        "language": language,
        "subject": subject,
        "why": why % here,
        "url": url,
        "terms": terms % {"within": within(remaining, say)},
        "choose": say("Choose a password"),
        "otherwise": say("If the button does nothing, open this address:"),
        "unasked": unasked,
    }
    return Mail(
        to=to,
        subject=subject,
        text="{why}\n\n{url}\n\n{terms}\n{unasked}\n".format_map(words),
        html=_HTML.format_map({name: escape(value) for name, value in words.items()}),
    )
