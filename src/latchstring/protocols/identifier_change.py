"""What another source of `idp_id` does to the profiles that a connection has: who stays, who is carried over, who not.

Only what was stored at each person's last sign-in can tell. Nobody is guessed, and no two people become one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from latchstring.model.profile import Assertion, Profile
from latchstring.protocols.attribute_lookup import SUBJECT, find, index, texts
from latchstring.protocols.attribute_refusals import IDENTIFIER_LIMIT, UNSTORABLE

# No sign-in brings a control character (`IdentifierMalformed`): what is put aside under one, nobody can come into.
_ASIDE = "\x1f"


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A stored profile, and what each candidate would make its identifier: the Name found, and the one good value."""

    id: str
    email: str
    idp_id: str  # as stored
    found: Mapping[str, tuple[str, str | None]]

    @property
    def is_aside(self) -> bool:
        return is_aside(self.idp_id)

    @property
    def put_aside(self) -> str:
        """The key under which it waits for its source to come back."""
        return aside(self.idp_id, self.id)


class IdentifierChange(msgspec.Struct, frozen=True, kw_only=True):
    """What happens, person by person."""

    before: str | None
    after: str | None  # what alone will feed idp_id; None: what the next sign-in finds
    profiles: int  # that can sign in now
    kept: int
    rekeyed: Mapping[str, str]  # profile id -> its new identifier
    orphaned: tuple[Holding, ...]

    @property
    def is_none(self) -> bool:
        return self.before == self.after and not self.rekeyed and not self.orphaned


def holding(profile: Profile, candidates: Sequence[str]) -> Holding:
    said = index(
        Assertion(
            subject=profile.subject or "",
            subject_format=profile.subject_format,
            attributes=texts(profile.raw_attributes),
            friendly_names={},
            raw=profile.raw_attributes,
            email_trusted=False,
            message_id="",
            valid_until=profile.updated_at,
            answers=None,
        )
    )
    found = {
        candidate: (candidate if candidate in SUBJECT else hit.source, _value(hit.values))
        for candidate in candidates
        if (hit := find(said, candidate))
    }
    return Holding(id=profile.id, email=profile.email, idp_id=profile.idp_id, found=found)


def is_aside(idp_id: str) -> bool:
    return _ASIDE in idp_id


def aside(idp_id: str, profile_id: str) -> str:
    """The key of a profile into which nobody can come."""
    return idp_id if is_aside(idp_id) else f"{idp_id}{_ASIDE}{profile_id}"


def shown(idp_id: str) -> str:
    """An identifier without what puts it aside."""
    return idp_id.partition(_ASIDE)[0]


def plan(
    holdings: Sequence[Holding], *, mapped: Sequence[str], usual: Sequence[str], before: str | None
) -> IdentifierChange:
    """`mapped` are the connection's own sources, and `usual` stand in where it has none: the first that anybody holds
    is meant, or else the first of its own, at its word."""
    candidates = tuple(mapped) or tuple(usual)
    after = next((each for each in candidates if any(each in one.found for one in holdings)), None)
    if after is None and mapped:
        after = mapped[0]
    if after is not None and any(one.found.get(after, ("",))[0] == before for one in holdings):
        after_name = before
    else:
        after_name = after
    values = {one.id: one.found[after][1] for one in holdings if after is not None and after in one.found}
    living = [one for one in holdings if not one.is_aside]
    taken = Counter(values.get(one.id) for one in living)
    own = {one.id: value for one in living if (value := values.get(one.id)) is not None and taken[value] == 1}
    waiting = [one for one in holdings if one.is_aside]
    returning = Counter(values.get(one.id) for one in waiting)
    back = {
        one.id: value
        for one in waiting
        if (value := values.get(one.id)) is not None and not taken[value] and returning[value] == 1
    }
    return IdentifierChange(
        before=before,
        after=after_name,
        profiles=len(living),
        kept=sum(own.get(one.id) == one.idp_id for one in living),
        rekeyed={**{one.id: own[one.id] for one in living if own.get(one.id) not in (None, one.idp_id)}, **back},
        orphaned=tuple(one for one in living if one.id not in own),
    )


def _value(values: Iterable[str]) -> str | None:
    """The one identifier that these are, by the rules of a sign-in; None if they are none."""
    each = set(values)
    value = each.pop()
    return None if each or len(value) > IDENTIFIER_LIMIT or UNSTORABLE.search(value) else value
