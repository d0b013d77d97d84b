"""What can be seen in an answer without any proof: the address by which a refused sign-in is found again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from latchstring.model.answer import Answer
from latchstring.protocols import email_address

# The whole text of an element. Lengths are bounded, so that no document makes this slow.
_TEXT = re.compile(rb">\s{0,100}([^<>\s@&]{1,64}@[^<>\s@&]{1,253})\s{0,100}<")
_CLAIMS = ("email", "preferred_username", "upn", "mail", "userPrincipalName", "unique_name")
_LOOKED_AT = 50  # texts with an @


def claimed_email(answer: Answer) -> str | None:
    """The first e-mail address that is said of the person, proven or not; None where nothing looks like one."""
    for text in _texts(answer):
        if email_address.is_address(text):
            return text.strip()
    return None


def _texts(answer: Answer) -> Iterator[str]:
    for number, found in enumerate(_TEXT.finditer(answer.document)):
        if number < _LOOKED_AT:
            yield found[1].decode("utf-8", "replace")
    for said in answer.heard.values():
        claims: Any = said.get("claims", said) if isinstance(said, Mapping) else {}
        yield from (claims[name] for name in _CLAIMS if isinstance(claims.get(name), str))
