"""The attribute mapper at the terminal: what is wrong, a remedy tried and applied, and who waits."""

from __future__ import annotations

from pathlib import Path

from latchstring import app
from latchstring.effects.settings import Settings
from latchstring.flows import attribute_samples
from latchstring.flows import environments as flow
from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.profile import Assertion
from latchstring.model.secret import Secret
from latchstring.storage import connections, front_door
from tests.cli.program import Terminal
from tests.cli.test_manage import METADATA


def house(folder: Path) -> tuple[House, Pass]:
    """What a running server would have on this database."""
    settings = Settings(
        base_url="http://localhost:4100",
        database=folder / "dev.db",
        secret_key=Secret((folder / "secret").read_text().strip()),
        development=True,
    )
    built = app.house(settings)
    (environment,) = flow.every(built)
    return built, front_door.by_operator(environment)


def refuse(folder: Path, connection_id: str) -> None:
    """A sign-in without an e-mail address, as `land.record` leaves it."""
    built, pass_ = house(folder)
    now = built.now()
    attributes = {"id": ("u1",), "contact": ("ann@acme.example",), "groups": ("a", "b")}
    said = Assertion(
        subject="u1",
        subject_format=None,
        attributes=attributes,
        friendly_names={},
        raw=attributes,
        email_trusted=True,
        message_id="_1",
        valid_until=now,
        answers=None,
    )
    with built.database.write(pass_) as scope:
        connection = connections.get(scope, built.vault, connection_id)
        assert connection is not None
        attribute_samples.keep_refused(
            built, scope, connection, said, refusal="attributes_missing", awaits=True, now=now
        )
    built.database.close()


def test_findings_are_shown_and_mended_and_people_wait(terminal: Terminal) -> None:
    organization = terminal("organization", "create", "--name", "Acme", "--json").json
    terminal(
        "domain", "create", "--organization", organization["id"], "--domain", "acme.example", "--state", "verified"
    )
    file = terminal.folder / "idp.xml"
    file.write_bytes(METADATA)
    made = terminal(
        "connection", "create", "--organization", organization["id"], "--metadata-file", str(file), "--json"
    ).json
    on = ("--connection", made["id"])
    assert "No sign-in has come that far yet" in terminal("attributes", "findings", *on).err
    assert "Nobody awaits reconciliation" in terminal("attributes", "awaiting", *on).err
    refuse(terminal.folder, made["id"])
    seen = terminal("attributes", "findings", *on)
    assert "contact" in seen.out
    assert "error: email_missing (1 of 1)" in seen.err
    assert "email from contact" in seen.err
    assert "1 become good" in seen.err
    assert terminal("attributes", "findings", *on, "--json").json["awaiting_reconciliation"] == 1
    listed = terminal("attributes", "awaiting", *on)
    assert "attributes_missing" in listed.out
    tried = terminal("attributes", "apply", *on, "email=contact", "job_title=id", "--preview")
    assert "Nothing was changed" in tried.err
    assert "can sign in: ann@acme.example" in tried.err
    assert terminal("connection", "show", made["id"], "--json").json["attribute_maps"]["standard_attributes"] == {}
    still = terminal("attributes", "apply", *on, "email=nothing", "--preview")
    assert "still cannot: u1 (attributes_missing)" in still.err
    done = terminal("attributes", "apply", *on, "email_missing", "--json").json
    assert (done["applied"], done["attribute_maps"]["standard_attributes"]) == (True, {"email": "contact"})
    (entry,) = terminal("attributes", "awaiting", *on, "--json").json["data"]
    assert entry["state"] == "can_sign_in"
    assert terminal("attributes", "delete", *on, entry["id"], "--yes").code == 0
    assert terminal("attributes", "awaiting", *on, "--json").json["count"] == 0
    assert terminal("attributes", "apply", *on, "email_missing").code == 1
