"""The settings of a SAML connection: set at creation and later, shown, told in the event log, and some with an end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from latchstring.effects import keys
from latchstring.flows import upkeep
from latchstring.protocols.saml import metadata, names
from latchstring.storage import front_door
from tests.events_for_tests import told
from tests.house_for_tests import START, Answer, Rig
from tests.idp_for_tests import SamlIdp, saml_idp
from tests.protocols.saml.answers import pair
from tests.web.declared import matches

CHANGES: dict[str, tuple[Any, Any]] = {
    "clock_skew_seconds": (60, 0),
    "want_response_signed": (False, True),
    "want_assertion_signed": (False, True),
    "encrypt_assertions": (False, True),
    "allow_sha1": (False, True),
    "allow_rsa1024": (False, True),
    "allow_inclusive_c14n": (False, True),
    "allow_cbc": (False, True),
    "sign_requests": (False, True),
    "idp_initiated": ("refuse", "allow"),
}


def change(idp: SamlIdp, **options: Any) -> Answer:
    return idp.rig.client("PATCH", f"/connections/{idp.connection['id']}", {"saml_options": options})


def refused(answer: Answer) -> str:
    assert answer.status == 422, answer.body
    code: str = answer.json["errors"][0]["code"]
    return code


@pytest.mark.parametrize("name", CHANGES)
def test_saml_20_a_setting_is_changed_shown_and_told(rig: Rig, name: str) -> None:
    usual, other = CHANGES[name]
    idp = saml_idp(rig)
    for collection in ("saml_sp_encryption_certs", "saml_sp_signing_certs"):
        assert rig.client("POST", f"/connections/{idp.connection['id']}/{collection}", {}).status == 201
    assert idp.connection["saml_options"][name] == usual
    assert told(rig, "connection.options_changed") == []
    for value in (other, usual):
        shown = matches("PATCH /connections/{id}", change(idp, **{name: value}), 200)
        assert shown["saml_options"][name] == value
        assert rig.client("GET", f"/connections/{idp.connection['id']}").json == shown
    assert change(idp, **{name: usual}).status == 200  # nothing new, nothing to tell
    first, second = told(rig, "connection.options_changed")
    assert (first["changes"], second["changes"]) == (
        {name: {"from": usual, "to": other}},
        {name: {"from": other, "to": usual}},
    )
    assert first["actor"] == f"key:{rig.key.key.id}"
    assert first["connection"]["id"] == idp.connection["id"]


def test_saml_20_settings_at_creation_are_told_where_they_are_unusual(rig: Rig) -> None:
    idp = saml_idp(rig, **{name: other for name, (_, other) in CHANGES.items()})
    assert {name: idp.connection["saml_options"][name] for name in CHANGES} == {
        name: other for name, (_, other) in CHANGES.items()
    }
    (event,) = told(rig, "connection.options_changed")
    assert event["changes"] == {name: {"from": usual, "to": other} for name, (usual, other) in CHANGES.items()}
    # What is wished for needs keys, and a new connection gets them.
    assert idp.connection["saml_options"]["sp_signing_cert"].startswith("-----BEGIN CERTIFICATE-----")
    assert len(idp.connection["saml_options"]["sp_encryption_certs"]) == 1


def test_nobody_is_locked_out_by_a_setting_that_needs_a_key(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert refused(change(idp, encrypt_assertions=True)) == "encryption_certificate_missing"
    assert refused(change(idp, sign_requests=True)) == "signing_certificate_missing"
    assert told(rig, "connection.options_changed") == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"clock_skew_seconds": 301}, "clock_skew_range"),
        ({"clock_skew_seconds": -1}, "clock_skew_range"),
        ({"clock_skew_seconds": "60"}, "saml_options_clock_skew_seconds_invalid"),
        ({"allow_sha1": "yes"}, "saml_options_allow_sha1_invalid"),
        ({"idp_initiated": "maybe"}, "saml_options_idp_initiated_invalid"),
        ({"allow_sha1": True, "allow_sha1_until": "2026-11-23T09:14:07Z"}, "until_invalid"),
        ({"allow_sha1_until": "2027-01-01T00:00:00Z"}, "until_invalid"),
        ({"allow_sha1": False, "allow_sha1_until": "2027-01-01T00:00:00Z"}, "until_invalid"),
        ({"allow_sha1": True, "allow_sha1_until": "2027-01-01T00:00:00"}, "saml_options_allow_sha1_until_invalid"),
        ({"allow_sha1": True, "allow_sha1_until": "soon"}, "saml_options_allow_sha1_until_invalid"),
        ({"allow_rsa1024": True, "allow_rsa1024_until": "2026-01-01T00:00:00Z"}, "until_invalid"),
    ],
    ids=str,
)
def test_values_that_cannot_be(rig: Rig, options: dict[str, Any], code: str) -> None:
    idp = saml_idp(rig)
    assert refused(change(idp, **options)) == code
    assert told(rig, "connection.options_changed") == []


def test_saml_20_a_relaxation_ends_at_its_moment(rig: Rig) -> None:
    weak = pair("rsa1024")
    idp = saml_idp(rig, idp_signing_certs=[weak.certificate])
    how = {"key_pem": weak.pem, "certificate_pem": weak.certificate}
    assert idp.sign_in(rig.browser(), **how).returned["error_uri"].endswith("/weak_algorithm")
    until = "2026-11-23T11:14:07.437+01:00"  # an hour from now
    shown = change(idp, allow_rsa1024=True, allow_rsa1024_until=until).json["saml_options"]
    assert (shown["allow_rsa1024"], shown["allow_rsa1024_until"]) == (True, "2026-11-23T10:14:07.437Z")
    rig.clock.at = START + timedelta(hours=1, seconds=-1)
    assert "code" in idp.sign_in(rig.browser(), **how).returned
    rig.clock.forward(seconds=1)  # and nobody had to do anything
    assert idp.sign_in(rig.browser(), **how).returned["error_uri"].endswith("/weak_algorithm")
    upkeep.inspect(rig.house, front_door.by_worker(rig.environment), lambda: False)
    after = rig.client("GET", f"/connections/{idp.connection['id']}").json["saml_options"]
    assert (after["allow_rsa1024"], after["allow_rsa1024_until"]) == (False, None)
    last = told(rig, "connection.options_changed")[-1]
    assert last["actor"] == "worker"
    assert last["changes"] == {
        "allow_rsa1024": {"from": True, "to": False},
        "allow_rsa1024_until": {"from": "2026-11-23T10:14:07.437Z", "to": None},
    }


def test_saml_20_sha1_ends_too(rig: Rig) -> None:
    idp = saml_idp(rig, allow_sha1=True, allow_sha1_until="2026-12-01T00:00:00Z")
    assert idp.connection["saml_options"]["allow_sha1_until"] == "2026-12-01T00:00:00.000Z"
    anew = change(idp, allow_sha1=True).json["saml_options"]  # without an end: for ever
    assert (anew["allow_sha1"], anew["allow_sha1_until"]) == (True, None)
    assert change(idp, allow_sha1_until="2027-01-01T00:00:00Z").status == 200
    off = change(idp, allow_sha1=False).json["saml_options"]
    assert (off["allow_sha1"], off["allow_sha1_until"]) == (False, None)


def test_saml_20_weak_certificates_are_warned_of_and_taken(rig: Rig) -> None:
    weak = pair("rsa1024")
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json["id"]
    values = {"idp_entity_id": "e", "idp_sso_url": "https://i.example/sso", "idp_signing_certs": [weak.certificate]}
    answer = rig.client("POST", "/connections", {"organization_id": organization, "saml_options": values})
    made = matches("POST /connections", answer, 201)
    (warning,) = made["warnings"]
    assert (warning["code"], "1024 bits" in warning["message"]) == ("weak_key", True)
    assert "warnings" not in rig.client("GET", f"/connections/{made['id']}").json  # it belongs to the act
    path = f"/connections/{made['id']}/saml_idp_signing_certs"
    strong = matches(
        "POST /connections/{id}/saml_idp_signing_certs", rig.client("POST", path, {"value": pair().certificate}), 201
    )
    assert "warnings" not in strong
    old = matches(
        "POST /connections/{id}/saml_idp_signing_certs",
        rig.client("POST", path, {"value": pair("expired").certificate}),
        201,
    )
    assert [each["code"] for each in old["warnings"]] == ["certificate_not_valid"]


# An elliptic key, and around it a certificate that was signed with SHA-1.
OLD = (
    "MIIBcTCCARigAwIBAgIUfDVeRQQk0+l6M/0wtKCI4LxDD6wwCQYHKoZIzj0EATAOMQwwCgYDVQQDDANvbGQwIBcNMjYxMTI1MDUwMDM1WhgPMjEw"
    "OTAxMTQwNTAwMzVaMA4xDDAKBgNVBAMMA29sZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCsyNA/HDCIqAKw4siyN5p4pOiA1Y7WwRFn6dWf8"
    "F3SDzo239t+hrqwn42HPdqcmJ82DKvoMrOFbKPfyY7b7eUqjUzBRMB0GA1UdDgQWBBRLYfsh3/HHWmmGe0Wm3GqnOqCDTzAfBgNVHSMEGDAWgBRL"
    "Yfsh3/HHWmmGe0Wm3GqnOqCDTzAPBgNVHRMBAf8EBTADAQH/MAkGByqGSM49BAEDSAAwRQIhAJ6qb+WbtIgtu7MFalw/kapcdE6RSIGip34qKnUE"
    "PiQnAiAoM7Zb49CFhQAlYRwdyT5Ikf13QIulLOy+4OlEkUN1jQ=="
)


def test_saml_20_a_certificate_signed_with_sha1_is_warned_of(rig: Rig) -> None:
    rig.clock.forward(days=30)
    idp = saml_idp(rig)
    path = f"/connections/{idp.connection['id']}/saml_idp_signing_certs"
    added = rig.client("POST", path, {"value": OLD})
    assert (added.status, [each["code"] for each in added.json["warnings"]]) == (201, ["weak_certificate_signature"])


def test_saml_20_weak_metadata_is_warned_of_and_taken(rig: Rig) -> None:
    certificate, _ = keys.rsa_pair("acme", START)
    document = metadata.write_idp(
        entity_id="https://idp.acme.example", sso_url="https://idp.acme.example/sso", certificates=(certificate,)
    )
    signature = (
        f'<ds:Signature xmlns:ds="{names.DS}"><ds:SignedInfo><ds:SignatureMethod Algorithm="{names.RSA_SHA1}"/>'
        "</ds:SignedInfo></ds:Signature>"
    ).encode()
    start = document.index(b"<md:IDPSSODescriptor")
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json["id"]
    for text, codes in (
        (document, []),
        (document[:start] + signature + document[start:], ["weak_metadata_signature"]),
        (document[:start] + signature.replace(b"sha1", b"md5") + document[start:], ["weak_metadata_signature"]),
        (
            document[:start] + signature.replace(names.RSA_SHA1.encode(), names.RSA_SHA256.encode()) + document[start:],
            [],
        ),
    ):
        body = {"organization_id": organization, "saml_options": {"idp_metadata_xml": text.decode()}}
        made = matches("POST /connections", rig.client("POST", "/connections", body), 201)
        assert [warning["code"] for warning in made.get("warnings", [])] == codes
