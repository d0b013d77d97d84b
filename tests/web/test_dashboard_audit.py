"""/dashboard/audit: found by filters in the address, paged, checked, and handed out as JSON and CSV."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import datetime

import pytest

from latchstring.app import application
from latchstring.effects.settings import Settings
from latchstring.flows import audit, audit_check
from latchstring.model.operator import Role
from latchstring.model.secret import Secret
from latchstring.protocols.audit_chain import AuditChainBroken
from latchstring.storage.audit import Filter
from latchstring.web.kit.endpoint import inline
from tests.house_for_tests import BASE, Answer, Rig, called
from tests.operators_for_tests import hire, page, signed_in

AUDIT = "/dashboard/audit"


def link(answer: Answer, words: str) -> str:
    """Where the link with these words leads."""
    (found,) = [each for each in page(answer).every("a") if each.text == words]
    return found.attributes["href"]


def rows(answer: Answer) -> list[str]:
    """The entries, in one line each."""
    return [" ".join(each.text.split()) for each in page(answer).every("tr")[1:]]


def test_i5_an_administrator_sees_who_changed_what(rig: Rig) -> None:
    ann = hire(rig)
    browser = signed_in(rig, ann)
    made = rig.client("POST", "/organizations", {"name": "Acme"}).json
    rig.client("PUT", f"/organizations/{made['id']}", {"name": "Acme <b>& Sons"})
    answer = browser.get(AUDIT)
    newest = rows(answer)[0]
    assert "organization.updated" in newest and "Acme <b>& Sons" in newest and rig.key.key.id in newest
    assert "name from Acme → to Acme <b>& Sons" in newest and "203.0.113.7" in newest
    count = len(list(audit.export(rig.house, Filter())))
    assert f"Unbroken up to entry {count}" in answer.text and "Every entry was checked" in answer.text
    support = hire(rig, Role.SUPPORT)
    developer = hire(rig, Role.DEVELOPER)
    for somebody in (support, developer):
        theirs = signed_in(rig, somebody)
        assert theirs.get(AUDIT).status == theirs.get(f"{AUDIT}/export").status == 403
        assert AUDIT not in theirs.get("/dashboard").text
    assert rig.browser().get(AUDIT).status == 302


def test_i5_filters_stand_in_the_address_and_pages_keep_them(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    for number in range(30):
        rig.client("POST", "/organizations", {"name": f"Acme {number}"})
    filtered = f"{AUDIT}?action=organization.created&actor=key%3A{rig.key.key.id}"
    first = browser.get(filtered)
    assert len(rows(first)) == 25 and "Acme 29" in first.text and "Acme 4<" not in first.text
    older = link(first, "Older")
    second = browser.get(older)
    assert len(rows(second)) == 5 and "Acme 4<" in second.text
    newer = link(second, "Newer")
    assert rows(browser.get(newer)) == rows(first)
    assert "Nothing found" in browser.get(f"{AUDIT}?target=nobody").text
    assert "Acme 29" in browser.get(f"{AUDIT}?since=2026-11-23&until=2026-11-23").text
    assert "Nothing found" in browser.get(f"{AUDIT}?until=2026-11-22").text
    wrong = browser.get(f"{AUDIT}?since=soon&until=0000-99-99&older=x&newer=9999999999999999999")
    assert wrong.status == 422 and wrong.text.count("Give a day such as 2026-01-31.") == 2
    for far in ("0001-01-01", "9999-12-31"):
        assert browser.get(f"{AUDIT}?since={far}&until={far}").status == 200


def test_i5_what_was_changed_from_outside_is_said_on_the_page(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_entries_stay")
        connection.execute("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 3")
    answer = browser.get(AUDIT)
    assert answer.status == 200 and "entry 3 is not what it was" in answer.text
    assert "Unbroken" not in answer.text


def test_i5_the_newest_entries_are_checked_at_each_look_and_all_of_them_on_demand(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    note(rig, audit.RECENT + 1)
    answer = browser.get(f"{AUDIT}?target=0")
    assert "The newest entries were checked just now" in answer.text
    everything = browser.get(link(answer, "Check every entry"))
    assert "Every entry was checked just now, from 1 on." in everything.text
    assert page(everything).one("progress").attributes["value"] == page(everything).one("progress").attributes["max"]


def test_i5_a_long_log_is_checked_stretch_by_stretch(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(rig, hire(rig))
    monkeypatch.setattr(audit_check, "STRETCH", 25)
    monkeypatch.setattr(audit_check, "SLICE", 10)
    note(rig, 60 - len(list(audit.export(rig.house, Filter()))))
    first = browser.get(f"{AUDIT}/check")
    assert "Unbroken from entry 1 to 25" in first.text and "35 more entries wait." in first.text
    second = browser.get(link(first, "Check the next ones"))
    assert "Unbroken from entry 26 to 50" in second.text and "25 of 60" not in second.text
    note(rig, 3)
    last = browser.get(link(second, "Check the next ones"))
    assert "Unbroken up to entry 63" in last.text and "The entries from 51 on were checked" in last.text
    for nowhere in ("63", "64", "0", "x", "999999999999999999"):  # those of a log that begins here
        assert "Unbroken from entry 1 to 25" in browser.get(f"{AUDIT}/check?after={nowhere}").text
    rig.clock.forward(hours=1)
    audit.prune(rig.house, rig.clock.now())
    pruned = browser.get(f"{AUDIT}/check?after=25")
    assert "Unbroken up to entry 64" in pruned.text and "from 64 on" in pruned.text


@pytest.mark.parametrize(
    ("tamper", "finding"),
    [
        ("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 44", "entry 44 is not what it was"),
        ("DELETE FROM audit_entries WHERE sequence = 44", "entry 44 is missing"),
        ("DELETE FROM audit_entries WHERE sequence BETWEEN 40 AND 55", "entry 40 is missing"),
        ("DELETE FROM audit_entries WHERE sequence > 57", "entry 58 is missing"),
        ("DELETE FROM audit_entries WHERE sequence = 25", "entry 25 is missing"),
    ],
)
def test_i5_no_slice_hides_what_was_changed_from_outside(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, tamper: str, finding: str
) -> None:
    hire(rig)
    monkeypatch.setattr(audit_check, "SLICE", 10)
    note(rig, 60 - len(list(audit.export(rig.house, Filter()))))
    assert audit_check.check(rig.house).at_the_end
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection, connection:
        for trigger in ("stay", "remain"):
            connection.execute(f"DROP TRIGGER audit_entries_{trigger}")
        connection.execute(tamper)
    for after in (None, 25):
        with pytest.raises(AuditChainBroken) as met:
            audit_check.check(rig.house, after)
        assert met.value.facts["finding"] == finding


def test_i5_a_sign_in_does_not_wait_for_a_check(rig: Rig) -> None:
    """The check stands still, in a thread of its own, until somebody else has got their answer."""
    answered, order = threading.Event(), list[str]()

    def now() -> datetime:
        if not inline.active:
            assert answered.wait(60), "nobody was served meanwhile"
        return rig.clock.now()

    browser = signed_in(rig, hire(rig))
    settings = Settings(base_url=BASE, database=rig.folder / "house.db", secret_key=Secret("x" * 40), development=True)
    endpoint = application(settings, replace(rig.house, now=now))
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    async def ask(url: str) -> Answer:
        answer = await called(endpoint, "GET", url, headers={"cookie": cookies, "accept": "text/html"})
        order.append(url)
        answered.set()
        return answer

    async def both() -> tuple[Answer, Answer]:
        return await asyncio.gather(ask(f"{AUDIT}/check"), ask("/dashboard/sign-in"))

    checked, served = asyncio.run(both())
    assert order == ["/dashboard/sign-in", f"{AUDIT}/check"]
    assert served.status == 302 and "Unbroken up to entry" in checked.text


def note(rig: Rig, count: int) -> None:
    with rig.house.database.write(rig.pass_) as scope:
        for number in range(count):
            scope.note("test.noted", ("test", str(number), None))


def test_i5_exports_hold_what_the_filters_say_and_no_formula(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", 'plain, with "quotes"'):
        rig.client("POST", "/organizations", {"name": name})
    query = f"actor=key%3A{rig.key.key.id}"
    exported = browser.get(f"{AUDIT}/export?{query}")
    assert exported.header("content-disposition") == 'attachment; filename="audit.json"'
    found = json.loads(exported.text)
    assert found == json.loads(json.dumps(found)) and len(found) == 6
    assert {"sequence", "at", "actor", "action", "changes", "hash", "previous_hash"} <= found[0].keys()
    assert {"field": "name", "from": None, "to": "=1+1"} in found[-1]["changes"]
    table = browser.get(f"{AUDIT}/export?{query}&format=csv")
    assert (table.header("content-type"), table.header("content-disposition")) == (
        "text/csv; charset=utf-8",
        'attachment; filename="audit.csv"',
    )
    names = [row["target_name"] for row in csv.DictReader(io.StringIO(table.text))]
    assert names[1:] == ["'=1" if "\t" in name else name for name in ["'\t=1", "'@SUM(A1)", "'-1", "'+1", "'=1+1"]]
    assert names[0] == 'plain, with "quotes"'
    assert json.loads(browser.get(f"{AUDIT}/export?target=nobody").text) == []
