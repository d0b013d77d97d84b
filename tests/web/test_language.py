"""Pages in the language of whoever reads them."""

from __future__ import annotations

import pytest

from latchstring.web.kit import language
from latchstring.web.kit.message import Inbound


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        (None, None, "en"),
        (None, "de", "de"),
        (None, "de-CH, en;q=0.8", "de"),
        (None, "fr, en;q=0.5, de;q=0.9", "de"),
        (None, "de;q=0, en;q=0.1", "en"),
        (None, "fr;q=nonsense, *", "en"),
        ("de", "en", "de"),
        ("en", "de", "en"),
        ("xx", "de", "de"),
    ],
)
def test_a_browser_is_answered_in_its_own_language(cookie: str | None, accepted: str | None, expected: str) -> None:
    assert language.chosen(cookie, accepted) == expected


def test_a_sentence_is_said_in_the_language_of_the_request_and_only_inside_of_it() -> None:
    inbound = Inbound(method="GET", path="/", headers=((b"accept-language", b"de"),))
    with language.spoken_to(inbound):
        assert language._("Organizations") == "Organisationen"
        assert language._("Nobody has said this in German.") == "Nobody has said this in German."
    assert language._("Organizations") == "Organizations"
