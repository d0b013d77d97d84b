"""A kept response is run again: as the connection is, and with other settings, until it would be let in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from latchstring.model.operator import Role
from latchstring.storage import attempts
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Browser, Rig
from tests.idp_for_tests import oidc_idp, pair, saml_idp
from tests.operators_for_tests import hire, page, send, signed_in


def place(rig: Rig) -> str:
    """The replay of the newest sign-in."""
    with rig.house.database.read(rig.pass_) as scope:
        (newest,) = attempts.recent(scope, 1)
    return f"/dashboard/{rig.environment.id}/sign-ins/{newest.id}/replay"


def developer(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.DEVELOPER))


def ran(browser: Browser, path: str, **changed: str) -> Answer:
    shown = browser.get(path)
    return send(browser, shown, path, **{"certificates": page(shown).one("textarea").text, **changed})


@pytest.mark.parametrize(
    ("wrong", "code", "mended"),
    [
        ({"audience": "https://other.example"}, "audience_mismatch", {"sp_entity_id": "https://other.example"}),
        ({"key": "another"}, "certificate_unknown", {"certificates": lambda: pair("another")[0]}),
        ({"acs_url": "https://old.example/acs"}, "destination_mismatch", {"acs_url": "https://old.example/acs"}),
        ({"entity_id": "https://new.example"}, "issuer_mismatch", {"idp_entity_id": "https://new.example"}),
        ({"shift": timedelta(seconds=100)}, "assertion_not_yet_valid", {"clock_skew": "120"}),
        (
            {"attributes": {"id": ("u1",), "nickname": ("ann@acme.example",)}},
            "attributes_missing",
            {"source-email": "mail, nickname"},
        ),
    ],
    ids=["audience", "certificate", "acs_url", "issuer", "skew", "mapping"],
)
def test_a_refused_response_is_let_in_once_the_settings_fit(
    rig: Rig, wrong: dict[str, Any], code: str, mended: dict[str, Any]
) -> None:
    idp = saml_idp(rig, None)
    assert "error" in idp.sign_in(rig.browser(), **wrong).returned
    rig.clock.forward(days=3)  # it is checked as at the moment when it came
    browser, path = developer(rig), place(rig)
    before = (rig.client("GET", f"/connections/{idp.connection['id']}").json, len(told(rig, "connection.updated")))
    first = browser.get(path)
    assert "It would be refused" in first.text and f"/errors/{code}" in first.text
    changed = {name: value() if callable(value) else value for name, value in mended.items()}
    then = ran(browser, path, **changed)
    assert then.status == 200 and "It would be let in" in then.text, then.text
    assert "ann@acme.example" in then.text  # what the application would get
    for value in changed.values():
        assert value.strip().splitlines()[0] in then.text  # what was typed is still there
    after = (rig.client("GET", f"/connections/{idp.connection['id']}").json, len(told(rig, "connection.updated")))
    assert before == after and "It would be refused" in browser.get(path).text


def test_a_good_response_can_be_refused_by_settings(rig: Rig) -> None:
    saml_idp(rig).sign_in(rig.browser())
    browser, path = developer(rig), place(rig)
    assert "It would be let in" in browser.get(path).text
    worse = ran(browser, path, sp_entity_id="https://other.example")
    assert (
        "It would be refused" in worse.text and "fits, not trusted" in worse.text and "Not reached:" not in worse.text
    )


def test_what_cannot_be_tried_is_said_beside_its_field(rig: Rig) -> None:
    saml_idp(rig).sign_in(rig.browser())
    browser, path = developer(rig), place(rig)
    for name, value in (("clock_skew", "a lot"), ("clock_skew", "301"), ("certificates", "nonsense")):
        answer = ran(browser, path, **{name: value})
        assert answer.status == 422 and page(answer).every("p", id=f"{name}-error"), (name, value)
        assert value in answer.text


def test_what_is_no_saml_and_what_is_not_kept_cannot_be_run_again(rig: Rig) -> None:
    oidc_idp(rig).sign_in(rig.browser())
    browser = developer(rig)
    answer = browser.get(place(rig))
    assert answer.status == 200 and "Only a SAML response can be run again" in answer.text
    assert not page(answer).every("textarea")
    rig.clock.forward(seconds=1)
    saml_idp(rig).depart(rig.browser())
    assert "Nothing of the identity provider" in browser.get(place(rig)).text


def test_support_runs_nothing_again(rig: Rig) -> None:
    saml_idp(rig).sign_in(rig.browser())
    assert signed_in(rig, hire(rig, Role.SUPPORT)).get(place(rig)).status == 403
