"""Refusal -> what to change at the identity provider: which topic of a guide mends which code, and in what sentence.

A guide says only where a thing stands and what it is called there (`Place`); the sentences are the same for all, so
that a language needs them once. Menu words stay as the provider's console writes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

Topic = Literal[
    "acs_url",
    "algorithm",
    "assignment",
    "attributes",
    "audience",
    "certificate",
    "client",
    "clock",
    "discovery",
    "encryption",
    "groups",
    "log",
    "metadata",
    "name_id",
    "redirect_uri",
    "relay_state",
    "requests",
    "signing",
    "vendor",
]

HostedBy = Literal["vendor", "customer"]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a topic stands in a provider's console or files. `{app}` is our application there."""

    where: str = ""  # the menu path, or a file in backticks; empty: there is nothing to set, and the note says why
    what: tuple[str, ...] = ()  # the names of the fields there; `name = value` where one value is right
    note: str = ""  # a sentence or two of plain text that this provider alone needs


SENTENCES: Mapping[Topic, str] = {
    "acs_url": "In %(product)s, open %(where)s and set %(what)s to the ACS URL of this connection (`acs_url`).",
    "algorithm": "In %(product)s, open %(where)s and choose %(what)s.",
    "assignment": "In %(product)s, open %(where)s and let the person in: %(what)s.",
    "attributes": "In %(product)s, open %(where)s and send what is missing or wrong: %(what)s.",
    "audience": "In %(product)s, open %(where)s and set %(what)s to the SP entity ID of this connection "
    "(`sp_entity_id`), letter by letter.",
    "certificate": "In %(product)s, open %(where)s, take %(what)s and give it to this connection beside the old one.",
    "client": "In %(product)s, open %(where)s, and give this connection %(what)s anew.",
    "discovery": "In %(product)s, open %(where)s and copy %(what)s into this connection.",
    "encryption": "In %(product)s, encryption is set in %(where)s: %(what)s.",
    "groups": "In %(product)s, open %(where)s and send fewer groups: %(what)s.",
    "log": "%(product)s says why in %(where)s.",
    "metadata": "In %(product)s, open %(where)s, take %(what)s and give it to this connection again.",
    "name_id": "In %(product)s, open %(where)s; what is sent as NameID is decided by %(what)s.",
    "redirect_uri": "In %(product)s, open %(where)s and add the redirect URI of this connection to %(what)s.",
    "relay_state": "In %(product)s, open %(where)s and empty %(what)s.",
    "requests": "In %(product)s, open %(where)s; whether our requests must be signed is decided by %(what)s.",
    "signing": "In %(product)s, open %(where)s and choose %(what)s.",
}
WITHOUT_PLACE: Mapping[tuple[Topic, HostedBy], str] = {
    ("clock", "vendor"): "%(product)s keeps its own time right: look at the clock of this server first.",
    ("clock", "customer"): "Set the clock of the machine on which %(product)s runs by NTP, and that of this server.",
    ("vendor", "vendor"): "%(product)s does not send this by itself, and no setting there changes it. If no proxy and "
    "no extension rewrites its answer, show its support what `latchstring explain` says.",
    ("vendor", "customer"): "%(product)s does not send this by itself: update it, and look for plug-ins of its own and "
    "for proxies that rewrite its answer.",
}
APPLICATION = "(your app)"

_SHARED: Mapping[str, tuple[Topic, ...]] = {
    "attributes_missing": ("attributes",),
    "email_invalid": ("attributes",),
    "identifier_ambiguous": ("attributes",),
    "identifier_malformed": ("attributes",),
    "identifier_source_missing": ("attributes",),
    "identifier_too_long": ("attributes",),
    "identifier_unstable": ("attributes",),
}

