"""`latchstring explain`: the verdict, the step that decided it, and thousands of cases in one process."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from latchstring.protocols.saml import metadata
from latchstring.protocols.saml.explain import STAGES
from tests.cli.program import Done, here, run
from tests.protocols.saml.answers import ACS, IDP, NOW, REQUEST, SP, answer, pair, swap
from tests.protocols.saml.sealing import OUR_KEY, sealed_answer
from tests.real.child import BIN

MOMENT = NOW.isoformat()


def case(document: bytes, **changed: Any) -> dict[str, Any]:
    return {
        "document": document.decode(),
        "idp_certs": [pair("rsa").certificate],
        "idp_entity_id": IDP,
        "sp_entity_id": SP,
        "acs_url": ACS,
        "in_response_to": REQUEST,
        "now": MOMENT,
        "sp_keys": [],
        "allow": [],
        "skew": 60,
        **changed,
    }


def batch(*cases: Any) -> list[dict[str, Any]]:
    lines = b"".join((each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in cases)
    done = here("explain", "--batch", stdin=lines)
    assert (done.code, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


def typed(folder: Path, document: bytes, *words: str) -> Done:
    (folder / "response.xml").write_bytes(document)
    (folder / "idp.pem").write_text(pair("rsa").certificate)
    return here(
        "explain",
        str(folder / "response.xml"),
        *("--idp-cert", str(folder / "idp.pem"), "--idp-entity-id", IDP),
        *("--sp-entity-id", SP, "--acs-url", ACS, "--in-response-to", REQUEST, "--now", MOMENT),
        *words,
    )


def test_an_accepted_response(tmp_path: Path) -> None:
    done = typed(tmp_path, answer(sign="both"), "--json")
    assert done.code == 0, done.err
    found = done.json
    assert (found["verdict"], found["code"]) == ("accept", None)
    assert [check["name"] for check in found["checks"]] == list(STAGES)
    assert {check["result"] for check in found["checks"]} == {"passed"}
    assert (found["issuer"], found["name_id"], found["signed"]) == (IDP, "ann", ["response", "assertion"])
    assert found["session_index"] == "_assertion"
    assert found["attributes"]["email"] == ["ann@example.com"]
    assert found["algorithms"] == {"signature": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "digest": "sha256"}
    told = typed(tmp_path, answer())
    assert told.code == 0
    assert "Accepted: ann, signed in assertion." in told.out


def test_a_refused_response(tmp_path: Path) -> None:
    document = answer(audience="https://other.example")
    done = typed(tmp_path, document, "--json")
    assert done.code == 1
    found = done.json
    assert (found["verdict"], found["code"], found["mender"]) == ("reject", "audience_mismatch", "it_admin")
    by_name = {check["name"]: check for check in found["checks"]}
    assert by_name["audience_is_ours"]["result"] == "failed"
    assert by_name["audience_is_ours"]["expected"] == SP
    assert by_name["audience_is_ours"]["received"] == ["https://other.example"]
    assert by_name["signature"]["result"] == "passed"
    assert by_name["somebody_signed_in"]["result"] == "not reached"
    for name in ("issuer", "name_id", "name_id_format", "session_index", "attributes"):
        assert found[name] is None
    told = typed(tmp_path, document).out
    assert "Refused: audience_mismatch" in told and "How:" in told and "https://other.example" in told
    assert any(
        line.split("  ")[0] == "somebody signed in" and line.endswith("  fits, not trusted")
        for line in told.splitlines()
    )


def test_base64_stdin_and_metadata(tmp_path: Path) -> None:
    (tmp_path / "idp.xml").write_bytes(
        metadata.write_idp(entity_id=IDP, sso_url="https://idp.example/sso", certificates=(pair("rsa").certificate,))
    )
    done = subprocess.run(
        [
            *(BIN / "latchstring", "explain", "-", "--idp-metadata", tmp_path / "idp.xml", "--sp-entity-id", SP),
            *("--acs-url", ACS, "--in-response-to", REQUEST, "--now", MOMENT, "--json"),
        ],
        input=base64.encodebytes(answer()),
        capture_output=True,
    )
    assert json.loads(done.stdout)["verdict"] == "accept", done.stderr


def test_wrong_usage(tmp_path: Path) -> None:
    assert run("explain").code == 2
    assert "--acs-url" in here("explain", "x.xml").err
    assert typed(tmp_path, answer(), "--now", "yesterday").code == 2
    assert typed(tmp_path, answer(), "--allow", "everything").code == 2
    assert typed(tmp_path, answer(), "--unsolicited").code == 2  # with --in-response-to
    for words in (
        ("cases.jsonl",),
        ("--allow", "sha1"),
        ("--skew", "5"),
        ("--unsolicited",),
        ("--want", "response_signed"),
    ):
        assert here("explain", "--batch", *words).code == 2  # it would have changed nothing
    assert here("explain", "--batch", "-", "--json").code == 0
    missing = here(
        *("explain", str(tmp_path / "none.xml"), "--idp-cert", str(tmp_path / "none.pem"), "--idp-entity-id", IDP),
        *("--sp-entity-id", SP, "--acs-url", ACS),
    )
    assert (missing.code, "cannot be read" in missing.err) == (2, True)  # nothing was judged
    for option in ("--idp-cert", "--sp-key"):
        nonsense = typed(tmp_path, answer(), option, str(tmp_path / "response.xml"))
        assert (nonsense.code, "response.xml cannot be read" in nonsense.err) == (2, True)
    (tmp_path / "idp.html").write_text("<html>Sign in</html>")
    metadata_file = ("--idp-metadata", str(tmp_path / "idp.html"))
    assert typed(tmp_path, answer(), *metadata_file).code == 2


def test_a_batch_keeps_its_order() -> None:
    unsolicited = answer(in_response_to=None)
    sealed = sealed_answer(content="aes128-cbc")
    found = batch(
        case(answer()),
        case(base64.b64encode(answer())),
        case(unsolicited, in_response_to=None),
        case(unsolicited),
        case(answer(), in_response_to=None),
        case(answer(key="rsa1024")),
        case(answer(key="rsa1024"), idp_certs=[pair("rsa1024").certificate]),
        case(answer(key="rsa1024"), idp_certs=[pair("rsa1024").certificate], allow=["rsa1024"]),
        case(sealed_answer(), sp_keys=[pair("rsa").pem, pair(OUR_KEY).pem]),
        case(sealed, sp_keys=[pair(OUR_KEY).pem]),
        case(sealed, sp_keys=[pair(OUR_KEY).pem], allow=["cbc"]),
        case(sealed_answer()),
        case(answer(), allow=["3des", "rsa15", "rsa512"]),
        case(answer(), allow=["everything"]),
        case(answer(), idp_certs=[]),
        case(answer(), idp_certs=["nonsense"]),
        case(sealed_answer(), sp_keys=["nonsense"]),
        case(answer(), skew=-5),
        case(answer(), now="2026-11-23"),
        case(answer(), now="never"),
        case(answer(), now="0001-01-01T00:00:00Z"),
        case(b""),
        case(b"<"),
        b"{",
        b"[]",
        b'{"document": 5}',
    )
    outcome = [each["code"] or each["verdict"] for each in found]
    assert outcome == [
        "accept",
        "accept",
        "accept",
        "unsolicited_response",
        "in_response_to_unknown",
        "certificate_unknown",
        "weak_algorithm",
        "accept",
        "accept",
        "encryption_mode_not_allowed",
        "accept",
        "encrypted_assertion_unsupported",
        "accept",
        "case_invalid",
        "certificate_missing",
        "certificate_invalid",
        "certificate_invalid",
        "accept",
        outcome[18],
        "case_invalid",
        "case_invalid",
        "document_not_base64",
        "document_not_xml",
        "case_invalid",
        "case_invalid",
        "case_invalid",
    ]
    assert outcome[18] != "accept"  # midnight is not the moment of the response


def test_saml_07_swap_in_the_middle_of_a_signed_name() -> None:
    (found,) = batch(case(answer(after=swap(">ann<", ">ann<!-- -->eve<"))))
    assert found["code"] == "signature_invalid"
