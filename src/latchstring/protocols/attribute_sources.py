"""Looks among the attributes that arrive for a better source of a field: one that breaks nothing that works today."""

from __future__ import annotations

from collections.abc import Callable, Collection

from latchstring.protocols.attribute_evidence import SUBJECT_NAME, Entry, Evidence
from latchstring.protocols.attribute_kinds import (
    hints_at,
    is_foreign,
    is_guid,
    is_guid_address,
    is_joined,
    is_like_a_name,
)
from latchstring.protocols.attribute_refusals import IDENTIFIER_LIMIT, UNSTORABLE
from latchstring.protocols.email_address import is_address

Sources = tuple[str, ...]
_Holds = Callable[[Entry, str], bool]


def email(evidence: Evidence, wrong: Collection[Entry], *, inside: bool | None = None) -> Sources:
    """For the samples whose e-mail is wrong now; nothing where nothing helps."""

    def holds(entry: Entry, name: str) -> bool:
        said = evidence.is_good_email(entry, name, inside=inside)
        return said and not any(map(is_guid_address, entry.said[name]))

    names = [name for name in evidence.names if not _shared(evidence, name)]
    ranked = sorted(names, key=lambda name: not _hinted(evidence, "email", name))
    right = [
        entry
        for entry in _others(evidence, "email", wrong)
        if evidence.is_good_email(entry, entry.fed["email"].origin.source, inside=inside)
    ]
    return _best(evidence, "email", wrong, right, ranked, holds)


def person_name(evidence: Evidence, field: str, wrong: Collection[Entry], *, swapped: Collection[str] = ()) -> Sources:
    """For first and last name and the whole: by the attribute's name; `swapped` may hold it, whatever it is called."""

    def holds(entry: Entry, name: str) -> bool:
        return all(map(is_like_a_name, entry.said.get(name, ("@",))))

    hinted = [name for name in evidence.names if _hinted(evidence, field, name)]
    names = list(dict.fromkeys((*hinted, *swapped)))
    return _best(evidence, field, wrong, _others(evidence, field, wrong), names, holds)


def groups(evidence: Evidence, wrong: Collection[Entry], *, holds: _Holds) -> Sources:
    names = [name for name in evidence.names if _hinted(evidence, "groups", name) and name != SUBJECT_NAME]
    return _best(evidence, "groups", wrong, _others(evidence, "groups", wrong), names, holds)


def taken_apart(evidence: Evidence, wrong: Collection[Entry]) -> Sources:
    """What feeds the groups now, split at what stands between them (`attribute_lookup.find_list`)."""
    values = [value for entry in wrong for value in entry.fed["groups"].values]
    mark = "[;]" if any(";" in value for value in values) else "[,]"
    source = next(iter(wrong)).fed["groups"].origin.source
    left = [entry.fed["groups"].origin.source for entry in _others(evidence, "groups", wrong)]
    return (source + mark, *dict.fromkeys(each for each in left if each != source))


def holds_groups(entry: Entry, name: str) -> bool:
    values = entry.said.get(name, ())
    return bool(values) and not is_joined(values) and not any(map(is_address, values))


def holds_group_names(entry: Entry, name: str) -> bool:
    return holds_groups(entry, name) and not any(map(is_guid, entry.said[name]))


def identifier(evidence: Evidence) -> Sources:
    """An attribute that is one value a person, one person a value, and no address: in every sample, or it is none."""
    known = [name for name in evidence.names if _hinted(evidence, "idp_id", name) and name != SUBJECT_NAME]
    for name in dict.fromkeys((*known, *(_guids(evidence)))):
        if not is_foreign(name, evidence.friendly_names.get(name)) and _identifies(evidence, name):
            return (name,)
    return ()


def is_fit(values: Collection[str]) -> bool:
    """Whether these are one identifier, by the rules of a sign-in."""
    return len(set(values)) == 1 and all(
        len(value) <= IDENTIFIER_LIMIT and not UNSTORABLE.search(value) for value in values
    )


def _best(
    evidence: Evidence,
    field: str,
    wrong: Collection[Entry],
    right: Collection[Entry],
    names: Collection[str],
    holds: _Holds,
) -> Sources:
    """The one that helps in most of the wrong samples; behind it what feeds the right ones, where it says nothing."""
    best, most = "", 0
    for name in names:
        if is_foreign(name, evidence.friendly_names.get(name)):
            continue
        if any(name in entry.said and not holds(entry, name) for entry in right):
            continue  # what works today would not any more
        helped = sum(holds(entry, name) for entry in wrong)
        if helped > most:
            best, most = name, helped
    if not best:
        return ()
    left = [entry.fed[field].origin.source for entry in right if best not in entry.said]
    return (best, *dict.fromkeys(source for source in left if source != best))


def _others(evidence: Evidence, field: str, wrong: Collection[Entry]) -> list[Entry]:
    """The samples that are not among the wrong ones and have the field."""
    left_out = set(map(id, wrong))
    return [entry for entry in evidence.entries if id(entry) not in left_out and field in entry.fed]


def _hinted(evidence: Evidence, field: str, name: str) -> bool:
    return hints_at(field, name, evidence.friendly_names.get(name))


def _shared(evidence: Evidence, name: str) -> bool:
    """Whether two people have the same value: a help desk's address, say. Who has the same names is one person, whose
    identifier somebody is just setting up."""
    holders: dict[str, Entry] = {}
    for entry in evidence.entries:
        for value in entry.said.get(name, ()):
            other = holders.setdefault(value.strip().lower(), entry)
            if other.person != entry.person and (_called(other) != _called(entry) or not any(_called(entry))):
                return True
    return False


def _called(entry: Entry) -> tuple[str | None, ...]:
    return tuple(entry.one(field) for field in ("first_name", "last_name", "name"))


def _guids(evidence: Evidence) -> list[str]:
    """Those that look like object ids; with an unknown name only if somebody was seen twice, and somebody else."""
    seen = [entry.person for entry in evidence.entries]
    if len(set(seen)) < 2 or len(set(seen)) == len(seen):
        return []
    return [
        name
        for name in evidence.names
        if name != SUBJECT_NAME
        and all(is_guid(value) for entry in evidence.entries for value in entry.said.get(name, ()))
    ]


def _identifies(evidence: Evidence, name: str) -> bool:
    person_of: dict[str, str] = {}
    value_of: dict[str, str] = {}
    for entry in evidence.entries:
        values = set(entry.said.get(name, ()))
        if len(values) != 1:
            return False
        (value,) = values
        if is_address(value) or not is_fit(values):
            return False
        if person_of.setdefault(value, entry.person) != entry.person:
            return False
        if value_of.setdefault(entry.person, value) != value:
            return False
    return True
