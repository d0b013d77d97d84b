"""One-time codes: RFC 6238's own examples, clocks that differ, and none twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latchstring.protocols import totp

SECRET = b"12345678901234567890"
EXAMPLES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


@pytest.mark.parametrize(("seconds", "code"), EXAMPLES)  # RFC 6238, appendix B, the last six digits
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.matching_step(SECRET, code, now, after=None) == seconds // 30


@pytest.mark.parametrize(("late", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_clocks_may_differ_by_one_step(late: int, taken: bool) -> None:
    now = datetime.fromtimestamp(1234567890, UTC) + timedelta(seconds=late)
    assert (totp.matching_step(SECRET, "005924", now, after=None) is not None) is taken


def test_a_step_that_was_used_is_over() -> None:
    now = datetime.fromtimestamp(1234567890, UTC)
    step = totp.step_of(now)
    assert totp.matching_step(SECRET, "005924", now, after=step - 1) == step
    assert totp.matching_step(SECRET, "005924", now, after=step) is None


@pytest.mark.parametrize("code", ["", "5924", "005924 ", "\ud800", "٠٠٥٩٢٤", "0" * 1000])
def test_anything_else_is_no_code(code: str) -> None:
    assert totp.matching_step(SECRET, code, datetime.fromtimestamp(1234567890, UTC), after=None) is None


def test_an_authenticator_reads_the_address() -> None:
    address = totp.address(SECRET, account="ann@example.com (sso.example.com)", issuer="latchstring")
    assert address == (
        "otpauth://totp/latchstring%3Aann%40example.com%20%28sso.example.com%29?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=latchstring&algorithm=SHA1&digits=6&period=30"
    )
