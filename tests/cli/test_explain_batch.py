"""`latchstring explain --batch` takes whatever a line may hold, and never falls over."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import textwrap
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from latchstring.cli.explain_batch import MAX_LINE, answer
from latchstring.protocols.saml import names
from tests.cli.test_explain import batch, case, typed
from tests.fuzz import saml_seeds
from tests.fuzz.targets import explain_line
from tests.protocols.saml import answers
from tests.protocols.saml.answers import NOW, forged, pair
from tests.protocols.saml.sealing import OUR_KEY, sealed_answer
from tests.real.child import BIN

GOOD = answers.answer()


def verdict(line: dict[str, Any] | bytes | None) -> str:
    """accept, or the code of the refusal."""
    found = json.loads(answer(json.dumps(line).encode() if isinstance(line, dict) else line))
    assert found["verdict"] in ("accept", "reject"), found
    assert (found["name_id"] is None) == (found["verdict"] == "reject")
    return str(found["code"] or found["verdict"])


def in_one_line(pem: str) -> str:
    return pem.replace("\n", "")


def windows(pem: str) -> str:
    return pem.replace("\n", "\r\n")


def escaped(pem: str) -> str:
    return pem.replace("\n", "\\n")


def bare(pem: str) -> str:
    return "".join(pem.splitlines()[1:-1])


def indented(pem: str) -> str:
    return textwrap.indent(pem, "    ")


def announced(pem: str) -> str:
    return f"subject=/CN=idp\nissuer=/CN=idp\n{pem}"


@pytest.mark.parametrize("shape", [in_one_line, windows, escaped, bare, indented, announced])
def test_a_certificate_may_come_in_any_harmless_shape(shape: Callable[[str], str]) -> None:
    assert verdict(case(GOOD, idp_certs=[shape(pair("rsa").certificate)])) == "accept"
    assert verdict(case(GOOD, idp_certs=[shape(pair("other").certificate)])) == "certificate_unknown"


@pytest.mark.parametrize("shape", [in_one_line, windows, bare, indented, announced])
def test_a_private_key_may_come_in_any_harmless_shape(shape: Callable[[str], str]) -> None:
    assert verdict(case(sealed_answer(), sp_keys=[shape(pair(OUR_KEY).pem)])) == "accept"


def test_several_certificates_in_one_text() -> None:
    bundle = pair("other").certificate + pair("rsa").certificate
    assert verdict(case(GOOD, idp_certs=[bundle])) == "accept"
    assert verdict(case(GOOD, idp_certs=bundle)) == "accept"
    assert (
        verdict(case(GOOD, idp_certs=[pair("other").certificate + pair("ec256").certificate])) == "certificate_unknown"
    )


ODD: dict[str, tuple[dict[str, Any], str]] = {
    "no certificates": ({"idp_certs": []}, "certificate_missing"),
    "null for certificates": ({"idp_certs": None}, "certificate_missing"),
    "a certificate that is none": ({"idp_certs": ["garbage"]}, "certificate_invalid"),
    "an empty certificate": ({"idp_certs": [""]}, "certificate_invalid"),
    "a certificate with half a character": ({"idp_certs": ["\udcff"]}, "case_invalid"),
    "a key for a certificate": ({"idp_certs": [pair("rsa").pem]}, "certificate_invalid"),
    "a certificate of DSA": ({"idp_certs": [pair("dsa").certificate]}, "certificate_invalid"),
    "a huge certificate": ({"idp_certs": ["A" * 100_000]}, "certificate_invalid"),
    "a number for a certificate": ({"idp_certs": [1]}, "case_invalid"),
    "keys that nobody needs": ({"sp_keys": ["garbage", "", "\x00"]}, "accept"),
    "null for keys": ({"sp_keys": None}, "accept"),
    "null for allow": ({"allow": None}, "accept"),
    "an unknown relaxation": ({"allow": ["sha1", "md5"]}, "case_invalid"),
    "a relaxation in capitals": ({"allow": ["SHA1"]}, "case_invalid"),
    "what nobody can relax": ({"allow": ["rsa512", "3des", "rsa15"]}, "accept"),
    "one relaxation without brackets": ({"allow": "sha1"}, "accept"),
    "no skew": ({"skew": 0}, "accept"),
    "null for skew": ({"skew": None}, "accept"),
    "a negative skew": ({"skew": -5}, "accept"),
    "a fraction of a skew": ({"skew": 0.5}, "accept"),
    "an endless skew": ({"skew": 1e300}, "accept"),
    "an endless skew for an old response": (
        {"skew": 10**30, "now": (NOW + timedelta(minutes=16)).isoformat()},
        "response_too_old",
    ),
    "a skew in words": ({"skew": "sixty"}, "case_invalid"),
    "a true skew": ({"skew": True}, "case_invalid"),
    "an empty moment": ({"now": ""}, "case_invalid"),
    "a moment in words": ({"now": "tomorrow"}, "case_invalid"),
    "a moment in seconds": ({"now": 1772600767}, "case_invalid"),
    "the first moment": ({"now": "0001-01-01T00:00:00+14:00"}, "case_invalid"),
    "the last moment": ({"now": "9999-12-31T23:59:59Z"}, "case_invalid"),
    "an entity in half a character": ({"idp_entity_id": "\ud800"}, "case_invalid"),
    "an entity of NUL": ({"idp_entity_id": "\x00"}, "issuer_mismatch"),
    "an entity of nothing": ({"idp_entity_id": ""}, "issuer_mismatch"),
    "null for an entity": ({"sp_entity_id": None}, "case_invalid"),
    "a list for an address": ({"acs_url": []}, "case_invalid"),
    "a request without a name": ({"in_response_to": ""}, "in_response_to_unknown"),
    "a member nobody knows": ({"comment": "hello", "nested": [[[]]]}, "accept"),
    "a document of numbers": ({"document": 7}, "case_invalid"),
    "a document of half characters": ({"document": "<a>\ud800</a>"}, "case_invalid"),
    "a document of NUL": ({"document": "\x00"}, "document_not_base64"),
    "an empty document": ({"document": ""}, "document_not_base64"),
    "an endless document": ({"document": "A" * 600_000}, "document_too_large"),
    "an endless document in XML": ({"document": "<a>" + "A" * 600_000}, "document_too_large"),
}


@pytest.mark.parametrize("row", ODD)
def test_an_odd_case_is_judged_or_refused_and_never_an_error(row: str) -> None:
    changed, expected = ODD[row]
    assert verdict({**case(GOOD), **changed}) == expected


@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-04T05:06:07Z",
        "2026-03-04T05:06:07z",
        "2026-03-04T05:06:07",
        "2026-03-04T05:06:07.1234567Z",
        "2026-03-04 05:06:07+00:00",
        "2026-03-04T06:06:07+01:00",
        "2026-03-03T19:06:07-10:00",
        "20260304T050607Z",
        "  2026-03-04T05:06Z\n",
    ],
)
def test_a_moment_in_any_form_of_iso_8601(moment: str) -> None:
    assert verdict(case(GOOD, now=moment)) == "accept"


PADDED = base64.b64encode(GOOD + b"\n" * (4 - len(GOOD) % 3)).decode()  # ends in =
POSTED = base64.b64encode(GOOD).decode()
SPELLINGS: dict[str, tuple[str, str]] = {
    "as posted": (POSTED, "accept"),
    "in lines": (base64.encodebytes(GOOD).decode(), "accept"),
    "in lines of Windows": (base64.encodebytes(GOOD).decode().replace("\n", "\r\n"), "accept"),
    "with blanks around": (f"\n \t{POSTED} \n", "accept"),
    "percent-encoded": (POSTED.replace("+", "%2B").replace("=", "%3D") + "%3D", "document_not_base64"),
    "url-safe": (base64.urlsafe_b64encode(GOOD + b" \xff\xfe\xfd").decode(), "document_not_base64"),
    "without its padding": (PADDED.rstrip("="), "document_not_base64"),
    "with a foreign character": (POSTED[:40] + "*" + POSTED[40:], "document_not_base64"),
    "twice": (base64.b64encode(POSTED.encode()).decode(), "document_not_xml"),
    "XML behind blanks": ("\n  " + GOOD.decode(), "accept"),
    "XML with a declaration behind blanks": ('\n<?xml version="1.0"?>' + GOOD.decode(), "document_not_xml"),
    "XML before blanks": (GOOD.decode() + " \n", "accept"),
    "XML with a byte order mark": ("\ufeff" + GOOD.decode(), "accept"),
}


@pytest.mark.parametrize("row", SPELLINGS)
def test_a_document_is_decoded_as_the_acs_does(row: str) -> None:
    document, expected = SPELLINGS[row]
    assert verdict({**case(GOOD), "document": document}) == expected


LINES: dict[str, bytes | None] = {
    "not JSON": b"{",
    "a list": b"[]",
    "a number": b"5",
    "null": b"null",
    "nothing known": b"{}",
    "half a line": json.dumps(case(GOOD)).encode()[:-10],
    "two objects": json.dumps(case(GOOD)).encode() * 2,
    "not UTF-8": b'{"document": "\xff\xfe"}',
    "UTF-16": json.dumps(case(GOOD)).encode("utf-16"),
    "NUL": b"\x00" * 100,
    "a lone surrogate": b'{"document": "\\ud800"}',
    "deep": b'{"document":' * 100_000,
    "deep and closed": b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number without end": b'{"skew": 1' + b"0" * 5000 + b"}",
    "a number that is none": b'{"skew": NaN}',
    "too long to be kept": None,
}


@pytest.mark.parametrize("row", LINES)
def test_a_line_that_is_no_case_is_refused(row: str) -> None:
    assert verdict(LINES[row]) == "case_invalid"


def test_saml_23_what_nobody_can_relax_is_refused_by_the_verifier() -> None:
    triple = sealed_answer(sign="response", content="aes128-cbc", content_uri=f"{names.XENC}tripledes-cbc")
    old = sealed_answer(sign="response", transport_uri=f"{names.XENC}rsa-1_5")
    for document in (triple, old):
        line = case(document, sp_keys=[pair(OUR_KEY).pem], allow=["3des", "rsa15", "rsa512", "cbc"])
        assert verdict(line) == "algorithm_not_allowed"


def test_saml_20_a_weak_hash_needs_its_word() -> None:
    document = forged(algorithm=names.RSA_SHA1, digest_algorithm=names.SHA1_DIGEST)
    assert verdict(case(document)) == "weak_algorithm"
    assert verdict(case(document, allow=["rsa1024", "cbc", "inclusive_c14n", "rsa512"])) == "weak_algorithm"
    assert verdict(case(document, allow=["sha1"])) == "accept"


def test_answers_come_one_by_one_and_in_order() -> None:
    """The second line is written only after the first answer was read, so nothing is held back."""
    with subprocess.Popen(
        [BIN / "latchstring", "explain", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        for expected, line in (("accept", case(GOOD)), ("audience_mismatch", case(GOOD, sp_entity_id="urn:us"))):
            child.stdin.write(json.dumps(line).encode() + b"\n")
            child.stdin.flush()
            found = json.loads(child.stdout.readline())
            assert (found["code"] or found["verdict"]) == expected
        child.stdin.close()
        assert child.wait(30) == 0


def test_blank_lines_are_none_and_endless_lines_are_refused_without_being_kept() -> None:
    good = json.dumps(case(GOOD)).encode()
    found = batch(
        b"\xef\xbb\xbf" + good, b"", b"  \r", b"x" * (MAX_LINE * 2), good + b"\r", b" " * (MAX_LINE + 1), good
    )
    assert [each["code"] or each["verdict"] for each in found] == [
        "accept", "case_invalid", "accept", "case_invalid", "accept"
    ]  # fmt: skip


def _without(member: str) -> bytes:
    return json.dumps({name: value for name, value in case(GOOD).items() if name != member}).encode()


def test_whatever_the_lines_hold_each_gets_one_answer_in_its_place() -> None:
    """All of it in one process, and a good line behind each: what came before leaves no trace."""
    good = json.dumps(case(GOOD)).encode()
    huge = 10 * 1024 * 1024
    lines = {
        **{f"no {name}": (_without(name), "case_invalid") for name in ("document", "acs_url", "sp_entity_id")},
        **{f"no {name}": (_without(name), "case_invalid") for name in ("idp_entity_id", "idp_certs")},
        "no moment": (_without("now"), "response_too_old"),  # then it is judged by the clock of today
        "no keys": (_without("sp_keys"), "accept"),
        "no relaxations": (_without("allow"), "accept"),
        "no skew": (_without("skew"), "accept"),
        "no request": (_without("in_response_to"), "in_response_to_unknown"),
        "an unknown relaxation": (json.dumps(case(GOOD, allow=["md5"])).encode(), "case_invalid"),
        "an unknown wish": (json.dumps(case(GOOD, want=["everything"])).encode(), "case_invalid"),
        "ten mebibytes of XML": (json.dumps(case(b"<" * huge)).encode(), "document_too_large"),
        "ten mebibytes of Base64": (json.dumps(case(b"A" * huge)).encode(), "document_too_large"),
        "ten mebibytes of nothing known": (b'{"x": "' + b"x" * huge + b'"}', "case_invalid"),
        "ten mebibytes of no JSON": (b"[" * huge, "case_invalid"),
        "not UTF-8": (good.replace(b"https", b"http\xe4"), "case_invalid"),
        "half a character, escaped": (good.replace(b'"_0123', b'"\\udfff'), "case_invalid"),
        "half a character, as it is": (good.replace(b'"_0123', b'"\xed\xbf\xbf'), "case_invalid"),
        "the end of a line of Windows": (good + b"\r", "accept"),
        "JSON with line ends of Windows in it": (good.replace(b", ", b",\r"), "accept"),
        "wrong JSON": (good[:-1], "case_invalid"),
    }
    sent: list[bytes] = []
    meant: list[str] = []
    for line, expected in lines.values():
        sent += [line, b"", good, b"\r", b" \t"]
        meant += [expected, "accept"]
    done = subprocess.run(
        [BIN / "latchstring", "explain", "--batch"], input=b"\n".join(sent), capture_output=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"\n") and done.stdout.count(b"\n") == len(meant)
    found = [json.loads(each) for each in done.stdout.splitlines()]
    assert [each["code"] or each["verdict"] for each in found] == meant
    assert len({tuple(sorted(each)) for each in found if each["verdict"] == "accept"}) == 1
    assert len({tuple(sorted(each)) for each in found if each["verdict"] == "reject"}) == 1


def test_saml_21_what_a_connection_insists_on_can_be_insisted_on_here() -> None:
    for want, signed in (("response_signed", "assertion"), ("assertion_signed", "response")):
        assert verdict(case(answers.answer(sign=signed), want=[want])) == "signature_missing"  # type: ignore[arg-type]
        assert verdict(case(answers.answer(sign="both"), want=want)) == "accept"
    assert verdict(case(GOOD, want=["assertion_encrypted"])) == "assertion_not_encrypted"
    line = case(sealed_answer(), want=["assertion_encrypted"], sp_keys=[pair(OUR_KEY).pem])
    assert verdict(line) == "accept"
    assert verdict({**line, "want": ["allow_sha1"]}) == "case_invalid"  # a relaxation is none


def test_saml_02_the_size_that_a_server_takes_can_be_named() -> None:
    long = answers.answer(in_response=lambda text: text + "\n" * 300_000)
    for document in (long.decode(), base64.b64encode(long).decode()):
        line = {**case(GOOD), "document": document}
        assert verdict(line) == "document_too_large"
        assert verdict({**line, "max_bytes": 400_000}) == "accept"
        assert verdict({**line, "max_bytes": 10**30}) == "accept"
        assert verdict({**line, "max_bytes": -1}) == "document_too_large"
    assert verdict(case(b"<" * 2_000_000, max_bytes=3_000_000)) == "document_too_large"


def test_a_certificates_file_may_be_der(tmp_path: Path) -> None:
    (tmp_path / "idp.der").write_bytes(pair("rsa").der)
    assert typed(tmp_path, GOOD, "--idp-cert", str(tmp_path / "idp.der")).code == 0


def test_ten_thousand_spoilt_documents_never_make_it_fall_over() -> None:
    """One process, one answer a line, in order; and nobody comes in but as who they are."""
    chance = random.Random(3)  # noqa: S311 - the same documents every time
    originals = [json.dumps(explain_line.case(each)).encode() for each in (*saml_seeds.good(), *saml_seeds.stolen())]
    lines: list[bytes] = []
    while len(lines) < 10_000:
        line = explain_line.mutate(chance.choice(originals), chance).replace(b"\n", b" ").replace(b"\r", b" ")
        if line.strip():
            lines.append(line)
    done = subprocess.run(
        [BIN / "latchstring", "explain", "--batch"], input=b"\n".join(lines), capture_output=True, timeout=170
    )
    assert (done.returncode, done.stderr) == (0, b"")
    found = [json.loads(answer_) for answer_ in done.stdout.splitlines()]
    assert len(found) == len(lines)
    assert [each["error"] for each in found if each["verdict"] == "error"] == []
    accepted = [each for each in found if each["verdict"] == "accept"]
    assert len(accepted) > 300 and {explain_line.person(each) for each in accepted} <= explain_line.honest()
    assert {each["name_id"] for each in found if each["verdict"] == "reject"} == {None}
    assert len({each["code"] for each in found}) > 30  # they get far into the verifier, each in its own way
