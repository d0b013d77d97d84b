"""What a mapping makes of what was said: a profile or a refusal; and what another mapping would make of it instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from latchstring.model.profile import Assertion
from latchstring.model.refusal import LoginRefused
from latchstring.model.testimony import AttributeSample
from latchstring.protocols.attribute_samples import known_as
from latchstring.protocols.attributes import Fed, Normalized

STANDARD = ("idp_id", "email", "first_name", "last_name", "name", "groups")


class Shortfall(msgspec.Struct, frozen=True, kw_only=True):
    """Why it makes no profile."""

    code: str
    message: str
    fix: str
    missing: tuple[str, ...] = ()  # fields that nothing feeds


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The fields as they come out; those of somebody who is refused are what would have been there."""

    fields: Mapping[str, Any]
    refusal: Shortfall | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One of the samples that come out otherwise, with the fields that differ alone."""

    at: datetime
    subject: str
    known_as: str  # an address, wherever it stood, or else the subject: for people to know the person again
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    refusal_before: Shortfall | None
    refusal_after: Shortfall | None


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a mapping would do to the samples that there are."""

    samples: int
    unchanged: int
    changed: int
    become_valid: int  # refused before, and would make a profile
    become_invalid: int
    stay_invalid: int
    changes: tuple[Change, ...]


Reader = Callable[[Assertion], Outcome]


def outcome(fed: Mapping[str, Fed], read: Callable[[], Normalized]) -> Outcome:
    """`read` makes the profile, and raises the `LoginRefused` of whatever rule it breaks."""
    try:
        normalized = read()
    except LoginRefused as refusal:
        fields: dict[str, Any] = {name: fed[name].values[0] if name in fed else None for name in STANDARD}
        fields["groups"] = list(fed["groups"].values) if "groups" in fed else []
        missing = tuple(getattr(refusal, "missing", ()))
        return Outcome(
            fields=fields,
            refusal=Shortfall(code=refusal.code, message=refusal.message, fix=refusal.fix, missing=missing),
        )
    fields = {name: getattr(normalized, name) for name in STANDARD}
    fields["groups"] = list(normalized.groups)
    return Outcome(fields={**fields, **_custom(normalized)}, refusal=None)


def effect(samples: Sequence[AttributeSample], before: Reader, after: Reader) -> Effect:
    """Both are asked about each sample."""
    changes: list[Change] = []
    valid = invalid = stay = 0
    for sample in samples:
        assertion = sample.testimony.assertion(sample.at)
        was, would = before(assertion), after(assertion)
        valid += was.refusal is not None and would.refusal is None
        invalid += was.refusal is None and would.refusal is not None
        stay += was.refusal is not None and would.refusal is not None
        names = [name for name in {**was.fields, **would.fields} if was.fields.get(name) != would.fields.get(name)]
        if names or was.refusal != would.refusal:
            changes.append(
                Change(
                    at=sample.at,
                    subject=sample.testimony.subject,
                    known_as=known_as(sample.testimony),
                    before={name: was.fields.get(name) for name in names},
                    after={name: would.fields.get(name) for name in names},
                    refusal_before=was.refusal,
                    refusal_after=would.refusal,
                )
            )
    return Effect(
        samples=len(samples),
        unchanged=len(samples) - len(changes),
        changed=len(changes),
        become_valid=valid,
        become_invalid=invalid,
        stay_invalid=stay,
        changes=tuple(changes),
    )


def _custom(normalized: Normalized) -> dict[str, Any]:
    return {f"custom_attributes.{name}": value for name, value in normalized.custom_attributes.items()}
