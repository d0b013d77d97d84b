"""latchstring explain: the verifier offline, with every check in order; one response, or many as JSON Lines."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from latchstring.cli import output
from latchstring.effects import clock
from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.protocols.saml import metadata
from latchstring.protocols.saml.explain import Explanation, Question, explain
from latchstring.protocols.saml.signature import SignaturePolicy

# What may be relaxed, and what nobody can relax: such a case is refused by the verifier itself.
RELAXATIONS = {
    "sha1": "allow_sha1",
    "rsa1024": "allow_rsa1024",
    "inclusive_c14n": "allow_inclusive_c14n",
    "cbc": "allow_cbc",
}
NEVER = ("rsa512", "3des", "rsa15")
MAX_SKEW = 300  # seconds
_EXAMPLES = """\
examples:
  latchstring explain response.xml --idp-metadata idp.xml --sp-entity-id https://sso.example.com/abc \\
      --acs-url https://sso.example.com/sso/saml/acs/abc --in-response-to _4f0c...
  pbpaste | latchstring explain - --idp-cert idp.pem --idp-entity-id https://idp.example.com \\
      --sp-entity-id urn:sp --acs-url https://sp.example.com/acs --unsolicited --json
  latchstring explain --batch < cases.jsonl > results.jsonl

Runs the checks of a sign-in on a SAML response, as XML or as the Base64 text that was posted, and says which one
refused it, what was expected and received, who can mend it and how. Nothing is stored, and no network is used.
Exit codes: 0 accepted, 1 refused, 2 wrong usage.
"""


class CaseInvalid(InvalidRequest):
    """This case cannot be read: {reason}."""

    code = "case_invalid"
    mender = Mender.OPERATOR
    fix = "Give one JSON object a line, with the members that `latchstring explain --help` and docs/explain.md name."
    reason: str


class InputUnreadable(InvalidRequest):
    """{path} cannot be read: {reason}."""

    code = "input_unreadable"
    mender = Mender.OPERATOR
    fix = "Check the path and who may read it."
    path: str
    reason: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One line of --batch."""

    document: str
    idp_certs: tuple[str, ...]
    idp_entity_id: str
    sp_entity_id: str
    acs_url: str
    in_response_to: str | None = None
    now: str | None = None
    sp_keys: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    skew: float | None = None


def add_to(commands: Any, formatter: Any) -> None:
    parser: ArgumentParser = commands.add_parser(
        "explain", help="why a SAML response is refused", description=_EXAMPLES, formatter_class=formatter
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="the response, as XML or Base64; - for stdin")
    parser.add_argument("--batch", action="store_true", help="JSON Lines on stdin, one result a line on stdout")
    parser.add_argument("--json", action="store_true", help="print the explanation as JSON")
    sides = parser.add_argument_group("the two sides")
    sides.add_argument("--idp-cert", type=Path, action="append", default=[], metavar="FILE", help="PEM; repeatable")
    sides.add_argument("--idp-metadata", type=Path, metavar="FILE", help="instead of --idp-cert and --idp-entity-id")
    sides.add_argument("--idp-entity-id", metavar="URI")
    sides.add_argument("--sp-entity-id", metavar="URI")
    sides.add_argument("--acs-url", metavar="URL")
    sides.add_argument("--sp-key", type=Path, action="append", default=[], metavar="FILE", help="opens encryption; PEM")
    case = parser.add_argument_group("the case")
    asked = case.add_mutually_exclusive_group()
    asked.add_argument("--in-response-to", metavar="ID", help="the ID of the request that it should answer")
    asked.add_argument("--unsolicited", action="store_true", help="nobody asked for it (the default)")
    case.add_argument("--now", metavar="ISO8601", help="the moment of its arrival; default: this one")
    case.add_argument("--skew", type=float, default=60, metavar="SECONDS", help="0 to 300; default: 60")
    case.add_argument(
        "--allow", action="append", default=[], choices=(*RELAXATIONS, *NEVER), metavar="NAME",
        help=f"relax a rule: {', '.join(RELAXATIONS)}; repeatable",
    )  # fmt: skip
    parser.set_defaults(run=lambda given: _run(parser, given))


def _run(parser: ArgumentParser, asked: Namespace) -> int:
    if asked.batch:
        return _batch(sys.stdin.buffer)
    missing = [
        name
        for name, value in (
            ("FILE", asked.file),
            ("--sp-entity-id", asked.sp_entity_id),
            ("--acs-url", asked.acs_url),
            ("--idp-metadata, or --idp-cert with --idp-entity-id", asked.idp_metadata or asked.idp_cert),
            ("--idp-entity-id", asked.idp_metadata or asked.idp_entity_id),
        )
        if not value
    ]
    if missing:
        parser.error(f"missing: {', '.join(missing)}")
    now = _moment(asked.now) if asked.now else clock.now()
    if now is None:
        parser.error("--now is not an ISO 8601 time such as 2026-11-23T09:14:07Z")
    document = sys.stdin.buffer.read() if asked.file == "-" else _read(Path(asked.file))
    found = explain(document, _question(asked, now), now)
    if asked.json:
        output.as_json(as_result(found))
    else:
        _tell(found)
    return 0 if found.refusal is None else 1


