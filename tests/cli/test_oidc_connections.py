"""OpenID Connect connections from the terminal: with a secret, with keys of ours, and their settings changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from latchstring.effects import keys
from tests.cli.program import Terminal
from tests.effects.servers import answer, serving
from tests.house_for_tests import START


@pytest.fixture
def discovery() -> Iterator[str]:
    """The address of a discovery document on this machine."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        issuer = f"http://{handler.headers['host']}"
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        answer(handler, json.dumps({"issuer": issuer, **{name: f"{issuer}/{name}" for name in names}}).encode())

    with serving(behave) as port:
        yield f"http://127.0.0.1:{port}/.well-known/openid-configuration"


def words(discovery: str, *more: str) -> tuple[str, ...]:
    place = ("--organization", "org_test_idp", "--discovery-url", discovery, "--client-id", "c")
    return ("connection", "create", *place, *more, "--json")


def test_keys_of_ours_need_no_secret(terminal: Terminal, discovery: str) -> None:
    made = terminal(*words(discovery, "--token-authentication-method", "private_key_jwt")).json["oidc_options"]
    assert made["token_authentication_method"] == "private_key_jwt"
    assert len(made["jwt_signing_certs"]) == 1
    assert made["jwks_uri"].endswith("/jwks")


def test_a_key_of_ones_own_and_every_setting(terminal: Terminal, discovery: str) -> None:
    pem, key = keys.ec_pair("own", START)
    (terminal.folder / "key.pem").write_text(key)
    (terminal.folder / "cert.pem").write_text(pem)
    files = {"--signing-key-file": "key.pem", "--signing-certificate-file": "cert.pem"}
    own = [word for flag, name in files.items() for word in (flag, str(terminal.folder / name))]
    settings = {
        "--token-authentication-method": "private_key_jwt",
        "--client-assertion-audience": "token_endpoint",
        "--id-token-algorithm": "EdDSA",
        "--id-token-encryption": "ECDH-ES",
        "--id-token-content-encryption": "A256GCM",
        "--userinfo-algorithm": "PS256",
    }
    flags = [word for pair in settings.items() for word in pair]
    made = terminal(*words(discovery, *own, *flags, "--trust-email")).json["oidc_options"]
    assert [made[name] for name in ("client_assertion_audience", "id_token_signature_algorithm")] == [
        "token_endpoint",
        "EdDSA",
    ]
    assert (made["id_token_encryption_algorithm"], made["id_token_content_encryption"]) == ("ECDH-ES", "A256GCM")
    assert (made["userinfo_signature_algorithm"], made["trust_email"]) == ("PS256", True)
    assert [each.split() for each in made["jwt_signing_certs"]] == [pem.split()]


def test_half_a_key_pair_is_none(terminal: Terminal, discovery: str) -> None:
    _, key = keys.ec_pair("own", START)
    (terminal.folder / "key.pem").write_text(key)
    more = ("--token-authentication-method", "private_key_jwt", "--signing-key-file", str(terminal.folder / "key.pem"))
    done = terminal(*words(discovery, *more))
    assert (done.code, done.out) == (1, "")
    assert "certificate_invalid" in done.err


def test_settings_are_changed(terminal: Terminal, discovery: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATCHSTRING_CLIENT_SECRET", "first secret")
    id_ = terminal(*words(discovery)).json["id"]
    change = ("connection", "set", id_)
    given = ("pkce=false", "id_token_signature_algorithm=ES256", "userinfo_signature_algorithm=ES256")
    options = terminal(*change, *given, "--json").json["oidc_options"]
    assert (options["pkce"], options["id_token_signature_algorithm"]) == (False, "ES256")
    options = terminal(*change, "userinfo_signature_algorithm=null", "--json").json["oidc_options"]
    assert options["userinfo_signature_algorithm"] is None
    assert terminal(*change, "token_authentication_method=private_key_jwt").code == 0
    done = terminal(*change, "token_authentication_method=client_secret_post")
    assert done.code == 1 and "client_secret" in done.err
    file = terminal.folder / "secret.txt"
    file.write_text("second secret\n")
    back = (*change, "token_authentication_method=client_secret_post", "--client-secret-file", str(file))
    assert terminal(*back).code == 0
    assert terminal(*change, "--client-secret-file", str(file)).code == 0


@pytest.mark.parametrize("setting", ["allow_sha1=true", "issuer=https://evil.example", "client_id=x", "pkce", "pkce=5"])
def test_what_is_no_setting_of_these(
    terminal: Terminal, discovery: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATCHSTRING_CLIENT_SECRET", "a secret")
    id_ = terminal(*words(discovery)).json["id"]
    done = terminal("connection", "set", id_, setting)
    assert done.code == 1 and setting in done.err


def test_a_saml_connection_has_no_client_secret(terminal: Terminal) -> None:
    (terminal.folder / "secret.txt").write_text("a secret")
    done = terminal("connection", "set", "conn_test_idp", "--client-secret-file", str(terminal.folder / "secret.txt"))
    assert done.code == 1 and "not an OpenID Connect connection" in done.err
