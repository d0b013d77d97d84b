"""Expected against received, out of the facts of a refusal: two values beside each other, and what differs in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from latchstring.flows import kept_refusals
from latchstring.protocols import differences, redirect_uri_difference


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One row. A side that has nothing to say is empty."""

    label: str
    expected: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    note: str | None = None  # what differs, in words


_REDIRECT_URIS = frozenset({"redirect_uri_unregistered", "redirect_uri_matches_loosely", "relay_state_unregistered"})
_TITLES = {
    **dict.fromkeys(_REDIRECT_URIS, "Redirect URI"),
    "email_invalid": "E-mail address",
    "weak_algorithm": "Algorithm",
    "algorithm_not_allowed": "Algorithm",
    "audience_mismatch": "Audience",
    "destination_mismatch": "Destination",
    "recipient_mismatch": "Recipient",
    "issuer_mismatch": "Issuer",
    "certificate_unknown": "Certificate (SHA-256)",
    "in_response_to_unknown": "InResponseTo",
    "unsolicited_response": "InResponseTo",
    "id_token_issuer_mismatch": "Issuer (iss)",
    "id_token_audience_mismatch": "Audience (aud)",
    "id_token_algorithm_not_allowed": "Algorithm",
    "issuer_parameter_mismatch": "Issuer (iss)",
    "discovery_issuer_mismatch": "Issuer",
    "userinfo_subject_mismatch": "Subject (sub)",
    "oauth_tenant_not_admitted": "Tenant",
    "attributes_missing": "Attributes",
    "email_outside_organization": "E-mail domain",
}
_EXPECTED = ("expected", "missing", "verified", "registered")
_RECEIVED = ("received", "domains")
_CLOCK = {
    "not_before": "Not before",
    "not_on_or_after": "Not on or after",
    "issued": "Issued",
    "expires_at": "Expires",
    "issued_at": "Issued at",
}
_OF_THE_PERSON = frozenset({"email_invalid", "userinfo_subject_mismatch"})  # what was received is about them
_ADDRESS = re.compile(r"[^\s@'\"<>]{1,64}@")
_WORDS = {  # of facts that stand alone
    "reason": "Reason",
    "status": "Status",
    "sub_status": "Status, more closely",
    "message": "What the identity provider says",
    "status_message": "What the identity provider says",
    "error": "Error",
    "description": "What the identity provider says",
    "element": "Element",
    "claim": "Claim",
    "source": "Attribute",
    "role": "What for",
    "limit": "Limit",
    "length": "Length",
    "count": "How many",
    "kid": "Key id",
    "url": "Address",
    "connection_id": "Connection",
    "connections": "Connections",
    "organization_id": "Organization",
    "domain": "Domain",
    "state": "State",
    "provider": "Provider",
    "permission": "Permission",
    "what": "Which answer",
}
_ANY = "Value"


def of(facts: Mapping[str, Any], *, values: bool, say: Callable[[str], str] = str) -> tuple[Difference, ...]:
    """`facts` are those of the step that refused. `values`: whether what was said of the person is there.

    `say` puts what we say ourselves into another language.
    """
    code, said = str(facts.get("code", "")), facts.get("facts", {})
    rows = [*_clock(said, say), *_pair(code, said, values=values, say=say)]
    for name, title in _WORDS.items():
        if said.get(name) not in (None, "", []):
            value = kept_refusals.fact(name, said[name], say) if name in kept_refusals.OUR_WORDS else said[name]
            rows.append(Difference(label=title, received=_texts(value)))
    said_rows = (msgspec.structs.replace(row, label=say(row.label)) for row in rows)
    return tuple(said_rows) if values else tuple(map(_masked, said_rows))


def _masked(row: Difference) -> Difference:
    """What providers say of a refusal names the person now and then."""
    return msgspec.structs.replace(row, received=tuple(_ADDRESS.sub("…@", each) for each in row.received))


def _pair(code: str, said: Mapping[str, Any], *, values: bool, say: Callable[[str], str]) -> list[Difference]:
    expected = next((_texts(said[name]) for name in _EXPECTED if name in said), ())
    received = next((_texts(said[name]) for name in _RECEIVED if name in said), ())
    if not expected and not received:
        return []
    if code in _OF_THE_PERSON and not values:
        received = (say("(hidden)"),)
    note = None
    if code in _REDIRECT_URIS:
        note = _of_redirect_uris(expected, received, say)
    elif code == "attributes_missing":
        note = say("None of the attributes that came is read as what is missing.")
    elif len(expected) == 1 and code != "email_outside_organization":
        note = differences.in_words(expected[0], received, say)
    return [Difference(label=_TITLES.get(code, _ANY), expected=expected, received=received, note=note)]


def _of_redirect_uris(registered: Sequence[str], received: Sequence[str], say: Callable[[str], str]) -> str | None:
    """What differs from the nearest, which stands first."""
    if not registered:
        return say("No redirect URI is registered.")
    if not received or not received[0]:
        return None
    parts = redirect_uri_difference.between(registered[0], received[0])
    words = [say(redirect_uri_difference.SENTENCES[part]) for part in parts]
    return " ".join([say("Compared with the first one:"), *words] if words and len(registered) > 1 else words) or None


def _clock(said: Mapping[str, Any], say: Callable[[str], str]) -> list[Difference]:
    now = _moment(said.get("now"))
    rows = []
    for name in _CLOCK:
        moment = _moment(said.get(name))
        if moment is not None and now is not None:
            rows.append(
                Difference(
                    label=_CLOCK[name],
                    expected=(say("our clock: %(time)s") % {"time": _shown(now)},),
                    received=(_shown(moment),),
                    note=differences.of_clocks(now, moment, say),
                )
            )
    return rows


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
