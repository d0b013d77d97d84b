"""`latchstring logs` and `latchstring explain SIGNIN_ID`: the story of a sign-in in a terminal."""

from __future__ import annotations

import json
import re
import time
from argparse import Namespace
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from latchstring import app
from latchstring.cli import colour, workplace
from latchstring.effects.settings import Settings
from latchstring.flows import authorize, connections, environments
from latchstring.flows.authorize import AuthorizeRequest
from latchstring.flows.story import Visitor
from latchstring.model.secret import Secret
from latchstring.protocols.redirect_uri import RedirectUriUnregistered
from latchstring.storage import front_door
from tests.cli.program import Terminal
from tests.house_for_tests import Browser

CALLBACK = "http://localhost:3000/callback"


@pytest.fixture
def tried(terminal: Terminal) -> Terminal:
    """Two sign-ins: one is under way, one was answered with nonsense."""
    built = workplace.house(Namespace(data=terminal.folder))
    settings = Settings(
        base_url=built.base_url,
        database=terminal.folder / "dev.db",
        secret_key=Secret((terminal.folder / "secret").read_text().strip()),
        development=True,
    )
    browser = Browser(app.application(settings, built))
    (environment,) = environments.every(built)
    query = {
        "client_id": environment.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "connection": "conn_test_idp",
    }
    assert browser.get("/sso/authorize", query=query).status == 302
    pass_ = front_door.by_operator(environment)
    acs = built.addresses(connections.get(built, pass_, "conn_test_idp").connection).acs_url
    document = b'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" InResponseTo="_unknown"/>'
    assert browser.post(acs.removeprefix(built.base_url), {"SAMLResponse": b64encode(document).decode()}).status == 400
    built.database.close()
    terminal.capsys.readouterr()
    return terminal


def newest(terminal: Terminal, *words: str) -> dict[str, Any]:
    lines = terminal("logs", "--json", *words).out.splitlines()
    return dict(json.loads(lines[-1]))


def test_the_last_sign_ins_one_on_a_line(tried: Terminal) -> None:
    lines = tried("logs").out.splitlines()
    assert len(lines) == 2 and "open" in lines[0] and "FAIL" in lines[1]
    assert lines[1].endswith("answer_unknown") and "\033" not in lines[1]
    (failed,) = tried("logs", "--failed").out.splitlines()
    assert failed == lines[1]
    assert tried("logs", "--code", "audience_mismatch").err.strip() == "No such sign-in."
    assert tried("logs", "--limit", "1").out.splitlines() == lines[1:]
    found = newest(tried)
    assert (found["object"], found["outcome"], found["code"]) == ("sign_in", "refused", "answer_unknown")
    assert found["connection_id"] == "conn_test_idp" and found["id"].startswith("sess_")


def test_a_house_without_sign_ins_says_so(terminal: Terminal) -> None:
    assert terminal("logs").err.strip() == "There is no sign-in yet."


def test_a_sign_in_is_explained_by_its_id_and_by_its_reference(tried: Terminal) -> None:
    found = newest(tried)
    told = tried("explain", found["reference"].lower())
    assert told.code == 1 and told.out == tried("explain", found["id"]).out
    for words in ("FAILED", "This answer belongs to no sign-in", "Who can mend it:", "How:", "x   It answers"):
        assert words in told.out, told.out
    shown = tried("explain", found["id"], "--json").json
    assert shown["code"] == "answer_unknown" and shown["mender"] == "user" and shown["fix"]
    assert [step["name"] for step in shown["steps"]] == ["begun", "refused"]
    checks = {check["name"]: check for check in shown["steps"][1]["checks"]}
    assert checks["answers_our_request"] == {
        "name": "answers_our_request",
        "result": "failed",
        "trusted": True,
        "problem": None,
    }
    assert checks["signature"]["result"] == "not_reached"  # nobody looked at it
    assert "<samlp:Response" in shown["response"]["document"]


def test_what_was_refused_before_its_connection_was_known_is_told_too(tried: Terminal) -> None:
    built = workplace.house(Namespace(data=tried.folder))
    (environment,) = environments.every(built)
    request = AuthorizeRequest(client_id=environment.client_id, redirect_uri=CALLBACK + "/", organization="org_none")
    with pytest.raises(RedirectUriUnregistered) as refused:
        authorize.authorize(built, request, Visitor())
    built.database.close()
    found = newest(tried)
    assert found["id"] == refused.value.sign_in_id
    assert [found[name] for name in ("connection_id", "connection_name", "connection_type")] == [None] * 3
    assert "- / -" in tried("logs", "--code", "redirect_uri_unregistered").out
    told = tried("explain", found["reference"])
    assert told.code == 1
    for words in ("FAILED", "no connection", "expected  http://", f"received  {CALLBACK}/", "too many at the end"):
        assert words in told.out, told.out
    shown = tried("explain", found["id"], "--json").json
    assert (shown["protocol"], shown["mender"]) == (None, "developer")


def test_a_file_of_that_name_is_a_file_and_an_unknown_sign_in_is_not_found(
    tried: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert '"entity_not_found"' in tried("explain", "sess_nobody", "--json").err
    monkeypatch.chdir(tmp_path)
    Path("sess_file").write_text("x")
    assert "missing: --sp-entity-id" in tried("explain", "sess_file").err


def test_colour_is_for_a_terminal_alone_and_not_where_it_is_unwanted(
    tried: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colour, "_is_terminal", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert re.search(r"\033\[31mFAIL\033\[0m", tried("logs", "--failed").out)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in tried("logs", "--failed").out + tried("explain", newest(tried)["id"]).out


def test_whoever_follows_sees_what_comes(tried: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) > 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    done = tried("logs", "--follow", "--failed")
    assert done.code == 130 and len(done.out.splitlines()) == 1  # nothing new came
