"""The checks of a sign-in in their order, by protocol, and how each of them ended: passed, failed, or not reached.

Behind the one that failed, some are made for information (`trace_further`): they are not to be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from latchstring.flows import trace_differences, trace_remedy
from latchstring.flows.land import EmailUnverified, IdentifierSourceChanged, OutsideOrganization, Replayed
from latchstring.flows.trace_differences import Difference
from latchstring.flows.trace_remedy import Remedy
from latchstring.model.sign_in_test import Result
from latchstring.protocols.oidc import id_token
from latchstring.protocols.saml import explain

Protocol = Literal["saml", "oidc", "oauth", "magic_link"]


class Check(msgspec.Struct, frozen=True):
    """One check. `label` is what it looks at, in English."""

    name: str
    label: str
    result: Result
    trusted: bool = True  # no check before it has failed
    remedy: Remedy | None = None  # of one that failed and is not trusted; of the trusted one the trace itself tells
    differences: tuple[Difference, ...] = ()


# After every protocol's own: what becomes of somebody whose provider's answer holds.
_OURS = ("fields", "domains", "unused", "code")
_ID_TOKEN = ("signature", *(check.__name__ for check in id_token.CHECKS))
CHECKS: Mapping[Protocol, tuple[str, ...]] = {
    "saml": (*explain.STAGES, *_OURS),
    "oidc": ("discovery", "callback", "token", "id_token", *_ID_TOKEN, "userinfo", *_OURS),
    "oauth": ("callback", "token", *_ID_TOKEN, "userinfo", *_OURS),
    "magic_link": ("link_known", "link_in_time", "link_unused", *_OURS),
}
# In words, for traces and tests alike. A test names some by other names: it has fewer stages, and more of our rules.
LABELS: Mapping[str, str] = {
    "departure": "The identity provider can be asked",
    "answer": "The identity provider answered with a sign-in",
    "document": "It is XML of an acceptable size",
    "envelope": "It is a response that says success, with one assertion",
    "signature": "The signature is of the identity provider",
    "form": "The assertion has the form that SAML asks for",
    "version_is_2": "It is SAML 2.0",
    "issuer_is_our_idp": "The issuer is the identity provider of this connection",
    "destination_is_ours": "It was sent to our address (Destination)",
    "issued_just_now": "It was made just now",
    "subject_is_named": "It names somebody",
    "bearer_is_confirmed": "It is meant for whoever brings it (bearer)",
    "recipient_is_ours": "It is meant for our address (Recipient)",
    "answers_our_request": "It answers our request",
    "bearer_is_in_time": "It arrived in time",
    "conditions_hold": "Its time window is now",
    "audience_is_ours": "It is meant for us (audience)",
    "somebody_signed_in": "Somebody has signed in",
    "attributes": "Its attributes can be read",
    "discovery": "The provider's discovery document can be used",
    "callback": "The provider sent a code, not an error",
    "token": "The code was exchanged for tokens",
    "id_token": "The ID token can be read",
    "issuer_is_ours": "The issuer is the provider of this connection",
    "times_hold": "Its times are right",
    "nonce_is_ours": "It answers our request (nonce)",
    "access_token_belongs": "The access token belongs to it",
    "userinfo": "The userinfo is about the same person",
    "userinfo_is_about_the_same_subject": "The userinfo is about the same person",
    "link_known": "The link is known",
    "link_in_time": "The link has not expired",
    "link_unused": "The link was not used before",
    "fields": "The profile's fields are there and can be used",
    "domains": "The e-mail address is the organization's",
    "unused": "It was not used before",
    "code": "The application gets a code",
    "not_replayed": "It was not used before",
    "required_attributes": "Everything that has to be there has arrived",
    "stable_identifier": "The person has an identifier that stays",
    "email_belongs": "The e-mail address is the organization's",
}
_OF_USERINFO = frozenset({"userinfo_is_about_the_same_subject", "userinfo"})
_FIELDS = frozenset(
    "attributes_missing email_invalid identifier_source_missing identifier_unstable identifier_too_long "
    "identifier_ambiguous identifier_malformed oauth_subject_missing oauth_email_missing".split()
)
# Where a refusal stops that does not say so itself. What is in no row stops before everything: nothing was checked.
# An answer to nothing that we asked: it is turned away before its signature is looked at.
_UNREAD = frozenset({"in_response_to_unknown", "answer_unknown"})
_STOPS: Mapping[str, str] = {
    **dict.fromkeys(_FIELDS, "fields"),
    OutsideOrganization.code: "domains",
    EmailUnverified.code: "domains",
    Replayed.code: "unused",
    IdentifierSourceChanged.code: "unused",
    "signin_consent_denied": "code",
    "attempt_already_used": "code",
    "discovery_invalid": "discovery",
    "discovery_issuer_mismatch": "discovery",
    **dict.fromkeys(
        "provider_error provider_denied callback_without_code issuer_parameter_mismatch oauth_denied "
        "oauth_provider_error oauth_callback_without_code oauth_issuer_parameter_mismatch".split(),
        "callback",
    ),
    **dict.fromkeys(
        "oidc_client_authentication_failed oidc_client_key_missing token_endpoint_refused token_answer_invalid "
        "id_token_missing oauth_client_refused oauth_key_unusable oauth_exchange_refused oauth_answer_invalid".split(),
        "token",
    ),
    "id_token_malformed": "id_token",
    "id_token_encryption_mismatch": "id_token",
    "id_token_decryption_failed": "id_token",
    "id_token_algorithm_not_allowed": "signature",
    "jwks_invalid": "signature",
    "id_token_key_unknown": "signature",
    "id_token_signature_invalid": "signature",
    "oauth_tenant_not_admitted": "signature",
    "userinfo_invalid": "userinfo",
    "userinfo_token_invalid": "userinfo",
    "userinfo_subject_mismatch": "userinfo",
    "document_not_base64": "document",
    "document_too_large": "document",
    "document_not_xml": "document",
    "document_has_dtd": "document",
    "duplicate_ids": "document",
    "not_a_response": "envelope",
    "in_response_to_unknown": "answers_our_request",
    "answer_unknown": "answers_our_request",
    "magic_link_expired": "link_in_time",
    "magic_link_used": "link_unused",
}


def of_good(protocol: Protocol, passed: Sequence[str]) -> tuple[Check, ...]:
    """Those of a sign-in that was let in; what its provider does not have is not among them."""
    told = {"userinfo" if name in _OF_USERINFO else name for name in passed}
    told |= {"document", "envelope", "form", "discovery", "callback", "token", *_OURS}
    told |= {"id_token"} if "signature" in told else set()
    return tuple(_check(name, Result.PASSED) for name in CHECKS[protocol] if name in told)


def of_refused(protocol: Protocol, facts: Mapping[str, Any]) -> tuple[Check, ...]:
    """Everything up to the check that failed has passed: the order is always the same. Nothing if none was begun.

    Of an answer that belongs to no sign-in, nothing was looked at but whom it answers.
    """
    names = CHECKS[protocol]
    failed = stopped_at(facts)
    if failed not in names:
        return ()
    at = names.index(failed)
    unread = not facts.get("check") and facts.get("code") in _UNREAD
    opened = names.index("envelope") + 1 if unread else at
    return (
        *(
            _check(name, Result.PASSED if number < opened else Result.NOT_REACHED)
            for number, name in enumerate(names[:at])
        ),
        _check(failed, Result.FAILED),
        *(_check(name, Result.NOT_REACHED) for name in names[at + 1 :]),
    )


def informed(
    checks: Sequence[Check],
    further: Mapping[str, Mapping[str, Any] | None],
    connection_type: str,
    *,
    values: bool,
    say: Callable[[str], str] = str,
    seen: Callable[[str], str] = str,
) -> tuple[Check, ...]:
    """With what those say that were not reached and were made for information all the same (`trace_further`)."""
    found = []
    for check in checks:
        if check.result is Result.NOT_REACHED and check.name in further:
            check = _for_information(check, further[check.name], connection_type, values, say, seen)
        found.append(check)
    return tuple(found)


def _for_information(
    check: Check,
    facts: Mapping[str, Any] | None,
    connection_type: str,
    values: bool,
    say: Callable[[str], str],
    seen: Callable[[str], str],
) -> Check:
    if facts is None:
        return msgspec.structs.replace(check, result=Result.PASSED, trusted=False)
    return msgspec.structs.replace(
        check,
        result=Result.FAILED,
        trusted=False,
        remedy=trace_remedy.of(facts, connection_type, say, seen),
        differences=trace_differences.of(facts, values=values, say=say),
    )


def stopped_at(facts: Mapping[str, Any]) -> str:
    """The check that refused; empty: none was begun."""
    return str(facts.get("check") or _STOPS.get(str(facts.get("code")), ""))


def label(name: str) -> str:
    return LABELS.get(name) or name.replace("_", " ")


def _check(name: str, result: Result) -> Check:
    return Check(name, label(name), result)


def of_these(names: Sequence[str]) -> tuple[Check, ...]:
    """All of them passed."""
    return tuple(_check(name, Result.PASSED) for name in names)
