"""One plain e-mail address, and the domain that it is in, read so that no two readers can see two people."""

from __future__ import annotations

import re
from encodings.idna import ToASCII, ToUnicode
from functools import lru_cache
from unicodedata import category
from unicodedata import normalize as unicode_form

from latchstring.model.refusal import AssertionRefused

_ATEXT = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"
)  # RFC 5322, 3.2.3
_LDH_LABEL = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class EmailInvalid(AssertionRefused):
    """The identity provider sent '{received}' ({source}), which is not one plain e-mail address.

    `reason` is one of: `at_sign` (none, or more than one), `guest` (the user principal name of an Entra ID guest),
    `local_part` and `domain` (before and behind the @), `length`.
    """

    code = "email_invalid"
    fix = (
        "Map the e-mail to an attribute that holds one address as name@domain, without display name, quotes, comments "
        "or a list; for guests of Entra ID that is user.mail."
    )
    received: str
    source: str
    reason: str


def email_address(text: str, source: str = "email") -> str:
    """The one address that `text` is, without the blanks around it and otherwise as sent. Raises `EmailInvalid`.

    The whole of `text` must be a dot-atom, an @, and a domain name (RFC 5322 addr-spec without quotes, comments and
    literals; RFC 6531 letters). No lenient reading is tried, because two readers of `a@x, b@y` see two people.
    """
    address = _trimmed(text)
    if reason := _fault(address):
        raise EmailInvalid(received=address[:254], source=source, reason=reason)
    return address


def is_address(text: str) -> bool:
    """Whether `email_address` would take it."""
    return _fault(_trimmed(text)) is None


def email_domain(email: str) -> str:
    """The domain of an address, as `Organization.admits` compares it: lower case, punycode. Raises `EmailInvalid`."""
    return domain_name(email_address(email).partition("@")[2])


@lru_cache(maxsize=1024)  # a sign-in asks five times, about the same few domains
def domain_name(text: str) -> str:
    """A host name of at least two labels in lower case and punycode. Raises `ValueError`.

    The standard library speaks IDNA 2003, which maps some letters that IDNA 2008 keeps: `straße.de` becomes
    `strasse.de`, which may be somebody else's. So a label is taken only if it survives the way there and back. What is
    left means the same under both standards; what they dispute is refused, not guessed, and needs no further package.
    """
    if len(text) > 253:
        raise ValueError("a domain name has at most 253 characters")
    labels = [_label(label) for label in text.split(".")]
    name = ".".join(labels)
    if len(labels) < 2 or labels[-1].isdigit() or len(name) > 253:
        raise ValueError("not a domain name of at least two labels")
    return name


def _label(text: str) -> str:
    label = text.lower()
    if not text.isascii():
        if not all(_is_letter(c) or c == "-" for c in label):
            raise ValueError("a character that no domain name has")
        encoded = ToASCII(label)
        if label.isascii() or ToUnicode(encoded) != label:  # the Kelvin sign is a k in lower case
            raise ValueError("a spelling that the standards of international domain names read differently")
        label = encoded.decode("ascii")
    if not _LDH_LABEL.fullmatch(label):
        raise ValueError("labels are letters, digits and inner hyphens, 63 at most")
    return label


def _is_letter(character: str) -> bool:
    return category(character)[0] in "LMN"


def _trimmed(text: str) -> str:
    return text.strip(" \t\r\n")  # what a pretty-printer may add; a no-break space is the sender's mistake


@lru_cache(maxsize=256)  # a sign-in asks three times about the same address
def _fault(address: str) -> str | None:
    local, at, domain = address.partition("@")
    if not at or "@" in domain:
        return "at_sign"
    if len(address) > 254:
        return "length"
    if "#ext#" in local.lower():
        return "guest"
    if not all(map(_is_atom, local.split("."))) or unicode_form("NFKC", local) != local:
        return "local_part"
    if len(local.encode()) > 64 or len(address.encode(errors="replace")) > 254:
        return "length"
    try:
        domain_name(domain)
    except ValueError:
        return "domain"
    return None


def _is_atom(text: str) -> bool:
    return bool(text) and all(c in _ATEXT or (c > "\x7f" and _is_letter(c)) for c in text)
