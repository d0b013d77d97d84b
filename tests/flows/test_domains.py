"""Domains: proven by DNS within thirty days or failed, by hand at once, and standing for one organization."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from latchstring.flows import domain_proof, upkeep
from latchstring.model.dns import DnsUnanswered, TxtRecords
from latchstring.storage import front_door
from tests.events_for_tests import told
from tests.house_for_tests import Rig


def organization(rig: Rig, name: str = "Acme", *domains: str) -> Any:
    return rig.client("POST", "/organizations", {"name": name, "domains": list(domains)}).json


def pending(rig: Rig, domain: str = "acme.example", *, of: str | None = None) -> Any:
    body = {"organization_id": of or organization(rig)["id"], "domain": domain}
    made = rig.client("POST", "/organization_domains", body)
    assert made.status == 201, made.body
    return made.json


def shown(rig: Rig, domain: Any) -> Any:
    return rig.client("GET", f"/organization_domains/{domain['id']}").json


def publish(rig: Rig, domain: Any) -> None:
    record = domain["verification"]["record"]
    assert record["type"] == "TXT"
    rig.names.records[record["name"]] = TxtRecords(texts=("v=spf1 -all", record["value"]))


def work(rig: Rig, **later: float) -> upkeep.Done:
    rig.clock.forward(**later)
    return upkeep.round_(rig.house, front_door.by_worker(rig.environment), lambda: False)


def test_a_domain_is_found_in_the_background_once_its_record_is_there(rig: Rig) -> None:
    made = pending(rig)
    assert (made["state"], made["verification_strategy"], made["domain_policy"]) == ("pending", "dns", False)
    value = f"{made['verification_prefix']}={made['verification_token']}"
    assert made["verification"]["record"] == {"type": "TXT", "name": "acme.example", "value": value}
    assert made["verification"]["looked_at"] is None and made["verification"]["shortfall"] is None
    assert work(rig).domains_verified == 0
    found = shown(rig, made)
    assert found["state"] == "pending"
    assert found["verification"]["shortfall"]["code"] == "domain_unknown"
    assert found["verification"]["looked_at"] is not None
    publish(rig, made)
    assert work(rig, seconds=59).domains_verified == 0
    assert work(rig, seconds=1).domains_verified == 1
    done = shown(rig, made)
    assert (done["state"], done["domain_policy"]) == ("verified", True)
    assert "verification" not in done
    (event,) = told(rig, "organization_domain.verified")
    assert event == {name: value for name, value in done.items() if name != "verification"}
    asked = len(rig.names.asked)
    assert work(rig, days=40).domains_verified == 0
    assert len(rig.names.asked) == asked


def test_the_record_is_looked_for_less_and_less_often(rig: Rig) -> None:
    made = pending(rig)
    looks = []
    for _ in range(3 * 60):  # a round a minute, for three hours
        work(rig, minutes=1)
        looks.append(len(rig.names.asked))
    assert looks[59] == 60
    assert looks[-1] - looks[59] == 12
    assert set(rig.names.asked) == {"acme.example"}
    rig.clock.forward(days=2)
    work(rig)
    before = len(rig.names.asked)
    work(rig, minutes=59)
    assert len(rig.names.asked) == before
    work(rig, minutes=1)
    assert len(rig.names.asked) == before + 1
    assert shown(rig, made)["state"] == "pending"


def test_after_thirty_days_it_has_failed_and_can_begin_anew(rig: Rig) -> None:
    made = pending(rig)
    assert work(rig, days=29, hours=23).domains_failed == 0
    assert work(rig, hours=1).domains_failed == 1
    assert work(rig, days=1).domains_failed == 0
    failed = shown(rig, made)
    assert failed["state"] == "failed"
    assert failed["verification"]["next_look_at"] is None
    assert failed["verification"]["shortfall"]["code"] == "domain_unknown"
    (event,) = told(rig, "organization_domain.verification_failed")
    assert event["reason"] == "domain_verification_period_expired"
    assert event["organization_domain"]["id"] == made["id"] and event["organization_domain"]["state"] == "failed"
    publish(rig, made)  # too late for anybody to look by themselves
    assert work(rig, days=1).domains_verified == 0
    rig.names.records.clear()
    again = rig.client("POST", f"/organization_domains/{made['id']}/verify")
    assert (again.status, again.json["state"]) == (201, "pending")
    assert again.json["verification_token"] == made["verification_token"]
    assert [event["state"] for event in told(rig, "organization_domain.updated")] == ["pending"]
    publish(rig, made)
    assert work(rig, minutes=1).domains_verified == 1


def test_verify_looks_at_once(rig: Rig) -> None:
    made = pending(rig)
    path = f"/organization_domains/{made['id']}/verify"
    missing = rig.client("POST", path)
    assert (missing.status, missing.json["state"]) == (201, "pending")
    assert missing.json["verification"]["shortfall"]["code"] == "domain_unknown"
    publish(rig, made)
    found = rig.client("POST", path)
    assert (found.status, found.json["state"]) == (201, "verified")
    assert len(told(rig, "organization_domain.verified")) == 1
    once_more = rig.client("POST", path)
    assert (once_more.status, once_more.json["code"]) == (400, "domain_already_verified")


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (TxtRecords(texts=("v=spf1 -all",)), "record_missing"),
        (TxtRecords(texts=("verification_token=other",)), "record_different"),
        (TxtRecords(alias="acme.hosting.example"), "domain_is_alias"),
        (DnsUnanswered(name="acme.example", reason="timeout"), "dns_unanswered"),
    ],
)
def test_what_stands_in_the_way_is_told(rig: Rig, records: TxtRecords | Exception, code: str) -> None:
    made = pending(rig)
    rig.names.records["acme.example"] = records
    answer = rig.client("POST", f"/organization_domains/{made['id']}/verify").json
    shortfall = answer["verification"]["shortfall"]
    assert (answer["state"], shortfall["code"]) == ("pending", code)
    assert "acme.example" in shortfall["message"]


def test_of_many_who_find_it_at_once_one_tells(rig: Rig) -> None:
    made = pending(rig)
    publish(rig, made)
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: rig.client("POST", f"/organization_domains/{made['id']}/verify").status, range(8))
        )
    assert set(answers) <= {201, 400} and 201 in answers
    assert len(told(rig, "organization_domain.verified")) == 1


def test_of_many_nodes_one_looks(rig: Rig) -> None:
    pending(rig)
    pass_ = front_door.by_worker(rig.environment)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: domain_proof.look_due(rig.house, pass_, lambda: False), range(8)))
    assert rig.names.asked == ["acme.example"]


def test_it_stops_between_two_domains(rig: Rig) -> None:
    pending(rig)
    assert domain_proof.look_due(rig.house, front_door.by_worker(rig.environment), lambda: True) == (0, 0)
    assert rig.names.asked == []


def test_by_hand_at_once(rig: Rig) -> None:
    made = pending(rig)
    answer = rig.client("POST", f"/organization_domains/{made['id']}/verify_manually")
    assert (answer.status, answer.json["state"], answer.json["verification_strategy"]) == (200, "verified", "manual")
    assert len(told(rig, "organization_domain.verified")) == 1
    assert rig.client("POST", f"/organization_domains/{made['id']}/verify_manually").status == 200
    assert rig.names.asked == []
    assert rig.client("POST", "/organization_domains/org_domain_none/verify_manually").status == 404


def test_a_domain_that_goes_while_it_is_looked_for_is_gone(rig: Rig) -> None:
    made = pending(rig)
    publish(rig, made)
    assert rig.client("DELETE", f"/organization_domains/{made['id']}").status == 204
    assert work(rig, minutes=1).domains_verified == 0
    assert rig.client("POST", f"/organization_domains/{made['id']}/verify").status == 404


def test_each_organization_needs_a_record_of_its_own(rig: Rig) -> None:
    first = pending(rig)
    second = pending(rig, of=organization(rig, "Other")["id"])
    publish(rig, first)
    assert work(rig, minutes=1).domains_verified == 1
    assert (shown(rig, first)["state"], shown(rig, second)["state"]) == ("verified", "pending")
    assert shown(rig, second)["verification"]["shortfall"]["code"] == "record_different"


def holders(rig: Rig, *domains: Any) -> list[bool]:
    return [shown(rig, domain)["domain_policy"] for domain in domains]


def test_of_two_organizations_that_have_proven_a_domain_one_is_meant(rig: Rig) -> None:
    first, second, third = (organization(rig, name, "acme.example") for name in ("One", "Two", "Three"))
    one, two, three = (each["domains"][0] for each in (first, second, third))
    assert holders(rig, one, two, three) == [True, False, False]
    assert [one["domain_policy"], two["domain_policy"]] == [True, False]
    taken = rig.client("POST", f"/organization_domains/{two['id']}/take_policy")
    assert (taken.status, taken.json["domain_policy"]) == (200, True)
    assert holders(rig, one, two, three) == [False, True, False]
    told_now = [(event["id"], event["domain_policy"]) for event in told(rig, "organization_domain.updated")]
    assert told_now == [(one["id"], False), (two["id"], True)]
    assert rig.client("POST", f"/organization_domains/{two['id']}/take_policy").status == 200
    assert len(told(rig, "organization_domain.updated")) == 2
    # Whoever goes hands it to the one that has had the domain for longest.
    assert rig.client("DELETE", f"/organization_domains/{two['id']}").status == 204
    assert holders(rig, one, three) == [True, False]
    assert rig.client("DELETE", f"/organizations/{first['id']}").status == 202
    assert holders(rig, three) == [True]
    assert rig.client("PUT", f"/organizations/{third['id']}", {"domains": ["else.example"]}).status == 200
    again = organization(rig, "Four", "acme.example")
    assert holders(rig, again["domains"][0]) == [True]


def test_who_has_not_proven_a_domain_cannot_be_meant_by_it(rig: Rig) -> None:
    first = organization(rig, "One", "acme.example")["domains"][0]
    second = pending(rig, of=organization(rig, "Two")["id"])
    refused = rig.client("POST", f"/organization_domains/{second['id']}/take_policy")
    assert (refused.status, refused.json["code"]) == (409, "domain_not_verified")
    assert holders(rig, first, second) == [True, False]


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("gmail.com", "domain_is_consumer"),
        ("GMAIL.com.", "domain_is_consumer"),
        ("yahoo.co.uk", "domain_is_consumer"),
        ("Outlook.de", "domain_is_consumer"),
        ("privaterelay.appleid.com", "domain_is_consumer"),
        ("co.uk", "domain_is_public"),
        ("gov.bb", "domain_is_public"),
        ("xn--55qx5d.cn", "domain_is_public"),
        ("localhost", "domain_invalid"),
        ("acme.example/", "domain_invalid"),
        ("*.acme.example", "domain_invalid"),
        ("10.0.0.1", "domain_invalid"),
    ],
)
def test_domains_that_are_nobodys(rig: Rig, domain: str, code: str) -> None:
    body = {"organization_id": organization(rig)["id"], "domain": domain}
    refused = rig.client("POST", "/organization_domains", body)
    assert refused.status == 422
    assert [error["code"] for error in refused.json["errors"]] == [code]


def test_a_round_in_one_environment_looks_for_nobody_else(rig: Rig) -> None:
    pending(rig)
    other, _ = rig.another_environment()
    rig.clock.forward(minutes=5)
    upkeep.round_(rig.house, front_door.by_worker(other), lambda: False)
    assert rig.names.asked == []
    assert work(rig).domains_verified == 0
    assert rig.names.asked == ["acme.example"]


def test_a_pause_of_the_worker_costs_nobody_their_thirty_days(rig: Rig) -> None:
    made = pending(rig)
    publish(rig, made)
    assert work(rig, days=45).domains_verified == 1
    assert shown(rig, made)["state"] == "verified"
