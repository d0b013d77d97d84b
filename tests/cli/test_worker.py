"""`latchstring worker`, and the thread beside the server."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from latchstring import worker
from latchstring.flows import upkeep
from latchstring.model.refusal import Unavailable
from tests.cli.program import Terminal, run
from tests.cli.test_manage import METADATA
from tests.house_for_tests import Rig
from tests.idp_for_tests import saml_idp
from tests.protocols.saml.answers import pair


def test_one_round(terminal: Terminal) -> None:
    done = terminal("worker", "--once", "--json").json
    counts = (
        "refreshed",
        "warned",
        "timed_out",
        "dropped",
        "domains_verified",
        "domains_failed",
        "deleted",
        "mailed",
        "not_mailed",
    )
    assert done == {"failed": [], **dict.fromkeys(counts, 0)}
    assert re.search(r"^timed out +0$", terminal("worker", "--once").out, re.MULTILINE)


def test_what_has_to_be_done_by_hand_is_there_too(terminal: Terminal) -> None:
    document = terminal.folder / "idp.xml"
    document.write_bytes(METADATA)
    made = terminal(
        "connection", "create", "--organization", "org_test_idp", "--metadata-file", str(document), "--json",
        "--set", "clock_skew_seconds=90", "--set", "idp_initiated=allow",
    ).json  # fmt: skip
    assert (made["saml_options"]["clock_skew_seconds"], made["saml_options"]["idp_initiated"]) == (90, "allow")
    refused = terminal("connection", "refresh", made["id"])
    assert (refused.code, "no metadata URL" in refused.err) == (1, True)
    changed = terminal("connection", "set", made["id"], "allow_sha1=true", "allow_sha1_until=2099-01-31T00:00:00Z")
    assert changed.code == 0, changed.err
    assert "allow sha1 until" in changed.out and "2099-01-31T00:00:00.000Z" in changed.out
    assert "no" in terminal("connection", "set", made["id"], "allow_sha1=false", "allow_sha1_until=null").out
    for wrong in ("allow_everything=true", "allow_sha1", "clock_skew_seconds=much", "allow_sha1_until=soon"):
        done = terminal("connection", "set", made["id"], wrong)
        assert (done.code, "is not a setting and its value" in done.err) == (1, True), wrong
    nothing = terminal("connection", "accept", made["id"], "--entity-id", "urn:other")
    assert (nothing.code, "waits for a decision" in nothing.err) == (1, True)


def test_certificates(terminal: Terminal) -> None:
    document, weak = terminal.folder / "idp.xml", terminal.folder / "weak.pem"
    document.write_bytes(METADATA)
    weak.write_text(pair("rsa1024").certificate)
    words = ("--organization", "org_test_idp", "--metadata-file", str(document))
    made = terminal("connection", "create", *words, "--set", "sign_requests=true", "--json").json
    of = ("--connection", made["id"])
    added = terminal("certificate", "create", *of, "--use", "idp", "--file", str(weak))
    assert (added.code, "Warning" in added.err, "1024 bits" in added.err) == (0, True, True)
    second = terminal("certificate", "create", *of, "--use", "signing", "--algorithm", "ecdsa", "--json").json
    assert (second["status"], second["use"]) == ("published", "signing")
    assert terminal("certificate", "create", *of, "--use", "encryption").code == 0
    listed = terminal("certificate", "list", *of, "--json").json["data"]
    assert [each["use"] for each in listed] == ["idp", "idp", "signing", "signing", "encryption"]
    assert [each["id"] for each in terminal("certificate", "list", *of, "--use", "idp", "--json").json["data"]] == [
        each["id"] for each in listed[:2]
    ]
    activated = terminal("certificate", "activate", *of, second["id"], "--json").json
    assert (activated["status"], activated["id"]) == ("signing", second["id"])
    assert "BEGIN CERTIFICATE" in terminal("certificate", "show", *of, listed[2]["id"]).out
    in_use = terminal("certificate", "delete", *of, second["id"], "--yes")
    assert (in_use.code, "signs now" in in_use.err) == (1, True)
    for id_ in (listed[1]["id"], listed[2]["id"], listed[4]["id"]):
        assert terminal("certificate", "delete", *of, id_, "--yes").code == 0
    assert [each["id"] for each in terminal("certificate", "list", *of, "--json").json["data"]] == [
        listed[0]["id"],
        second["id"],
    ]
    assert terminal("certificate", "create", *of, "--use", "idp").code == 1
    assert terminal("certificate", "create", *of, "--use", "signing", "--activate-at", "soon").code == 1
    assert terminal("certificate", "show", *of, "cert_unknown").code == 1


def test_it_needs_a_database(tmp_path: Path) -> None:
    done = run("worker", "--once", cwd=tmp_path)
    assert (done.code, "There is no database" in done.err) == (1, True)


def test_every_environment_has_its_round(rig: Rig) -> None:
    rig.another_environment()
    idp = saml_idp(rig)
    idp.depart(rig.browser())
    rig.clock.forward(minutes=11)
    assert worker.once(rig.house).timed_out == 1
    assert worker.once(rig.house, lambda: True) == upkeep.Done()


def test_rounds_go_on_after_one_that_failed_and_end_with_the_block(rig: Rig) -> None:
    rounds: list[str] = []
    enough = threading.Event()
    faults: list[Exception] = [Unavailable(), ZeroDivisionError("a bug")]

    def now() -> datetime:
        rounds.append(threading.current_thread().name)
        if len(rounds) > 4:
            enough.set()
        if faults:
            raise faults.pop(0)
        return rig.clock.now()

    house = replace(rig.house, now=now)
    with worker.running(house, first=0.0, interval=0.01):
        assert enough.wait(30)
    count = len(rounds)
    assert not any(thread.name.startswith("worker") for thread in threading.enumerate())
    assert len(rounds) == count and not faults
    assert all(name.startswith("worker-round") for name in rounds)
