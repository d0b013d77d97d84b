"""A good ID token with anything in it changed is refused, or says exactly what it said before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from latchstring.model.refusal import LoginRefused
from tests.protocols.oidc import tokens

ALGORITHMS = ("RS256", "PS256", "ES256", "ES512", "EdDSA", "HS256")
_EMAIL: dict[str, Any] = {"email": "ann@acme.example", "email_verified": True}
GOOD = {algorithm: tokens.token(algorithm=algorithm, **_EMAIL) for algorithm in ALGORITHMS}
CLAIMS = tokens.claims(**_EMAIL)

# Any ASCII character is one byte; beyond it, whatever a provider's JSON can put there.
_BYTES = st.one_of(st.integers(0, 127).map(chr), st.characters(exclude_categories=()))


def claims_of(token: str, algorithm: str) -> dict[str, Any] | None:
    """What the verifier says it says; None where it refuses. Anything but a refusal is a bug and is let through."""
    try:
        return dict(tokens.verify(token, algorithm=algorithm).claims)
    except LoginRefused:
        return None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_token_is_good(algorithm: str) -> None:
    assert claims_of(GOOD[algorithm], algorithm) == CLAIMS


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_oidc_09_a_token_with_one_byte_changed_is_refused(algorithm: str, data: st.DataObject) -> None:
    good = GOOD[algorithm]
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(_BYTES.filter(lambda character: character != good[at]))
    assert claims_of(good[:at] + byte + good[at + 1 :], algorithm) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_oidc_17_the_last_character_of_each_part_has_one_spelling(algorithm: str) -> None:
    """There, base64 has bits that carry nothing: a lenient reader sees the same bytes behind other characters."""
    good = GOOD[algorithm]
    ends = [at for at, character in enumerate(good + ".") if character == "."]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/="
    for end in ends:
        for letter in letters.replace(good[end - 1], ""):
            assert claims_of(good[: end - 1] + letter + good[end:], algorithm) is None


@settings(max_examples=500, deadline=None)
@given(
    at=st.integers(0, len(GOOD["RS256"])),
    cut=st.integers(0, 60),
    put=st.text(st.sampled_from("Aa0-_.=+/ \n"), max_size=60),
)
@example(at=len(GOOD["RS256"]), cut=0, put="=")
@example(at=len(GOOD["RS256"]), cut=0, put="\n")
@example(at=0, cut=0, put=" ")
def test_oidc_09_a_token_with_pieces_cut_and_put_is_refused(at: int, cut: int, put: str) -> None:
    good = GOOD["RS256"]
    bad = good[:at] + put + good[at + cut :]
    assert claims_of(bad, "RS256") == (CLAIMS if bad == good else None)


@settings(max_examples=100, deadline=None)
@given(first=st.sampled_from(ALGORITHMS), second=st.sampled_from(ALGORITHMS), part=st.integers(0, 2))
def test_oidc_03_parts_of_tokens_of_two_algorithms_make_none(first: str, second: str, part: int) -> None:
    """The signatures over one set of claims, each by a key that is trusted, are not interchangeable."""
    parts = GOOD[first].split(".")
    parts[part] = GOOD[second].split(".")[part]
    mixed = ".".join(parts)
    for algorithm in {first, second}:
        assert claims_of(mixed, algorithm) == (CLAIMS if mixed == GOOD[algorithm] else None)
