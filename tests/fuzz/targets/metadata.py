"""Metadata of identity providers, as people upload it and as it is fetched."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from latchstring.model.refusal import Refusal
from latchstring.protocols.saml import metadata
from tests.fuzz import saml_seeds
from tests.fuzz.target import Target, Violation
from tests.fuzz.xml_mutations import Spoiler
from tests.protocols.saml.answers import IDP, NOW, pair


def run(document: bytes) -> str:
    try:
        found = metadata.read_idp(document, NOW)
    except Refusal as refusal:
        return refusal.code
    for url in (found.sso_url, getattr(found, "slo_url", None)):
        if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise Violation("an address that is none")
    if not found.entity_id.strip() or not 1 <= len(found.certificates) <= metadata.MAX_CERTIFICATES:
        raise Violation("metadata without a name or a certificate")
    if found.valid_until is not None and found.valid_until <= NOW:
        raise Violation("metadata that is over")
    return "accepted"


@cache
def _seeds() -> tuple[bytes, ...]:
    saml_seeds.use_lasting_keys()
    from tests.protocols.saml import idp_documents

    made = [
        getattr(idp_documents, name).encode()
        for name in sorted(vars(idp_documents))
        if name.isupper()
        and isinstance(getattr(idp_documents, name), str)
        and "Descriptor" in getattr(idp_documents, name)
    ]
    ours = metadata.write_idp(
        entity_id=IDP,
        sso_url="https://idp.example.com/sso",
        certificates=(pair("rsa").certificate, pair("ec256").certificate),
    )
    return (*made, ours, b"<!doctype html><html><body>Sign in</body></html>")


@cache
def _spoiler() -> Spoiler:
    return Spoiler(_seeds())


TARGET = Target(
    about="metadata of identity providers",
    seeds=_seeds,
    mutate=lambda document, chance: _spoiler()(document, chance),
    run=run,
)
