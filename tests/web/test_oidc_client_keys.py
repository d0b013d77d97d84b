"""Keys of ours at OpenID Connect providers: `private_key_jwt`, encrypted ID tokens, and userinfo that is signed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwe, jws, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from latchstring.model.fetch import Fetched
from tests.house_for_tests import Rig, call
from tests.idp_for_tests import OidcIdp, jose_key, oidc_idp
from tests.web.doors import is_redirect

ENCRYPTIONS = ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]
CONTENT = ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]


def published(idp: OidcIdp) -> list[dict[str, Any]]:
    """Our keys, as the provider fetches them."""
    address = idp.connection["oidc_options"]["jwks_uri"]
    answer = call(idp.rig.endpoint, "GET", address.removeprefix(idp.rig.house.base_url))
    keys: list[dict[str, Any]] = answer.json["keys"]
    assert not any({"d", "p", "q", "k"} & key.keys() for key in keys)
    return keys


def keyed(rig: Rig, **options: Any) -> OidcIdp:
    return oidc_idp(rig, token_authentication_method="private_key_jwt", client_secret=None, **options)


def shown(idp: OidcIdp) -> dict[str, str]:
    """What the last token request held."""
    fetch = idp.exchanges[-1]
    assert "authorization" not in fetch.headers
    return {name: values[0] for name, values in parse_qs((fetch.body or b"").decode()).items()}


def claims(idp: OidcIdp) -> dict[str, Any]:
    """Of the assertion in it, verified with what we publish."""
    assertion = shown(idp)["client_assertion"]
    keys = KeySet.import_key_set({"keys": published(idp)})
    found: dict[str, Any] = jwt.decode(assertion, keys, algorithms=["RS256", "PS256", "ES256"]).claims
    return found


def test_who_we_are_is_signed_by_a_key_that_we_publish(rig: Rig) -> None:
    idp = keyed(rig)
    assert idp.connection["oidc_options"]["token_authentication_method"] == "private_key_jwt"
    assert "code" in idp.sign_in(rig.browser()).returned
    form = shown(idp)
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in form
    said = claims(idp)
    now = int(rig.clock.now().timestamp())
    assert (said["iss"], said["sub"], said["aud"]) == ("our-client", "our-client", idp.issuer)
    assert (said["iat"], said["exp"]) == (now, now + 60)
    first = said["jti"]
    assert "code" in idp.sign_in(rig.browser()).returned
    assert claims(idp)["jti"] != first


def test_a_provider_that_wants_its_token_endpoint_named_gets_that(rig: Rig) -> None:
    idp = keyed(rig, client_assertion_audience="token_endpoint")
    idp.sign_in(rig.browser())
    assert claims(idp)["aud"] == f"{idp.issuer}/token"


def test_a_second_key_is_published_before_it_signs(rig: Rig) -> None:
    idp = keyed(rig)
    made = rig.client("POST", f"/connections/{idp.connection['id']}/oidc_jwt_signing_certs", {})
    assert made.status == 201, made.body
    assert len(published(idp)) == 2
    kids = []
    for _ in range(2):
        idp.sign_in(rig.browser())
        header = jws.extract_compact(shown(idp)["client_assertion"].encode()).headers()
        kids.append(header["kid"])
        claims(idp)
        rig.clock.forward(hours=2)
    assert kids[0] != kids[1]


def test_when_a_pair_begins_is_shown_in_utc(rig: Rig) -> None:
    idp = keyed(rig)
    path = f"/connections/{idp.connection['id']}/oidc_jwt_signing_certs"
    made = rig.client("POST", path, {"activate_at": "2026-11-24T01:30:00+05:30"})
    assert made.json["active_from"] == "2026-11-23T20:00:00.000Z"
    past = rig.client("POST", path, {"activate_at": "2026-11-23T14:44:07+05:30"})
    assert (past.status, past.json["errors"][0]["code"]) == (422, "activate_at_past")


def encrypted(keys: list[dict[str, Any]], algorithm: str, content: str, token: str) -> str:
    kind = "RSA" if algorithm.startswith("RSA") else "EC"
    (entry,) = [key for key in keys if key["use"] == "enc" and key["kty"] == kind]
    key = RSAKey.import_key(entry) if kind == "RSA" else ECKey.import_key(entry)
    header = {"alg": algorithm, "enc": content, "cty": "JWT", "kid": entry["kid"]}
    return jwe.encrypt_compact(header, token, key, algorithms=[algorithm, content])


def secretive(rig: Rig, algorithm: str = "RSA-OAEP-256", content: str = "A256GCM") -> OidcIdp:
    idp = oidc_idp(rig, id_token_encryption_algorithm=algorithm, id_token_content_encryption=content)
    keys = published(idp)
    idp.rewrite = lambda token: encrypted(keys, algorithm, content, token)
    return idp


@pytest.mark.parametrize("content", CONTENT)
@pytest.mark.parametrize("algorithm", ENCRYPTIONS)
def test_oidc_18_an_encrypted_id_token_is_read_where_it_was_agreed_on(rig: Rig, algorithm: str, content: str) -> None:
    answer = secretive(rig, algorithm, content).sign_in(rig.browser())
    assert rig.swap(answer.returned["code"]).json["profile"]["email"] == "ann@acme.example"


def test_oidc_18_one_that_is_not_encrypted_is_refused_then(rig: Rig) -> None:
    idp = secretive(rig)
    idp.rewrite = lambda token: token
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_encryption_mismatch")


def test_oidc_18_one_that_is_encrypted_is_refused_otherwise(rig: Rig) -> None:
    idp = oidc_idp(rig)
    key = RSAKey.generate_key(2048)
    header = {"alg": "RSA-OAEP", "enc": "A128GCM"}
    idp.rewrite = lambda token: jwe.encrypt_compact(header, token, key, algorithms=["RSA-OAEP", "A128GCM"])
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_encryption_mismatch")


@pytest.mark.parametrize(("algorithm", "content"), [("RSA-OAEP", "A256GCM"), ("RSA-OAEP-256", "A128GCM")])
def test_oidc_18_another_algorithm_than_the_agreed_one_is_refused(rig: Rig, algorithm: str, content: str) -> None:
    idp = secretive(rig)
    keys = published(idp)
    idp.rewrite = lambda token: encrypted(keys, algorithm, content, token)
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_encryption_mismatch")


def _flipped(token: str, part: int) -> str:
    parts = token.split(".")
    parts[part] = ("B" if parts[part][0] == "A" else "A") + parts[part][1:]
    return ".".join(parts)


@pytest.mark.parametrize("part", [1, 2, 3, 4], ids=["key", "nonce", "ciphertext", "tag"])
def test_oidc_18_every_failure_to_open_it_is_one_refusal(rig: Rig, part: int) -> None:
    idp = secretive(rig)
    keys = published(idp)
    idp.rewrite = lambda token: _flipped(encrypted(keys, "RSA-OAEP-256", "A256GCM", token), part)
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_decryption_failed")


def test_oidc_18_encryption_is_no_signature(rig: Rig) -> None:
    """Anybody can encrypt to us: what is inside is verified as ever."""
    idp = secretive(rig)
    idp.key = RSAKey.generate_key(2048, {"kid": "rsa"})
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_signature_invalid")
    idp.key = None
    keys = published(idp)
    idp.rewrite = lambda token: encrypted(keys, "RSA-OAEP-256", "A256GCM", json.dumps({"sub": "u1"}))
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_decryption_failed")


def tell(idp: OidcIdp, **changed: Any) -> None:
    """Userinfo as a signed token."""
    header = {"alg": changed.pop("alg", "RS256"), "kid": "rsa"}
    key = changed.pop("key", None) or jose_key("rsa")
    said = {"iss": idp.issuer, "aud": "our-client", "sub": "u1", "given_name": "Anna", **changed}
    body = jwt.encode(header, said, key, algorithms=[header["alg"]]).encode()
    idp.rig.network.put(f"{idp.issuer}/userinfo", body, content_type="application/jwt")


def test_oidc_10_signed_userinfo_is_verified_and_adds_what_it_says(rig: Rig) -> None:
    idp = oidc_idp(rig, userinfo_signature_algorithm="RS256")
    idp.claims = {"given_name": None}
    tell(idp)
    answer = idp.sign_in(rig.browser())
    assert rig.swap(answer.returned["code"]).json["profile"]["first_name"] == "Anna"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"alg": "PS256"},
        {"key": RSAKey.generate_key(2048, {"kid": "rsa"})},
    ],
    ids=["issuer", "audience", "algorithm", "key"],
)
def test_oidc_10_signed_userinfo_that_does_not_hold_is_refused(rig: Rig, changed: dict[str, Any]) -> None:
    idp = oidc_idp(rig, userinfo_signature_algorithm="RS256")
    tell(idp, **changed)
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "userinfo_token_invalid")


def test_oidc_10_signed_userinfo_about_somebody_else_is_refused(rig: Rig) -> None:
    idp = oidc_idp(rig)
    tell(idp, sub="u2")
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "userinfo_subject_mismatch")


def test_oidc_10_plain_userinfo_is_refused_where_it_must_be_signed(rig: Rig) -> None:
    idp = oidc_idp(rig, userinfo_signature_algorithm="RS256")
    rig.network.answers[f"{idp.issuer}/userinfo"] = lambda _fetch: Fetched(
        status=200, headers={"content-type": "application/json"}, body=b'{"sub": "u1"}'
    )
    is_redirect(rig, idp.sign_in(rig.browser()), "oauth_failed", "userinfo_invalid")