def _question(asked: Namespace, now: datetime) -> Question:
    certificates = tuple(_read(path).decode("utf-8", "replace") for path in asked.idp_cert)
    entity_id = asked.idp_entity_id
    if asked.idp_metadata:
        provider = metadata.read_idp(_read(asked.idp_metadata), now)
        certificates += tuple(facts.pem for facts in provider.certificates)
        entity_id = entity_id or provider.entity_id
    return Question(
        idp_certificates=certificates,
        idp_entity_id=entity_id,
        sp_entity_id=asked.sp_entity_id,
        acs_url=asked.acs_url,
        request_id=asked.in_response_to,
        sp_keys=tuple(_read(path).decode("utf-8", "replace") for path in asked.sp_key),
        policy=_policy(asked.allow),
        clock_skew=_skew(asked.skew),
    )


def _batch(lines: Iterable[bytes]) -> int:
    """One result a line, in order; exit code 0 whatever the verdicts, for they are the data."""
    for line in lines:
        if line.strip():
            sys.stdout.buffer.write(msgspec.json.encode(_answer(line)) + b"\n")
            sys.stdout.buffer.flush()
    return 0


def _answer(line: bytes) -> dict[str, Any]:
    try:
        return as_result(_judge(line))
    except Exception as error:  # a verifier that falls over is a bug to be seen, and the next line is still asked
        return {
            **_nobody(),
            "verdict": "error",
            "code": None,
            "checks": [],
            "error": f"{type(error).__name__}: {error}",
        }


def _judge(line: bytes) -> Explanation:
    try:
        case = msgspec.json.decode(line, type=Case)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        return Explanation(checks=(), refusal=CaseInvalid(reason=str(fault)[:300]))
    now = clock.now() if case.now is None else _moment(case.now)
    if now is None:
        return Explanation(checks=(), refusal=CaseInvalid(reason="now is not an ISO 8601 time"))
    question = Question(
        idp_certificates=case.idp_certs,
        idp_entity_id=case.idp_entity_id,
        sp_entity_id=case.sp_entity_id,
        acs_url=case.acs_url,
        request_id=case.in_response_to,
        sp_keys=case.sp_keys,
        policy=_policy(case.allow),
        clock_skew=_skew(60 if case.skew is None else case.skew),
    )
    return explain(case.document.encode("utf-8", "surrogatepass"), question, now)


def as_result(found: Explanation) -> dict[str, Any]:
    """The stable JSON. Who somebody is stands in it only if everything was accepted."""
    refusal = found.refusal
    result = {
        "verdict": "accept" if refusal is None else "reject",
        "code": None if refusal is None else refusal.code,
        "checks": [
            {
                "name": each.name,
                "result": each.result,
                "expected": _shown(each.expected),
                "received": _shown(each.received),
            }
            for each in found.checks
        ],
        **_nobody(),
    }
    if refusal is not None:
        return {**result, "message": refusal.message, "mender": refusal.mender.value, "fix": refusal.fix}
    return {
        **result,
        "issuer": found.issuer,
        "name_id": found.name_id,
        "name_id_format": found.name_id_format,
        "session_index": found.session_index,
        "attributes": {name: list(values) for name, values in (found.attributes or {}).items()},
        "signed": list(found.signed),
        "algorithms": found.algorithms,
    }


def _nobody() -> dict[str, Any]:
    return {
        "issuer": None,
        "name_id": None,
        "name_id_format": None,
        "session_index": None,
        "attributes": None,
        "signed": [],
        "algorithms": {},
    }


def _tell(found: Explanation) -> None:
    width = max(len(check.name) for check in found.checks) + 2
    for check in found.checks:
        print(f"{check.name.replace('_', ' ').ljust(width)}{check.result}")
        for label, value in (("expected", check.expected), ("received", check.received)):
            if value is not None:
                print(f"  {label.ljust(width - 2)}{_printable(str(_shown(value)))}")
    print()
    refusal = found.refusal
    if refusal is None:
        print(f"Accepted: {_printable(found.name_id or '')}, signed in {' and '.join(found.signed)}.")
        for name, values in (found.attributes or {}).items():
            print(f"  {_printable(name)}: {_printable(', '.join(values))}")
        return
    print(f"Refused: {refusal.code}")
    print(f"  {_printable(refusal.message)}")
    print(f"  Who can mend it: {refusal.mender.value.replace('_', ' ')}")
    print(f"  How: {refusal.fix}")


def _policy(allow: Iterable[str]) -> SignaturePolicy:
    return SignaturePolicy(**{RELAXATIONS[name]: True for name in allow if name in RELAXATIONS})


def _skew(seconds: float) -> timedelta:
    """Never more than the verifier's own limit; nonsense counts as none."""
    return timedelta(seconds=min(seconds, MAX_SKEW) if seconds >= 0 else 0)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 1970 <= moment.year < 9999 else None


def _shown(value: object) -> Any:
    return msgspec.to_builtins(value, enc_hook=str)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputUnreadable(path=str(path), reason=error.strerror or str(error)) from None
