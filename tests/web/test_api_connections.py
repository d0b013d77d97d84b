"""/connections and the certificates of a connection as back ends use them (contract 3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from latchstring.effects import keys
from latchstring.protocols.saml import metadata
from tests.house_for_tests import BASE, START, Rig
from tests.protocols.saml import idp_documents
from tests.web.declared import matches

METADATA_URL = "https://idp.acme.example/metadata"
DISCOVERY = "https://op.acme.example/.well-known/openid-configuration"
ISSUER = "https://op.acme.example"
PEM, KEY = keys.rsa_pair("acme", START)
OTHER_PEM, OTHER_KEY = keys.rsa_pair("other", START)


def organization(rig: Rig) -> str:
    made: str = rig.client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json["id"]
    return made


def values(**changed: Any) -> dict[str, Any]:
    return {
        "idp_entity_id": "https://idp.acme.example",
        "idp_sso_url": "https://idp.acme.example/sso",
        "idp_signing_certs": [PEM],
        **changed,
    }


def saml(rig: Rig, **changed: Any) -> dict[str, Any]:
    body = {"organization_id": organization(rig), "connection_type": "OktaSAML", "saml_options": values()} | changed
    made: dict[str, Any] = matches("POST /connections", rig.client("POST", "/connections", body), 201)
    return made


def put_metadata(rig: Rig, *, entity_id: str = "https://idp.acme.example", pem: str = PEM) -> bytes:
    document = metadata.write_idp(entity_id=entity_id, sso_url="https://idp.acme.example/sso", certificates=(pem,))
    rig.network.put(METADATA_URL, document, content_type="application/xml")
    return document


def put_discovery(rig: Rig, **changed: Any) -> None:
    rig.network.put(
        DISCOVERY,
        {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            **changed,
        },
    )


def test_saml_from_single_values(rig: Rig) -> None:
    made = saml(rig)
    assert (made["connection_type"], made["state"], made["status"], made["name"]) == (
        "OktaSAML",
        "validating",
        "linked",
        "Acme",
    )
    assert [domain["domain"] for domain in made["domains"]] == ["acme.example"]
    assert made["domains"][0]["id"].startswith("org_domain_")
    options, key = made["saml_options"], made["external_key"]
    assert options["acs_url"] == made["callback_endpoint"] == f"{BASE}/sso/saml/acs/{key}"
    assert options["sp_entity_id"] == f"{BASE}/{key}"
    assert options["sp_metadata_url"] == f"{BASE}/sso/saml/metadata/{key}"
    assert options["idp_signing_certs"] == [PEM]
    assert made["oidc_options"] is None
    assert len(key) == 25
    path = f"/connections/{made['id']}"
    assert matches("GET /connections/{id}", rig.client("GET", path), 200) == made
    assert rig.client("DELETE", path).status == 204
    gone = rig.client("GET", path)
    assert (gone.status, gone.json["code"], gone.json["entity_id"]) == (404, "entity_not_found", made["id"])


def test_saml_from_a_metadata_url_and_from_the_document(rig: Rig) -> None:
    document = put_metadata(rig)
    by_url = saml(rig, saml_options={"idp_metadata_url": METADATA_URL})["saml_options"]
    assert by_url["idp_metadata_url"] == METADATA_URL
    by_document = saml(rig, saml_options={"idp_metadata_xml": document.decode()})["saml_options"]
    for options in (by_url, by_document):
        assert options["idp_entity_id"] == "https://idp.acme.example"
        assert options["idp_sso_url"] == "https://idp.acme.example/sso"
        assert options["idp_signing_certs"] == [PEM]


def test_oidc(rig: Rig) -> None:
    put_discovery(rig)
    body = {
        "organization_id": organization(rig),
        "oidc_options": {"discovery_endpoint": DISCOVERY, "client_id": "c", "client_secret": "very secret"},
    }
    answer = rig.client("POST", "/connections", body)
    made = matches("POST /connections", answer, 201)
    assert (made["connection_type"], made["saml_options"]) == ("GenericOIDC", None)
    options = made["oidc_options"]
    assert options["redirect_uri"] == made["callback_endpoint"] == f"{BASE}/sso/oidc/{made['external_key']}/callback"
    assert (options["issuer"], options["pkce"], options["fetch_user_info"]) == (ISSUER, True, True)
    assert options["token_authentication_method"] == "client_secret_basic"
    assert "very secret" not in answer.text
    changed = rig.client(
        "PATCH",
        f"/connections/{made['id']}",
        {"oidc_options": {"pkce": False, "token_authentication_method": "client_secret_post", "scopes": ["email"]}},
    ).json["oidc_options"]
    assert (changed["pkce"], changed["token_authentication_method"]) == (False, "client_secret_post")
    assert changed["scopes"] == ["openid", "email"]


def test_the_secret_is_sealed_in_the_database(rig: Rig) -> None:
    put_discovery(rig)
    options = {"discovery_endpoint": DISCOVERY, "client_id": "c", "client_secret": "needle-in-the-database"}
    rig.client("POST", "/connections", {"organization_id": organization(rig), "oidc_options": options})
    rig.house.database.close()
    files = list(rig.folder.iterdir())
    assert files and all(b"needle-in-the-database" not in path.read_bytes() for path in files)


def test_an_external_id_makes_creation_idempotent(rig: Rig) -> None:
    first = saml(rig, external_id="mine")
    body = {"organization_id": first["organization_id"], "external_id": "mine", "saml_options": values()}
    again = rig.client("POST", "/connections", body)
    assert (again.status, again.json["id"]) == (200, first["id"])


def test_changes(rig: Rig) -> None:
    made = saml(rig)
    path = f"/connections/{made['id']}"
    rig.clock.forward(minutes=1)
    body: dict[str, Any] = {
        "name": "New",
        "external_id": "e",
        "connection_type": "OktaSAML",
        "attribute_maps": {
            "standard_attributes": {"email": "mail", "groups": ["memberOf", "groups"]},
            "custom_attributes": {"job_title": "jobTitle"},
        },
        "saml_options": {"idp_sso_url": "https://idp.acme.example/other", "sp_entity_id": "urn:mine"},
    }
    changed = matches("PATCH /connections/{id}", rig.client("PATCH", path, body), 200)
    assert (changed["name"], changed["external_id"]) == ("New", "e")
    assert changed["attribute_maps"] == {
        "standard_attributes": {"email": "mail", "groups": ["memberOf", "groups"]},
        "custom_attributes": {"job_title": "jobTitle"},
    }
    assert changed["saml_options"]["sp_entity_id"] == "urn:mine"
    body = {
        "external_id": None,  # cleared
        "attribute_maps": {"standard_attributes": {"groups": None}},
        "saml_options": {"sp_entity_id": None},
    }
    back = rig.client("PATCH", path, body).json
    assert back["external_id"] is None
    assert back["attribute_maps"]["standard_attributes"] == {"email": "mail"}
    assert back["saml_options"]["sp_entity_id"] == made["saml_options"]["sp_entity_id"]
    assert back["saml_options"]["idp_sso_url"] == "https://idp.acme.example/other"


def test_a_metadata_url_is_asked_again_on_change(rig: Rig) -> None:
    put_metadata(rig)
    made = saml(rig, saml_options={"idp_metadata_url": METADATA_URL})
    put_metadata(rig, pem=OTHER_PEM)
    path = f"/connections/{made['id']}"
    changed = rig.client("PATCH", path, {"saml_options": {"idp_metadata_url": METADATA_URL}}).json
    assert changed["saml_options"]["idp_signing_certs"] == [OTHER_PEM]
    stopped = rig.client("PATCH", path, {"saml_options": {"idp_metadata_url": None}}).json
    assert stopped["saml_options"]["idp_metadata_url"] is None
    assert stopped["saml_options"]["idp_signing_certs"] == [OTHER_PEM]


def test_switched_off_and_on(rig: Rig) -> None:
    path = f"/connections/{saml(rig)['id']}"
    off = matches("POST /connections/{id}/deactivate", rig.client("POST", f"{path}/deactivate"), 200)
    assert (off["state"], off["status"]) == ("inactive", "unlinked")
    on = matches("POST /connections/{id}/activate", rig.client("POST", f"{path}/activate"), 200)
    assert (on["state"], on["status"]) == ("active", "linked")


def test_filters(rig: Rig) -> None:
    made = saml(rig)
    for query in (
        "connection_type=OktaSAML",
        "connection_type=oktasaml",
        f"organization_id={made['organization_id']}",
        "domain=acme.example",
        "domain=ACME.example",
        "search=acm",
    ):
        found = matches("GET /connections", rig.client("GET", f"/connections?{query}"), 200)
        assert [item["id"] for item in found["data"]] == [made["id"]], query
    assert rig.client("GET", "/connections?connection_type=GithubOAuth").json["data"] == []
    for nobodys in ("gmail.com", "co.uk", "no domain", "other.example"):  # from the address of whoever signs in
        found = rig.client("GET", f"/connections?{urlencode({'domain': nobodys})}")
        assert (found.status, found.json["data"]) == (200, []), nobodys
    unknown = rig.client("GET", "/connections?connection_type=FancySAML")
    assert (unknown.status, unknown.json["errors"][0]["code"]) == (422, "connection_type_unknown")
    assert len(rig.client("GET", "/connections").json["data"]) == 2


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"organization_id": None}, 422, "organization_id_required"),
        ({"organization_id": "org_unknown"}, 404, "entity_not_found"),
        ({"saml_options": None}, 422, "options_required"),
        ({"oidc_options": {}}, 422, "options_required"),
        ({"connection_type": "FancySAML"}, 422, "connection_type_invalid"),
        ({"connection_type": "GoogleOAuth"}, 422, "connection_type_mismatch"),
        ({"connection_type": "OktaOIDC"}, 422, "connection_type_mismatch"),
        ({"saml_options": {}}, 422, "idp_source_required"),
        ({"saml_options": values(idp_metadata_url=METADATA_URL)}, 422, "idp_source_required"),
        ({"saml_options": values(idp_entity_id=None)}, 422, "idp_entity_id_required"),
        ({"saml_options": values(idp_signing_certs=[])}, 422, "idp_signing_certs_required"),
        ({"saml_options": values(idp_signing_certs=["nonsense"])}, 422, "certificate_invalid"),
        ({"saml_options": values(idp_sso_url="javascript:alert(1)")}, 422, "url_invalid"),
        ({"saml_options": values(acs_url="data:text/html,x")}, 422, "url_invalid"),
        ({"saml_options": values(clock_skew_seconds=301)}, 422, "clock_skew_range"),
        ({"saml_options": values(sp_signing_key_pair={"key": KEY, "cert": OTHER_PEM})}, 422, "key_pair_invalid"),
        ({"saml_options": {"idp_metadata_url": "https://nobody.example/"}}, 422, "idp_unreachable"),
        ({"saml_options": {"idp_metadata_xml": "<html>"}}, 400, "metadata_is_html"),
        ({"saml_options": {"idp_metadata_xml": "nonsense"}}, 400, "metadata_invalid"),
        ({"external_id": "x" * 129}, 422, "external_id_invalid"),
        ({"attribute_maps": {"standard_attributes": {"shoe": "size"}}}, 422, "standard_attribute_unknown"),
        ({"attribute_maps": {"standard_attributes": {"email": []}}}, 422, "attribute_source_invalid"),
    ],
)
def test_bad_connections(rig: Rig, changed: dict[str, Any], status: int, code: str) -> None:
    body = {"organization_id": organization(rig), "saml_options": values(), **changed}
    answer = rig.client("POST", "/connections", body)
    assert answer.status == status, answer.body
    codes = [error["code"] for error in answer.json.get("errors", [])] or [answer.json["code"]]
    assert codes == [code], answer.json
    assert len(rig.client("GET", "/connections").json["data"]) == 1  # nothing was kept


@pytest.mark.parametrize(
    ("discovery", "options", "code"),
    [
        ({"issuer": "https://evil.example"}, {}, "discovery_issuer_mismatch"),
        ({"token_endpoint": None}, {}, "discovery_invalid"),
        ({}, {"client_secret": None}, "client_secret_required"),
        ({}, {"client_id": ""}, "client_id_required"),
        ({}, {"discovery_endpoint": "https://nobody.example/.well-known/openid-configuration"}, "idp_unreachable"),
        ({}, {"token_authentication_method": "none"}, "token_authentication_method_unsupported"),
        ({}, {"token_authentication_method": "private_key_jwt"}, "client_secret_unused"),
        ({}, {"jwt_signing_key_pair": {"key": "k", "cert": "c"}}, "jwt_signing_key_pair_unused"),
        ({}, {"id_token_encryption_algorithm": "RSA1_5"}, "id_token_encryption_algorithm_unsupported"),
        ({}, {"id_token_encryption_algorithm": "dir"}, "id_token_encryption_algorithm_unsupported"),
        ({}, {"id_token_encryption_algorithm": "PBES2-HS256+A128KW"}, "id_token_encryption_algorithm_unsupported"),
        ({}, {"id_token_content_encryption": "A128CBC"}, "id_token_content_encryption_unsupported"),
        ({}, {"userinfo_signature_algorithm": "none"}, "userinfo_signature_algorithm_unsupported"),
        ({}, {"tenant_id": "contoso.example"}, "tenant_id_invalid"),
        ({}, {"tenant_id": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"}, "tenant_id_mismatch"),
        ({}, {"id_token_signature_algorithm": "none"}, "id_token_signature_algorithm_unsupported"),
        ({}, {"scopes": ["a b"]}, "scope_invalid"),
    ],
)
def test_bad_oidc_connections(rig: Rig, discovery: dict[str, Any], options: dict[str, Any], code: str) -> None:
    put_discovery(rig, **discovery)
    given = {"discovery_endpoint": DISCOVERY, "client_id": "c", "client_secret": "s", **options}
    answer = rig.client("POST", "/connections", {"organization_id": organization(rig), "oidc_options": given})
    assert answer.status == 422, answer.body
    codes = [error["code"] for error in answer.json.get("errors", [])] or [answer.json["code"]]
    assert codes == [code], answer.json


def test_what_cannot_be_changed(rig: Rig) -> None:
    path = f"/connections/{saml(rig)['id']}"
    immutable = rig.client("PATCH", path, {"connection_type": "AzureSAML"})
    assert (immutable.status, immutable.json["code"]) == (400, "connection_type_immutable")
    mismatch = rig.client("PATCH", path, {"oidc_options": {"pkce": True}})
    assert mismatch.json["errors"][0]["code"] == "options_mismatch"
    certificates = rig.client("PATCH", path, {"saml_options": {"idp_signing_certs": [OTHER_PEM]}})
    assert certificates.json["errors"][0]["code"] == "use_certificate_collections"


def test_idp_certificates(rig: Rig) -> None:
    path = f"/connections/{saml(rig)['id']}/saml_idp_signing_certs"
    route = "/connections/{id}/saml_idp_signing_certs"
    (first,) = matches(f"GET {route}", rig.client("GET", path), 200)["data"]
    assert first["object"] == "saml_idp_signing_certificate"
    assert (first["value"], first["not_before"]) == (PEM, "2026-11-23T09:09:07.000Z")
    last = rig.client("DELETE", f"{path}/{first['id']}")
    assert (last.status, last.json["code"]) == (400, "last_certificate")
    rig.clock.forward(seconds=1)
    second = matches(f"POST {route}", rig.client("POST", path, {"value": OTHER_PEM}), 201)
    again = rig.client("POST", path, {"value": "".join(OTHER_PEM.splitlines()[1:-1])})
    assert (again.status, again.json["code"]) == (409, "certificate_already_exists")
    assert [entry["id"] for entry in rig.client("GET", path).json["data"]] == [first["id"], second["id"]]
    assert rig.client("DELETE", f"{path}/{first['id']}").status == 204
    assert rig.client("DELETE", f"{path}/{first['id']}").status == 404
    assert rig.client("POST", path, {"value": "x"}).json["errors"][0]["code"] == "certificate_invalid"


def test_our_certificates(rig: Rig) -> None:
    made = saml(rig)
    path = f"/connections/{made['id']}"
    assert rig.client("GET", f"{path}/saml_sp_signing_cert").status == 404
    route = "/connections/{id}/saml_sp_signing_cert"
    signing = matches(f"POST {route}", rig.client("POST", f"{path}/saml_sp_signing_cert"), 201)
    assert matches(f"GET {route}", rig.client("GET", f"{path}/saml_sp_signing_cert"), 200) == signing
    twice = rig.client("POST", f"{path}/saml_sp_signing_cert")
    assert (twice.status, twice.json["code"]) == (409, "signing_certificate_already_exists")
    encryption = rig.client("POST", f"{path}/saml_sp_encryption_certs").json
    assert encryption["object"] == "saml_sp_encryption_certificate"
    shown = rig.client("GET", path).json
    assert shown["options"]["signing_cert"] == shown["saml_options"]["sp_signing_cert"] == signing["value"]
    assert shown["saml_options"]["sp_encryption_certs"] == [encryption["value"]]
    published = rig.client("GET", shown["saml_options"]["sp_metadata_url"].removeprefix(BASE)).text
    assert 'AuthnRequestsSigned="true"' in published
    assert 'use="encryption"' in published
    assert rig.client("DELETE", f"{path}/saml_sp_encryption_certs/{encryption['id']}").status == 204
    assert rig.client("DELETE", f"{path}/saml_sp_signing_cert").status == 204
    assert rig.client("DELETE", f"{path}/saml_sp_signing_cert").status == 404


def test_single_logout_as_the_metadata_have_it_and_by_hand(rig: Rig) -> None:
    document = idp_documents.ENTRA.removeprefix("\ufeff")
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json["id"]
    options = {"idp_metadata_xml": document}
    made = rig.client("POST", "/connections", {"organization_id": organization, "saml_options": options}).json
    path, saml_ = f"/connections/{made['id']}", made["saml_options"]
    slo = {"idp_slo_url": "https://login.microsoftonline.example/8d2c/saml2", "idp_slo_response_url": None}
    assert slo.items() <= saml_.items()
    assert (saml_["slo_binding"], saml_["sign_requests"]) == ("redirect", False)
    assert saml_["sp_slo_url"] == f"{BASE}/sso/saml/slo/{made['external_key']}"
    assert saml_["sp_signing_cert"], "logout messages are signed, so there is a key"
    refused = rig.client("DELETE", f"{path}/saml_sp_signing_cert")
    assert (refused.status, refused.json["code"]) == (400, "logout_needs_certificate")
    signing = rig.client("POST", f"{path}/saml_sp_signing_cert")
    assert (signing.status, signing.json["value"]) == (201, saml_["sp_signing_cert"]), "the same key signs requests now"
    wish = {
        "idp_slo_url": "https://i.example/in",
        "idp_slo_response_url": "https://i.example/out",
        "slo_binding": "post",
    }
    changed = rig.client("PATCH", path, {"saml_options": wish}).json["saml_options"]
    assert wish.items() <= changed.items() and changed["sign_requests"] is True
    off = rig.client("PATCH", path, {"saml_options": {"idp_slo_url": None}}).json["saml_options"]
    assert (off["idp_slo_url"], off["sp_slo_url"]) == (None, None)
    assert rig.client("DELETE", f"{path}/saml_sp_signing_cert").status == 204
    for name in ("idp_slo_url", "idp_slo_response_url"):
        wrong = rig.client("PATCH", path, {"saml_options": {name: "javascript:alert(1)"}})
        assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, f"saml_options.{name}")


def test_the_older_way_to_set_a_signing_pair(rig: Rig) -> None:
    path = f"/connections/{saml(rig)['id']}"
    body = {"options": {"signing_key": KEY, "signing_cert": PEM}}
    set_ = matches("PUT /connections/{id}", rig.client("PUT", path, body), 200)
    assert set_["options"]["signing_cert"] == PEM
    assert KEY[30:60] not in str(set_)
    wrong = rig.client("PUT", path, {"options": {"signing_key": KEY, "signing_cert": OTHER_PEM}})
    assert (wrong.status, wrong.json["errors"][0]["code"]) == (422, "key_pair_invalid")
    not_saml = rig.client("PUT", "/connections/conn_test_idp", body)
    assert (not_saml.status, not_saml.json["code"]) == (400, "connection_is_not_saml")
