"""POST /language: whoever reads a page says in which language the next ones shall be, and goes back to it."""

from __future__ import annotations

from latchstring.flows.house import House
from latchstring.web.kit import decode, language, languages
from latchstring.web.kit.message import Reply, cookie, redirect
from latchstring.web.kit.route import Ask, Route

_YEAR = 31_536_000  # seconds


def choose(house: House, ask: Ask) -> Reply:
    """A taste and no secret: that another site could choose for somebody harms nobody, so no token guards it."""
    sent = decode.singles(decode.pairs(ask.inbound.body))
    wanted = sent.get("language", "")
    back = sent.get("back", "")
    reply = redirect(back if language.is_place(back) else "/", status=303)
    if wanted not in languages.offered(None, pseudo=house.development):
        return reply
    secure = house.base_url.startswith("https:")
    return reply.plus(cookie(language.COOKIE, wanted, max_age=_YEAR, secure=secure))


CHOICE = Route(
    method="POST", path="/language", handler=choose, summary="Choose a language", hidden=True, max_body=16_384
)
