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

    def __getitem__(self, name: str) -> dict[str, Any]:
        return next(each for each in self.report["outcomes"] if each["name"] == name)


@pytest.fixture(scope="module")
def fired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fired]:
    folder = tmp_path_factory.mktemp("attacked")
    with Product(data=folder):
        done = run("attack", "--only", "saml", "--json", "--data", str(folder))
        listed = run("environment", "list", "--json", "--data", str(folder))
    assert done.out, done.err
    yield Fired(done.code, done.json, [each["name"] for each in listed.json["data"]])


def test_saml_11_no_attack_is_accepted(fired: Fired) -> None:
    assert [each["name"] for each in fired.report["outcomes"] if not each["control"] and each["accepted"]] == []
    assert fired.report["accepted"] == 0


@pytest.mark.parametrize("name", [attack.name for attack in ATTACKS])
def test_each_row_ends_as_its_pin_says(fired: Fired, name: str) -> None:
    outcome = fired[name]
    assert (outcome["accepted"], outcome["code"], outcome["wrong"]) == (outcome["control"], outcome["expected"], None)


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
