"""Times as the database keeps them: whole milliseconds since 1970, UTC, so that both engines compare them alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Cut off, never rounded up, as the API cuts what it shows: an object reads the same before and after storing."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND


def optional_from_ms(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


def optional_to_ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)
