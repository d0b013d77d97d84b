"""latchstring explain: a stored sign-in, or the verifier offline: one response, or many as JSON Lines."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from latchstring.cli import explain_batch, output
from latchstring.cli.explain_case import (
    DEFAULT_SKEW,
    NEVER,
    RELAXATIONS,
    WISHES,
    Case,
    certificates_in,
    judge,
    moment,
    private_key_in,
)
from latchstring.cli.explain_json import as_result, shown
from latchstring.effects import clock
from latchstring.model import ids
from latchstring.model.refusal import InvalidRequest, Mender, Refusal
from latchstring.protocols.saml import certificates, metadata
from latchstring.protocols.saml.explain import Check, Explanation

_EXAMPLES = """\
examples:
  latchstring explain 5KQ2B-M8DXA                 a sign-in, by its reference or id
  latchstring explain response.xml --idp-metadata idp.xml --sp-entity-id https://sso.example.com/abc \\
      --acs-url https://sso.example.com/sso/saml/acs/abc --in-response-to _4f0c...
  pbpaste | latchstring explain - --idp-cert idp.pem --idp-entity-id https://idp.example.com \\
      --sp-entity-id urn:sp --acs-url https://sp.example.com/acs --unsolicited --json
  latchstring explain --batch < cases.jsonl > results.jsonl

Of a sign-in, tells what happened, expected against received, who can mend it and how, and every check.
Of a file, runs the checks of a sign-in on a SAML response, as XML or as the Base64 text that was posted, and says
which one refused it, what was expected and received, who can mend it and how.
Nothing is stored, and no network is used.
Exit codes: 0 accepted, 1 refused, 2 wrong usage.
"""


_OF_ONE_CASE = (
    *("idp_cert", "idp_metadata", "idp_entity_id", "sp_entity_id", "acs_url", "sp_key"),
    *("in_response_to", "unsolicited", "now", "skew", "max_bytes", "allow", "want"),
)


class InputUnreadable(InvalidRequest):
    """{path} cannot be read: {reason}."""

    code = "input_unreadable"
    mender = Mender.OPERATOR
    fix = "Check the path and who may read it."
    path: str
    reason: str


def add_to(commands: Any, formatter: Any) -> None:
    parser: ArgumentParser = commands.add_parser(
        "explain",
        help="why a sign-in, or a SAML response, is refused",
        description=_EXAMPLES,
        formatter_class=formatter,
    )
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a sign-in; or the response, as XML or Base64, - for stdin"
    )
    parser.add_argument("--batch", action="store_true", help="JSON Lines on stdin, one result a line on stdout")
    parser.add_argument("--json", action="store_true", help="print the explanation as JSON")
    stored = parser.add_argument_group("where the sign-in is")
    stored.add_argument("--data", type=Path, metavar="DIR", help="folder of `latchstring dev` (default: .latchstring)")
    stored.add_argument("--environment", metavar="NAME", help="name or id; needed where there are several")
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
    case.add_argument("--skew", type=float, default=DEFAULT_SKEW, metavar="SECONDS", help="0 to 300; default: 60")
    case.add_argument(
        "--max-bytes", type=int, metavar="BYTES", help="of the response, decoded, at most 1048576; default: 262144"
    )
    case.add_argument(
        "--allow", action="append", default=[], choices=(*RELAXATIONS, *NEVER), metavar="NAME",
        help=f"relax a rule: {', '.join(RELAXATIONS)}; repeatable",
    )  # fmt: skip
    case.add_argument(
        "--want", action="append", default=[], choices=WISHES, metavar="NAME",
        help=f"insist on more: {', '.join(WISHES)}; repeatable",
    )  # fmt: skip
    parser.set_defaults(run=lambda given: _run(parser, given))


def _run(parser: ArgumentParser, asked: Namespace) -> int:
    if asked.batch:
        in_vain = [name for name in _OF_ONE_CASE if getattr(asked, name) != parser.get_default(name)]
        if in_vain or asked.file not in (None, "-"):
            parser.error("--batch reads its cases from stdin, each with everything that it is judged by")
        return explain_batch.run(sys.stdin.buffer, sys.stdout.buffer)
    if asked.file and asked.file != "-" and is_sign_in(asked.file) and not Path(asked.file).exists():
        from latchstring.cli import explain_sign_in

        return explain_sign_in.run(asked)
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
    try:
        document = sys.stdin.buffer.read() if asked.file == "-" else _read(Path(asked.file))
        case = _case(asked)
    except Refusal as refusal:  # nothing was judged, and exit code 1 would say that the response was refused
        parser.error(refusal.message)
    found = judge(document, case)
    if asked.json:
        output.as_json(as_result(found))
    else:
        _tell(found)
    return 0 if found.refusal is None else 1


def is_sign_in(text: str) -> bool:
    """Whether it looks like the id or the reference of one."""
    return text.startswith(f"{ids.ATTEMPT}_") or ids.of_reference(ids.ATTEMPT, text, clock.now()) is not None


def _case(asked: Namespace) -> Case:
    """Raises `InputUnreadable`, `CaseInvalid`, or what `metadata.read_idp` raises."""
    now = moment(asked.now) if asked.now else clock.now()
    given = [_certificate(path) for path in asked.idp_cert]
    entity_id = asked.idp_entity_id
    if asked.idp_metadata:
        provider = metadata.read_idp(_read(asked.idp_metadata), now, meant=entity_id)
        given += [facts.pem for facts in provider.certificates]
        entity_id = entity_id or provider.entity_id
    return Case(
        idp_certs=given,
        idp_entity_id=entity_id,
        sp_entity_id=asked.sp_entity_id,
        acs_url=asked.acs_url,
        in_response_to=asked.in_response_to,
        now=now.isoformat(),
        sp_keys=[_private_key(path) for path in asked.sp_key],
        allow=asked.allow,
        want=asked.want,
        skew=asked.skew,
        max_bytes=asked.max_bytes,
    )


def _tell(found: Explanation) -> None:
    width = max(len(check.name) for check in found.checks) + 2
    for check in found.checks:
        print(f"{check.name.replace('_', ' ').ljust(width)}{_result(check, found)}")
        for label, value in (("expected", check.expected), ("received", check.received)):
            if value is not None:
                print(f"  {label.ljust(width - 2)}{_printable(str(shown(value)))}")
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


def _result(check: Check, found: Explanation) -> str:
    """Behind the check that failed, what the others say for information, as in the trace of a sign-in."""
    if check.name not in found.further:
        return check.result
    fault = found.further[check.name]
    return "fits, not trusted" if fault is None else f"wrong as well: {fault.code}"


def _certificate(path: Path) -> str:
    """PEM, or the Base64 text of a file in DER. Raises `InputUnreadable`."""
    raw = _read(path)
    text = b64encode(raw).decode() if raw[:1] == b"\x30" else raw.decode("utf-8", "replace")
    return _usable(path, text, lambda: [certificates.trusted(pem) for pem in certificates_in([text])])


def _private_key(path: Path) -> str:
    """Raises `InputUnreadable`."""
    text = _read(path).decode("utf-8", "replace")
    return _usable(path, text, lambda: certificates.private_key(private_key_in(text)))


def _usable(path: Path, text: str, read: Callable[[], object]) -> str:
    """A file of one's own that is no certificate or key is wrong usage: nobody's response is refused for it."""
    try:
        read()
    except certificates.CertificateInvalid as refusal:
        raise InputUnreadable(path=str(path), reason=refusal.reason) from None
    return text


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputUnreadable(path=str(path), reason=error.strerror or str(error)) from None
