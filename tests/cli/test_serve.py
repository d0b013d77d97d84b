"""`latchstring serve` and `latchstring migrate`: settings, revisions, and a server as production has it."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from latchstring.storage.migrations import HEAD
from tests.cli.program import run
from tests.effects.mail_server import mail_server
from tests.real.child import BIN, Child, free_port

SECRET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"


def settings(folder: Path, **changed: str) -> dict[str, str]:
    variables = {
        "LATCHSTRING_BASE_URL": "https://sso.example.com",
        "LATCHSTRING_SECRET_KEY": SECRET,
        "LATCHSTRING_DATABASE_URL": f"sqlite:///{folder}/latchstring.db",
        **changed,
    }
    return {name: value for name, value in variables.items() if value}


def test_everything_that_is_missing_is_named_at_once() -> None:
    done = run("serve")
    assert (done.code, done.out) == (1, "")
    for name in ("LATCHSTRING_BASE_URL", "LATCHSTRING_SECRET_KEY", "LATCHSTRING_DATABASE_URL"):
        assert f"{name} is missing" in done.err
    assert "for example" in done.err


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"LATCHSTRING_BASE_URL": "http://sso.example.com"}, "must use https"),
        ({"LATCHSTRING_BASE_URL": "sso.example.com"}, "must begin with https://"),
        ({"LATCHSTRING_BASE_URL": "https://example.com/sso"}, "without a path"),
        ({"LATCHSTRING_BASE_URL": "https://u:p@example.com"}, "do not belong"),
        ({"LATCHSTRING_SECRET_KEY": "short"}, "too easy to guess"),
        ({"LATCHSTRING_SECRET_KEY": "a" * 40}, "too easy to guess"),
        ({"LATCHSTRING_DATABASE_URL": "postgresql://localhost/x"}, "cannot use yet"),
        ({"LATCHSTRING_DATABASE_URL": "mysql://x"}, "must name a SQLite file"),
        ({"LATCHSTRING_DATABASE_URL": "sqlite:////tmp"}, "names a directory"),
        ({"LATCHSTRING_MAX_RESPONSE_BYTES": "1048577"}, "is not a number of bytes"),
        ({"LATCHSTRING_MAX_RESPONSE_BYTES": "many"}, "is not a number of bytes"),
        ({"LATCHSTRING_ALLOW_NETWORKS": "10.0.0.0/99"}, "is not a network"),
        ({"LATCHSTRING_TRUSTED_PROXIES": "10.0.0.1/8"}, "LATCHSTRING_TRUSTED_PROXIES: '10.0.0.1/8' is not a network"),
        ({"LATCHSTRING_SMTP_URL": "mail.example.com"}, "LATCHSTRING_SMTP_URL is smtp:// or smtps://"),
        ({"LATCHSTRING_SMTP_URL": "smtp://mail.example.com"}, "LATCHSTRING_MAIL_FROM is missing"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, changed: dict[str, str], text: str) -> None:
    done = run("serve", env=settings(tmp_path, **changed))
    assert done.code == 1
    assert text in done.err
    assert SECRET not in done.err
    assert "Traceback" not in done.err


def test_an_old_database_is_not_served_unless_asked_to_migrate(tmp_path: Path) -> None:
    env = settings(tmp_path, LATCHSTRING_BASE_URL="http://localhost:9")
    done = run("serve", "--port", "0", env=env)
    assert (done.code, "latchstring migrate" in done.err) == (1, True)
    assert run("migrate", "--check", env=env).code == 1
    made = run("migrate", "--json", env=env)
    assert (made.code, json.loads(made.out)) == (0, {"before": None, "revision": HEAD})
    again = run("migrate", env=env)
    assert (again.code, again.out) == (0, "")
    assert f"at revision {HEAD}" in again.err
    assert run("migrate", "--check", env=env).code == 0


def test_it_serves(tmp_path: Path) -> None:
    port = free_port()
    env = settings(tmp_path, LATCHSTRING_BASE_URL=f"http://localhost:{port}")
    with Child([BIN / "latchstring", "serve", "--migrate", "--port", str(port)], env=env) as child:
        child.wait_for_port(port)
        made = run("environment", "create", "--name", "Production", "--kind", "production", "--json", env=env)
        assert made.code == 0, made.err
        client_id = json.loads(made.out)["client_id"]
        key = run("key", "create", "--name", "web", "--json", env=env).out
        secret = json.loads(key)["value"]
        assert secret.startswith("sk_live_")
        request = urllib.request.Request(
            f"http://localhost:{port}/organizations", headers={"Authorization": f"Bearer {secret}"}
        )
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["data"] == []  # no Test Organization in production
        for path in ("/try", "/callback"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://localhost:{port}{path}")
            refused.value.close()
            assert refused.value.code == 404  # the demo is for development
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(
                f"http://localhost:{port}/sso/authorize?client_id={client_id}&response_type=code&redirect_uri=https://x.example/"
            )
        page = refused.value.read().decode()
        refused.value.close()
        assert refused.value.code == 400
        assert "What exactly was found" not in page  # facts are for those who may see them
        story = child.story()
    log = [json.loads(line) for line in story.splitlines() if line.startswith("{")]
    assert any(line["event"] == "refused" and line["code"] == "redirect_uri_unregistered" for line in log)
    assert secret not in story
    (first,) = re.findall(rf"^  (http://localhost:{port}/dashboard/welcome\?link=[\w-]{{43}})$", story, re.MULTILINE)
    assert first.rpartition("=")[2] not in "".join(json.dumps(line) for line in log)


def test_it_mails(tmp_path: Path) -> None:
    port = free_port()
    with mail_server() as mails:
        env = settings(
            tmp_path,
            LATCHSTRING_BASE_URL=f"http://localhost:{port}",
            LATCHSTRING_SMTP_URL=f"smtp://127.0.0.1:{mails.port}?starttls=never",
            LATCHSTRING_MAIL_FROM="Acme <sign-in@acme.example>",
        )
        with Child([BIN / "latchstring", "serve", "--migrate", "--port", str(port)], env=env) as child:
            child.wait_for_port(port)
            run("environment", "create", "--name", "Acme", "--kind", "production", env=env)
            run("redirect-uri", "create", "https://app.acme.example/callback", env=env)
            secret = json.loads(run("key", "create", "--name", "web", "--json", env=env).out)["value"]

            def post(path: str, body: dict[str, str]) -> dict[str, Any]:
                headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
                url = f"http://localhost:{port}/passwordless/sessions{path}"
                request = urllib.request.Request(url, json.dumps(body).encode(), headers)
                with urllib.request.urlopen(request) as answer:
                    said: dict[str, Any] = json.load(answer)
                    return said

            session = post("", {"email": "ann@acme.example", "type": "MagicLink"})
            assert post(f"/{session['id']}/send", {}) == {"success": True}
            invited = json.loads(
                run("operator", "invite", "sue@acme.example", "--role", "support", "--json", env=env).out
            )
            assert invited["mailed"] is True
            message, invitation = mails.messages
            assert (message["From"], message["To"]) == ("Acme <sign-in@acme.example>", "ann@acme.example")
            assert message["Subject"] == "Sign in to Acme"
            plain = message.get_body(("plain",))
            assert plain is not None
            (link,) = re.findall(r"http\S+/confirm", plain.get_content())
            with urllib.request.urlopen(link) as page:
                assert "app.acme.example" in page.read().decode()
            assert (invitation["From"], invitation["To"]) == (message["From"], "sue@acme.example")
            words = invitation.get_body(("plain",))
            assert words is not None and invited["url"] in words.get_content()
            story = child.story()
    assert link.split("/")[-2] not in story and secret not in story
