"""The words of the mail by which an administrator sees that mail works, as text and as HTML; both say the same."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from latchstring.model.mail import Mail


def compose(*, to: str, place: str, say: Callable[[str], str] = str, language: str = "en") -> Mail:
    """`place` is our host; `say` puts a sentence into `language`."""
    subject = say("A test mail from latchstring at %(place)s") % {"place": place}
    words = say("This server can send mail. You asked for this mail in its Dashboard, so there is nothing to do.")
    html = (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<title>{escape(subject)}</title>\n'
        f"<p>{escape(words)}</p>\n</html>\n"
    )
    return Mail(to=to, subject=subject, text=f"{words}\n", html=html)
