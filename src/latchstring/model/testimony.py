"""`Testimony`: what an identity provider said of a person, kept for a while; and who awaits another mapping for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from latchstring.model.profile import Assertion


class Testimony(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The part of an `Assertion` from which a profile is read, cut to a bounded size."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    subject: str
    subject_format: str | None = None
    attributes: Mapping[str, tuple[str, ...]]
    friendly_names: Mapping[str, str] = {}
    email_trusted: bool = True
    email_claims: tuple[str, ...] | None = None
    cut: bool = False  # more was said than is kept

    def assertion(self, at: datetime) -> Assertion:
        """To be read again as it was read at that time; good for no sign-in."""
        return Assertion(
            subject=self.subject,
            subject_format=self.subject_format,
            attributes=self.attributes,
            friendly_names=self.friendly_names,
            raw=self.attributes,
            email_trusted=self.email_trusted,
            email_claims=self.email_claims,
            message_id="",
            valid_until=at,
            answers=None,
        )


class AttributeSample(msgspec.Struct, frozen=True, kw_only=True):
    """One of a connection's last sign-ins."""

    at: datetime
    refusal: str | None  # the code with which it was refused for its attributes; None: it was good
    testimony: Testimony


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who could not sign in for what was said of them, until the mapping or the provider is mended."""

    id: str
    connection_id: str
    refusal: str  # the code of the last try
    tries: int
    testimony: Testimony  # of the last try
    created_at: datetime  # the first try
    updated_at: datetime  # the last one
