"""The OpenID Connect attacks: each is refused, by the check that is meant to; good providers are let in."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from latchstring.attacks.oidc.catalogue import ATTACKS, ROWS
from latchstring.attacks.oidc.provider import Provider
from latchstring.attacks.oidc.row import Row, attack
from latchstring.attacks.oidc.stage import Scene, Stage, Target
from latchstring.attacks.oidc.values import Behaviour, Token
from latchstring.attacks.outcome import Attack, Outcome, fire
from latchstring.cli.attack import HALVES
from latchstring.web.sso.errors import catalogue
from tests.cli.program import Terminal
from tests.effects.servers import serving, tls_for
from tests.real.child import BIN, Child, free_port
from tests.real.product import Product

Fired = Mapping[str, list[Outcome]]

OIDC = [f"OIDC-{number:02}" for number in range(1, 20)]


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with Product() as found:
        yield found


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as found:
        yield found


@contextmanager
def staged(product: Product, provider: Provider) -> Iterator[Stage]:
    target = Target(
        base_url=product.base_url,
        api_key=product.api_key,
        client_id=product.client_id,
        redirect_uri="http://localhost:4567/callback",
    )
    with Stage(target, provider) as stage:
        yield stage


@pytest.fixture(scope="module")
def fired(product: Product, provider: Provider) -> Fired:
    """The whole catalogue, fired once, by requirement; the one that waits ten seconds beside the others."""

    def fire_all(attacks: Sequence[Attack[Scene]]) -> list[Outcome]:
        with staged(product, provider) as stage:
            return [fire("oidc", each, Scene(stage)) for each in attacks]

    patient = [each for each in ATTACKS if each.name.endswith("-drips")]
    others = [each for each in ATTACKS if each not in patient]
    assert patient
    by: dict[str, list[Outcome]] = {}
    with ThreadPoolExecutor(3) as pool:
        for outcomes in pool.map(fire_all, (patient, others[::2], others[1::2])):
            for outcome in outcomes:
                by.setdefault(outcome.requirement, []).append(outcome)
    return by


def held(fired: Fired, requirement: str) -> None:
    """At least one attack on the requirement, each refused with its very code, and its controls accepted."""
    outcomes = fired[requirement]
    assert [outcome for outcome in outcomes if outcome.wrong] == []
    assert all(outcome.verdict.code == outcome.expected for outcome in outcomes)
    assert all(outcome.verdict.accepted is (outcome.expected is None) for outcome in outcomes)
    assert any(outcome.expected for outcome in outcomes)


def test_oidc_01_tokens_of_other_issuers(fired: Fired) -> None:
    held(fired, "OIDC-01")


def test_oidc_02_tokens_for_other_clients(fired: Fired) -> None:
    held(fired, "OIDC-02")


def test_oidc_03_other_algorithms_and_confused_keys(fired: Fired) -> None:
    held(fired, "OIDC-03")


def test_oidc_04_headers_that_bring_their_own_keys_and_rules(fired: Fired) -> None:
    held(fired, "OIDC-04")


def test_oidc_05_hostile_key_ids_and_key_sets(fired: Fired) -> None:
    held(fired, "OIDC-05")


def test_oidc_06_times_and_subjects_that_are_none(fired: Fired) -> None:
    held(fired, "OIDC-06")


def test_oidc_07_nonces_of_other_sign_ins(fired: Fired) -> None:
    held(fired, "OIDC-07")


def test_oidc_08_hashes_of_other_access_tokens(fired: Fired) -> None:
    held(fired, "OIDC-08")


def test_oidc_09_signatures_of_nobody(fired: Fired) -> None:
    held(fired, "OIDC-09")


def test_oidc_10_userinfo_of_somebody_else(fired: Fired) -> None:
    held(fired, "OIDC-10")


def test_oidc_11_answers_to_other_browsers_and_other_sign_ins(fired: Fired) -> None:
    held(fired, "OIDC-11")


def test_oidc_12_providers_mixed_up(fired: Fired) -> None:
    held(fired, "OIDC-12")


def test_oidc_13_stolen_codes(fired: Fired) -> None:
    held(fired, "OIDC-13")


def test_oidc_14_discovery_documents_that_lie(fired: Fired) -> None:
    held(fired, "OIDC-14")


def test_oidc_15_calls_to_where_we_must_not_call(fired: Fired) -> None:
    held(fired, "OIDC-15")


def test_oidc_16_addresses_that_nobody_vouches_for(fired: Fired) -> None:
    held(fired, "OIDC-16")


def test_oidc_17_forms_that_two_readers_read_differently(fired: Fired) -> None:
    held(fired, "OIDC-17")


def test_oidc_18_encryption_that_nobody_asked_for(fired: Fired) -> None:
    held(fired, "OIDC-18")


def test_oidc_19_errors_with_markup(fired: Fired) -> None:
    held(fired, "OIDC-19")


def test_saml_35_an_answer_to_a_connection_switched_off_since(fired: Fired) -> None:
    held(fired, "SAML-35")


def test_what_the_catalogue_holds(fired: Fired) -> None:
    names = [outcome.name for outcomes in fired.values() for outcome in outcomes]
    assert sorted(names) == sorted(row.name for row in ROWS)
    attacks = [row for row in ROWS if row.refused is not None]
    assert len(attacks) >= 40
    assert len(ROWS) - len(attacks) >= 12
    assert {row.requirement for row in attacks} >= set(OIDC)
    assert {row.refused for row in attacks} <= catalogue().keys() | {"invalid_request_parameters"}


def test_names_are_unique_in_both_halves() -> None:
    names = [each.name for half in HALVES for each in half.attacks]
    assert len(set(names)) == len(names)
    assert len([name for name in names if name.startswith("oidc-")]) == len(ATTACKS)


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str], product: Product) -> Terminal:
    return Terminal(capsys, product.data)


def test_one_command_fires_and_leaves_nothing_behind(type_: Terminal, product: Product) -> None:
    table = type_("attack", "--only", "oidc-alg-none*")
    assert table.code == 0
    assert "oidc-alg-none-mixed-case" in table.out
    assert "id_token_algorithm_not_allowed" in table.out
    assert "4 attacks: 0 accepted" in table.err
    report = type_("attack", "--only", "OIDC-02", "--json").json
    assert (report["good"], report["accepted"], report["controls_refused"]) == (True, 0, 0)
    assert {outcome["requirement"] for outcome in report["outcomes"]} == {"OIDC-02"}
    assert "oidc-jwe-pbes2" in type_("attack", "--list", "--only", "OIDC-18").out
    assert environments(type_) == [product.environment_id]


def environments(type_: Terminal) -> list[str]:
    return [environment["id"] for environment in type_("environment", "list", "--json").json["data"]]


def test_nothing_is_left_behind_by_ctrl_c(type_: Terminal, product: Product) -> None:
    words = [str(BIN / "latchstring"), "attack", "--only", "oidc-token-endpoint-drips", "--data", str(product.data)]
    # Who runs these tests in the background has switched the signal off, for every child too.
    heeds = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=heeds) as child:
        while len(environments(type_)) == 1:
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 130
    assert environments(type_) == [product.environment_id]


def test_a_server_that_does_not_reach_the_provider_is_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    env = {
        "LATCHSTRING_BASE_URL": f"http://localhost:{port}",
        "LATCHSTRING_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEF",
        "LATCHSTRING_DATABASE_URL": f"sqlite:///{tmp_path}/latchstring.db",
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal(capsys, tmp_path)
    with Child([BIN / "latchstring", "serve", "--migrate", "--port", str(port)], env=env, cwd=tmp_path) as server:
        server.wait_for_port(port)
        assert terminal("environment", "create", "--name", "Staging", "--kind", "staging", data=False).code == 0
        done = terminal("attack", "--only", "oidc", data=False)
    assert (done.code, done.out) == (2, "")
    assert "does not reach the hostile provider at http://127.0.0.1:" in done.err
    assert "--provider-url" in done.err
    assert len(terminal("environment", "list", "--json", data=False).json["data"]) == 1


def test_the_provider_may_stand_behind_another_address(type_: Terminal) -> None:
    port = str(free_port())
    words = ("attack", "--only", "oidc-good-plain", "--json", "--provider-port", port, "--provider-url")
    assert type_(*words, f"http://localhost:{port}/").json["good"] is True
    done = type_(*words, f"http://localhost:{free_port()}")
    assert (done.code, "did not answer" in done.err) == (2, True)


def test_a_production_server_is_attacked_through_tls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`latchstring serve` calls https alone, in the networks it is allowed: the provider stands behind a proxy."""
    port, provider_port = free_port(), str(free_port())
    tls, _ = tls_for("localhost", tmp_path)
    env = {
        "LATCHSTRING_BASE_URL": f"http://localhost:{port}",
        "LATCHSTRING_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEF",
        "LATCHSTRING_DATABASE_URL": f"sqlite:///{tmp_path}/latchstring.db",
        "LATCHSTRING_ALLOW_NETWORKS": "127.0.0.1/32",
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal(capsys, tmp_path)
    trusting = {**env, "SSL_CERT_FILE": str(tmp_path / "localhost.pem")}
    words: list[str | Path] = [BIN / "latchstring", "serve", "--migrate", "--port", str(port)]
    with Child(words, env=trusting, cwd=tmp_path) as server, serving(passing_on(provider_port), tls=tls) as proxy:
        server.wait_for_port(port)
        assert terminal("environment", "create", "--name", "Staging", "--kind", "staging", data=False).code == 0
        where = ("--provider-port", provider_port, "--provider-url", f"https://localhost:{proxy}")
        for only in ("oidc-discovery-*", "oidc-good-p*", "oidc-*-at-*", "oidc-*-redirects*"):
            report = terminal("attack", "--only", only, "--json", *where, data=False).json
            assert [outcome for outcome in report["outcomes"] if outcome["wrong"]] == []
            assert report["outcomes"]


def passing_on(port: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A reverse proxy in front of that port of this machine."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length", "0"))
        line = HTTPConnection("127.0.0.1", int(port))
        with closing(line):
            line.request(handler.command, handler.path, handler.rfile.read(length), dict(handler.headers))
            found = line.getresponse()
            body = found.read()
        handler.send_response(found.status)
        for name in ("content-type", "location", "content-encoding"):
            if (value := found.headers[name]) is not None:
                handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


