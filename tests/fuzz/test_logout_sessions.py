"""Spoilt logout messages on a whole house: whoever is signed out is the one whom the good message named."""

from __future__ import annotations

from base64 import b64encode
from random import Random
from urllib.parse import quote

from latchstring.protocols.saml import signing
from tests.fuzz.target import load
from tests.house_for_tests import BASE, Rig, call
from tests.idp_for_tests import pair
from tests.slo_for_tests import SloIdp, slo_idp

MESSAGES = 250


def test_saml_11_43_a_spoilt_message_signs_nobody_else_out(rig: Rig) -> None:
    idp, chance, mutate = slo_idp(rig), Random(1), load("logout_message").mutate  # noqa: S311 - the same every time
    others = [idp.signed_in(rig.browser(), "b", name="bob"), idp.signed_in(rig.browser(), "a", name="ann")]
    ended, ann = 0, idp.signed_in(rig.browser(), "a0", name="ann")
    for _ in range(MESSAGES):
        spoilt = mutate(_good(idp, f"a{ended}", chance), chance)
        assert _sent(idp, spoilt) in (302, 400)
        if not idp.lives(ann):
            ended += 1
            ann = idp.signed_in(rig.browser(), f"a{ended}", name="ann")
        assert all(idp.lives(other) for other in others), spoilt[:3000]
    assert 0 < ended < MESSAGES / 2  # some spoil nothing that counts


def _good(idp: SloIdp, index: str, chance: Random) -> bytes:
    document = idp.request(index, name="ann")
    if chance.random() < 0.5:
        return b"GET " + idp.query(document, relay_state=chance.choice((None, "r"))).partition("?")[2].encode()
    certificate, key = pair("acme")
    signed = signing.sign(document, key_pem=key, certificate_pem=certificate)
    return f"POST SAMLRequest={quote(b64encode(signed).decode(), safe='')}".encode()


def _sent(idp: SloIdp, message: bytes) -> int:
    way, _, rest = message.partition(b" ")
    path, headers = idp.slo_url.removeprefix(BASE), {"accept": "text/html"}
    if way == b"GET":
        return call(idp.rig.endpoint, "GET", f"{path}?{rest.decode('ascii', 'ignore')}", headers=headers).status
    headers["content_type"] = "application/x-www-form-urlencoded"
    return call(idp.rig.endpoint, "POST", path, body=rest, headers=headers).status
