"""/dashboard/audit: found by filters in the address, paged, checked, and handed out as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing

from latchstring.flows import audit
from latchstring.model.operator import Role
from latchstring.storage.audit import Filter
from tests.house_for_tests import Answer, Rig
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
    with rig.house.database.write(rig.pass_) as scope:
        for number in range(audit.RECENT + 1):
            scope.note("test.noted", ("test", str(number), None))
    answer = browser.get(f"{AUDIT}?target=0")
    assert "The newest entries were checked just now" in answer.text
    everything = browser.get(link(answer, "Check every entry"))
    assert "Every entry was checked just now, from 1 on." in everything.text


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
