"""When and about whom: OIDC-06."""

from __future__ import annotations

from typing import Any

from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Behaviour, Token

_CLAIM, _EXPIRED, _ISSUED, _MALFORMED = (
    "id_token_claim_invalid", "id_token_expired", "id_token_issued_at_invalid", "id_token_malformed"
)  # fmt: skip


def _row(name: str, tries: str, refused: str, **claims: Any) -> Row:
    return _token(name, tries, refused, Token(claims=claims))


def _raw(name: str, tries: str, refused: str, claim: str, written: bytes) -> Row:
    """A value that no JSON library writes."""
    mark = b'"the value"'
    token = Token(claims={claim: "the value"}, claims_bytes=lambda raw: raw.replace(mark, written))
    return _token(name, tries, refused, token)


def _token(name: str, tries: str, refused: str, token: Token) -> Row:
    return Row(
        name=f"oidc-{name}", requirement="OIDC-06", tries=tries, refused=refused, behaviour=Behaviour(token=token)
    )


ROWS = (
    _row("exp-past", "expired two minutes ago", _EXPIRED, exp=lambda it: it.now - 120),
    _row("exp-zero", "expired in 1970", _EXPIRED, exp=0),
    _row("exp-negative", "expired before 1970", _EXPIRED, exp=-1),
    _row("exp-missing", "no exp", _CLAIM, exp=ABSENT),
    _row("exp-null", "exp is null", _CLAIM, exp=None),
    _row("exp-string", "digits in a string", _CLAIM, exp=lambda it: str(it.now + 300)),
    _row("exp-true", "exp is true", _CLAIM, exp=True),
    _row("exp-list", "a list with a good one", _CLAIM, exp=lambda it: [it.now + 300]),
    _row("exp-beyond-all-time", "10 to the 30th", _CLAIM, exp=10**30),
    _row("exp-year-10000", "one second after the last year", _CLAIM, exp=253_402_300_800),
    _raw("exp-nan", "NaN", _MALFORMED, "exp", b"NaN"),
    _raw("exp-infinite", "Infinity", _MALFORMED, "exp", b"Infinity"),
    _raw("exp-1e999", "1e999", _MALFORMED, "exp", b"1e999"),
    _raw("exp-1e308", "1e308", _CLAIM, "exp", b"1e308"),
    _raw("exp-ten-thousand-digits", "10,000 digits", _MALFORMED, "exp", b"9" * 10_000),
    _row("iat-missing", "no iat", _CLAIM, iat=ABSENT),
    _row("iat-string", "digits in a string", _CLAIM, iat=lambda it: str(it.now)),
    _row("iat-old", "issued eleven minutes ago", _ISSUED, iat=lambda it: it.now - 660),
    _row("iat-future", "issued in five minutes", _ISSUED, iat=lambda it: it.now + 300),
    _row("nbf-future", "not before five minutes from now", _ISSUED, nbf=lambda it: it.now + 300),
    _row("nbf-string", "digits in a string", _CLAIM, nbf=lambda it: str(it.now)),
    _row("nbf-null", "nbf is null", _CLAIM, nbf=None),
    _row("sub-missing", "no sub", _CLAIM, sub=ABSENT),
    _row("sub-empty", "an empty one", _CLAIM, sub=""),
    _row("sub-blank", "blanks", _CLAIM, sub="   "),
    _row("sub-number", "a number", _CLAIM, sub=1),
    _row("sub-list", "a list", _CLAIM, sub=["subject"]),
    _row("iat-year-1", "issued in the year 1", _ISSUED, iat=-62_135_596_800),
    _row("sub-overlong", "256 characters", _CLAIM, sub="s" * 256),
)
