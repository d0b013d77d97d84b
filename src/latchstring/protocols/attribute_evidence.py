"""A connection's samples side by side: which attributes arrive, what they look like, and what feeds each field now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from latchstring.model.connection import AttributeMaps
from latchstring.model.profile import Assertion
from latchstring.model.testimony import AttributeSample
from latchstring.protocols.attribute_kinds import Kind, kind
from latchstring.protocols.attribute_lookup import TRANSIENT, first, index
from latchstring.protocols.attribute_names import GENERAL, PREDEFINED
from latchstring.protocols.attribute_samples import whose
from latchstring.protocols.attributes import Defaults, Fed, Rule, fed
from latchstring.protocols.email_address import email_domain, is_address

SUBJECT_NAME = "@NameID"
EXAMPLES = 3
_EXAMPLE_LENGTH = 100


class Arriving(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that is sent, or the subject."""

    name: str
    friendly_name: str | None
    samples: int  # in how many of them it holds a value
    most_values: int  # in one of them
    kinds: tuple[Kind, ...]  # what its values look like, the commonest first
    distinct: int
    examples: tuple[str, ...]  # the newest different ones
    feeds: tuple[str, ...]  # fields of the profile


class FieldSource(msgspec.Struct, frozen=True, kw_only=True):
    """What feeds a field, and in how many samples; a field may have several, or none."""

    field: str
    source: str | None
    rule: Rule | None
    samples: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One sample, opened."""

    assertion: Assertion
    person: str
    said: Mapping[str, tuple[str, ...]]  # by Name, without blank values; `@NameID` is the subject, if it lasts
    fed: Mapping[str, Fed]
    custom: Mapping[str, str]  # custom field, mapped or predefined -> Name

    def one(self, field: str) -> str | None:
        """The value of a field, as sent."""
        held = self.fed.get(field)
        return held.values[0].strip() if held else None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that the findings are made of."""

    entries: tuple[Entry, ...]  # the newest first
    friendly_names: Mapping[str, str]  # Name -> FriendlyName
    domains: frozenset[str] = frozenset()  # the organization's verified ones
    restricted: bool = False  # only addresses in these may sign in
    required: frozenset[str] = frozenset()  # fields beyond identifier and e-mail without which nobody signs in

    @property
    def names(self) -> list[str]:
        """Of everything that holds a value somewhere, in the order received."""
        return list(dict.fromkeys(name for entry in self.entries for name in entry.said))

    def is_good_email(self, entry: Entry, name: str, *, inside: bool | None = None) -> bool:
        """Whether this attribute could feed the e-mail here: one address or several, in the domains if they must be."""
        values = entry.said.get(name, ())
        if not values or not all(map(is_address, values)):
            return False
        vouched = entry.assertion.email_claims
        if vouched is not None and name not in vouched:
            return False
        within = self.restricted if inside is None else inside
        return not within or all(email_domain(value) in self.domains for value in values)


def gather(
    samples: Sequence[AttributeSample],
    *,
    maps: AttributeMaps,
    defaults: Defaults,
    identifier_source: str | None,
    domains: frozenset[str],
    restricted: bool,
) -> Evidence:
    friendly: dict[str, str] = {}
    entries = []
    for sample in samples:
        assertion = sample.testimony.assertion(sample.at)
        said = {name: held for name, values in assertion.attributes.items() if (held := _told(values))}
        if assertion.subject_format != TRANSIENT and (subject := _told((assertion.subject,))):
            said[SUBJECT_NAME] = subject
        for short, name in assertion.friendly_names.items():
            friendly.setdefault(name, short)
        found = index(assertion)
        sources = {**PREDEFINED, **{field: (*own, *PREDEFINED.get(field, ())) for field, own in maps.custom.items()}}
        custom = {field: hit.source for field, names in sources.items() if (hit := first(found, names))}
        entries.append(
            Entry(
                assertion=assertion,
                person=whose(assertion),
                said=said,
                fed=fed(assertion, maps=maps, defaults=defaults, identifier_source=identifier_source),
                custom=custom,
            )
        )
    return Evidence(
        entries=tuple(entries),
        friendly_names=friendly,
        domains=domains,
        restricted=restricted,
        required=frozenset(maps.required),
    )


def arriving(evidence: Evidence) -> tuple[Arriving, ...]:
    return tuple(_arriving(evidence, name) for name in evidence.names) + _transient(evidence)


def field_sources(evidence: Evidence) -> tuple[FieldSource, ...]:
    """Of each standard field, the source of most samples first."""
    found: list[FieldSource] = []
    for field in GENERAL:
        origins = Counter(
            (entry.fed[field].origin.source, entry.fed[field].origin.rule)
            for entry in evidence.entries
            if field in entry.fed
        )
        found += [
            FieldSource(field=field, source=source, rule=rule, samples=count)
            for (source, rule), count in origins.most_common()
        ] or [FieldSource(field=field, source=None, rule=None, samples=0)]
    return tuple(found)


def _arriving(evidence: Evidence, name: str) -> Arriving:
    held = [entry.said[name] for entry in evidence.entries if name in entry.said]
    values = [value for each in held for value in each]
    feeds = {field for entry in evidence.entries for field, fed in entry.fed.items() if fed.origin.source == name}
    custom = {field for entry in evidence.entries for field, source in entry.custom.items() if source == name}
    return Arriving(
        name=name,
        friendly_name=evidence.friendly_names.get(name),
        samples=len(held),
        most_values=max(map(len, held)),
        kinds=tuple(each for each, _ in Counter(map(kind, values)).most_common()),
        distinct=len(set(values)),
        examples=tuple(dict.fromkeys(value[:_EXAMPLE_LENGTH] for value in values))[:EXAMPLES],
        feeds=tuple(field for field in GENERAL if field in feeds) + tuple(sorted(custom)),
    )


def _transient(evidence: Evidence) -> tuple[Arriving, ...]:
    """A subject that is another one at each sign-in; it feeds nothing, ever."""
    held = [entry.assertion.subject for entry in evidence.entries if entry.assertion.subject_format == TRANSIENT]
    if not held:
        return ()
    shown = Arriving(
        name=SUBJECT_NAME,
        friendly_name=None,
        samples=len(held),
        most_values=1,
        kinds=("transient",),
        distinct=len(set(held)),
        examples=tuple(dict.fromkeys(value[:_EXAMPLE_LENGTH] for value in held))[:EXAMPLES],
        feeds=(),
    )
    return (shown,)


def _told(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value and not value.isspace())
