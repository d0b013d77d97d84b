"""The SAML half of `latchstring attack`, fired at a server in a process of its own: every row, by its pinned code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from latchstring.attacks.saml.catalogue import ATTACKS
from tests.cli.program import run
from tests.house.errors_page import refusals
from tests.real.product import Product


@dataclass(frozen=True)
class Fired:
    """What one run of the program left behind."""

    code: int
    report: dict[str, Any]
    environments: list[str]


@pytest.fixture(scope="module")
def fired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fired]:
    folder = tmp_path_factory.mktemp("attacked")
    with Product(data=folder):
        done = run("attack", "--only", "saml", "--json", "--data", str(folder))
        listed = run("environment", "list", "--json", "--data", str(folder))
    assert done.out, done.err
    yield Fired(done.code, done.json, [each["name"] for each in listed.json["data"]])


def test_no_attack_is_accepted(fired: Fired) -> None:
    assert [each["name"] for each in fired.report["outcomes"] if not each["control"] and each["accepted"]] == []
    assert fired.report["accepted"] == 0


def held(fired: Fired, requirement: str) -> None:
    """At least one attack on the requirement; each refused with its very code, and its controls accepted."""
    outcomes = [each for each in fired.report["outcomes"] if each["requirement"] == requirement]
    assert [each for each in outcomes if each["wrong"]] == []
    assert all(each["accepted"] is each["control"] and each["code"] == each["expected"] for each in outcomes)
    assert any(not each["control"] for each in outcomes)


def test_saml_01_declarations_entities_and_addresses_in_documents(fired: Fired) -> None:
    held(fired, "SAML-01")


def test_saml_02_bombs(fired: Fired) -> None:
    held(fired, "SAML-02")


def test_saml_03_compressed_documents(fired: Fired) -> None:
    held(fired, "SAML-03")


def test_saml_04_names_that_parsers_see_differently(fired: Fired) -> None:
    held(fired, "SAML-04")


def test_saml_05_what_is_no_xml_or_no_base64(fired: Fired) -> None:
    held(fired, "SAML-05")


def test_saml_06_responses_of_another_shape(fired: Fired) -> None:
    held(fired, "SAML-06")


def test_saml_07_no_assertion_and_several(fired: Fired) -> None:
    held(fired, "SAML-07")


def test_saml_08_ids_that_stand_twice(fired: Fired) -> None:
    held(fired, "SAML-08")


def test_saml_09_signatures_in_other_places(fired: Fired) -> None:
    held(fired, "SAML-09")


def test_saml_10_references_elsewhere_and_objects(fired: Fired) -> None:
    held(fired, "SAML-10")


def test_saml_11_signature_wrapping(fired: Fired) -> None:
    held(fired, "SAML-11")


def test_saml_12_unsigned_names_and_attributes(fired: Fired) -> None:
    held(fired, "SAML-12")


def test_saml_13_other_transforms_and_canonicalizations(fired: Fired) -> None:
    held(fired, "SAML-13")


def test_saml_14_digests_of_nothing_and_failing_canonicalization(fired: Fired) -> None:
    held(fired, "SAML-14")


def test_saml_15_comments_and_elements_in_digests(fired: Fired) -> None:
    held(fired, "SAML-15")


def test_saml_16_a_second_signed_info(fired: Fired) -> None:
    held(fired, "SAML-16")


def test_saml_17_names_that_are_split(fired: Fired) -> None:
    held(fired, "SAML-17")


def test_saml_18_keys_that_the_sender_brings(fired: Fired) -> None:
    held(fired, "SAML-18")


def test_saml_19_hmac_with_public_bytes_and_unlisted_algorithms(fired: Fired) -> None:
    held(fired, "SAML-19")


def test_saml_20_weak_algorithms_and_keys(fired: Fired) -> None:
    held(fired, "SAML-20")


def test_saml_21_missing_broken_and_edited_signatures(fired: Fired) -> None:
    held(fired, "SAML-21")


def test_saml_22_encryption_is_no_signature(fired: Fired) -> None:
    held(fired, "SAML-22")


def test_saml_23_decryption_tells_nothing(fired: Fired) -> None:
    held(fired, "SAML-23")


def test_saml_24_plaintexts_with_surprises(fired: Fired) -> None:
    held(fired, "SAML-24")


def test_saml_25_any_status_but_success(fired: Fired) -> None:
    held(fired, "SAML-25")


def test_saml_26_other_issuers(fired: Fired) -> None:
    held(fired, "SAML-26")


def test_saml_27_other_audiences(fired: Fired) -> None:
    held(fired, "SAML-27")


def test_saml_28_other_destinations(fired: Fired) -> None:
    held(fired, "SAML-28")


def test_saml_29_confirmations_that_confirm_nobody(fired: Fired) -> None:
    held(fired, "SAML-29")


def test_saml_30_times_that_are_over_and_no_times(fired: Fired) -> None:
    held(fired, "SAML-30")


def test_saml_31_old_and_future_answers(fired: Fired) -> None:
    held(fired, "SAML-31")


def test_saml_32_other_browsers_and_other_sign_ins(fired: Fired) -> None:
    held(fired, "SAML-32")


def test_saml_33_answers_that_nobody_asked_for(fired: Fired) -> None:
    held(fired, "SAML-33")


def test_saml_34_replays(fired: Fired) -> None:
    held(fired, "SAML-34")


def test_saml_35_a_connection_deleted_meanwhile(fired: Fired) -> None:
    held(fired, "SAML-35")


def test_saml_36_answers_of_other_connections(fired: Fired) -> None:
    held(fired, "SAML-36")


def test_saml_37_addresses_of_other_domains(fired: Fired) -> None:
    held(fired, "SAML-37")


def test_saml_38_ids_that_are_ambiguous(fired: Fired) -> None:
    held(fired, "SAML-38")


def test_saml_39_names_that_are_none(fired: Fired) -> None:
    held(fired, "SAML-39")


def test_saml_41_relay_states(fired: Fired) -> None:
    held(fired, "SAML-41")


def test_saml_43_odd_forms(fired: Fired) -> None:
    held(fired, "SAML-43")


def test_the_program_says_that_all_is_well_and_leaves_nothing_behind(fired: Fired) -> None:
    assert (fired.code, fired.report["good"]) == (0, True)
    assert fired.environments == ["Staging"]


def test_there_are_enough_of_both_kinds(fired: Fired) -> None:
    assert fired.report["attacks"] >= 120
    assert fired.report["controls"] >= 25


def test_every_requirement_that_can_be_attacked_is() -> None:
    attacked = {attack.requirement for attack in ATTACKS if not attack.control}
    assert {f"SAML-{number:02}" for number in range(1, 35)} <= attacked


def test_names_are_unique_and_codes_are_ours() -> None:
    assert [name for name, count in Counter(attack.name for attack in ATTACKS).items() if count > 1] == []
    known = {kind.code for kind in refusals()}
    assert [attack.name for attack in ATTACKS if attack.expected is not None and attack.expected not in known] == []


def test_nothing_is_written_where_nothing_was_named(tmp_path: Path) -> None:
    done = run("attack", "--list", "--only", "SAML-01", "--data", str(tmp_path))
    assert done.code == 0 and "dtd-billion-laughs" in done.out
    assert list(tmp_path.iterdir()) == []
