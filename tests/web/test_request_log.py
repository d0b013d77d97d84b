"""The log of API requests: written later, without secrets, bounded in days and rows; and when a key was used last."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from latchstring import worker
from latchstring.effects.tray import Tray
from latchstring.flows import api_keys, environments, organizations, request_log, upkeep
from latchstring.flows.organizations import OrganizationWish
from latchstring.model.api_call import KeptCall
from latchstring.model.operator import Role
from latchstring.storage.paging import Window
from tests.house_for_tests import Browser, Rig
from tests.operators_for_tests import hire, page, signed_in
from tests.web.codes import code_of, token


def kept(rig: Rig) -> list[KeptCall]:
    """Oldest first."""
    request_log.write_down(rig.house)
    found = request_log.page(rig.house, rig.pass_, Window(limit=100), statuses=None, path=None)
    return list(reversed(found.items))


def requests_of(rig: Rig) -> str:
    return f"/dashboard/{rig.environment.id}/developers/requests"


def support(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.SUPPORT))


def test_a_request_is_written_down_after_its_answer_and_without_its_query(rig: Rig) -> None:
    before = rig.house.database.writes
    answer = rig.client("GET", "/organizations?domains=acme.example&limit=3")
    rig.clock.forward(seconds=1)
    missing = rig.client("GET", "/organizations/org_nobody")
    assert rig.house.database.writes == before
    first, second = kept(rig)
    assert (first.method, first.path, first.status, first.code) == ("GET", "/organizations", 200, None)
    assert first.id == answer.header("x-request-id") and first.key_id == rig.key.key.id
    assert (second.status, second.code) == (404, "entity_not_found")
    assert second.id == missing.header("x-request-id")


def test_web_13_no_secret_of_a_code_swap_is_kept(rig: Rig) -> None:
    code = code_of(rig)
    assert token(rig, code).status == 200
    rig.clock.forward(seconds=1)
    refused = token(rig, code_of(rig), client_secret="sk_test_marker_of_a_wrong_secret")
    assert refused.status in (400, 401)
    swap, wrong = [call for call in kept(rig) if call.path == "/sso/token"]
    assert (swap.status, swap.key_id) == (200, rig.key.key.id)
    assert (wrong.status, wrong.key_id) == (refused.status, None) and wrong.code
    with closing(sqlite3.connect(rig.folder / "house.db")) as database:
        rows = "\n".join(map(str, database.execute("SELECT * FROM api_calls")))
    for secret in (code, rig.key.secret.reveal(), "marker_of_a_wrong_secret"):
        assert secret not in rows


def test_a_key_that_we_do_not_know_leaves_nothing_anywhere(rig: Rig) -> None:
    assert rig.client("GET", "/organizations", authorization="Bearer sk_test_nobody").status == 401
    assert kept(rig) == []


def test_a_key_that_was_revoked_or_has_ended_is_told_apart_by_its_owner_alone(rig: Rig) -> None:
    ended = api_keys.create(rig.house, rig.pass_, name="ended", expires_in_days=1)
    revoked = api_keys.create(rig.house, rig.pass_, name="revoked")
    api_keys.revoke(rig.house, rig.pass_, revoked.key.id)
    rig.clock.forward(days=2)
    bodies = []
    for key in (ended.secret.reveal(), revoked.secret.reveal(), "sk_test_nobody"):
        answer = rig.client("GET", "/organizations", authorization=f"Bearer {key}")
        assert answer.status == 401
        bodies.append(answer.body)
        rig.clock.forward(seconds=1)
    assert bodies[1] == bodies[2], "whoever shows a revoked key learns nothing of it"
    first, second = kept(rig)
    assert (first.status, first.code, first.key_id) == (401, "api_key_expired", ended.key.id)
    assert (second.status, second.code, second.key_id) == (401, "api_key_unknown", revoked.key.id)
    assert api_keys.get(rig.house, rig.pass_, ended.key.id).last_used_at is None
    assert page(support(rig).get(requests_of(rig))).text.count("401") >= 2


def test_a_keys_last_use_is_noted_once_an_hour_and_by_no_statement_of_the_request(rig: Rig) -> None:
    def used() -> object:
        request_log.write_down(rig.house)
        return api_keys.get(rig.house, rig.pass_, rig.key.key.id).last_used_at

    assert used() is None
    first = rig.clock.now()
    rig.client("GET", "/organizations")
    assert used() == first
    rig.clock.forward(minutes=60)
    rig.client("GET", "/organizations")
    assert used() == first
    rig.clock.forward(seconds=1)
    token(rig, code_of(rig))
    assert used() == first + timedelta(hours=1, seconds=1)


def test_it_is_switched_off_and_the_last_use_is_noted_all_the_same(rig: Rig) -> None:
    rig.client("GET", "/organizations")
    assert len(kept(rig)) == 1
    assert rig.client("PATCH", "/environment", {"api_log_days": 0}).json["api_log_days"] == 0
    rig.client("GET", "/organizations")
    assert [call.path for call in kept(rig)] == ["/organizations"]
    assert api_keys.get(rig.house, rig.pass_, rig.key.key.id).last_used_at is not None
    upkeep.round_(rig.house, rig.pass_, lambda: False)
    assert kept(rig) == []
    assert "Requests are not written down" in page(support(rig).get(requests_of(rig))).text
    for wrong in (-1, 91):
        assert rig.client("PATCH", "/environment", {"api_log_days": wrong}).status in (400, 422)


def test_what_is_old_or_too_much_goes(rig: Rig) -> None:
    for number in range(5):
        rig.client("GET", f"/organizations/org_{number}")
        rig.clock.forward(days=1)
    assert len(kept(rig)) == 5
    assert request_log.trim(rig.house, rig.pass_, keep=3) == 2
    assert [call.path[-1] for call in kept(rig)] == ["2", "3", "4"]
    rig.clock.forward(days=5, seconds=-1)
    assert request_log.trim(rig.house, rig.pass_) == 1
    assert [call.path[-1] for call in kept(rig)] == ["3", "4"]


def test_more_than_can_wait_drops_the_oldest(rig: Rig) -> None:
    first = rig.client("GET", "/organizations").header("x-request-id")
    request_log.write_down(rig.house)
    call = request_log.get(rig.house, rig.pass_, str(first))
    assert call.id == first
    tray = Tray[int](3)
    for number in range(5):
        tray.put(number)
    assert tray.take(2) == [2, 3] and tray.take(2) == [4] and tray.take(2) == []


def test_requests_of_an_environment_that_is_gone_are_dropped(rig: Rig) -> None:
    other, client = rig.another_environment()
    client("GET", "/organizations")
    environments.delete(rig.house, other.id)
    assert request_log.write_down(rig.house) == 1
    assert kept(rig) == []


def test_they_are_written_while_the_server_runs_and_once_more_at_its_end(rig: Rig) -> None:
    rig.client("GET", "/organizations")
    with worker.noting(rig.house, interval=3600):
        pass
    assert len(request_log.page(rig.house, rig.pass_, Window(), statuses=None, path=None).items) == 1


def test_they_are_filtered_by_answer_and_path_and_opened(rig: Rig) -> None:
    organizations.create(rig.house, rig.pass_, OrganizationWish(name="A"))
    for path in ("/organizations", "/organizations/org_nobody", "/connections"):
        rig.clock.forward(seconds=1)
        rig.client("GET", path)
    request_log.write_down(rig.house)
    browser, where = support(rig), requests_of(rig)

    def paths(query: str) -> list[str]:
        return [row.one("th").text for row in page(browser.get(where + query)).every("tr")[1:]]

    assert paths("") == ["GET /connections", "GET /organizations/org_nobody", "GET /organizations"]
    assert paths("?status=ok") == ["GET /connections", "GET /organizations"]
    assert paths("?status=404&path=") == paths("?status=failed") == ["GET /organizations/org_nobody"]
    assert paths("?path=ORGANIZATIONS&status=ok") == ["GET /organizations"]
    assert "Nothing found" in page(browser.get(f"{where}?status=5xx")).text
    (link,) = [
        one.attributes["href"]
        for one in page(browser.get(where)).every("a")
        if one.text == "GET /organizations/org_nobody"
    ]
    shown = page(browser.get(link))
    assert "entity_not_found" in shown.text and f"sk_\u2026{rig.key.key.hint}" in shown.text


def test_oauth_14_requests_are_seen_in_their_own_environment_alone(rig: Rig) -> None:
    other, client = rig.another_environment()
    answer = client("GET", "/connections")
    request_log.write_down(rig.house)
    browser = support(rig)
    assert "/connections" not in page(browser.get(requests_of(rig))).one("main").text
    assert browser.get(f"{requests_of(rig)}/{answer.header('x-request-id')}").status == 404
    assert browser.get(f"/dashboard/{other.id}/developers/requests/{answer.header('x-request-id')}").status == 200
