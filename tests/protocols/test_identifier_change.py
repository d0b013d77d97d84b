"""Whom another source of idp_id leaves behind: each rule of the plan, on profiles as they are stored."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchstring.model.profile import Profile
from latchstring.protocols.identifier_change import IdentifierChange, holding, plan, shown
from tests.house_for_tests import START
from tests.protocols.test_attributes import PERSISTENT, TRANSIENT

USUAL = ("id", "uid", "@NameID")


def stored(idp_id: str, *, subject: str | None = None, subject_format: str | None = None, **raw: Any) -> Profile:
    return Profile(
        id=f"prof_{shown(idp_id)}",
        connection_id="conn_1",
        connection_type="GenericSAML",
        organization_id=None,
        idp_id=idp_id,
        email=f"{shown(idp_id)}@acme.com",
        first_name=None,
        last_name=None,
        name=None,
        groups=(),
        custom_attributes={},
        raw_attributes=raw,
        subject=subject,
        subject_format=subject_format,
        created_at=START,
        updated_at=START,
    )


def planned(*profiles: Profile, mapped: tuple[str, ...] = ("number",), before: str | None = "uid") -> IdentifierChange:
    return plan([holding(each, mapped or USUAL) for each in profiles], mapped=mapped, usual=USUAL, before=before)


def outcome(change: IdentifierChange) -> tuple[int, dict[str, str], list[str]]:
    """How many stay, who is carried over to what, who is left behind."""
    return change.kept, dict(change.rekeyed), [one.id for one in change.orphaned]


@pytest.mark.parametrize(
    ("profiles", "expected"),
    [
        ([stored("a", number="a")], (1, {}, [])),
        ([stored("a", number="1"), stored("b", number="2")], (0, {"prof_a": "1", "prof_b": "2"}, [])),
        ([stored("a", number="b"), stored("b", number="a")], (0, {"prof_a": "b", "prof_b": "a"}, [])),  # swapped
        ([stored("a", number="1"), stored("b")], (0, {"prof_a": "1"}, ["prof_b"])),
        ([stored("a", number="1"), stored("b", number="1")], (0, {}, ["prof_a", "prof_b"])),
        (
            [stored("1", number="1"), stored("b", number="1")],
            (0, {}, ["prof_1", "prof_b"]),
        ),
        ([stored("a", number=["1", "2"]), stored("b", number=["3", "3"])], (0, {"prof_b": "3"}, ["prof_a"])),
        ([stored("a", number=7), stored("b", number=" ")], (0, {"prof_a": "7"}, ["prof_b"])),
        ([stored("a", number="x" * 257), stored("b", number="1\n2")], (0, {}, ["prof_a", "prof_b"])),
        ([stored("a", NUMBER="1")], (0, {"prof_a": "1"}, [])),  # found as a sign-in finds it
    ],
)
def test_saml_38_nobody_is_guessed_and_no_two_become_one(
    profiles: list[Profile], expected: tuple[int, dict[str, str], list[str]]
) -> None:
    change = planned(*profiles)
    assert outcome(change) == expected
    assert (change.after, change.profiles) == ("number", len(profiles))


def test_a_source_that_nobody_holds_is_taken_at_its_word() -> None:
    change = planned(stored("a", number="1"), mapped=("badge", "card"))
    assert (change.after, outcome(change)) == ("badge", (0, {}, ["prof_a"]))


def test_of_several_sources_the_first_that_anybody_holds_is_meant_for_all() -> None:
    change = planned(stored("a", card="1"), stored("b", number="2"), mapped=("badge", "number", "card"))
    assert (change.after, outcome(change)) == ("number", (0, {"prof_b": "2"}, ["prof_a"]))


def test_without_a_mapping_the_usual_sources_stand_in() -> None:
    assert planned(stored("u", uid="u"), mapped=(), before="uid").is_none
    assert planned(stored("u", uid="u", id="1"), mapped=(), before="uid").after == "id"
    assert planned(stored("u"), mapped=(), before="uid").after is None


def test_the_same_source_under_another_spelling_is_no_change() -> None:
    assert planned(stored("a", Number="a"), before="Number").is_none


@pytest.mark.parametrize(
    ("subject_format", "source", "kept"),
    [(PERSISTENT, "@NameID", 1), (PERSISTENT, "@NameID:persistent", 1), (TRANSIENT, "@NameID", 0)],
)
def test_saml_39_the_subject_of_the_last_sign_in_counts_unless_it_was_transient(
    subject_format: str, source: str, kept: int
) -> None:
    change = planned(stored("p-1", subject="p-1", subject_format=subject_format), mapped=(source,))
    assert change.kept == kept


def test_who_was_put_aside_comes_back_with_the_source_unless_somebody_else_is_there() -> None:
    leaving = planned(stored("a", uid="a", number="1"), stored("b", uid="b"))
    aside = leaving.orphaned[0].put_aside
    assert shown(aside) == "b" != aside
    back = planned(stored("1", uid="a", number="1"), stored(aside, uid="b"), mapped=("uid",), before="number")
    assert outcome(back) == (0, {"prof_1": "a", "prof_b": "b"}, [])
    assert back.profiles == 1
    occupied = planned(stored("9", uid="b"), stored(aside, uid="b"), mapped=("uid",), before="number")
    assert outcome(occupied) == (0, {"prof_9": "b"}, [])


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.booleans(), st.none() | st.sampled_from(["a", "b", "c", "1", "2"])),
        max_size=8,
    )
)
def test_saml_38_whoever_signs_in_after_a_change_meets_their_own_profile_or_a_new_one(
    people: list[tuple[str, bool, str | None]],
) -> None:
    profiles: dict[str, Profile] = {}
    for number, (idp_id, aside, value) in enumerate(people):
        key = f"{idp_id}\x1fprof_{number}" if aside else idp_id
        if key not in {each.idp_id for each in profiles.values()}:
            raw = {} if value is None else {"number": value}
            profiles[f"prof_{number}"] = msgspec.structs.replace(stored(key, **raw), id=f"prof_{number}")
    held = [holding(each, ("number",)) for each in profiles.values()]
    change = plan(held, mapped=("number",), usual=USUAL, before="uid")
    keys = {one.id: one.idp_id for one in held}
    keys |= {one.id: one.put_aside for one in change.orphaned} | dict(change.rekeyed)
    assert len(set(keys.values())) == len(keys)  # the database would not have it otherwise
    for one in held:
        value = profiles[one.id].raw_attributes.get("number")
        meets = [each for each, key in keys.items() if key == value]
        # Who was set aside long ago may have a new profile by now, which holds the same value.
        assert meets in ([], [one.id]) or one.is_aside
        assert keys[one.id] in (value, one.put_aside)
    living = sum(not one.is_aside for one in held)
    back = sum(one.is_aside and one.id in change.rekeyed for one in held)
    assert change.profiles == living == change.kept + len(change.rekeyed) - back + len(change.orphaned)
