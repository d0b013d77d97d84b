"""Good responses of every kind, each of somebody else, and bad ones that the very same identity provider has signed."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from latchstring.protocols.saml import names
from tests.fuzz import keys
from tests.protocols.saml.answers import NOW, TRANSFORMS, Key, answer, forged, give, swap
from tests.protocols.saml.sealing import OUR_KEY, sealed_answer

TRUSTED: tuple[Key, ...] = ("rsa", "ec256", "ec384", "ec521", "rsa1024")
_SHA1 = {"algorithm": names.RSA_SHA1, "digest_algorithm": names.SHA1_DIGEST}
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_SHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def use_lasting_keys() -> None:
    """Keys that are the same in every run. Not in a process that has documents by other keys already."""
    for kind in ("rsa", "other"):
        give(kind, keys.rsa_key(kind))
    give("rsa1024", keys.rsa_key("rsa1024", 1024))
    give("ec256", keys.ec_key("ec256", ec.SECP256R1()))
    give("ec384", keys.ec_key("ec384", ec.SECP384R1()))
    give("ec521", keys.ec_key("ec521", ec.SECP521R1()))


def _someone(who: str, **more: Any) -> dict[str, Any]:
    return {"name_id": who, "attributes": {"email": [f"{who}@example.com"], "groups": ["staff", who]}, **more}


def _forged(who: str, **how: Any) -> bytes:
    return forged(in_assertion=swap(">ann<", f">{who}<"), **how)


def _pretty(text: str) -> str:
    return text.replace("><", ">\n  <")


def _inclusive(prefix: str) -> str:
    return (
        f'<ds:Transform Algorithm="{names.ENVELOPED}"/><ds:Transform Algorithm="{names.EXC_C14N}">'
        f'<ec:InclusiveNamespaces xmlns:ec="{names.EXC_C14N}" PrefixList="{prefix}"/></ds:Transform>'
    )


GOOD: dict[str, Callable[[str], bytes]] = {
    "assertion": lambda who: answer(**_someone(who)),
    "response": lambda who: answer(sign="response", **_someone(who)),
    "both": lambda who: answer(sign="both", **_someone(who)),
    "pretty": lambda who: answer(in_assertion=_pretty, in_response=_pretty, sign="response", **_someone(who)),
    "comments": lambda who: answer(after=swap("><saml:Assertion", "><!-- x --><saml:Assertion"), **_someone(who)),
    "declared": lambda who: answer(
        after=lambda text: f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', **_someone(who)
    ),
    "ecdsa": lambda who: answer(key="ec256", **_someone(who)),
    "ecdsa 521": lambda who: answer(key="ec521", sign="response", **_someone(who)),
    "sha 384": lambda who: _forged(who, algorithm=f"{_MORE}rsa-sha384", digest_algorithm=f"{_MORE}sha384"),
    "sha 512": lambda who: _forged(who, algorithm=f"{_MORE}rsa-sha512", digest_algorithm=_SHA512),
    "prefix list": lambda who: _forged(who, transforms=_inclusive("saml xs"), prefixes=("saml", "xs")),
    "a comment left out": lambda who: forged(
        in_assertion=lambda text: text.replace(">ann<", f"><!-- x -->{who}<"),
        transforms=TRANSFORMS.replace(names.EXC_C14N, names.EXC_C14N_COMMENTS),
    ),
    "sha 1": lambda who: _forged(who, **_SHA1),
    "rsa 1024": lambda who: answer(key="rsa1024", **_someone(who)),
    "inclusive": lambda who: _forged(
        who,
        inclusive=True,
        transforms=f'<ds:Transform Algorithm="{names.ENVELOPED}"/><ds:Transform Algorithm="{_C14N}"/>',
        canonicalization=f'<ds:CanonicalizationMethod Algorithm="{_C14N}"/>',
    ),
    "gcm": lambda who: sealed_answer(answer_=_someone(who)),
    "gcm in a signed response": lambda who: sealed_answer(sign="response", answer_=_someone(who)),
    "cbc in a signed response": lambda who: sealed_answer(sign="both", content="aes128-cbc", answer_=_someone(who)),
    "cbc alone": lambda who: sealed_answer(content="aes256-cbc", answer_=_someone(who)),
    "key beside": lambda who: sealed_answer(
        beside=True, transport="rsa-oaep", digest="sha256", mask="sha256", answer_=_someone(who)
    ),
    "unsolicited": lambda who: answer(**_someone(who, in_response_to=None)),
    "unsolicited, both": lambda who: answer(sign="both", **_someone(who, in_response_to=None)),
    "many attributes": lambda who: answer(**_someone(who, attributes={f"a{n}": [f"{who} {n}"] * 3 for n in range(20)})),
}

# Signed by the right key, and nobody may ever come in by them, nor by any part of them.
STOLEN: dict[str, Callable[[str], bytes]] = {
    "another audience": lambda who: answer(**_someone(who, audience="https://other.example")),
    "another ACS": lambda who: answer(sign="both", **_someone(who, acs_url="https://other.example/acs")),
    "another request": lambda who: answer(**_someone(who, in_response_to="_other")),
    "long ago": lambda who: answer(sign="both", **_someone(who, now=NOW - timedelta(days=30))),
    "another issuer": lambda who: answer(**_someone(who, entity_id="https://other.example/idp")),
    "unsigned": lambda who: answer(sign="none", **_someone(who)),
    "by an attacker": lambda who: answer(key="other", sign="both", **_someone(who)),
    "encrypted and unsigned": lambda who: sealed_answer(sign="none", answer_=_someone(who)),
    "sealed for elsewhere": lambda who: sealed_answer(answer_=_someone(who, audience="https://other.example")),
}


@cache
def good() -> tuple[bytes, ...]:
    made = [make(f"good-{number}") for number, make in enumerate(GOOD.values())]
    wide = made[0].decode()
    return (*made, codecs.BOM_UTF16_LE + wide.encode("utf-16-le"))


@cache
def stolen() -> tuple[bytes, ...]:
    return tuple(make(f"stolen-{number}") for number, make in enumerate(STOLEN.values()))


__all__ = ["OUR_KEY", "TRUSTED", "good", "stolen", "use_lasting_keys"]
