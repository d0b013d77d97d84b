"""Ids of the form `conn_01J…`: a prefix and a ULID, so that ids sort as they were made (contract 1.4)."""

from __future__ import annotations

from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)

API_KEY = "api_key"
ATTEMPT = "sess"
CERTIFICATE = "cert"
CLIENT = "client"
CONNECTION = "conn"
DOMAIN = "org_domain"
ENVIRONMENT = "environment"
EVENT = "event"
KEY = "key"
OPERATOR = "operator"
ORGANIZATION = "org"
PASSKEY = "passkey"
PASSWORDLESS_SESSION = "passwordless_session"
PROFILE = "prof"
RECONCILIATION = "recon"
REDIRECT_URI = "redir"
TRACE_LINK = "trace_link"

TEST_ORGANIZATION = "org_test_idp"  # these two are literal in every staging environment (contract 13)
TEST_CONNECTION = "conn_test_idp"


def new(prefix: str, now: datetime, chance: bytes) -> str:
    """A fresh id: 48 bits of milliseconds, then 80 bits of chance (`chance` is 10 bytes)."""
    number = int(now.timestamp() * 1000) << 80 | int.from_bytes(chance, "big")
    return prefix + "_" + "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def first(prefix: str, moment: datetime) -> str:
    """No id that was made at that moment or later is smaller."""
    return new(prefix, moment, bytes(10))
