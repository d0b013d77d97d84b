"""Whether the TXT records at a domain prove that it is an organization's, and if they do not, why (contract 4.3)."""

from __future__ import annotations

import msgspec

from latchstring.model.dns import TxtRecords

_MARKS = ("verification_token=", "latchstring-domain-verification-")


class Shortfall(msgspec.Struct, frozen=True, kw_only=True):
    """Why a domain is not proven yet: a stable code, words for who manages its DNS, and what was seen."""

    code: str
    message: str
    seen: tuple[str, ...] = ()  # records of the kind that is looked for


def wanted(*, prefix: str, token: str) -> str:
    """The text of the record to be made."""
    return f"{prefix}={token}"


def shortfall(records: TxtRecords, *, domain: str, prefix: str, token: str) -> Shortfall | None:
    """None: proven. The token alone decides; both spellings of the contract count, blanks and quotes around do not."""
    right = {wanted(prefix=prefix, token=token), f"verification_token={token}"}
    texts = tuple(text.strip().strip('"').strip() for text in records.texts)
    if right.intersection(texts):
        return None
    if not records.exists:
        return Shortfall(code="domain_unknown", message=f"DNS knows no name '{domain}'.")
    if records.alias is not None:
        message = (
            f"'{domain}' is an alias (CNAME) of '{records.alias}', whose records do not speak for it: "
            "put the TXT record at a domain that is no alias."
        )
        return Shortfall(code="domain_is_alias", message=message)
    similar = tuple(text for text in texts if text.startswith(_MARKS) or token in text)
    if similar:
        message = f"'{domain}' has a verification record, but not with the value that is asked for."
        return Shortfall(code="record_different", message=message, seen=similar[:5])
    return Shortfall(code="record_missing", message=f"'{domain}' has no such TXT record yet ({len(texts)} others).")
