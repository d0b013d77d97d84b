"""One verdict everywhere: `explain` on a file, `explain --batch` and the ACS itself, for every row of the catalogue."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from latchstring.cli.explain_batch import answer
from latchstring.cli.main import parser
from tests.attacks.recorded import Delivery, Recorded, case, played
from tests.cli.program import run
from tests.protocols.saml import vectors

# Codes that only a sign-in has, for what no document tells: `explain` goes by the response and the connection's keys.
BEYOND_THE_DOCUMENT = {
    # the browser, and what has come before
    *("browser_mismatch", "answer_unknown", "attempt_already_used", "assertion_replayed"),
    # the connection and its environment
    *("connection_address_unknown", "idp_initiated_sso_disabled"),
    *("relay_state_not_allowed", "relay_state_unregistered"),
    # the form around it
    *("body_too_large", "parameter_repeated", "saml_request_beside_response"),
    # who the signed attributes make of somebody, by the connection's maps and the organization's domains
    *("email_outside_organization", "email_invalid", "attributes_missing"),
    *("identifier_ambiguous", "identifier_malformed", "identifier_too_long"),
}


def _posted() -> Iterator[tuple[Recorded, Delivery]]:
    for recorded in played().recorded:
        if recorded.last is not None and recorded.last.posted is not None:
            yield recorded, recorded.last


@cache
def _in_a_batch(name: str) -> dict[str, Any]:
    delivery = next(each for recorded, each in _posted() if recorded.attack.name == name)
    found = json.loads(answer(json.dumps(case(played(), delivery)).encode()))
    assert found["verdict"] in ("accept", "reject"), found
    return dict(found)


def test_a_batch_and_the_acs_come_to_the_same_verdict_with_the_same_code() -> None:
    same = 0
    beyond: set[str] = set()
    for recorded, delivery in _posted():
        seen, found = delivery.verdict, _in_a_batch(recorded.attack.name)
        if (seen.accepted, seen.code) == (found["verdict"] == "accept", found["code"]):
            same += 1
        else:
            assert seen.code in BEYOND_THE_DOCUMENT, (recorded.attack.name, seen.code, found["code"])
            beyond.add(seen.code)
    assert same > 620
    assert beyond == BEYOND_THE_DOCUMENT


def test_whoever_comes_in_is_the_person_that_explain_names() -> None:
    accepted = 0
    for recorded, delivery in _posted():
        if not delivery.verdict.accepted:
            continue
        found, profile = _in_a_batch(recorded.attack.name), delivery.verdict.profile
        assert profile is not None
        assert _listed(profile["raw_attributes"]) == found["attributes"]
        accepted += 1
    assert accepted > 90


def _listed(raw: dict[str, Any]) -> dict[str, list[str]]:
    """As explain shows attributes: always lists, and no xsi:nil in them."""
    said = {name: value if isinstance(value, list) else [value] for name, value in raw.items()}
    return {name: [value for value in values if value is not None] for name, values in said.items()}


def _typed(folder: Path, delivery: Delivery) -> list[str]:
    """The same case as words of a command line; what arrived is a file in the folder, as it was posted."""
    asked = case(played(), delivery)
    written = {"response": asked["document"]}
    written |= {f"idp-{at}.pem": pem for at, pem in enumerate(asked["idp_certs"])}
    written |= {f"sp-{at}.pem": pem for at, pem in enumerate(asked["sp_keys"])}
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8", "surrogatepass", "")
    words = ["explain", str(folder / "response"), "--json", "--now", asked["now"], "--skew", str(asked["skew"])]
    words += ["--idp-entity-id", asked["idp_entity_id"], "--sp-entity-id", asked["sp_entity_id"]]
    words += ["--acs-url", asked["acs_url"]]
    words += ["--unsolicited"] if asked["in_response_to"] is None else ["--in-response-to", asked["in_response_to"]]
    for option, values in (
        ("--idp-cert", [str(folder / name) for name in written if name.startswith("idp-")]),
        ("--sp-key", [str(folder / name) for name in written if name.startswith("sp-")]),
        ("--allow", asked["allow"]),
        ("--want", asked["want"]),
    ):
        words += [word for value in values for word in (option, value)]
    return words


def test_a_file_and_a_line_of_a_batch_get_the_same_explanation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line = parser()
    asked = 0
    for recorded, delivery in _posted():
        words = command_line.parse_args(_typed(tmp_path, delivery))
        code = words.run(words)
        found = json.loads(capsys.readouterr().out)
        assert found == _in_a_batch(recorded.attack.name), recorded.attack.name
        assert code == (0 if found["verdict"] == "accept" else 1)
        asked += 1
    assert asked > 680


SPOT_CHECKS = (
    *("valid-both-signed", "valid-sealed-cbc-allowed", "valid-sha1-allowed", "valid-unsolicited"),
    *("xsw3-new-id", "assertion-unsigned-where-wanted", "sealed-not", "audience-other"),
)


@pytest.mark.parametrize("name", SPOT_CHECKS)
def test_the_program_itself_says_so_too(name: str, tmp_path: Path) -> None:
    delivery = next(each for recorded, each in _posted() if recorded.attack.name == name)
    done = run(*_typed(tmp_path, delivery))
    assert (done.json, done.err) == (_in_a_batch(name), "")
    assert done.code == (0 if delivery.verdict.accepted else 1)
    assert (done.json["verdict"] == "accept", done.json["code"]) == (delivery.verdict.accepted, delivery.verdict.code)


def test_a_document_may_be_given_as_xml_or_as_it_was_posted() -> None:
    """Except where only one of both can be said: XML in a line of JSON is Unicode, and what is not Base64 is posted."""
    same = 0
    for recorded, delivery in _posted():
        try:
            document = b64decode("".join((delivery.posted or "").split()), validate=True).decode()
        except ValueError:
            continue
        asked = {**case(played(), delivery), "document": document}
        found = json.loads(answer(json.dumps(asked).encode()))
        if document.startswith("<"):
            assert found == _in_a_batch(recorded.attack.name), recorded.attack.name
            same += 1
    assert same > 640


@pytest.mark.parametrize("stored", vectors.EVERY, ids=lambda stored: stored.name)
def test_the_stored_responses_of_products_are_accepted_here_too(stored: vectors.Vector) -> None:
    """At the ACS they are in `web/test_product_shapes.py`."""
    line = {
        "document": stored.response.decode(),
        "idp_certs": vectors.certificate(),
        "idp_entity_id": stored.expected["idp_entity_id"],
        "sp_entity_id": vectors.SP,
        "acs_url": vectors.ACS,
        "in_response_to": vectors.REQUEST,
        "now": vectors.NOW.isoformat(),
    }
    found = json.loads(answer(json.dumps(line).encode()))
    assert (found["verdict"], found["issuer"]) == ("accept", stored.expected["idp_entity_id"])
    assert json.loads(answer(json.dumps({**line, "in_response_to": "_x"}).encode()))["code"] == "in_response_to_unknown"
