"""What a response is judged by, in the words of `latchstring explain`: certificates, keys, relaxations, a moment.

One reading for the options of the command and for the lines of --batch, so both come to the same verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from latchstring.effects import clock
from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.protocols.saml import xml
from latchstring.protocols.saml.explain import Explanation, Question, explain
from latchstring.protocols.saml.signature import SignaturePolicy

# What may be relaxed, and what nobody can relax: such a case is judged strictly, and the verifier refuses it.
RELAXATIONS = {
    "sha1": "allow_sha1",
    "rsa1024": "allow_rsa1024",
    "inclusive_c14n": "allow_inclusive_c14n",
    "cbc": "allow_cbc",
}
NEVER = ("rsa512", "3des", "rsa15")
# What may be asked for beyond the rules, as a connection can.
WISHES = {
    "response_signed": "want_response_signed",
    "assertion_signed": "want_assertion_signed",
    "assertion_encrypted": "want_assertion_encrypted",
}
DEFAULT_SKEW = 60  # seconds
MAX_SKEW = 300  # seconds: the verifier's own limit

_CERTIFICATE = re.compile(r"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END [A-Z0-9 ]+-----")
_KEY = re.compile(r"-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([^-]*)-----END \1-----")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]+")


class CaseInvalid(InvalidRequest):
    """This case cannot be read: {reason}."""

    code = "case_invalid"
    mender = Mender.OPERATOR
    fix = "Give one JSON object a line, with the members that `latchstring explain --help` and docs/explain.md name."
    reason: str


class Case(msgspec.Struct, kw_only=True):
    """Everything but the response itself. Lists may be null, and a list of one may go without its brackets."""

    idp_certs: list[str] | str | None
    idp_entity_id: str
    sp_entity_id: str
    acs_url: str
    in_response_to: str | None = None
    now: str | None = None
    sp_keys: list[str] | str | None = None
    allow: list[str] | str | None = None
    want: list[str] | str | None = None
    skew: float | None = None
    max_bytes: int | None = None


def judge(document: bytes, case: Case) -> Explanation:
    """The verdict. `document` is XML or Base64. What the case itself gets wrong is a refusal too: `CaseInvalid`."""
    try:
        now = clock.now() if case.now is None else moment(case.now)
        question = Question(
            idp_certificates=certificates_in(_listed(case.idp_certs)),
            idp_entity_id=case.idp_entity_id,
            sp_entity_id=case.sp_entity_id,
            acs_url=case.acs_url,
            request_id=case.in_response_to,
            sp_keys=tuple(private_key_in(text) for text in _listed(case.sp_keys)),
            policy=_policy(_listed(case.allow), _listed(case.want)),
            clock_skew=_skew(DEFAULT_SKEW if case.skew is None else case.skew),
            max_bytes=xml.MAX_BYTES if case.max_bytes is None else _size(case.max_bytes),
        )
    except CaseInvalid as refusal:
        return unread(refusal)
    return explain(document, question, now)


def unread(refusal: CaseInvalid) -> Explanation:
    """A case that got nowhere near the verifier."""
    return Explanation(checks=(), refusal=refusal)


def moment(text: str) -> datetime:
    """An ISO 8601 time; without a zone it is UTC. Raises `CaseInvalid`."""
    try:
        found = datetime.fromisoformat(text.strip().replace("z", "Z"))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CaseInvalid(reason="now is not an ISO 8601 time such as 2026-11-23T09:14:07Z") from None
    if not 1970 <= found.year < 9999:
        raise CaseInvalid(reason="now is not a time of this age")
    return found


def _listed(said: list[str] | str | None) -> list[str]:
    return [said] if isinstance(said, str) else said or []


def certificates_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Each certificate alone: a text may be a bundle of several in PEM, or bare Base64, which the verifier reads."""
    return tuple(each for text in texts for each in _CERTIFICATE.findall(text) or (text,))


def private_key_in(text: str) -> str:
    """A private key with the line breaks that its reader insists on, also if it came without, or without armour."""
    found = _KEY.search(text)
    label, body = (found[1], found[2]) if found else ("PRIVATE KEY", text)
    body = "".join(body.split())
    if not _BASE64.fullmatch(body):  # with PEM headers, or nonsense: as it is, to be refused by name
        return text
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _policy(allow: Sequence[str], want: Sequence[str]) -> SignaturePolicy:
    relaxed = [name for name in allow if name not in NEVER]
    return SignaturePolicy(
        **_switched_on("allow", relaxed, RELAXATIONS),
        **_switched_on("want", want, WISHES),
    )


def _switched_on(member: str, said: Sequence[str], known: Mapping[str, str]) -> dict[str, bool]:
    unknown = sorted(set(said) - known.keys())
    if unknown:
        raise CaseInvalid(reason=f"{member} names what is not known: {', '.join(unknown)[:200]}")
    return {known[name]: True for name in said}


def _skew(seconds: float) -> timedelta:
    """Never more than the verifier's own limit; a negative one counts as none."""
    return timedelta(seconds=min(seconds, MAX_SKEW) if seconds > 0 else 0)


def _size(most: int) -> int:
    """Never more than a house can be told to take."""
    return max(0, min(most, xml.MOST_BYTES))
