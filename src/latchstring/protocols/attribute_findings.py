"""What is wrong with the attributes of a connection, by what arrived: each finding with a stable code and a remedy.

A remedy is a mapping. It is recommended, previewed on what arrived (`attribute_preview`), and never applied by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from latchstring.protocols import attribute_sources as sources
from latchstring.protocols.attribute_evidence import Entry, Evidence
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
    message: str
    samples: int  # that show it
    maps: Mapping[str, tuple[str, ...]] = {}  # the recommended sources, by standard field; none: no mapping mends it
    fix: str = ""  # what the identity provider could do instead


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """The graver ones first. Nothing is found where nothing has arrived."""
    found = [finding for check in _CHECKS for finding in check(evidence)] if evidence.entries else []
    order: Sequence[Severity] = ("error", "warning", "notice")
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _names(evidence: Evidence) -> Iterator[Finding]:
    for field, word in (("first_name", "first name"), ("last_name", "last name")):
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
            message=f"The {word} receives an e-mail address ('{source}').",
            samples=len(hits),
            maps=maps,
            fix=f"Send the {word} in '{source}', and the address as `email`.",
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
            message=_EMAIL_FAULTS[cause].format(source=fed.origin.source if fed else ""),
            samples=len(hits),
            maps={"email": better} if better else {},
            fix="Send one plain address, name@domain, as `email`." if cause != "email_of_guest" else _GUEST_FIX,
        )


_GUEST_FIX = "Send user.mail instead of the user principal name: of a guest that one is no address."
_EMAIL_FAULTS: Mapping[str, str] = {
    "email_of_guest": "A guest account of Entra ID: its user principal name (#EXT#) is no e-mail address.",
    "email_missing": "Nothing feeds the e-mail address.",
    "email_is_id": "The e-mail receives an object id ('{source}').",
    "name_in_email": "The e-mail receives a name ('{source}').",
    "email_malformed": "The e-mail receives what is not one plain address ('{source}').",
    "email_outside_domains": "The e-mail ('{source}') is in none of the organization's verified domains.",
}


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
            message=f"The e-mail receives an object id ('{hits[0].fed['email'].origin.source}').",
            samples=len(hits),
            maps={"email": better},
            fix="Send the address that people write to as `email`.",
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
            message="The only identifier is a transient NameID, which is another one at each sign-in.",
            samples=len(transient),
            maps=maps,
            fix="Release a persistent NameID, or an attribute that never changes, such as an object id.",
        )
    if lacking:
        yield Finding(
            code="identifier_missing",
            field="idp_id",
            severity="error",
            message="Nothing feeds the identifier; or what people of this connection are known by does not arrive.",
            samples=len(lacking),
            maps=maps,
            fix="Send it, or send it again: another identifier makes people strangers.",
        )
    if unfit:
        yield Finding(
            code="identifier_unfit",
            field="idp_id",
            severity="error",
            message=f"The identifier ('{unfit[0].fed['idp_id'].origin.source}') has several values, or is too long, or "
            "holds control characters.",
            samples=len(unfit),
            maps=maps,
            fix="Send an identifier with one plain value of at most 256 characters.",
        )
    if same:
        yield Finding(
            code="identifier_is_email",
            field="idp_id",
            severity="warning" if better else "notice",
            message="The identifier is the e-mail address: whoever is renamed becomes a new person.",
            samples=len(same),
            maps=maps,
            fix="Send an identifier that never changes, such as an object id, and map `idp_id` to it.",
        )


def _groups(evidence: Evidence) -> Iterator[Finding]:
    held = [entry for entry in evidence.entries if "groups" in entry.fed]
    if elsewhere := [entry for entry in evidence.entries if are_elsewhere(entry.assertion)]:
        yield Finding(
            code=OVERAGE.code, field="groups", severity="notice", message=OVERAGE.message, samples=len(elsewhere)
        )
    joined = [entry for entry in held if is_joined(entry.fed["groups"].values)]
    if joined:
        yield _group_finding(
            evidence,
            joined,
            code="groups_joined",
            severity="warning",
            holds=sources.holds_groups,
            message="All groups arrive in one value, with semicolons or commas between them: that is one group here.",
            fix="Send each group as a value of its own.",
        )
    if held and all(is_guid(value) for entry in held for value in entry.fed["groups"].values):
        yield _group_finding(
            evidence,
            held,
            code="groups_are_ids",
            severity="notice",
            holds=sources.holds_group_names,
            message="All groups are object ids, as Entra ID sends them, and no names.",
            fix="Let Entra ID send the names of groups (`sAMAccountName` or cloud-only display names), or app roles.",
        )
    lacking = [entry for entry in evidence.entries if "groups" not in entry.fed and not are_elsewhere(entry.assertion)]
    if not held and lacking:
        yield _group_finding(
            evidence,
            lacking,
            code="groups_missing",
            severity="notice",
            holds=sources.holds_groups,
            message="No groups arrive.",
            fix="If your application needs groups, let the identity provider send them as `groups`.",
        )


def _group_finding(
    evidence: Evidence,
    hits: list[Entry],
    *,
    code: str,
    severity: Severity,
    holds: Callable[[Entry, str], bool],
    message: str,
    fix: str,
) -> Finding:
    better = sources.groups(evidence, hits, holds=holds)
    if not better and code == "groups_joined":
        better = sources.taken_apart(evidence, hits)
    maps = {"groups": better} if better else {}
    return Finding(code=code, field="groups", severity=severity, message=message, samples=len(hits), maps=maps, fix=fix)


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
                message=f"`{field}` stays empty, and '{better[0]}' looks like it.",
                samples=len(lacking),
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
