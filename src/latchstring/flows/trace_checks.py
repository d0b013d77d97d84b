"""The checks of a sign-in in their order, by protocol, and how each of them ended: passed, failed, or not reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from latchstring.flows.land import EmailUnverified, IdentifierSourceChanged, OutsideOrganization, Replayed
from latchstring.model.sign_in_test import Result
from latchstring.protocols.oidc import id_token
from latchstring.protocols.saml import explain

Protocol = Literal["saml", "oidc", "oauth", "magic_link"]


class Check(msgspec.Struct, frozen=True):
    """One check. `label` is what it looks at, in English."""

    name: str
    label: str
    result: Result


# After every protocol's own: what becomes of somebody whose provider's answer holds.
_OURS = ("fields", "domains", "unused", "code")
_ID_TOKEN = ("signature", *(check.__name__ for check in id_token.CHECKS))
CHECKS: Mapping[Protocol, tuple[str, ...]] = {
    "saml": (*explain.STAGES, *_OURS),
    "oidc": ("discovery", "callback", "token", "id_token", *_ID_TOKEN, "userinfo", *_OURS),
    "oauth": ("callback", "token", *_ID_TOKEN, "userinfo", *_OURS),
    "magic_link": ("link_known", "link_in_time", "link_unused", *_OURS),
}
LABELS: Mapping[str, str] = {
    "document": "It is XML of an acceptable size",
    "envelope": "It is a response that says success, with one assertion",
    "signature": "The signature, by a certificate or key that is trusted",
    "form": "The assertion's form",
    "version_is_2": "SAML version 2.0",
    "issuer_is_our_idp": "Issuer",
    "destination_is_ours": "Destination",
    "issued_just_now": "Issued just now",
    "subject_is_named": "Subject",
    "bearer_is_confirmed": "Bearer confirmation",
    "recipient_is_ours": "Recipient",
    "answers_our_request": "It answers the request of this sign-in",
    "bearer_is_in_time": "The confirmation is still good",
    "conditions_hold": "Conditions: not too early, not too late",
    "audience_is_ours": "Audience",
    "somebody_signed_in": "Somebody signed in there",
    "attributes": "Attributes can be read",
    "discovery": "The provider's discovery document",
    "callback": "The provider sent a code, not an error",
    "token": "The code was exchanged for tokens",
    "id_token": "The ID token's form and encryption",
    "issuer_is_ours": "Issuer",
    "times_hold": "Not too old, not expired",
    "nonce_is_ours": "It belongs to this sign-in (nonce)",
    "access_token_belongs": "The access token belongs to it",
    "userinfo": "Userinfo, about the same person",
    "link_known": "The link is known",
    "link_in_time": "The link has not expired",
    "link_unused": "The link was not used before",
    "fields": "The profile's fields are there and can be used",
    "domains": "The e-mail address belongs to the organization",
    "unused": "This answer was not used before",
    "code": "The application gets a code",
}
_OF_USERINFO = frozenset({"userinfo_is_about_the_same_subject", "userinfo"})
_FIELDS = frozenset(
    "attributes_missing email_invalid identifier_source_missing identifier_unstable identifier_too_long "
    "identifier_ambiguous identifier_malformed oauth_subject_missing oauth_email_missing".split()
)
# Where a refusal stops that does not say so itself. What is in no row stops before everything: nothing was checked.
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
    """Everything up to the check that failed has passed: the order is always the same. Nothing if none was begun."""
    names = CHECKS[protocol]
    failed = facts.get("check") or _STOPS.get(str(facts.get("code")), "")
    if failed not in names:
        return ()
    at = names.index(failed)
    return (
        *(_check(name, Result.PASSED) for name in names[:at]),
        _check(failed, Result.FAILED),
        *(_check(name, Result.NOT_REACHED) for name in names[at + 1 :]),
    )


def _check(name: str, result: Result) -> Check:
    return Check(name, LABELS.get(name, name), result)


def of_these(names: Sequence[str]) -> tuple[Check, ...]:
    """All of them passed."""
    return tuple(_check(name, Result.PASSED) for name in names)
