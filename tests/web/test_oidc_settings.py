"""Settings of OpenID Connect connections: what each needs, what is told of it, and the life of our keys there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from latchstring.effects import keys
from latchstring.flows import connections
from latchstring.model.environment import Pass
from tests.events_for_tests import told
from tests.house_for_tests import START, Answer, Rig, call
from tests.idp_for_tests import OidcIdp, oidc_idp, saml_idp
from tests.web.doors import is_page

SECRET = "a client secret of thirty-two characters and more"


def keyed(rig: Rig, **options: Any) -> OidcIdp:
    return oidc_idp(rig, token_authentication_method="private_key_jwt", client_secret=None, **options)


def patch(rig: Rig, idp: OidcIdp, **options: Any) -> Answer:
    return rig.client("PATCH", f"/connections/{idp.connection['id']}", {"oidc_options": options})


def code(answer: Answer) -> str:
    assert answer.status in (400, 404, 409, 422), (answer.status, answer.body)
    errors = answer.json.get("errors")
    return str(errors[0]["code"] if errors else answer.json["code"])


def signing(idp: OidcIdp) -> str:
    return f"/connections/{idp.connection['id']}/oidc_jwt_signing_certs"


def encryption(idp: OidcIdp) -> str:
    return f"/connections/{idp.connection['id']}/oidc_encryption_certs"


def published(rig: Rig, idp: OidcIdp) -> list[dict[str, Any]]:
    address = idp.connection["oidc_options"]["jwks_uri"]
    answer = call(rig.endpoint, "GET", address.removeprefix(rig.house.base_url))
    assert answer.header("cache-control") == "public, max-age=900"
    entries: list[dict[str, Any]] = answer.json["keys"]
    return entries


def secrets(rig: Rig, idp: OidcIdp, pass_: Pass | None = None) -> Any:
    return connections.get(rig.house, pass_ or rig.pass_, idp.connection["id"]).connection.secrets.reveal()


def test_every_change_is_told(rig: Rig) -> None:
    idp = oidc_idp(rig)
    assert told(rig, "connection.options_changed") == []  # as usual
    assert patch(rig, idp, pkce=False, trust_email=True, fetch_user_info=False).status == 200
    assert patch(rig, idp, pkce=False).status == 200  # nothing new
    assert patch(rig, idp, scopes=["email"], id_token_signature_algorithm="ES256").status == 200
    first, second = told(rig, "connection.options_changed")
    assert first["changes"] == {
        "pkce": {"from": True, "to": False},
        "trust_email": {"from": False, "to": True},
        "fetch_user_info": {"from": True, "to": False},
    }
    assert second["changes"] == {
        "scopes": {"from": ["openid", "profile", "email"], "to": ["openid", "email"]},
        "id_token_signature_algorithm": {"from": "RS256", "to": "ES256"},
    }
    assert first["connection"]["id"] == idp.connection["id"] and first["actor"]


def test_a_new_connection_tells_what_is_not_as_usual(rig: Rig) -> None:
    keyed(rig, id_token_encryption_algorithm="ECDH-ES", trust_email=True)
    (event,) = told(rig, "connection.options_changed")
    changes = event["changes"]
    assert changes["token_authentication_method"] == {"from": "client_secret_basic", "to": "private_key_jwt"}
    assert changes["id_token_encryption_algorithm"] == {"from": None, "to": "ECDH-ES"}
    assert changes["trust_email"]["to"] is True
    assert len(changes["jwt_signing_certificates"]["to"]) == len(changes["jwt_encryption_certificates"]["to"]) == 1
    assert "PRIVATE" not in str(event) and SECRET not in str(event)


def test_a_secret_is_there_where_it_is_used_and_nowhere_else(rig: Rig) -> None:
    idp = oidc_idp(rig)
    assert secrets(rig, idp).oidc_client_secret == SECRET
    method = {"token_authentication_method": "private_key_jwt"}
    assert code(patch(rig, idp, **method, client_secret="another one")) == "client_secret_unused"
    assert patch(rig, idp, **method).status == 200
    assert secrets(rig, idp).oidc_client_secret is None  # forgotten, not only unused
    assert code(patch(rig, idp, token_authentication_method="client_secret_post")) == "client_secret_required"
    assert patch(rig, idp, token_authentication_method="client_secret_post", client_secret="new").status == 200
    assert secrets(rig, idp).oidc_client_secret == "new"


@pytest.mark.parametrize("name", ["id_token_signature_algorithm", "userinfo_signature_algorithm"])
def test_oidc_03_an_algorithm_whose_key_is_the_secret_needs_one(rig: Rig, name: str) -> None:
    idp = keyed(rig)
    assert code(patch(rig, idp, **{name: "HS256"})) == f"{name}_needs_secret"


def test_null_switches_encryption_and_signed_userinfo_off_again(rig: Rig) -> None:
    idp = oidc_idp(rig, id_token_encryption_algorithm="RSA-OAEP", userinfo_signature_algorithm="ES256")
    options = patch(rig, idp, id_token_encryption_algorithm=None, userinfo_signature_algorithm=None).json[
        "oidc_options"
    ]
    assert options["id_token_encryption_algorithm"] is options["userinfo_signature_algorithm"] is None
    assert published(rig, idp) == []


def test_a_key_pair_of_ones_own_signs_and_its_private_half_is_sealed(rig: Rig) -> None:
    pem, key = keys.ec_pair("own", START)
    idp = keyed(rig, jwt_signing_key_pair={"key": key, "cert": pem})
    shown = idp.connection["oidc_options"]
    assert [each.split() for each in shown["jwt_signing_certs"]] == [pem.split()]
    (entry,) = published(rig, idp)
    assert (entry["kty"], entry["crv"], entry["use"]) == ("EC", "P-256", "sig")
    assert key.splitlines()[1] not in str(idp.connection)
    stored = (rig.folder / "house.db").read_bytes()
    assert key.splitlines()[1].encode() not in stored
    # given once more it is the same pair still
    assert patch(rig, idp, jwt_signing_key_pair={"key": key, "cert": pem}).status == 200
    assert len(published(rig, idp)) == 1
    again = rig.client("POST", signing(idp), {"key_pair": {"key": key, "cert": pem}})
    assert code(again) == "certificate_already_exists"


def test_key_pairs_that_will_not_do(rig: Rig) -> None:
    idp = keyed(rig)
    pem, key = keys.ec_pair("own", START)
    other, _ = keys.ec_pair("other", START)
    for given, refused in (
        ({"key": key, "cert": other}, "key_pair_invalid"),
        ({"key": "nonsense", "cert": pem}, "key_pair_invalid"),
        ({"key": key, "cert": "nonsense"}, "certificate_invalid"),
    ):
        assert code(patch(rig, idp, jwt_signing_key_pair=given)) == refused
        assert code(rig.client("POST", signing(idp), {"key_pair": given})) == refused


def test_the_life_of_a_signing_key(rig: Rig) -> None:
    """Published beside the old one, signs an hour later, and then the old one may go."""
    idp = keyed(rig)
    (first,) = rig.client("GET", signing(idp)).json["data"]
    assert first["status"] == "signing"
    assert code(rig.client("DELETE", f"{signing(idp)}/{first['id']}")) == "client_key_in_use"
    second = rig.client("POST", signing(idp), {}).json
    assert second["status"] == "published"
    assert [key["kid"] for key in published(rig, idp)] == [second["id"], first["id"]]
    assert code(rig.client("DELETE", f"{signing(idp)}/{first['id']}")) == "client_key_in_use"
    rig.clock.forward(minutes=59, seconds=59)
    assert [each["status"] for each in rig.client("GET", signing(idp)).json["data"]] == ["signing", "published"]
    rig.clock.forward(seconds=1)
    assert [each["status"] for each in rig.client("GET", signing(idp)).json["data"]] == ["published", "signing"]
    assert rig.client("DELETE", f"{signing(idp)}/{first['id']}").status == 204
    assert [key["kid"] for key in published(rig, idp)] == [second["id"]]
    assert [pair.certificate_id for pair in secrets(rig, idp).jwt_signing_keys] == [second["id"]]
    changed = [event["changes"]["jwt_signing_certificates"] for event in told(rig, "connection.options_changed")]
    assert changed[-1] == {"from": [first["id"], second["id"]], "to": [second["id"]]}


def test_a_signing_key_at_a_set_time_or_at_once(rig: Rig) -> None:
    idp = keyed(rig)
    at = (rig.clock.now() + timedelta(days=2)).isoformat()
    later = rig.client("POST", signing(idp), {"activate_at": at}).json
    rig.clock.forward(days=1)
    assert rig.client("GET", signing(idp)).json["data"][1]["status"] == "published"
    assert rig.client("POST", f"{signing(idp)}/{later['id']}/activate", {}).json["status"] == "signing"
    past = {"activate_at": (rig.clock.now() - timedelta(seconds=1)).isoformat()}
    assert code(rig.client("POST", signing(idp), past)) == "activate_at_past"
    assert code(rig.client("POST", f"{signing(idp)}/cert_unknown/activate", {})) == "entity_not_found"


def test_the_life_of_an_encryption_key(rig: Rig) -> None:
    idp = oidc_idp(rig)
    assert code(rig.client("POST", encryption(idp), {})) == "id_token_encryption_off"
    assert patch(rig, idp, id_token_encryption_algorithm="RSA-OAEP-256").status == 200
    (first,) = rig.client("GET", encryption(idp)).json["data"]
    assert code(rig.client("DELETE", f"{encryption(idp)}/{first['id']}")) == "client_key_in_use"
    second = rig.client("POST", encryption(idp), {}).json
    entries = published(rig, idp)
    assert [(key["kid"], key["use"], key["alg"]) for key in entries] == [
        (second["id"], "enc", "RSA-OAEP-256"),
        (first["id"], "enc", "RSA-OAEP-256"),
    ]
    assert rig.client("DELETE", f"{encryption(idp)}/{first['id']}").status == 204
    assert [pair.certificate_id for pair in secrets(rig, idp).jwt_encryption_keys] == [second["id"]]


def test_an_algorithm_of_another_kind_brings_a_key_of_that_kind(rig: Rig) -> None:
    idp = oidc_idp(rig, id_token_encryption_algorithm="RSA-OAEP-256")
    assert patch(rig, idp, id_token_encryption_algorithm="ECDH-ES+A128KW").status == 200
    (entry,) = published(rig, idp)  # the one of the other kind is kept, and not published
    assert (entry["kty"], entry["alg"]) == ("EC", "ECDH-ES+A128KW")
    assert len(rig.client("GET", encryption(idp)).json["data"]) == 2
    assert code(rig.client("DELETE", f"{encryption(idp)}/{entry['kid']}")) == "client_key_in_use"


def test_ten_pairs_and_no_more(rig: Rig) -> None:
    idp = keyed(rig, id_token_encryption_algorithm="RSA-OAEP")
    for collection in (signing(idp), encryption(idp)):
        for _ in range(9):
            assert rig.client("POST", collection, {}).status == 201
        assert code(rig.client("POST", collection, {})) == "too_many_certificates"


def test_saml_connections_have_no_such_keys_and_no_such_address(rig: Rig) -> None:
    idp = saml_idp(rig)
    for name in ("oidc_jwt_signing_certs", "oidc_encryption_certs"):
        assert code(rig.client("GET", f"/connections/{idp.connection['id']}/{name}")) == "connection_is_not_oidc"
    for key in (idp.connection["external_key"], "nobody"):
        is_page(call(rig.endpoint, "GET", f"/sso/oidc/{key}/jwks"), "connection_address_unknown")


def test_keys_of_another_environment_do_not_exist(rig: Rig) -> None:
    idp = keyed(rig, id_token_encryption_algorithm="RSA-OAEP")
    _, stranger = rig.another_environment()
    (entry,) = rig.client("GET", signing(idp)).json["data"]
    for method, path in (
        ("GET", signing(idp)),
        ("POST", signing(idp)),
        ("POST", f"{signing(idp)}/{entry['id']}/activate"),
        ("DELETE", f"{signing(idp)}/{entry['id']}"),
        ("GET", encryption(idp)),
        ("POST", encryption(idp)),
    ):
        assert code(stranger(method, path, {} if method == "POST" else None)) == "entity_not_found"


@pytest.mark.parametrize(
    ("type_", "audience"),
    [("GenericOIDC", "issuer"), ("OktaOIDC", "token_endpoint"), ("EntraIdOIDC", "token_endpoint")],
)
def test_whom_an_assertion_names_follows_the_provider(rig: Rig, type_: str, audience: str) -> None:
    idp = oidc_idp(rig)
    body = {
        "organization_id": idp.organization["id"],
        "connection_type": type_,
        "oidc_options": {
            "discovery_endpoint": f"{idp.issuer}/.well-known/openid-configuration",
            "client_id": "c",
            "token_authentication_method": "private_key_jwt",
        },
    }
    assert rig.client("POST", "/connections", body).json["oidc_options"]["client_assertion_audience"] == audience
