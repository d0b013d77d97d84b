"""The regular chores: sign-ins that time out, and what is past its use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from msgspec.structs import replace

from latchstring.flows import upkeep
from latchstring.model.connection import SamlConfig
from latchstring.model.environment import EnvironmentKind
from latchstring.storage import connections, front_door, watches
from latchstring.storage.statement import OpenStatement
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import saml_idp


def work(rig: Rig, **later: float) -> upkeep.Done:
    rig.clock.forward(**later)
    return upkeep.round_(rig.house, front_door.by_worker(rig.environment), lambda: False)


def rows(rig: Rig, table: str) -> int:
    with rig.house.database.house() as whole:
        row = whole.one(OpenStatement(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a name of ours
    assert row is not None
    return int(row[0])


def returned(answer: Answer) -> tuple[str, str]:
    return answer.returned["error"], answer.returned["error_uri"].rpartition("/")[2]


def test_a_sign_in_without_an_answer_times_out_once(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    asked = idp.depart(browser)
    assert work(rig, minutes=9, seconds=59).timed_out == 0
    assert work(rig, seconds=1).timed_out == 1
    assert work(rig, seconds=1).timed_out == 0
    (event,) = told(rig, "authentication.sso_timed_out")
    (started,) = told(rig, "authentication.sso_started")
    assert event["error"]["code"] == "attempt_expired" and event["error"]["message"]
    assert {**event, "status": "started"} == {**started, "error": event["error"]}
    assert (event["status"], event["type"], event["email"]) == ("timed_out", "sso", None)
    assert event["sso"]["session_id"].startswith("sess_")
    # Whoever comes now hears the same thing, and it is told once.
    late = idp.arrive(browser, idp.response(asked))
    assert returned(late) == ("server_error", "attempt_expired")
    assert told(rig, "authentication.sso_failed") == []


def test_a_sign_in_that_ended_does_not_time_out(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert "code" in idp.sign_in(rig.browser()).returned
    assert "error" in idp.sign_in(rig.browser(), key="somebody else").returned
    assert work(rig, hours=1).timed_out == 0
    assert told(rig, "authentication.sso_timed_out") == []


def test_of_many_nodes_one_times_a_sign_in_out(rig: Rig) -> None:
    idp = saml_idp(rig)
    for _ in range(5):
        idp.depart(rig.browser())
    rig.clock.forward(minutes=11)
    pass_ = front_door.by_worker(rig.environment)
    with ThreadPoolExecutor(8) as pool:
        ended = sum(pool.map(lambda _: upkeep.time_out(rig.house, pass_), range(8)))
    assert ended == len(told(rig, "authentication.sso_timed_out")) == 5


def test_what_is_past_its_use_is_dropped_and_nothing_else(rig: Rig) -> None:
    idp = saml_idp(rig)
    code = idp.sign_in(rig.browser()).returned["code"]
    assert rig.swap(code).status == 200
    rig.client("POST", "/organizations", {"name": "Once"}, idempotency_key="k")
    tables = ("attempts", "used_messages", "grants", "access_tokens", "replays")
    assert [rows(rig, table) for table in tables] == [1, 1, 1, 1, 1]
    work(rig, minutes=11)
    assert [rows(rig, table) for table in tables] == [1, 1, 1, 1, 1]
    assert rig.swap(code).json["error"] == "invalid_grant"  # and it still knows that it was used
    work(rig, hours=2)
    assert [rows(rig, table) for table in tables] == [1, 0, 1, 1, 1]
    work(rig, days=1)
    assert [rows(rig, table) for table in tables] == [1, 0, 0, 0, 0]
    work(rig, days=28)
    assert [rows(rig, table) for table in ("attempts", "sign_in_answers")] == [1, 1]  # kept for 30 days
    work(rig, days=2)
    assert rows(rig, "attempts") == 0
    assert rows(rig, "profiles") == 1


def test_sessions_for_a_logout_are_dropped_when_they_are_over(rig: Rig) -> None:
    idp = saml_idp(rig, idp_slo_url="https://idp.acme.example/slo")
    assert "code" in idp.sign_in(rig.browser()).returned
    assert rows(rig, "idp_sessions") == 1
    work(rig, hours=1)
    assert rows(rig, "idp_sessions") == 1
    work(rig, days=40)
    assert rows(rig, "idp_sessions") == 0


def test_the_broom_takes_small_batches_until_it_is_done(rig: Rig) -> None:
    idp = saml_idp(rig)
    for _ in range(7):
        idp.depart(rig.browser())
    rig.clock.forward(minutes=11)
    pass_ = front_door.by_worker(rig.environment)
    assert upkeep.time_out(rig.house, pass_) == 7
    rig.clock.forward(days=91)
    before = rig.house.database.writes
    assert upkeep.sweep(rig.house, pass_, lambda: False) == 7
    assert rig.house.database.writes > before + 1
    assert upkeep.sweep(rig.house, pass_, lambda: False) == 0


def test_it_stops_between_two_pieces_of_work(rig: Rig) -> None:
    pass_ = front_door.by_worker(rig.environment)
    assert upkeep.inspect(rig.house, pass_, lambda: True) == 0
    assert upkeep.sweep(rig.house, pass_, lambda: True) == 0
    assert upkeep.refresh_due(rig.house, pass_, lambda: True) == (0, ())


def test_of_many_nodes_one_inspects_in_an_hour(rig: Rig) -> None:
    pass_ = front_door.by_worker(rig.environment)
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: upkeep._claim(rig.house, pass_, "inspection", timedelta(hours=1)), range(16)))
    assert claims.count(True) == 1
    rig.clock.forward(hours=1)
    assert upkeep._claim(rig.house, pass_, "inspection", timedelta(hours=1))


def test_a_connection_from_before_there_was_a_watch_is_watched(rig: Rig) -> None:
    idp = saml_idp(rig)
    url = "https://idp.acme.example/metadata"
    with rig.house.database.write(rig.pass_) as scope:
        connection = connections.get(scope, rig.house.vault, idp.connection["id"])
        assert connection is not None and isinstance(connection.config, SamlConfig)
        connections.save(
            scope, rig.house.vault, replace(connection, config=replace(connection.config, idp_metadata_url=url))
        )
        assert watches.get(scope, connection.id) is None
    done = work(rig)
    assert [(failure.connection_id, failure.code) for failure in done.failed] == [(connection.id, "idp_unreachable")]


def test_a_round_in_one_environment_leaves_the_others_alone(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.depart(rig.browser())
    other, _ = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    rig.clock.forward(minutes=11)
    upkeep.round_(rig.house, front_door.by_worker(other), lambda: False)
    assert told(rig, "authentication.sso_timed_out") == []
    assert work(rig).timed_out == 1
