"""What people read who only wanted to sign in: plain words, and what to do; the rest is folded away."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest

from latchstring.model.refusal import LoginRefused, LogoutRefused, Refusal
from latchstring.web.kit import refusals as pages_of_refusals
from latchstring.web.kit.language import spoken_to
from latchstring.web.kit.message import Inbound
from tests.house.errors_page import refusals
from tests.house_for_tests import Rig
from tests.web.html import Element, read

KINDS = [kind for kind in refusals() if issubclass(kind, LoginRefused | LogoutRefused)]
NOT_FOR_PEOPLE = r"SAML|XML|assertion|Assertion|malformed|token|OAuth|OpenID|metadata|certificate|`|[a-z]_[a-z]"


def example(kind: type[Refusal]) -> Refusal:
    return kind(**{field.name: f"<{field.name}>" for field in fields(kind)})  # type: ignore[arg-type]


def outside_of_details(element: Element) -> str:
    text = element.text
    for folded in element.every("details"):
        text = text.replace(folded.text, "")
    return text


@pytest.mark.parametrize("language", ["en", "de"])
def test_who_signs_in_reads_no_word_of_the_protocols(rig: Rig, language: str) -> None:
    assert len(KINDS) > 80
    house = replace(rig.house, development=False)
    inbound = Inbound(
        method="GET", path="/sso/authorize", headers=((b"accept-language", language.encode()),), request_id="K7Q2MD"
    )
    for kind in KINDS:
        with spoken_to(inbound):
            reply = pages_of_refusals.answer(house, example(kind), inbound)
        main = read(reply.body.decode()).one("main")
        if "K7Q2MD" not in main.text:
            continue  # nothing of that name: the page says that, and no more
        seen = outside_of_details(main)
        assert re.findall(NOT_FOR_PEOPLE, seen) == [], (kind.code, seen)
        assert "K7Q2MD" in seen and kind.code not in seen.split()
        assert kind.code in main.one("details").text
