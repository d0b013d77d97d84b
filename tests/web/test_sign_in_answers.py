"""An identity provider's answer is kept, sealed, with the sign-in that it ended, where the environment wants it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from latchstring.flows import upkeep
from latchstring.model.answer import HIDDEN, Answer
from latchstring.storage import attempts, front_door, sign_in_answers
from tests.house_for_tests import Rig
from tests.idp_for_tests import oidc_idp, saml_idp


def kept(rig: Rig) -> Answer | None:
    """Of the newest sign-in."""
    with rig.house.database.read(rig.pass_) as scope:
        (newest,) = attempts.recent(scope, 1)
        return sign_in_answers.get(scope, rig.house.vault, newest.id)


def email(rig: Rig) -> str | None:
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection:
        found: tuple[str | None] = connection.execute("SELECT email FROM attempts ORDER BY id DESC").fetchone()
    return found[0]


@pytest.mark.parametrize("changed", [{}, {"audience": "https://somebody.example"}], ids=["good", "refused"])
def test_a_saml_response_is_kept_as_it_came_good_or_refused(rig: Rig, changed: dict[str, Any]) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    document = idp.response(idp.depart(browser), **changed)
    assert ("code" in idp.arrive(browser, document, "some state").returned) is not bool(changed)
    found = kept(rig)
    assert found is not None
    assert (found.document, found.parameters) == (document, {"RelayState": HIDDEN})
    assert email(rig) == "ann@acme.example"  # of the refused one as well, so that it is found by it


def test_a_kept_answer_can_be_read_by_nobody_who_only_has_the_database(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser(), attributes={"email": ("ann@acme.example",), "id": ("u1",), "note": ("a rare word",)})
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection:
        ((sealed, attempt_id),) = connection.execute("SELECT sealed, attempt_id FROM sign_in_answers").fetchall()
    assert b"rare word" not in sealed and b"saml" not in sealed.lower()
    assert attempt_id.startswith("sess_")


def test_of_openid_connect_the_claims_are_kept_and_no_code_or_token(rig: Rig) -> None:
    idp = oidc_idp(rig)
    idp.userinfo = {"department": "Tests"}
    assert "code" in idp.sign_in(rig.browser(), session_state="abc").returned
    found = kept(rig)
    assert found is not None
    assert found.parameters == {"code": HIDDEN, "state": HIDDEN, "session_state": "abc"}
    assert found.heard["id_token"]["claims"]["email"] == "ann@acme.example"
    assert found.heard["id_token"]["header"]["alg"] == "RS256"
    assert found.heard["userinfo"]["department"] == "Tests"
    assert "opaque" not in repr(found)


def test_the_claims_of_a_refused_id_token_are_kept_too(rig: Rig) -> None:
    idp = oidc_idp(rig)
    idp.claims = {"aud": "somebody else"}
    assert "error" in idp.sign_in(rig.browser()).returned
    found = kept(rig)
    assert found is not None and found.heard["id_token"]["claims"]["aud"] == "somebody else"
    assert email(rig) == "ann@acme.example"


@pytest.mark.parametrize("setting", [{"sign_in_answers": "off"}, {"raw_attributes": "empty"}])
def test_an_environment_that_wants_none_keeps_none_and_what_there_is_goes(rig: Rig, setting: dict[str, str]) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    assert kept(rig) is not None
    assert rig.client("PATCH", "/environment", setting).json | setting == rig.client("GET", "/environment").json
    assert kept(rig) is None
    rig.clock.forward(seconds=1)
    idp.sign_in(rig.browser())
    rig.clock.forward(seconds=1)
    idp.sign_in(rig.browser(), key="somebody else")
    assert kept(rig) is None
    assert email(rig) == (None if "raw_attributes" in setting else "ann@acme.example")


def test_what_is_too_large_is_not_kept(rig: Rig) -> None:
    idp = saml_idp(rig)
    long = tuple(rig.house.chance(30_000).hex() for _ in range(3))
    said = {"email": ("a@acme.example",), "id": ("1",), "x": long}
    assert "code" in idp.sign_in(rig.browser(), attributes=said).returned
    assert kept(rig) is None


def test_answers_go_with_their_sign_ins_after_as_many_days_as_are_set(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    assert rig.client("PATCH", "/environment", {"trace_retention_days": 3}).json["trace_retention_days"] == 3
    worker = front_door.by_worker(rig.environment)
    for later, there in ((timedelta(days=2, hours=23), True), (timedelta(hours=2), False)):
        rig.clock.at += later
        upkeep.round_(rig.house, worker, lambda: False)
        with rig.house.database.read(rig.pass_) as scope:
            assert bool(attempts.recent(scope, 1)) is there
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection:
        assert connection.execute("SELECT count(*) FROM sign_in_answers").fetchone() == (0,)
    for wrong in (0, 366, "30"):
        assert rig.client("PATCH", "/environment", {"trace_retention_days": wrong}).status in (400, 422)


def test_what_is_sent_to_the_provider_is_in_the_trail_without_secrets(rig: Rig) -> None:
    idp = oidc_idp(rig)
    asked = idp.depart(rig.browser(), login_hint="ann@acme.example")
    with rig.house.database.read(rig.pass_) as scope:
        (newest,) = attempts.recent(scope, 1)
    sent = newest.steps[-1].facts["sent"]
    assert (sent["client_id"], sent["scope"]) == ("our-client", asked["scope"])
    assert {sent[name] for name in ("state", "nonce", "login_hint", "code_challenge") if name in sent} == {HIDDEN}
