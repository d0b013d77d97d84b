"""Which TXT records prove a domain, and what is said of those that do not."""

from __future__ import annotations

import pytest

from latchstring.model.dns import TxtRecords
from latchstring.protocols import domain_proof

PREFIX, TOKEN = "latchstring-domain-verification-abc123", "m5Oztg3jdK4NJLgs8uIlIprMw"


def code(*texts: str, **more: object) -> str | None:
    records = TxtRecords(texts=texts, **more)  # type: ignore[arg-type]
    found = domain_proof.shortfall(records, domain="acme.example", prefix=PREFIX, token=TOKEN)
    return None if found is None else found.code


@pytest.mark.parametrize(
    "text",
    [
        f"{PREFIX}={TOKEN}",
        f"verification_token={TOKEN}",
        f"  {PREFIX}={TOKEN} ",
        f'"{PREFIX}={TOKEN}"',
    ],
)
def test_both_spellings_prove_it(text: str) -> None:
    assert code("v=spf1 -all", text) is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), "record_missing"),
        (("v=spf1 -all", "google-site-verification=x"), "record_missing"),
        ((f"{PREFIX}={TOKEN}x",), "record_different"),
        ((f"x{PREFIX}={TOKEN}",), "record_different"),
        ((f"{PREFIX}={TOKEN.lower()}",), "record_different"),
        ((TOKEN,), "record_different"),
        ((f"{PREFIX}=another",), "record_different"),
        (("verification_token=",), "record_different"),
        ((f"latchstring-domain-verification-zzzzzz={TOKEN}",), "record_different"),
    ],
)
def test_everything_else_does_not(texts: tuple[str, ...], expected: str) -> None:
    assert code(*texts) == expected


def test_why_there_can_be_no_record() -> None:
    assert code(exists=False) == "domain_unknown"
    assert code(alias="elsewhere.example") == "domain_is_alias"


def test_what_was_taken_for_it_is_shown() -> None:
    records = TxtRecords(texts=("v=spf1 -all", f"{PREFIX}=typo"))
    found = domain_proof.shortfall(records, domain="acme.example", prefix=PREFIX, token=TOKEN)
    assert found is not None and found.seen == (f"{PREFIX}=typo",)
