"""The callback, the token answer, and what userinfo may add (OIDC-10, -12, -16, -19)."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from latchstring.model.fetch import Fetched, Purpose
from latchstring.model.refusal import Refusal
from latchstring.protocols.oidc import refusals, userinfo
from latchstring.protocols.oidc import token as tokens
from tests.protocols.oidc.tokens import ISSUER, PROVIDER, config, token, verify

ADVERTISING = msgspec.structs.replace(PROVIDER, authorization_response_iss_parameter_supported=True)


def test_the_callback() -> None:
    assert tokens.read_callback({"code": "c", "state": "s"}, provider=PROVIDER, issuer=ISSUER) == "c"
    assert tokens.read_callback({"code": "c", "iss": ISSUER}, provider=ADVERTISING, issuer=ISSUER) == "c"
    assert tokens.read_callback({"code": "c", "iss": ISSUER}, provider=PROVIDER, issuer=ISSUER) == "c"


@pytest.mark.parametrize(
    ("fields", "provider", "kind"),
    [
        ({}, PROVIDER, refusals.CallbackWithoutCode),
        ({"code": ""}, PROVIDER, refusals.CallbackWithoutCode),
        ({"code": "c"}, ADVERTISING, refusals.IssuerParameterMismatch),
        ({"code": "c", "iss": ISSUER + "/"}, ADVERTISING, refusals.IssuerParameterMismatch),
        ({"code": "c", "iss": "https://evil.example"}, PROVIDER, refusals.IssuerParameterMismatch),
        ({"code": "c", "iss": ""}, ADVERTISING, refusals.IssuerParameterMismatch),
        ({"code": "c", "iss": ISSUER.upper()}, ADVERTISING, refusals.IssuerParameterMismatch),
        ({"error": "access_denied"}, ADVERTISING, refusals.IssuerParameterMismatch),
        ({"error": "access_denied", "code": "c"}, PROVIDER, refusals.ProviderDenied),
        ({"error": "login_required"}, PROVIDER, refusals.ProviderDenied),
        ({"error": "server_error"}, PROVIDER, refusals.ProviderError),
        ({"error": "<script>\n"}, PROVIDER, refusals.ProviderError),
    ],
)
def test_oidc_12_19_callbacks_without_a_code_of_use(fields: Any, provider: Any, kind: type[Refusal]) -> None:
    with pytest.raises(kind):
        tokens.read_callback(fields, provider=provider, issuer=ISSUER)


def test_oidc_19_what_the_provider_says_is_cut_and_cleaned() -> None:
    with pytest.raises(refusals.ProviderError) as refused:
        tokens.read_callback(
            {"error": 'a"b\\c', "error_description": "\x1b[2J" + "x" * 1000, "error_uri": "https://evil.example"},
            provider=PROVIDER,
            issuer=ISSUER,
        )
    assert refused.value.error == "unknown_error"
    assert refused.value.description is not None
    assert len(refused.value.description) == 256
    assert refused.value.description.isprintable()
    assert "evil" not in refused.value.message


def test_the_exchange() -> None:
    given: dict[str, Any] = {
        "proof": "s:e c&ret/ä",
        "redirect_uri": "https://sso.example/cb",
        "code": "c&d",
        "code_verifier": "v",
    }
    basic = tokens.exchange(PROVIDER, config=config(client_id="our:client"), **given)
    assert (basic.url, basic.purpose) == (f"{ISSUER}/token", Purpose.TOKEN)
    name, _, password = b64decode(basic.headers["authorization"].removeprefix("Basic ")).decode().partition(":")
    assert (name, password) == ("our%3Aclient", "s%3Ae+c%26ret%2F%C3%A4")  # RFC 6749, 2.3.1
    form = parse_qs((basic.body or b"").decode(), strict_parsing=True)
    assert form == {
        "grant_type": ["authorization_code"],
        "code": ["c&d"],
        "redirect_uri": ["https://sso.example/cb"],
        "code_verifier": ["v"],
    }
    post = tokens.exchange(
        PROVIDER, config=config(token_authentication_method="client_secret_post"), **{**given, "code_verifier": None}
    )
    form = parse_qs((post.body or b"").decode())
    assert (form["client_id"], form["client_secret"]) == (["our-client"], ["s:e c&ret/ä"])
    assert "authorization" not in post.headers
    assert "code_verifier" not in form


def answer(body: Any, status: int = 200) -> Fetched:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Fetched(status=status, headers={"content-type": "application/json"}, body=raw)


@pytest.mark.parametrize(
    ("fetched", "kind"),
    [
        (answer({"error": "invalid_grant"}, 400), refusals.TokenEndpointRefused),
        (answer({"error": "invalid_client"}, 400), refusals.ClientAuthenticationFailed),
        (answer({}, 401), refusals.ClientAuthenticationFailed),
        (answer({"error": "invalid_client"}, 200), refusals.ClientAuthenticationFailed),
        (answer({"error": "x", "id_token": "y"}), refusals.TokenEndpointRefused),
        (answer(b"<html>", 502), refusals.TokenEndpointRefused),
        (answer(b"<html>"), refusals.TokenAnswerInvalid),
        (answer(b'{"id_token": "a", "id_token": "b"}'), refusals.TokenAnswerInvalid),
        (answer({"access_token": "x"}), refusals.IdTokenMissing),
        (answer({"id_token": 5}), refusals.IdTokenMissing),
        (answer({"error": 5, "error_description": ["x"]}, 400), refusals.TokenEndpointRefused),
    ],
)
def test_oidc_19_token_answers_without_a_token(fetched: Fetched, kind: type[Refusal]) -> None:
    with pytest.raises(kind):
        tokens.read_answer(fetched)


def test_oidc_19_what_the_token_endpoint_says_is_cut_and_cleaned() -> None:
    said = {"error": "<b>\x1b" + "x" * 100, "error_description": "\u202e\x00" + "y" * 1000}
    with pytest.raises(refusals.TokenEndpointRefused) as refused:
        tokens.read_answer(answer(said, 400))
    assert (refused.value.error, len(refused.value.description or "")) == ("unknown_error", 256)
    assert (refused.value.description or "").startswith("  yyy")


def test_a_good_token_answer() -> None:
    found = tokens.read_answer(answer({"id_token": "a.b.c", "access_token": "x", "expires_in": 5}))
    assert (found.id_token, found.access_token) == ("a.b.c", "x")
    assert tokens.read_answer(answer({"id_token": "a.b.c", "access_token": 5})).access_token is None


def merge(verified: Any, fetched: Fetched, **changed: Any) -> Any:
    """As the adapter does it, for userinfo that is not signed."""
    assert userinfo.signed(fetched) is None
    return userinfo.merge(verified, userinfo.plain(fetched, config=config(**changed)))


def test_oidc_10_userinfo_adds_and_never_changes() -> None:
    verified = verify(token(email="ann@example.com", email_verified=False, given_name="Ann"))
    merged = merge(
        verified,
        answer(
            {
                "sub": "u1",
                "given_name": "Eve",
                "email": "eve@example.com",
                "email_verified": True,
                "iss": "https://evil.example",
                "aud": "x",
                "nonce": "x",
                "department": "Sales",
            }
        ),
    )
    for name in ("iss", "aud", "nonce", "given_name", "email", "email_verified"):
        assert merged.claims[name] == verified.claims[name]
    assert merged.claims["department"] == "Sales"
    assert merged.passed[-1] == "userinfo_is_about_the_same_subject"


def test_oidc_16_an_address_and_its_verification_come_from_one_mouth() -> None:
    signed = verify(token(email="ann@example.com"))
    assert "email_verified" not in merge(signed, answer({"sub": "u1", "email_verified": True})).claims
    said_no = merge(signed, answer({"sub": "u1", "email": "ann@example.com", "email_verified": False})).claims
    assert (said_no["email"], said_no["email_verified"]) == ("ann@example.com", False)
    unsigned = verify(token())
    found = merge(unsigned, answer({"sub": "u1", "email": "a@example.com", "email_verified": True})).claims
    assert (found["email"], found["email_verified"]) == ("a@example.com", True)
    about_none = verify(token(email_verified=True))
    assert (
        merge(about_none, answer({"sub": "u1", "email": "a@example.com", "email_verified": False})).claims[
            "email_verified"
        ]
        is False
    )
    assert "email_verified" not in merge(about_none, answer({"sub": "u1", "email": "a@example.com"})).claims
    assert merge(about_none, answer({"sub": "u1"})).claims["email_verified"] is True


@pytest.mark.parametrize(
    ("fetched", "kind"),
    [
        (answer({"sub": "u2"}), refusals.UserinfoSubjectMismatch),
        (answer({"sub": "U1"}), refusals.UserinfoSubjectMismatch),
        (answer({"email": "ann@example.com"}), refusals.UserinfoSubjectMismatch),
        (answer({"sub": ["u1"]}), refusals.UserinfoSubjectMismatch),
        (answer({"sub": "u1"}, 401), refusals.UserinfoInvalid),
        (answer(b""), refusals.UserinfoInvalid),
        (answer(b'{"sub": "u1", "sub": "u2"}'), refusals.UserinfoInvalid),
    ],
)
def test_oidc_10_userinfo_that_counts_for_nothing(fetched: Fetched, kind: type[Refusal]) -> None:
    with pytest.raises(kind):
        merge(verify(token()), fetched)


def test_claims_become_attributes() -> None:
    said = verify(
        token(
            email="ann@example.com",
            address={"street": {"name": "High Street", "number": 5}, "tags": ["a", None, {"b": 1}, True]},
            groups=["Staff", "", 7],
            age=41,
            ratio=0.5,
            active=False,
            nothing=[],
        )
    )
    found = userinfo.assertion(said, config=config())
    assert found.attributes["address.street.name"] == ("High Street",)
    assert found.attributes["address.street.number"] == ("5",)
    assert found.attributes["address.tags"] == ("a", "true")
    assert found.attributes["groups"] == ("Staff", "", "7")
    assert (found.attributes["age"], found.attributes["ratio"], found.attributes["active"]) == (
        ("41",),
        ("0.5",),
        ("false",),
    )
    assert found.raw["address"]["tags"] == ["a", None, {"b": 1}, True]
    assert not {"iss", "aud", "exp", "nonce"} & set(found.raw)
    assert (found.subject, found.answers, found.message_id) == ("u1", found.message_id, "n-0S6_WzA2Mj")


@pytest.mark.parametrize(
    ("verified", "trust", "expected"),
    [
        (True, False, True),
        (False, False, False),
        ("true", False, False),
        (None, False, False),
        (1, False, False),
        (False, True, True),
    ],
)
def test_oidc_16_only_true_is_true(verified: Any, trust: bool, expected: bool) -> None:
    said = verify(token(email="ann@example.com", email_verified=verified))
    assert userinfo.assertion(said, config=config(trust_email=trust)).email_trusted is expected
