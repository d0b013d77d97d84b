"""Our key pairs of a connection: several at once, published before they sign, deleted last (SAML-42)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from signxml import XMLVerifier

from latchstring import app
from latchstring.effects import keys
from latchstring.flows import connections
from latchstring.flows.connection_wishes import SamlWish
from latchstring.flows.connections import ConnectionWish
from latchstring.protocols.saml import names
from latchstring.web.kit.endpoint import Endpoint
from tests.events_for_tests import told
from tests.house_for_tests import BASE, START, Rig
from tests.idp_for_tests import SamlIdp, saml_idp
from tests.protocols.saml import sealing
from tests.protocols.saml.answers import Key, pair
from tests.web.declared import matches

ROUTE = "/connections/{id}/saml_sp_signing_certs"


@pytest.fixture
def different(rig: Rig) -> Rig:
    """The rig gives everybody the same key pair; here they have to be told apart."""
    house = replace(rig.house, make_key_pair=keys.rsa_pair)
    return replace(rig, house=house, endpoint=Endpoint(house, app.doors(development=True), secure=False))


def path(idp: SamlIdp, rest: str = "") -> str:
    return f"/connections/{idp.connection['id']}{rest}"


def add(idp: SamlIdp, **body: Any) -> dict[str, Any]:
    answer = idp.rig.client("POST", path(idp, "/saml_sp_signing_certs"), body or None)
    made: dict[str, Any] = matches(f"POST {ROUTE}", answer, 201)
    return made


def activate(idp: SamlIdp, id_: str) -> dict[str, Any]:
    answer = idp.rig.client("POST", path(idp, f"/saml_sp_signing_certs/{id_}/activate"))
    done: dict[str, Any] = matches(f"POST {ROUTE}/{{certificate_id}}/activate", answer, 200)
    return done


def published(idp: SamlIdp, use: str) -> list[str]:
    """The certificates that our metadata name, in their order, as Base64."""
    url = idp.connection["saml_options"]["sp_metadata_url"].removeprefix(BASE)
    root = ElementTree.fromstring(idp.rig.client("GET", url).body)  # noqa: S314 - a second opinion about our own
    return [
        "".join((found.text or "").split())
        for key in root.iter(names.KEY_DESCRIPTOR)
        if key.get("use") == use
        for found in key.iter(names.X509_CERTIFICATE)
    ]


def bare(*entries: dict[str, Any]) -> list[str]:
    return ["".join(entry["value"].splitlines()[1:-1]) for entry in entries]


def signs(idp: SamlIdp, *entries: dict[str, Any]) -> list[bool]:
    """Whether the query of a sign-in that starts now verifies with each of the certificates, over its raw bytes."""
    query = urlsplit(idp.rig.authorize(idp.rig.browser(), connection=idp.connection["id"]).location).query
    signed, _, rest = query.partition("&Signature=")
    assert [part.partition("=")[0] for part in signed.split("&")] == ["SAMLRequest", "RelayState", "SigAlg"]
    value = base64.b64decode(parse_qs(f"s={rest.partition('&')[0]}")["s"][0], validate=True)
    return [_verifies(x509.load_pem_x509_certificate(entry["value"].encode()), value, signed) for entry in entries]


def _verifies(certificate: x509.Certificate, value: bytes, signed: str) -> bool:
    key, algorithm = certificate.public_key(), parse_qs(signed)["SigAlg"]
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(value, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            return algorithm == [names.RSA_SHA256]
        assert isinstance(key, ec.EllipticCurvePublicKey)
        half = len(value) // 2
        r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
        key.verify(utils.encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
        return algorithm == [names.ECDSA_SHA256]
    except InvalidSignature:
        return False


def test_saml_42_a_second_pair_is_published_at_once_and_signs_when_it_is_activated(different: Rig) -> None:
    idp = saml_idp(different, sign_requests=True)
    (old,) = matches(f"GET {ROUTE}", different.client("GET", path(idp, "/saml_sp_signing_certs")), 200)["data"]
    assert (old["status"], published(idp, "signing")) == ("signing", bare(old))
    new = add(idp)
    assert (new["status"], new["active_from"]) == ("published", None)
    assert published(idp, "signing") == bare(old, new)
    assert signs(idp, old, new) == [True, False]
    different.clock.forward(days=3)
    assert activate(idp, new["id"])["status"] == "signing"
    assert signs(idp, old, new) == [False, True]
    assert published(idp, "signing") == bare(new, old)  # whoever has not read them anew still finds the old one
    assert different.client("GET", path(idp, "/saml_sp_signing_cert")).json["id"] == new["id"]
    assert different.client("GET", path(idp)).json["saml_options"]["sp_signing_cert"] == new["value"]
    in_use = different.client("DELETE", path(idp, f"/saml_sp_signing_certs/{new['id']}"))
    assert (in_use.status, in_use.json["code"]) == (400, "signing_certificate_in_use")
    assert different.client("DELETE", path(idp, f"/saml_sp_signing_certs/{old['id']}")).status == 204
    assert published(idp, "signing") == bare(new)
    (renewed,) = told(different, "connection.saml_certificate_renewed")
    assert renewed == {
        "connection": {"id": idp.connection["id"], "organization_id": idp.organization["id"]},
        "certificate": {"certificate_type": "RequestSigning", "expiry_date": new["not_after"]},
        "renewed_at": "2026-11-23T09:14:07.437Z",
    }
    (activated,) = told(different, "connection.saml_signing_certificate_activated")
    assert activated["certificate"]["id"] == new["id"] and activated["actor"].startswith("key:api_key_")


def test_saml_42_a_pair_begins_to_sign_at_the_time_that_was_named(different: Rig) -> None:
    idp = saml_idp(different, sign_requests=True)
    old = different.client("GET", path(idp, "/saml_sp_signing_cert")).json
    new = add(idp, activate_at="2026-11-24T00:00:00+01:00")
    assert (new["status"], new["active_from"]) == ("published", "2026-11-23T23:00:00.000Z")
    different.clock.at = START.replace(hour=22, minute=59, second=59)
    assert signs(idp, old, new) == [True, False]
    different.clock.forward(seconds=2)
    assert signs(idp, old, new) == [False, True]
    past = different.client("POST", path(idp, "/saml_sp_signing_certs"), {"activate_at": "2026-11-23T00:00:00Z"})
    assert (past.status, past.json["errors"][0]["code"]) == (422, "activate_at_past")
    naive = different.client("POST", path(idp, "/saml_sp_signing_certs"), {"activate_at": "2027-11-23T00:00:00"})
    assert (naive.status, naive.json["errors"][0]["field"]) == (422, "activate_at")


def test_saml_42_an_elliptic_pair_signs_the_query(different: Rig) -> None:
    idp = saml_idp(different)
    made = add(idp, algorithm="ecdsa")
    assert made["status"] == "signing"
    key = x509.load_pem_x509_certificate(made["value"].encode()).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    unsigned = different.authorize(different.browser(), connection=idp.connection["id"]).location
    assert "Signature" not in unsigned  # a pair alone signs nothing: first the identity provider has to know it
    assert different.client("PATCH", path(idp), {"saml_options": {"sign_requests": True}}).status == 200
    assert signs(idp, made) == [True]


@pytest.mark.parametrize("algorithm", ["rsa", "ecdsa"])
def test_saml_42_a_pair_of_either_kind_signs_the_posted_document(different: Rig, algorithm: str) -> None:
    idp = saml_idp(different, sso_binding="post")
    made = add(idp, algorithm=algorithm)
    different.client("PATCH", path(idp), {"saml_options": {"sign_requests": True}})
    page = different.authorize(different.browser(), connection=idp.connection["id"]).text
    field = page.partition('name="SAMLRequest" value="')[2].partition('"')[0]
    document = base64.b64decode(field, validate=True)
    result = XMLVerifier().verify(document, x509_cert=made["value"], id_attribute="ID")
    assert not isinstance(result, list) and result.signed_xml is not None
    assert result.signed_xml.tag == names.AUTHN_REQUEST
    assert (names.RSA_SHA256 if algorithm == "rsa" else names.ECDSA_SHA256).encode() in document


@pytest.mark.parametrize("kind", ["rsa", "ec256"])
def test_a_pair_of_the_callers_own(different: Rig, kind: Key) -> None:
    idp = saml_idp(different)
    own = {"key": pair(kind).pem, "cert": pair(kind).certificate}
    answer = different.client("POST", path(idp, "/saml_sp_signing_certs"), {"key_pair": own})
    assert answer.status == 201 and pair(kind).pem.splitlines()[2] not in answer.text
    again = different.client("POST", path(idp, "/saml_sp_signing_certs"), {"key_pair": own})
    assert (again.status, again.json["code"]) == (409, "certificate_already_exists")
    mixed = {"key_pair": {**own, "cert": pair("other").certificate}}
    wrong = different.client("POST", path(idp, "/saml_sp_signing_certs"), mixed)
    assert wrong.json["errors"][0]["code"] == "key_pair_invalid"


def test_a_connection_has_ten_pairs_at_most(rig: Rig) -> None:
    idp = saml_idp(rig)
    for _ in range(10):
        add(idp)
    full = rig.client("POST", path(idp, "/saml_sp_signing_certs"), {})
    assert (full.status, full.json["code"]) == (400, "too_many_certificates")
    assert rig.client("POST", path(idp, "/saml_sp_signing_certs/cert_unknown/activate")).status == 404
    assert rig.client("DELETE", path(idp, "/saml_sp_signing_certs/cert_unknown")).status == 404


def test_a_pair_that_was_deleted_is_followed_by_the_one_that_is_left(different: Rig) -> None:
    idp = saml_idp(different, sign_requests=True)
    new = add(idp)
    assert different.client("DELETE", path(idp, "/saml_sp_signing_cert")).status == 204
    assert different.client("GET", path(idp)).json["saml_options"]["sign_requests"] is True
    assert signs(idp, new) == [True]
    assert different.client("DELETE", path(idp, "/saml_sp_signing_cert")).status == 204
    assert different.client("GET", path(idp)).json["saml_options"]["sign_requests"] is False
    changes = [event["changes"] for event in told(different, "connection.options_changed")]
    assert changes == [
        {"sign_requests": {"from": False, "to": True}},
        {"sign_requests": {"from": True, "to": False}},
    ]


def test_saml_22_every_decryption_key_is_tried_and_the_newest_is_named_first(different: Rig) -> None:
    idp = saml_idp(
        different,
        sp_encryption_key_pairs=[{"key": pair("other").pem, "cert": pair("other").certificate}],
        encrypt_assertions=True,
    )
    fresh = different.client("POST", path(idp, "/saml_sp_encryption_certs")).json
    (old, new) = different.client("GET", path(idp, "/saml_sp_encryption_certs")).json["data"]
    assert new == fresh
    assert published(idp, "encryption") == bare(new, old)
    (renewed,) = told(different, "connection.saml_certificate_renewed")
    assert renewed["certificate"]["certificate_type"] == "ResponseEncryption"
    assert "code" in encrypted_sign_in(idp).returned  # for the older one
    assert different.client("DELETE", path(idp, f"/saml_sp_encryption_certs/{old['id']}")).status == 204
    assert encrypted_sign_in(idp).returned["error_uri"].endswith("/decryption_failed")
    last = different.client("DELETE", path(idp, f"/saml_sp_encryption_certs/{new['id']}"))
    assert (last.status, last.json["code"]) == (400, "encryption_needs_certificate")


def encrypted_sign_in(idp: SamlIdp) -> Any:
    """For the key "other"."""
    browser = idp.rig.browser()
    text = idp.response(idp.depart(browser)).decode()
    start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
    return idp.arrive(browser, (text[:start] + sealing.sealed(text[start:end].encode()) + text[end:]).encode())


def test_somebody_who_was_faster_is_not_overwritten(rig: Rig) -> None:
    idp = saml_idp(rig)
    make = rig.house.make_key_pair

    def slowly(name: str, now: Any) -> tuple[str, str]:
        if not told(rig, "connection.options_changed"):
            wish = ConnectionWish(saml_options=SamlWish(clock_skew_seconds=90))
            connections.update(rig.house, rig.pass_, idp.connection["id"], wish)
        return make(name, now)

    house = replace(rig.house, make_key_pair=slowly)
    meddled = replace(rig, endpoint=Endpoint(house, app.doors(development=True), secure=False))
    late = meddled.client("POST", path(idp, "/saml_sp_encryption_certs"))
    assert (late.status, late.json["code"]) == (409, "connection_changed")
    assert rig.client("GET", path(idp)).json["saml_options"]["clock_skew_seconds"] == 90
    assert meddled.client("POST", path(idp, "/saml_sp_encryption_certs")).status == 201
