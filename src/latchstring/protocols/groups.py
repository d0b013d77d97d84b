"""The groups of a person: texts in the order sent, and what to say when a provider sent something else instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from latchstring.model.profile import Assertion

# Beyond 150 groups (SAML) or 200 (JWT) Entra ID sends no groups but a link to its Graph, which takes credentials of
# the customer's that nobody gave us: it is never called.
_LINK = "http://schemas.microsoft.com/claims/groups.link"
_CLAIM = "_claim_names.groups"


class AttributeCaution(msgspec.Struct, frozen=True, kw_only=True):
    """Something about what was sent that does not stop the sign-in, with what to do about it; for the trace."""

    code: str
    message: str


OVERAGE = AttributeCaution(
    code="groups_overage",
    message="This person is in more groups than Entra ID sends, so it sent a link instead and `groups` is empty. In "
    "the application's group claim, choose `Groups assigned to the application`, or send app roles.",
)


def are_elsewhere(assertion: Assertion) -> bool:
    """Whether the provider says that the groups have to be fetched from somewhere else."""
    return _LINK in assertion.attributes or _CLAIM in assertion.attributes


def structured(assertion: Assertion, names: Iterable[str]) -> AttributeCaution | None:
    """What to say if one of the attributes holds a structure where groups should be texts."""
    for name in names:
        if _holds_structure(assertion.raw.get(name)):
            return AttributeCaution(
                code="groups_not_text",
                message=f"'{name}' holds JSON objects or lists where the names of groups should be. They are in "
                "`raw_attributes` and no groups. Let the provider send each group as one text value, or map `groups` "
                "to a member of the objects by its path.",
            )
    return None


def _holds_structure(value: Any) -> bool:
    if isinstance(value, dict):
        return True
    if isinstance(value, list):
        return any(isinstance(item, dict | list) or _is_json(item) for item in value)
    return _is_json(value)


def _is_json(value: Any) -> bool:
    """Text that is a JSON array or object; it stays the one group that it is in SAML's eyes."""
    return isinstance(value, str) and value[:1] + value[-1:] in ("[]", "{}")
