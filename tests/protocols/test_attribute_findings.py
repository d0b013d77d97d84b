"""The attribute mapper's eye: each heuristic by the samples that show it, and what it recommends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from latchstring.model.connection import AttributeMaps
from latchstring.model.profile import Assertion
from latchstring.model.testimony import AttributeSample, Testimony
from latchstring.protocols import attribute_evidence, attributes
from latchstring.protocols.attribute_evidence import Evidence
from latchstring.protocols.attribute_finding_words import FIXES, MESSAGES
from latchstring.protocols.attribute_findings import findings
from latchstring.protocols.attribute_names import CLAIMS
from latchstring.protocols.attribute_preview import Outcome, effect, outcome

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 25, tzinfo=UTC)
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
GUIDS = tuple(f"0f8fad5b-d9cb-469f-a165-7086772895{number:02x}" for number in range(9))

Said = Mapping[str, str | tuple[str, ...]]


def sample(said: Said, *, subject: str = "", subject_format: str | None = None) -> AttributeSample:
    attributes = {name: (value,) if isinstance(value, str) else value for name, value in said.items()}
    friendly = {"Nachname": "urn:custom:1"} if "urn:custom:1" in attributes else {}
    told = Testimony(subject=subject, subject_format=subject_format, attributes=attributes, friendly_names=friendly)
    return AttributeSample(at=NOW, refusal=None, testimony=told)


def evidence(
    samples: Sequence[AttributeSample],
    *,
    maps: Mapping[str, tuple[str, ...]] | None = None,
    domains: Sequence[str] = ("acme.example",),
    restricted: bool = True,
    identifier_source: str | None = None,
) -> Evidence:
    return attribute_evidence.gather(
        samples,
        maps=AttributeMaps(standard=dict(maps or {})),
        defaults={},
        identifier_source=identifier_source,
        domains=frozenset(domains),
        restricted=restricted,
    )


GOOD: Said = {"id": "7", "email": "ann@acme.example", "firstName": "Ann", "lastName": "Example", "groups": ("a", "b")}


def people(*said: Said) -> list[AttributeSample]:
    """One after the other, each with the good attributes where they say nothing else; an empty value takes one away."""
    return [
        sample(
            {name: value for name, value in {**GOOD, "id": str(number), **each}.items() if value}, subject=f"s{number}"
        )
        for number, each in enumerate(said)
    ]


@dataclass
class Row:
    """Samples, and what is to be found in them: code, field -> sources, severity."""

    samples: list[AttributeSample]
    code: str
    maps: Mapping[str, tuple[str, ...]]
    severity: str
    settings: Mapping[str, Mapping[str, tuple[str, ...]] | Sequence[str] | bool] = field(default_factory=dict)
    shown: int = 1  # in so many of them


ROWS = {
    "the example: the surname claim holds the address, the surname is elsewhere": Row(
        people({"email": "", "lastName": "", CLAIMS + "surname": "ann@acme.example", "lastname2": "Example"}),
        "email_in_last_name",
        {"last_name": ("lastname2",), "email": (CLAIMS + "surname",)},
        "error",
    ),
    "an address in the last name beside a good one": Row(
        people({"lastName": "ann@acme.example", "surname2": "Example"}),
        "email_in_last_name",
        {"last_name": ("surname2",)},
        "warning",
    ),
    "an address in the first name, and no name anywhere": Row(
        people({"firstName": "ann@acme.example"}), "email_in_first_name", {}, "warning"
    ),
    "name and address are swapped": Row(
        people({"email": "Example", "lastName": "ann@acme.example"}),
        "email_in_last_name",
        {"last_name": ("email",), "email": ("lastName",)},
        "error",
    ),
    "a name in the e-mail": Row(
        people({"email": "Ann Example", "contact": "ann@acme.example"}),
        "name_in_email",
        {"email": ("contact",)},
        "error",
    ),
    "a name in the e-mail, and no address": Row(people({"email": "Ann Example"}), "name_in_email", {}, "error"),
    "two addresses in one text": Row(
        people({"email": "ann@acme.example, a@acme.example", "contact": "ann@acme.example"}),
        "email_malformed",
        {"email": ("contact",)},
        "error",
    ),
    "no e-mail, but an address elsewhere": Row(
        people({"email": "", "contact": "ann@acme.example"}), "email_missing", {"email": ("contact",)}, "error"
    ),
    "no e-mail, and the address elsewhere is a stranger's": Row(
        people({"email": "", "contact": "ann@globex.example"}), "email_missing", {}, "error"
    ),
    "no e-mail, and any address will do": Row(
        people({"email": "", "contact": "ann@globex.example"}),
        "email_missing",
        {"email": ("contact",)},
        "error",
        {"restricted": False},
    ),
    "only the manager's address": Row(
        people({"email": "", "manager_email": "boss@acme.example"}), "email_missing", {}, "error"
    ),
    "an address that two people share": Row(
        people(
            {"email": "", "contact": "help@acme.example"},
            {"email": "", "contact": "help@acme.example", "firstName": "Bea"},
        ),
        "email_missing",
        {},
        "error",
        shown=2,
    ),
    "outside the domains, inside elsewhere": Row(
        people({"email": "ann@globex.example", "contact": "ann@acme.example"}),
        "email_outside_domains",
        {"email": ("contact",)},
        "error",
    ),
    "outside is allowed, and yet": Row(
        people({"email": "ann@globex.example", "contact": "ann@acme.example"}),
        "email_outside_domains",
        {"email": ("contact",)},
        "warning",
        {"restricted": False},
    ),
    "a guest of Entra ID": Row(
        people({"email": "ann_globex.example#EXT#@acme.example", "mail": "ann@acme.example"}),
        "email_of_guest",
        {"email": ("mail",)},
        "error",
    ),
    "a guest whose user principal name is passed over": Row(
        people({"email": "", CLAIMS + "upn": "ann_globex.example#EXT#@acme.example"}), "email_of_guest", {}, "error"
    ),
    "a GUID in the e-mail": Row(
        people({"email": GUIDS[0], "contact": "ann@acme.example"}), "email_is_id", {"email": ("contact",)}, "error"
    ),
    "a GUID before the @": Row(
        people({"email": f"{GUIDS[0]}@acme.example", "contact": "ann@acme.example"}),
        "email_is_id",
        {"email": ("contact",)},
        "warning",
    ),
    "the identifier is the address, and an object id arrives": Row(
        people({"id": "ann@acme.example", "objectid": GUIDS[0]}),
        "identifier_is_email",
        {"idp_id": ("objectid",)},
        "warning",
    ),
    "the identifier is the address in capitals, and nothing else arrives": Row(
        people({"id": "ANN@acme.example"}), "identifier_is_email", {}, "notice"
    ),
    "a GUID that everybody has is the tenant's": Row(
        people({"id": "ann@acme.example", "tenantid": GUIDS[0]}), "identifier_is_email", {}, "notice"
    ),
    "several identifiers": Row(people({"id": ("1", "2")}), "identifier_unfit", {}, "error"),
    "an identifier without end": Row(
        people({"id": "x" * 257, "UserID": "7"}), "identifier_unfit", {"idp_id": ("UserID",)}, "error"
    ),
    "what people are known by is gone": Row(
        people({}),
        "identifier_missing",
        {"idp_id": ("id",)},
        "error",
        {"identifier_source": "nr"},
    ),
    "groups joined by semicolons": Row(
        people({"groups": "a,b;c", "email": "bea@acme.example"}), "groups_joined", {"groups": ("groups[;]",)}, "warning"
    ),
    "groups joined by commas": Row(
        people({"groups": "a,b;"}, {}), "groups_joined", {"groups": ("groups[;]",)}, "warning"
    ),
    "groups joined by commas, where others have them elsewhere": Row(
        people({"groups": "", "memberOf": "a,b"}, {}), "groups_joined", {"groups": ("memberOf[,]", "groups")}, "warning"
    ),
    "groups joined by commas, and apart elsewhere": Row(
        people({"groups": "a,b", "memberships.groups": ("a", "b")}),
        "groups_joined",
        {"groups": ("memberships.groups",)},
        "warning",
    ),
    "groups are object ids": Row(people({"groups": GUIDS[:2]}), "groups_are_ids", {}, "notice"),
    "groups are object ids, and roles have names": Row(
        people({"groups": GUIDS[:2], "appRoles": ("Admin",)}), "groups_are_ids", {"groups": ("appRoles",)}, "notice"
    ),
    "no groups": Row(people({"groups": ""}), "groups_missing", {}, "notice"),
    "no groups, but something of the kind": Row(
        people({"groups": "", "https://acme.example/UserGroups": "a"}),
        "groups_missing",
        {"groups": ("https://acme.example/UserGroups",)},
        "notice",
    ),
    "more groups than Entra ID sends": Row(
        people({"groups": "", "http://schemas.microsoft.com/claims/groups.link": "https://graph.example"}),
        "groups_overage",
        {},
        "notice",
    ),
    "a better source for the last name": Row(
        people({"lastName": "", "urn:custom:1": "Example"}),
        "better_source_for_last_name",
        {"last_name": ("urn:custom:1",)},
        "notice",
    ),
    "a source for those in whose samples the usual one is empty": Row(
        people({"lastName": "", "Familienname_surname": "Example"}, {}),
        "better_source_for_last_name",
        {"last_name": ("Familienname_surname", "lastName")},
        "notice",
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_finding_and_its_remedy(row: Row) -> None:
    found = {each.code: each for each in findings(evidence(row.samples, **row.settings))}  # type: ignore[arg-type]
    assert row.code in found, found
    finding = found[row.code]
    assert (dict(finding.maps), finding.severity) == (row.maps, row.severity)
    assert finding.message and finding.samples == row.shown


QUIET = {
    "all is well": people({}, {"email": "bea@acme.example", "firstName": "Bea"}),
    "nothing has arrived": [],
    "distinguished names have commas": people({"groups": "CN=Staff,OU=Groups,DC=acme"}),
    "groups that are taken apart": people({"groups": ("a", "b")}),
    "a stranger is a stranger": people({"email": "eve@globex.example"}),
}


@pytest.mark.parametrize("samples", QUIET.values(), ids=QUIET)
def test_nothing_is_found_where_nothing_is_wrong(samples: list[AttributeSample]) -> None:
    assert findings(evidence(samples)) == ()


def test_a_transient_name_asks_for_one_that_lasts() -> None:
    def said(number: int, **more: str) -> AttributeSample:
        attributes: Said = {"email": f"p{number}@acme.example", "groups": ("a", "b"), "token": GUIDS[number], **more}
        return sample(attributes, subject=f"_{number}", subject_format=TRANSIENT)

    (finding,) = findings(evidence([said(1), said(2)]))
    assert (finding.code, finding.field, finding.severity, finding.maps) == (
        "identifier_transient",
        "idp_id",
        "error",
        {},
    )
    (finding,) = findings(evidence([said(1, UserID="u1"), said(2, UserID="u2")]))
    assert finding.maps == {"idp_id": ("UserID",)}
    # An unknown name with a GUID is trusted once somebody came twice with the same, and somebody else with another.
    (finding,) = findings(evidence([said(1), said(2), said(1)]))
    assert finding.maps == {"idp_id": ("token",)}


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([{"objectid": GUIDS[0]}], id="two people with one value"),
        pytest.param([{"objectid": ""}], id="somebody without one"),
        pytest.param([{"objectid": ("1", "2")}], id="two values"),
        pytest.param([{"objectid": "x" * 257}], id="too long"),
    ],
)
def test_what_does_not_tell_people_apart_is_no_identifier(others: list[Said]) -> None:
    samples = people({"id": "p0@acme.example", "email": "p0@acme.example", "objectid": GUIDS[0]}, *others)
    finding = next(each for each in findings(evidence(samples)) if each.code == "identifier_is_email")
    assert finding.maps == {}


def test_one_who_is_just_setting_up_the_name_id_shares_an_address_with_nobody() -> None:
    said: Said = {"contact": "ann@acme.example", "firstName": "Ann", "groups": ("a", "b")}
    (finding,) = findings(evidence([sample(said, subject="one"), sample(said, subject="two")]))
    assert finding.maps == {"email": ("contact",)}


def test_a_remedy_never_breaks_what_works() -> None:
    samples = people(
        {"email": "", "contact": "ann@acme.example"},
        {"email": "bea@acme.example", "contact": "bea@private.example", "firstName": "Bea"},
    )
    (finding,) = findings(evidence(samples))
    assert (finding.code, finding.maps) == ("email_missing", {})


def test_a_name_that_is_required_stops_people() -> None:
    samples = people({"lastName": "", "urn:custom:1": "Example"})
    maps = AttributeMaps(required=("last_name",))
    evident = attribute_evidence.gather(
        samples, maps=maps, defaults={}, identifier_source=None, domains=frozenset(), restricted=False
    )
    (finding,) = findings(evident)
    assert (finding.code, finding.severity) == ("better_source_for_last_name", "error")


def test_what_arrives_is_described() -> None:
    samples = people({"title": "Head", "nr": "12"}, {"title": "", "nr": "13", "urn:custom:1": GUIDS[0]})
    shown = {each.name: each for each in attribute_evidence.arriving(evidence(samples))}
    assert list(shown) == ["id", "email", "firstName", "lastName", "groups", "title", "nr", "@NameID", "urn:custom:1"]
    groups, number, subject = shown["groups"], shown["nr"], shown["@NameID"]
    assert (groups.samples, groups.most_values, groups.kinds, groups.feeds) == (2, 2, ("text",), ("groups",))
    assert (number.distinct, number.examples, number.kinds, number.feeds) == (2, ("12", "13"), ("number",), ())
    assert (subject.examples, shown["title"].samples) == (("s0", "s1"), 1)
    assert (shown["urn:custom:1"].friendly_name, shown["urn:custom:1"].kinds) == ("Nachname", ("guid",))
    sources = {
        each.field: (each.source, each.rule, each.samples)
        for each in attribute_evidence.field_sources(evidence(samples))
    }
    assert sources["idp_id"] == ("id", "general", 2)
    assert sources["name"] == (None, None, 0)


def test_the_page_about_findings_names_all_of_them_and_each_has_words() -> None:
    table = (
        (ROOT / "docs" / "attribute-mapper.md")
        .read_text(encoding="utf-8")
        .partition("| code |")[2]
        .partition("What is")[0]
    )
    named = {
        code.replace("...", "better_source_for")
        for line in table.splitlines()
        for code in re.findall("`([a-z_.]+)`", line.split("|")[1] if line.count("|") > 2 else "")
    }
    assert named == MESSAGES.keys() and FIXES.keys() < named


def test_a_preview_says_what_becomes_of_each_sample() -> None:
    samples = people({"email": "", "contact": "ann@acme.example"}, {}, {"email": "bad", "contact": ""})

    def reader(maps: AttributeMaps) -> object:
        def read(assertion: Assertion) -> Outcome:
            return outcome(
                attributes.fed(assertion, maps=maps, defaults={}),
                lambda: attributes.normalize(assertion, maps=maps, defaults={}),
            )

        return read

    before, after = reader(AttributeMaps()), reader(AttributeMaps(standard={"email": ("contact",), "name": ("id",)}))
    shown = effect(samples, before, after)  # type: ignore[arg-type]
    assert (shown.samples, shown.unchanged, shown.changed) == (3, 0, 3)
    assert (shown.become_valid, shown.become_invalid, shown.stay_invalid) == (1, 0, 1)
    first, second, third = shown.changes
    assert (first.before, first.after) == ({"email": None, "name": None}, {"email": "ann@acme.example", "name": "0"})
    assert first.refusal_before is not None and first.refusal_before.missing == ("email",)
    assert (first.refusal_after, second.after) == (None, {"name": "1"})
    assert third.refusal_after is not None and third.refusal_after.code == "email_invalid"
    undone = effect(samples, after, before)  # type: ignore[arg-type]
    assert (undone.become_valid, undone.become_invalid) == (0, 1)
