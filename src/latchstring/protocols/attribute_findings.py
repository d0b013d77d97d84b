"""What is wrong with the attributes of a connection, by what arrived: each finding with a stable code and a remedy.

A remedy is a mapping. It is recommended, previewed on what arrived (`attribute_preview`), and never applied by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Literal

import msgspec

from latchstring.protocols import attribute_sources as sources
from latchstring.protocols.attribute_evidence import Entry, Evidence
from latchstring.protocols.attribute_finding_words import FIXES, MESSAGES
from latchstring.protocols.attribute_kinds import is_guid, is_guid_address, is_joined, is_like_a_name
from latchstring.protocols.attribute_lookup import TRANSIENT
from latchstring.protocols.email_address import is_address
from latchstring.protocols.groups import OVERAGE, are_elsewhere

Severity = Literal["error", "warning", "notice"]  # people cannot sign in; a profile is wrong; worth knowing


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that looks wrong in a field of the profile."""

    code: str
    field: str
    severity: Severity
    samples: int  # that show it
    source: str = ""  # the attribute that is meant, where there is one
    maps: Mapping[str, tuple[str, ...]] = {}  # the recommended sources, by standard field; none: no mapping mends it

    @property
    def message(self) -> str:
        return MESSAGES[self.code].format(source=self.source)

    @property
    def fix(self) -> str:
        """What the identity provider could do instead."""
        return FIXES.get(self.code, "").format(source=self.source)

    @property
    def digest(self) -> str:
        """Of all that it says; not of how many samples show it, which another sign-in changes."""
        facts = (self.code, self.field, self.severity, self.source, self.maps)
        return sha256(msgspec.json.encode(facts, order="deterministic")).hexdigest()


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """The graver ones first. Nothing is found where nothing has arrived."""
    found = [finding for check in _CHECKS for finding in check(evidence)] if evidence.entries else []
    order: Sequence[Severity] = ("error", "warning", "notice")
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _names(evidence: Evidence) -> Iterator[Finding]:
    for field in ("first_name", "last_name"):
        hits = [entry for entry in evidence.entries if is_address(entry.one(field) or "")]
        if not hits:
            continue
        source = hits[0].fed[field].origin.source
        maps: dict[str, tuple[str, ...]] = {}
        swapped = {entry.fed["email"].origin.source for entry in hits if "email" in entry.fed}
        if other := sources.person_name(evidence, field, hits, swapped=swapped):
            maps[field] = other
        lacking = [entry for entry in hits if not _has_good_email(evidence, entry)]
        if lacking and (better := sources.email(evidence, lacking)):
            maps["email"] = better
        yield Finding(
            code=f"email_in_{field}",
            field=field,
            severity="error" if lacking else "warning",
            samples=len(hits),
            source=source,
            maps=maps,
        )


def _email(evidence: Evidence) -> Iterator[Finding]:
    """At most one for each cause; a sample counts for the first that fits it."""
    by_cause: dict[str, list[Entry]] = {}
    for entry in evidence.entries:
        if (cause := _email_fault(evidence, entry)) is not None:
            by_cause.setdefault(cause, []).append(entry)
    for cause, hits in by_cause.items():
        inside = True if cause == "email_outside_domains" else None
        better = sources.email(evidence, hits, inside=inside)
        if not better and cause == "email_outside_domains":
            continue  # strangers, whom no mapping makes members
        fed = hits[0].fed.get("email")
        yield Finding(
            code=cause,
            field="email",
            severity="warning" if cause == "email_outside_domains" and not evidence.restricted else "error",
            samples=len(hits),
            source=fed.origin.source if fed else "",
            maps={"email": better} if better else {},
        )


def _email_fault(evidence: Evidence, entry: Entry) -> str | None:
    fed = entry.fed.get("email")
    if fed is None:
        guest = any("#ext#" in value.lower() for values in entry.said.values() for value in values)
        return "email_of_guest" if guest else "email_missing"
    wrong = next((value for value in fed.values if not is_address(value)), None)
    if wrong is None:
        outside = evidence.domains and not evidence.is_good_email(entry, fed.origin.source, inside=True)
        return "email_outside_domains" if outside else None
    if "#ext#" in wrong.lower():
        return "email_of_guest"
    if is_guid_address(wrong):
        return "email_is_id"
    return "name_in_email" if is_like_a_name(wrong) else "email_malformed"


