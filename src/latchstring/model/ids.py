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
IT_CONTACT = "it_contact"
KEY = "key"
OPERATOR = "operator"
ORGANIZATION = "org"
PASSKEY = "passkey"
PASSWORDLESS_SESSION = "passwordless_session"
PORTAL_LINK = "portal_link"
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


def reference(id_: str) -> str:
    """The part of a sign-in's id that people can read to each other: its moment, and its end."""
    core = id_.rpartition("_")[2]
    core = core[2:10] + core[-2:]
    return f"{core[:5]}-{core[5:]}"


def of_reference(prefix: str, text: str, now: datetime) -> tuple[str, str, str] | None:
    """The ids that this may be a reference of: none is smaller, all are smaller, and how they end. None: it is none.

    As Crockford's base 32 is read: in any case, O for 0, I and L for 1. The first two characters of an id change
    once in thirty years, and so those of today are meant.
    """
    core = text.strip().upper().replace("-", "").translate(str.maketrans("OIL", "011"))
    if len(core) != 10 or not set(core) <= set(_ALPHABET):
        return None
    least = first(prefix, now)[: len(prefix) + 3] + core[:8]
    return least, least + "~", core[8:]