_SAML: Mapping[str, tuple[Topic, ...]] = {
    **_SHARED,
    "algorithm_not_allowed": ("algorithm",),
    "assertion_expired": ("clock",),
    "assertion_malformed": ("vendor",),
    "assertion_not_encrypted": ("encryption",),
    "assertion_not_yet_valid": ("clock",),
    "audience_mismatch": ("audience",),
    "authn_statement_missing": ("vendor",),
    "canonicalization_failed": ("vendor",),
    "certificate_missing": ("metadata",),
    "certificate_unknown": ("certificate",),
    "condition_unknown": ("vendor",),
    "connection_address_unknown": ("acs_url",),
    "decryption_failed": ("encryption",),
    "destination_mismatch": ("acs_url",),
    "document_has_dtd": ("vendor",),
    "document_not_base64": ("vendor",),
    "document_not_deflated": ("vendor",),
    "document_not_xml": ("vendor",),
    "document_too_large": ("groups",),
    "duplicate_ids": ("vendor",),
    "encrypted_assertion_unsupported": ("encryption",),
    "encrypted_element_unsupported": ("encryption",),
    "encryption_key_missing": ("encryption",),
    "encryption_mode_not_allowed": ("encryption",),
    "identifier_unstable": ("name_id", "attributes"),
    "idp_bad_answer": ("metadata",),
    "idp_error": ("audience", "acs_url", "requests", "log"),
    "idp_refused": ("assignment", "log"),
    "idp_unreachable": ("metadata",),
    "issuer_mismatch": ("metadata",),
    "metadata_ambiguous": ("metadata",),
    "metadata_expired": ("metadata",),
    "metadata_has_bare_key": ("metadata",),
    "metadata_has_no_certificate": ("metadata",),
    "metadata_has_no_idp": ("metadata",),
    "metadata_invalid": ("metadata",),
    "metadata_is_html": ("metadata",),
    "metadata_is_sp": ("metadata",),
    "metadata_no_usable_binding": ("metadata",),
    "no_assertion": ("assignment", "log"),
    "not_a_response": ("vendor",),
    "recipient_mismatch": ("acs_url",),
    "relay_state_not_allowed": ("relay_state",),
    "response_malformed": ("vendor",),
    "response_too_old": ("clock",),
    "several_assertions": ("vendor",),
    "signature_invalid": ("certificate",),
    "signature_malformed": ("vendor",),
    "signature_misplaced": ("vendor",),
    "signature_missing": ("signing",),
    "subject_missing": ("name_id",),
    "subject_unconfirmed": ("vendor",),
    "time_invalid": ("vendor",),
    "unsolicited_response": ("vendor",),
    "weak_algorithm": ("algorithm",),
}

_OIDC: Mapping[str, tuple[Topic, ...]] = {
    **_SHARED,
    "callback_without_code": ("redirect_uri",),
    "connection_address_unknown": ("redirect_uri",),
    "discovery_invalid": ("discovery",),
    "discovery_issuer_mismatch": ("discovery",),
    "email_unverified": ("attributes",),
    "id_token_algorithm_not_allowed": ("algorithm",),
    "id_token_at_hash_mismatch": ("vendor",),
    "id_token_audience_mismatch": ("client",),
    "id_token_claim_invalid": ("vendor",),
    "id_token_decryption_failed": ("encryption",),
    "id_token_encryption_mismatch": ("encryption",),
    "id_token_expired": ("clock",),
    "id_token_issued_at_invalid": ("clock",),
    "id_token_issuer_mismatch": ("discovery",),
    "id_token_key_unknown": ("discovery",),
    "id_token_malformed": ("vendor",),
    "id_token_missing": ("attributes",),
    "id_token_signature_invalid": ("discovery",),
    "idp_bad_answer": ("discovery",),
    "idp_unreachable": ("discovery",),
    "issuer_parameter_mismatch": ("redirect_uri",),
    "jwks_invalid": ("discovery",),
    "oidc_client_authentication_failed": ("client",),
    "oidc_client_key_missing": ("client",),
    "provider_denied": ("assignment", "log"),
    "provider_error": ("redirect_uri", "log"),
    "token_answer_invalid": ("vendor",),
    "token_endpoint_refused": ("redirect_uri", "client"),
    "userinfo_invalid": ("attributes",),
    "userinfo_subject_mismatch": ("vendor",),
    "userinfo_token_invalid": ("algorithm",),
}

TOPICS: Mapping[str, Mapping[str, tuple[Topic, ...]]] = {"saml": _SAML, "oidc": _OIDC}  # protocol -> code -> topics


def told(
    topics: tuple[Topic, ...],
    *,
    product: str,
    hosted_by: HostedBy,
    places: Mapping[Topic, Place],
    say: Callable[[str], str],
) -> str:
    """What to do about `topics`, in the order of importance; topics that this product knows nothing of are left out."""
    parts: list[str] = []
    for topic in topics:
        place = places.get(topic, Place())
        if place.where:
            words = {
                "product": product,
                "where": _quoted(place.where.replace("{app}", say(APPLICATION))),
                "what": ", ".join(map(_quoted, place.what)),
            }
            parts.append(say(SENTENCES[topic]) % words)
        elif not place.note and (sentence := WITHOUT_PLACE.get((topic, hosted_by))):
            parts.append(say(sentence) % {"product": product})
        if place.note:
            parts.append(say(place.note))
    return " ".join(parts)


def product(guide_name: str) -> str:
    """What people call it: the name of a guide without the protocol behind it."""
    return re.sub(r"( \([^)]*\)| SAML| OIDC| Unsolicited)+$", "", guide_name)


def _quoted(words: str) -> str:
    return words if "`" in words else f"“{words}”"
