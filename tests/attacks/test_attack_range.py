"""Where `latchstring attack` may aim, and that nothing of it stays: a connection of one's own, production, kill -9."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from latchstring.effects import keys
from latchstring.protocols.saml import metadata
from tests.cli.program import Done, run
from tests.house_for_tests import START
from tests.real.child import BIN
from tests.real.product import Product


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(data=tmp_path_factory.mktemp("range")) as running:
        yield running


def attack(product: Product, *words: str) -> Done:
    return run("attack", *words, "--json", "--data", str(product.data))


def environments(product: Product) -> list[str]:
    return [each["name"] for each in product.terminal("environment", "list")["data"]]


class Own:
    """A SAML connection with a verified domain, and the files of its provider's key."""

    def __init__(
        self,
        product: Product,
        folder: Path,
        *,
        pair: tuple[str, str],
        entity_id: str = "https://idp.own.example",
        kind: str = "GenericSAML",
        domain: str = "own.example",
    ) -> None:
        certificate, key = pair
        self.key, self.certificate, document = folder / "idp.key", folder / "idp.pem", folder / "idp.xml"
        self.key.write_text(key)
        self.certificate.write_text(certificate)
        document.write_bytes(
            metadata.write_idp(entity_id=entity_id, sso_url="https://idp.own.example/sso", certificates=(certificate,))
        )
        organization = product.terminal("organization", "create", "--name", "Own", "--domain", domain)
        made: dict[str, Any] = product.terminal(
            *("connection", "create", "--organization", organization["id"], "--type", kind),
            *("--metadata-file", str(document)),
        )
        self.id = str(made["id"])

    @property
    def options(self) -> tuple[str, ...]:
        return ("--connection", self.id, "--idp-key", str(self.key), "--idp-cert", str(self.certificate))


@pytest.fixture(scope="module")
def own(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Own:
    return Own(product, tmp_path_factory.mktemp("own"), pair=keys.rsa_pair("idp.own.example", START))


def test_a_connection_of_ones_own_is_attacked_with_its_own_key_and_stays(product: Product, own: Own) -> None:
    before = product.terminal("connection", "show", own.id)
    done = attack(product, "--only", "SAML-2[67]", *own.options)
    assert (done.code, done.json["accepted"]) == (0, 0), done.err
    outcomes = done.json["outcomes"]
    assert {each["requirement"] for each in outcomes} == {"SAML-26", "SAML-27"}
    assert [each["name"] for each in outcomes if each["wrong"]] == []
    with closing(sqlite3.connect(product.data / "dev.db")) as database:
        aimed = database.execute("SELECT count(*) FROM attempts WHERE connection_id = ?", (own.id,)).fetchone()[0]
    assert aimed >= len(outcomes)
    after = product.terminal("connection", "show", own.id)
    assert after["saml_options"] == before["saml_options"]
    assert environments(product) == ["Staging"]
    shown = product.terminal("key", "list")["data"]
    assert [key["name"] for key in shown if not key.get("revoked_at")] == ["Development"], "its API key works no more"


def test_a_provider_with_an_elliptic_key_an_odd_name_and_attributes_of_its_own_gives_no_false_alarm(
    product: Product, tmp_path: Path
) -> None:
    pair = keys.ec_pair("odd", START)
    odd = Own(product, tmp_path, pair=pair, entity_id="URN:7&8", kind="AzureSAML", domain="odd.example")
    done = attack(product, "--only", "saml", *odd.options)
    assert [each for each in done.json["outcomes"] if each["wrong"]] == []
    assert (done.code, done.json["accepted"]) == (0, 0), done.err


def test_a_key_that_is_not_the_certificate_s_fires_nothing(product: Product, own: Own, tmp_path: Path) -> None:
    _, other = keys.rsa_pair("other.example", START)
    (tmp_path / "other.key").write_text(other)
    done = attack(
        product, "--only", "saml", *own.options[:2], "--idp-key", str(tmp_path / "other.key"), *own.options[4:]
    )
    assert (done.code, done.out) == (1, "")
    assert "certificate_invalid" in done.err
    assert environments(product) == ["Staging"]


def test_a_connection_that_speaks_no_saml_is_no_target(product: Product, own: Own) -> None:
    done = attack(product, "--only", "saml", "--connection", "conn_test_idp", *own.options[2:])
    assert (done.code, "attack_target_unfit" in done.err) == (1, True)
    assert environments(product) == ["Staging"]


@pytest.mark.parametrize("target", ["environment", "connection"])
def test_production_is_never_attacked(product: Product, own: Own, target: str) -> None:
    live = product.terminal("environment", "create", "--name", f"Live {target}", "--kind", "production")
    try:
        more = own.options if target == "connection" else ()
        done = attack(product, "--environment", live["id"], *more)
        assert (done.code, done.out) == (1, "")
        assert "attack_on_production" in done.err
        assert environments(product) == ["Staging", live["name"]]
        with closing(sqlite3.connect(product.data / "dev.db")) as database:
            count = "SELECT count(*) FROM connections WHERE environment_id = ?"
            assert database.execute(count, (live["id"],)).fetchone() == (0,)
    finally:
        product.terminal("environment", "delete", live["id"], "--yes")


def test_what_a_killed_run_left_goes_with_the_next_one(product: Product) -> None:
    command = [str(BIN / "latchstring"), "attack", "--only", "saml", "--json", "--data", str(product.data)]
    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if len(environments(product)) > 1:
                break
            time.sleep(0.1)
    finally:
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
    (_, *left) = environments(product)
    assert left, "it was killed at work"
    assert attack(product, "--environment", "Staging", "--only", "oidc-alg-none").code == 0
    assert environments(product) == ["Staging", *left], "another run may be at work: it has an hour"
    with closing(sqlite3.connect(product.data / "dev.db")) as database, database:
        database.execute("UPDATE environments SET created_at = created_at - 3600000 WHERE name <> 'Staging'")
    assert attack(product, "--environment", "Staging", "--only", "oidc-alg-none").code == 0
    assert environments(product) == ["Staging"]
