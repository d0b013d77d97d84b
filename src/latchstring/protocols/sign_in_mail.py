"""The words of the mail that carries a magic link, as text and as HTML; both say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import escape

from latchstring.model.mail import Mail

_MAX_NAME = 80

_HTML = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>
:root {{ color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{
  .page {{ background: #0c0d10 !important; color: #eceef2 !important; }}
  .soft {{ color: #a3abb9 !important; }}
  .link {{ color: #8b9bff !important; }}
  .go {{ background: #8b9bff !important; color: #0c0d10 !important; }}
}}
</style>
</head>
<body class="page" style="margin:0;background:#fbfbfc;color:#16181d;font:16px/1.55 system-ui,-apple-system,'Segoe UI',\
Roboto,Helvetica,Arial,sans-serif">
<main style="display:block;max-width:560px;margin:0 auto;padding:32px 24px;overflow-wrap:anywhere">
<h1 style="margin:0 0 12px;font-size:24px;line-height:1.25">{subject}</h1>
<p style="margin:0 0 24px">{asked}</p>
<p style="margin:0 0 24px"><a class="go" href="{url}" style="display:inline-block;padding:12px 28px;border-radius:8px;\
background:#3b4fd8;color:#ffffff;font-weight:600;text-decoration:none">{sign_in}</a></p>
<p style="margin:0 0 16px">{terms} {otherwise}<br>
<a class="link" href="{url}" style="color:#3b4fd8;word-break:break-all">{url}</a></p>
<p class="soft" style="margin:0;color:#565d6b;font-size:14px">{unasked}</p>
</main>
</body>
</html>
"""


def compose(
    *,
    application: str,
    place: str,
    email: str,
    url: str,
    remaining: timedelta,
    say: Callable[[str], str] = str,
    language: str = "en",
) -> Mail:
    """`application` is a name for people, `place` the host to which it signs in; `url` is the link.

    `say` puts a sentence into `language`.
    """
    name = _one_line(application) or place
    names = {"application": name, "place": place, "email": email}
    asked = say("You asked for a link to sign in to %(application)s (%(place)s) as %(email)s.")
    unasked = say(
        "Whoever has this link can sign in as you: do not forward this mail. If you did not ask for it, delete it; "
        "nothing happens unless the link is opened and confirmed."
    )
    words = {
        "language": language,
        "subject": say("Sign in to %(application)s") % names,
        "url": url,
        "terms": say("It can be used once, %(within)s.") % {"within": within(remaining, say)},
        "sign_in": say("Sign in"),
        "otherwise": say("If the button does nothing, open this address:"),
        "unasked": unasked,
    }
    escaped = {key: escape(value) for key, value in words.items()}
    strong = {key: f"<strong>{escape(value)}</strong>" for key, value in names.items()} | {"place": escape(place)}
    return Mail(
        to=email,
        subject=words["subject"],
        text="{asked}\n\n{url}\n\n{terms}\n\n{unasked}\n".format(**words, asked=asked % names),
        html=_HTML.format(**escaped, asked=escape(asked) % strong),
    )


def within(remaining: timedelta, say: Callable[[str], str] = str) -> str:
    """How long a link is good for, in words that need no time zone."""
    minutes = max(1, -(-int(remaining.total_seconds()) // 60))
    if minutes == 1:
        return say("within 1 minute")
    if minutes < 120:
        return say("within %(count)s minutes") % {"count": minutes}
    hours = minutes // 60
    if hours < 72:
        return say("within %(count)s hours") % {"count": hours}
    return say("within %(count)s days") % {"count": hours // 24}


def _one_line(text: str) -> str:
    """Names are typed by people: no line breaks, nothing unprintable, and not endless."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MAX_NAME]
