"""`latchstring dev`: first and second start, what it writes, what it refuses, what it tells."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from latchstring.cli import dev
from latchstring.model.attempt import SignInNews
from tests.cli.program import run
from tests.house_for_tests import START
from tests.real.built_in_idp import ANN, JOE, NOBODY
from tests.real.child import BIN, Child
from tests.real.login import sign_in

CALLBACK = "http://localhost:5999/callback"
KEYS = [
    "base_url",
    "api_key",
    "client_id",
    "environment_id",
    "try_url",
    "test_organization_id",
    "test_connection_id",
    "dashboard_url",
]


def start(folder: Path, *more: str) -> Child:
    return Child([BIN / "latchstring", "dev", "--port", "0", "--data", folder, *more], cwd=folder.parent)


def first_line(child: Child) -> dict[str, str]:
    facts: dict[str, str] = json.loads(child.line())
    return facts


def listed(facts: dict[str, str], path: str) -> Any:
    request = urllib.request.Request(facts["base_url"] + path, headers={"Authorization": f"Bearer {facts['api_key']}"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


def test_first_and_second_start(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    folder.parent.mkdir()
    with start(folder, "--json") as child:
        first = first_line(child)
        assert list(first) == KEYS
        assert first["try_url"] == first["base_url"] + "/try"
        assert first["api_key"].startswith("sk_test_")
        assert (first["test_organization_id"], first["test_connection_id"]) == ("org_test_idp", "conn_test_idp")
        (organization,) = listed(first, "/organizations")
        assert [(each["domain"], each["state"]) for each in organization["domains"]] == [("example.com", "verified")]
        (connection,) = listed(first, "/connections")
        assert (connection["connection_type"], connection["state"]) == ("TestIdp", "active")
        assert {each["uri"]: each["default"] for each in listed(first, "/user_management/redirect_uris")} == {
            f"{first['base_url']}/callback": True,
            "http://localhost:*/callback": False,
            "http://localhost:*/auth/callback": False,
            "http://127.0.0.1:*/callback": False,
        }
    variables = dict(line.split("=", 1) for line in (folder / "env").read_text().splitlines())
    assert variables == {
        "WORKOS_BASE_URL": first["base_url"],
        "WORKOS_API_KEY": first["api_key"],
        "WORKOS_CLIENT_ID": first["client_id"],
    }
    assert {path.name: path.stat().st_mode & 0o777 for path in (folder, folder / "env", folder / "secret")} == {
        "data": 0o700,
        "env": 0o600,
        "secret": 0o600,
    }
    with start(folder, "--json") as child:
        second = first_line(child)
    kept = ("api_key", "client_id", "environment_id")
    assert [second[name] for name in kept] == [first[name] for name in kept]
    (folder / "env").unlink()
    with start(folder, "--json") as child:
        third = first_line(child)
        assert third["client_id"] == first["client_id"]
        assert third["api_key"] != first["api_key"]  # it is kept as a hash: a lost one is replaced
        assert len(listed(third, "/organizations")) == 1


def test_the_block_for_people(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with start(folder) as child:
        child.wait_until(lambda: any("Ctrl-C" in line for line in child.said))
        block = "\n".join(child.said)
    key = (folder / "env").read_text().split("WORKOS_API_KEY=")[1].split()[0]
    for words in ("Try it", "/try", "WORKOS_BASE_URL=http://localhost:", f"WORKOS_API_KEY={key}", "WORKOS_CLIENT_ID="):
        assert words in block
    assert "\x1b" not in block
    with start(folder) as child:
        child.wait_until(lambda: any("Ctrl-C" in line for line in child.said))
        assert key not in "\n".join(child.said)  # shown once; it is in the file


def test_it_is_there_on_both_loopback_addresses(tmp_path: Path) -> None:
    with start(tmp_path / "data", "--json") as child:
        port = int(first_line(child)["base_url"].rpartition(":")[2])
        for address in ("127.0.0.1", *(["::1"] if _has_ipv6() else [])):
            socket.create_connection((address, port), timeout=5).close()


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_sign_ins_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with start(folder) as child:
        child.wait_until(lambda: any("Ctrl-C" in line for line in child.said))
        base = next(line for line in child.said if "API " in line).split()[-1]
        client = (folder / "env").read_text().split("WORKOS_CLIENT_ID=")[1].strip()
        sign_in(_start_url(base, client), ANN, CALLBACK)
        sign_in(_start_url(base, client), JOE, CALLBACK)
        child.wait_until(lambda: any("Verify the domain" in line for line in child.said))
        assert any("ann@example.com  Test IdP  ok" in line for line in child.said)
        assert any("FAIL  email_outside_organization" in line for line in child.said)


def test_nothing_an_identity_provider_says_moves_the_cursor() -> None:
    news = SignInNews(
        at=START,
        connection="\x1b]0;owned\x07\x1b[2J",
        connection_id="conn_1",
        attempt_id="sess_1",
        seconds=0.1,
        email="a\r\n\u202eb@example.com",
        refusal=None,
    )
    line = dev.as_text(news)
    assert line.isprintable()
    assert "owned" in line


def _start_url(base: str, client: str) -> str:
    query = f"client_id={client}&response_type=code&organization=org_test_idp&redirect_uri={CALLBACK}"
    return f"{base}/sso/authorize?{query}"


def test_many_sign_ins_that_nobody_reads(tmp_path: Path) -> None:
    """A script reads the first line and no more, then goes: the pipe fills and breaks, and nobody inside minds."""
    process = subprocess.Popen(
        [BIN / "latchstring", "dev", "--port", "0", "--json", "--data", tmp_path / "data"], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        facts = json.loads(process.stdout.readline())
        for round_ in range(2):
            for _ in range(40):  # of some 150 bytes each
                sign_in(_start_url(facts["base_url"], facts["client_id"]), NOBODY, CALLBACK)
            if round_ == 0:
                process.stdout.close()
    finally:
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_being_told_to_stop_is_success(tmp_path: Path, kind: signal.Signals) -> None:
    with subprocess.Popen(
        [BIN / "latchstring", "dev", "--port", "0", "--json", "--data", tmp_path / "data"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, kind)
        assert process.wait(20) == 0


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = run("dev", "--port", port, "--data", str(tmp_path / "data"))
    assert (done.code, done.out) == (1, "")
    assert f"Port {port} on 127.0.0.1 is already in use." in done.err
    assert "--port" in done.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--host", "0.0.0.0"), "--expose-development-server"),  # noqa: S104 - that it is refused is the point
        (("--port", "70000"), "cannot be listened on"),
        (("--data", "/proc/nowhere"), "/proc/nowhere"),
    ],
)
def test_what_cannot_work(tmp_path: Path, words: tuple[str, ...], text: str) -> None:
    done = run("dev", "--port", "0", "--data", str(tmp_path / "data"), *words)
    assert done.code == 1
    assert text in done.err
    assert "Traceback" not in done.err
