"""The trace of a magic link: from the opened mail to the code, or to the refusal, with the checks of such a link."""

from __future__ import annotations

import pytest

from latchstring.flows import sign_ins, trace
from latchstring.flows.trace import Sight, Trace
from latchstring.model.operator import Role
from latchstring.model.refusal import Mender
from latchstring.model.sign_in import Outcome, Wanted
from latchstring.storage.paging import Window
from tests.house_for_tests import Rig
from tests.links_for_tests import EMAIL, mailed, make, press, send
from tests.operators_for_tests import hire, page, signed_in


def newest(rig: Rig, sight: Sight = Sight.VALUES) -> Trace:
    (found,) = sign_ins.page(rig.house, rig.pass_, Window(limit=1), Wanted()).items
    return trace.of(rig.house, rig.pass_, found.id, sight)


def results(found: Trace) -> dict[str, str]:
    return {check.name: check.result.value for moment in found.moments for check in moment.checks}


def test_a_good_link_tells_its_checks_and_how_many_mails_had_it(rig: Rig) -> None:
    session = make(rig)
    send(rig, session)
    send(rig, session)
    back = press(rig.browser(), mailed(rig))
    rig.swap(back.returned["code"])
    found = newest(rig)
    assert (found.sign_in.outcome, found.protocol, found.email) == (Outcome.GOOD, "magic_link", EMAIL)
    assert [moment.name for moment in found.moments] == ["begun", "arrived", "granted", "redeemed"]
    assert found.moments[0].label == "The person opened a mailed link"
    assert dict(found.moments[1].facts)["Mails with this link"] == "2"
    assert results(found) == dict.fromkeys(
        ("link_known", "link_in_time", "link_unused", "fields", "domains", "unused", "code"), "passed"
    )
    assert (found.request, found.response, found.kept, found.differences, found.remedy) == (None, None, False, (), None)
    assert "/passwordless/" not in repr(found), "the link itself signs in, and stands nowhere"


def test_an_expired_link_stops_at_its_time_and_its_person_can_mend_it(rig: Rig) -> None:
    session = make(rig)
    send(rig, session)
    link = mailed(rig)
    rig.clock.forward(minutes=16)
    press(rig.browser(), link)
    found = newest(rig)
    assert found.remedy is not None
    assert (found.remedy.code, found.remedy.mender) == ("magic_link_expired", Mender.USER)
    told = results(found)
    assert (told["link_known"], told["link_in_time"], told["link_unused"]) == ("passed", "failed", "not_reached")
    assert found.sign_in.connection_type == "MagicLink"


@pytest.mark.parametrize("way", ["GET", "POST"])
def test_oauth_13_a_link_to_an_address_that_was_taken_away_tells_which(rig: Rig, way: str) -> None:
    made = rig.client("POST", "/user_management/redirect_uris", {"uri": "http://localhost:3000/other"}).json
    session = make(rig, redirect_uri=made["uri"])
    rig.client("DELETE", f"/user_management/redirect_uris/{made['id']}")
    answer = rig.browser().call(way, session["link"])
    found = newest(rig)
    assert found.reference in answer.text
    (row,) = found.differences
    assert row.received == ("http://localhost:3000/other",) and row.note is not None and "path" in row.note


def test_web_14_the_page_shows_it_and_support_sees_no_address(rig: Rig) -> None:
    press(rig.browser(), make(rig)["link"])
    found = newest(rig)
    address = f"/dashboard/{rig.environment.id}/sign-ins/{found.sign_in.id}"
    text = page(signed_in(rig, hire(rig, Role.DEVELOPER)).get(address)).text
    for words in ("The person opened a mailed link", "The link has not expired", EMAIL, "Magic Link"):
        assert words in text, words
    assert EMAIL not in signed_in(rig, hire(rig, Role.SUPPORT)).get(address).text
    shared = newest(rig, Sight.SHARED)
    assert (shared.email, EMAIL in repr((shared.moments, shared.sentence))) == ("…@acme.example", False)
