"""/dev/mail: the mails that development kept instead of sending, the newest first, their links to be followed."""

from __future__ import annotations

from typing import Any

from latchstring.flows.house import House
from latchstring.model.mail import KeptMail
from latchstring.web.kit import pages
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask


def listed(house: House, ask: Ask) -> Reply:
    return pages.render(house, "dev_mail.html", mails=[_shown(house, kept) for kept in house.kept_mail()])


def _shown(house: House, kept: KeptMail) -> dict[str, Any]:
    """The text line by line; a line that is an address of ours can be followed."""
    ours = house.base_url + "/"
    return {
        "to": kept.mail.to,
        "subject": kept.mail.subject,
        "at": f"{kept.at:%H:%M:%S} UTC",
        "lines": [
            {"text": line, "url": line if line.startswith(ours) else None} for line in kept.mail.text.splitlines()
        ],
    }