def _guid_addresses(evidence: Evidence) -> Iterator[Finding]:
    """An address by its form, and yet an object id."""
    hits = [entry for entry in evidence.entries if is_address(one := entry.one("email") or "") and is_guid_address(one)]
    better = sources.email(evidence, hits) if hits else ()
    if better and better[0] != hits[0].fed["email"].origin.source:
        yield Finding(
            code="email_is_id",
            field="email",
            severity="warning",
            samples=len(hits),
            source=hits[0].fed["email"].origin.source,
            maps={"email": better},
        )


def _identifier(evidence: Evidence) -> Iterator[Finding]:
    transient = [
        entry for entry in evidence.entries if entry.assertion.subject_format == TRANSIENT and "idp_id" not in entry.fed
    ]
    same = [entry for entry in evidence.entries if (one := entry.one("idp_id")) and one.lower() == _lower_email(entry)]
    lacking = [
        entry for entry in evidence.entries if entry.assertion.subject_format != TRANSIENT and "idp_id" not in entry.fed
    ]
    unfit = [
        entry for entry in evidence.entries if "idp_id" in entry.fed and not sources.is_fit(entry.fed["idp_id"].values)
    ]
    if not transient and not same and not lacking and not unfit:
        return
    better = sources.identifier(evidence)
    maps = {"idp_id": better} if better else {}
    if transient:
        yield Finding(
            code="identifier_transient",
            field="idp_id",
            severity="error",
            samples=len(transient),
            maps=maps,
        )
    if lacking:
        yield Finding(
            code="identifier_missing",
            field="idp_id",
            severity="error",
            samples=len(lacking),
            maps=maps,
        )
    if unfit:
        yield Finding(
            code="identifier_unfit",
            field="idp_id",
            severity="error",
            samples=len(unfit),
            source=unfit[0].fed["idp_id"].origin.source,
            maps=maps,
        )
    if same:
        yield Finding(
            code="identifier_is_email",
            field="idp_id",
            severity="warning" if better else "notice",
            samples=len(same),
            maps=maps,
        )


def _groups(evidence: Evidence) -> Iterator[Finding]:
    held = [entry for entry in evidence.entries if "groups" in entry.fed]
    if elsewhere := [entry for entry in evidence.entries if are_elsewhere(entry.assertion)]:
        yield Finding(code=OVERAGE.code, field="groups", severity="notice", samples=len(elsewhere))
    joined = [entry for entry in held if is_joined(entry.fed["groups"].values)]
    if joined:
        yield _group_finding(
            evidence,
            joined,
            code="groups_joined",
            severity="warning",
            holds=sources.holds_groups,
        )
    if held and all(is_guid(value) for entry in held for value in entry.fed["groups"].values):
        yield _group_finding(
            evidence,
            held,
            code="groups_are_ids",
            severity="notice",
            holds=sources.holds_group_names,
        )
    lacking = [entry for entry in evidence.entries if "groups" not in entry.fed and not are_elsewhere(entry.assertion)]
    if not held and lacking:
        yield _group_finding(
            evidence,
            lacking,
            code="groups_missing",
            severity="notice",
            holds=sources.holds_groups,
        )


def _group_finding(
    evidence: Evidence,
    hits: list[Entry],
    *,
    code: str,
    severity: Severity,
    holds: Callable[[Entry, str], bool],
) -> Finding:
    better = sources.groups(evidence, hits, holds=holds)
    if not better and code == "groups_joined":
        better = sources.taken_apart(evidence, hits)
    maps = {"groups": better} if better else {}
    return Finding(code=code, field="groups", severity=severity, samples=len(hits), maps=maps)


def _better_names(evidence: Evidence) -> Iterator[Finding]:
    """A name that is empty in some samples although something that is called so arrived."""
    for field in ("first_name", "last_name", "name"):
        lacking = [entry for entry in evidence.entries if field not in entry.fed]
        better = sources.person_name(evidence, field, lacking) if lacking else ()
        if better:
            yield Finding(
                code=f"better_source_for_{field}",
                field=field,
                severity="error" if field in evidence.required else "notice",
                samples=len(lacking),
                source=better[0],
                maps={field: better},
            )


def _has_good_email(evidence: Evidence, entry: Entry) -> bool:
    fed = entry.fed.get("email")
    return fed is not None and evidence.is_good_email(entry, fed.origin.source)


def _lower_email(entry: Entry) -> str | None:
    one = entry.one("email")
    return one.lower() if one else None


_CHECKS: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    _names,
    _email,
    _guid_addresses,
    _identifier,
    _groups,
    _better_names,
)