@pytest.fixture(scope="module")
def stage(product: Product, provider: Provider) -> Iterator[Stage]:
    with staged(product, provider) as found:
        yield found


GOOD = Row(name="good", requirement="OIDC-01", tries="nothing")
BAD = Row(
    name="bad",
    requirement="OIDC-01",
    tries="another issuer",
    refused="id_token_issuer_mismatch",
    behaviour=Behaviour(token=Token(claims={"iss": "https://other.example"})),
)


@pytest.mark.parametrize(
    ("row", "changes", "wrong"),
    [
        (GOOD, {}, ""),
        (BAD, {}, ""),
        (GOOD, {"refused": "id_token_issuer_mismatch"}, "accepted"),
        (BAD, {"refused": None}, "should be accepted"),
        (BAD, {"refused": "id_token_expired"}, "should be refused with id_token_expired"),
        (BAD, {"at_most": {"/token": 1, "/userinfo": 0}}, ""),
        (BAD, {"at_most": {"/token": 0}}, "should be refused with id_token_issuer_mismatch"),
        (GOOD, {"profile": {"email": "ann@elsewhere.example"}}, "but with the profile"),
    ],
)
def test_a_hole_would_be_seen(stage: Stage, row: Row, changes: dict[str, Any], wrong: str) -> None:
    fields = {name: getattr(row, name) for name in Row.__struct_fields__}
    outcome = fire("oidc", attack(Row(**{**fields, **changes})), Scene(stage))
    assert outcome.wrong.startswith(wrong)
    assert bool(outcome.wrong) is bool(wrong)
