"""Warnings before certificates end: each once, whoever looks and however late (SAML-45, contract 3.6)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from latchstring.effects import keys
from latchstring.flows import expiry, upkeep
from latchstring.protocols.saml import metadata
from latchstring.storage import front_door
from tests.events_for_tests import told
from tests.house_for_tests import START, Rig
from tests.idp_for_tests import SamlIdp, saml_idp

END = START.replace(microsecond=0) + keys.LIFETIME  # of every certificate that is made at START
NAME = "connection.saml_certificate_renewal_required"


def look(rig: Rig) -> int:
    return upkeep.inspect(rig.house, front_door.by_worker(rig.environment), lambda: False)


def warnings(rig: Rig, type_: str = "ResponseSigning") -> list[Mapping[str, Any]]:
    return [event for event in told(rig, NAME) if event["certificate"]["certificate_type"] == type_]


@functools.cache
def pair(days: int) -> tuple[str, str]:
    """A pair whose certificate ends so many days after START."""
    return keys.rsa_pair(f"ends after {days} days", START - keys.LIFETIME + timedelta(days=days))


@pytest.fixture
def idp(rig: Rig) -> SamlIdp:
    return saml_idp(rig)


@pytest.mark.parametrize(
    ("before", "threshold"),
    [
        (timedelta(days=90, seconds=1), None),
        (timedelta(days=90), 90),
        (timedelta(days=31), 90),
        (timedelta(days=30, seconds=1), 90),
        (timedelta(days=30), 30),
        (timedelta(days=7, seconds=1), 30),
        (timedelta(days=7), 7),
        (timedelta(days=1, seconds=1), 7),
        (timedelta(days=1), 1),
        (timedelta(seconds=1), 1),
        (timedelta(0), 0),
        (timedelta(days=-6, hours=-23), 0),
        (timedelta(days=-7), -7),
        (timedelta(days=-13, hours=-23), -7),
        (timedelta(days=-14), -14),
        (timedelta(days=-700), -700),
    ],
    ids=str,
)
def test_saml_45_thresholds(before: timedelta, threshold: int | None) -> None:
    assert expiry.threshold_of(END, END - before) == threshold


def test_saml_45_warnings_come_at_90_30_7_1_days_and_every_week_after(idp: SamlIdp) -> None:
    rig = idp.rig
    for day in range(-95, 23):
        rig.clock.at = END + timedelta(days=day)
        for _ in range(2):  # twice a day, or two nodes
            look(rig)
    assert [(event["days_until_expiry"], event["certificate"]["is_expired"]) for event in warnings(rig)] == [
        (90, False),
        (30, False),
        (7, False),
        (1, False),
        (0, True),
        (-7, True),
        (-14, True),
        (-21, True),
    ]
    assert warnings(rig)[0] == {
        "connection": {"id": idp.connection["id"], "organization_id": idp.organization["id"]},
        "certificate": {
            "certificate_type": "ResponseSigning",
            "expiry_date": "2036-11-20T09:14:07.000Z",
            "is_expired": False,
        },
        "days_until_expiry": 90,
    }


def test_saml_45_who_was_down_for_a_month_hears_the_newest_warning_alone(idp: SamlIdp) -> None:
    idp.rig.clock.at = END - timedelta(days=90)
    look(idp.rig)
    idp.rig.clock.at = END - timedelta(days=5)
    look(idp.rig)
    idp.rig.clock.at = END + timedelta(days=40)
    look(idp.rig)
    assert [event["days_until_expiry"] for event in warnings(idp.rig)] == [90, 5, -40]


def test_saml_45_eight_that_look_at_once_warn_once(idp: SamlIdp) -> None:
    idp.rig.clock.at = END - timedelta(days=29)
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: look(idp.rig), range(8)))
    assert sum(given) == len(warnings(idp.rig)) == 1


def test_saml_45_an_ended_certificate_lets_people_in_all_the_same(idp: SamlIdp) -> None:
    idp.rig.clock.at = END + timedelta(days=400)
    look(idp.rig)
    assert len(warnings(idp.rig)) == 1
    assert "code" in idp.sign_in(idp.rig.browser()).returned


def test_saml_45_an_old_certificate_beside_a_newer_one_is_not_warned_of(rig: Rig) -> None:
    idp = saml_idp(rig, idp_signing_certs=[pair(20)[0], pair(2000)[0]])
    assert look(rig) == 0
    path = f"/connections/{idp.connection['id']}/saml_idp_signing_certs"
    (_, newer) = rig.client("GET", path).json["data"]
    assert rig.client("DELETE", f"{path}/{newer['id']}").status == 204
    assert look(rig) == 1
    assert warnings(rig)[0]["days_until_expiry"] == 20


def test_saml_45_a_retiring_certificate_does_not_hide_what_follows_it(rig: Rig) -> None:
    url = "https://idp.acme.example/metadata"

    def publish(days: int) -> None:
        document = metadata.write_idp(
            entity_id="https://idp.acme.example",
            sso_url="https://idp.acme.example/sso",
            certificates=(pair(days)[0],),
        )
        rig.network.put(url, document)

    publish(2000)
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json["id"]
    body = {"organization_id": organization, "saml_options": {"idp_metadata_url": url}}
    made = rig.client("POST", "/connections", body).json
    publish(20)
    assert rig.client("POST", f"/connections/{made['id']}/saml_metadata/refresh").status == 200
    assert look(rig) == 1


@pytest.mark.parametrize(
    ("collection", "type_"),
    [("saml_sp_signing_certs", "RequestSigning"), ("saml_sp_encryption_certs", "ResponseEncryption")],
)
def test_saml_45_our_own_certificates_are_warned_of_until_there_is_a_newer_one(
    idp: SamlIdp, collection: str, type_: str
) -> None:
    rig = idp.rig
    path = f"/connections/{idp.connection['id']}/{collection}"
    assert rig.client("POST", path, {} if type_ == "RequestSigning" else None).status == 201
    rig.clock.at = END - timedelta(days=29)
    look(rig)
    (event,) = warnings(rig, type_)
    assert (event["days_until_expiry"], event["certificate"]["is_expired"]) == (29, False)
    if type_ == "RequestSigning":
        own = dict(zip(("cert", "key"), keys.rsa_pair("newer", rig.clock.now()), strict=True))
        body = {"key_pair": own, "activate_at": _text(END - timedelta(days=20))}
        assert rig.client("POST", path, body).status == 201
    else:
        rig.client("DELETE", f"{path}/{rig.client('GET', path).json['data'][0]['id']}")
    rig.clock.at = END - timedelta(days=6)
    look(rig)
    assert len(warnings(rig, type_)) == 1


def test_a_connection_that_admits_nobody_is_not_warned_of(idp: SamlIdp) -> None:
    assert idp.rig.client("POST", f"/connections/{idp.connection['id']}/deactivate").status == 200
    idp.rig.clock.at = END
    assert look(idp.rig) == 0


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
