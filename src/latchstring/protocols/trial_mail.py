"""The words of the mail by which an administrator sees that mail works, as text and as HTML; both say the same."""

from __future__ import annotations

from html import escape

from latchstring.model.mail import Mail

_WORDS = "This server can send mail. You asked for this mail in its Dashboard, so there is nothing to do."


def compose(*, to: str, place: str) -> Mail:
    """`place` is our host."""
    subject = f"A test mail from latchstring at {place}"
    html = f'<!doctype html>\n<html lang="en">\n<title>{escape(subject)}</title>\n<p>{_WORDS}</p>\n</html>\n'
    return Mail(to=to, subject=subject, text=f"{_WORDS}\n", html=html)
