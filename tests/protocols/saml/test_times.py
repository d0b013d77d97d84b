"""Clocks: each window to its edge, the age of an answer, and how an instant may be written (SAML-30, 31)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from latchstring.protocols.saml import refusals, response, xml
from tests.protocols.saml.answers import EXPECTED, NOW, answer, read, swap

SKEW = timedelta(seconds=60)
TICK = timedelta(milliseconds=1)  # the smallest that `xml.shown` writes
SHOWN = xml.shown(NOW)
END = xml.shown(NOW + timedelta(minutes=5))


def data_end(moment: datetime) -> dict[str, Any]:
    return {
        "in_assertion": swap(f'NotOnOrAfter="{END}"/></saml:Sub', f'NotOnOrAfter="{xml.shown(moment)}"/></saml:Sub')
    }


def conditions_end(moment: datetime) -> dict[str, Any]:
    return {"in_assertion": swap(f'NotOnOrAfter="{END}"><saml:A', f'NotOnOrAfter="{xml.shown(moment)}"><saml:A')}


def conditions_start(moment: datetime) -> dict[str, Any]:
    return {"in_assertion": swap(f'NotBefore="{SHOWN}"', f'NotBefore="{xml.shown(moment)}"')}


def session_end(moment: datetime) -> dict[str, Any]:
    return {"session_lifetime": moment - NOW}


def assertion_issued(moment: datetime) -> dict[str, Any]:
    return {"in_assertion": swap(f'IssueInstant="{SHOWN}"', f'IssueInstant="{xml.shown(moment)}"')}


def response_issued(moment: datetime) -> dict[str, Any]:
    old, new = f'IssueInstant="{SHOWN}" Destination', f'IssueInstant="{xml.shown(moment)}" Destination'
    return {"in_response": swap(old, new)}


# What is moved; how far from now it is just good; the tick that is too much; the refusal and its check.
Edge = tuple[Callable[[datetime], dict[str, Any]], timedelta, timedelta, type[refusals.SamlRefused], str]
EDGES: dict[str, Edge] = {
    "confirmation-end": (data_end, TICK - SKEW, -TICK, refusals.AssertionExpired, "bearer_is_in_time"),
    "conditions-end": (conditions_end, TICK - SKEW, -TICK, refusals.AssertionExpired, "conditions_hold"),
    "conditions-start": (conditions_start, SKEW, TICK, refusals.AssertionNotYetValid, "conditions_hold"),
    "session-end": (session_end, TICK - SKEW, -TICK, refusals.AssertionExpired, "somebody_signed_in"),
    "assertion-in-future": (assertion_issued, SKEW, TICK, refusals.AssertionNotYetValid, "issued_just_now"),
    "response-in-future": (response_issued, SKEW, TICK, refusals.AssertionNotYetValid, "issued_just_now"),
    "assertion-too-old": (assertion_issued, -response.MAX_AGE, -TICK, refusals.ResponseTooOld, "issued_just_now"),
    "response-too-old": (response_issued, -response.MAX_AGE, -TICK, refusals.ResponseTooOld, "issued_just_now"),
}


@pytest.mark.parametrize("row", EDGES)
def test_saml_30_31_each_window_ends_exactly_where_it_should(row: str) -> None:
    moved, good, tick, kind, check = EDGES[row]
    assert read(answer(**moved(NOW + good))).subject == "ann"
    for beyond in (tick, timedelta(seconds=1) * (1 if tick > timedelta(0) else -1)):
        with pytest.raises(kind) as caught:
            read(answer(**moved(NOW + good + beyond)))
        assert caught.value.check == check


@pytest.mark.parametrize(
    ("asked", "counted"), [(0, 0), (60, 60), (299, 299), (300, 300), (301, 300), (86_400, 300)], ids=str
)
def test_saml_30_the_skew_of_a_connection_counts_up_to_five_minutes(asked: int, counted: int) -> None:
    expected = msgspec.structs.replace(EXPECTED, clock_skew=timedelta(seconds=asked))
    edge = NOW + timedelta(minutes=5, seconds=counted)
    assert read(answer(), expected=expected, now=edge - TICK).subject == "ann"
    with pytest.raises(refusals.AssertionExpired) as caught:
        read(answer(), expected=expected, now=edge)
    assert caught.value.facts == {
        "element": "SubjectConfirmationData",
        "not_on_or_after": NOW + timedelta(minutes=5),
        "now": edge,
    }


def test_saml_31_an_old_answer_is_refused_whatever_its_conditions_allow() -> None:
    document = answer(lifetime=timedelta(days=365))
    assert read(document, now=NOW + response.MAX_AGE).subject == "ann"
    with pytest.raises(refusals.ResponseTooOld) as caught:
        read(document, now=NOW + response.MAX_AGE + timedelta(seconds=1))
    assert caught.value.issued == NOW


def test_saml_30_all_authn_statements_must_still_hold() -> None:
    ended = f'<saml:AuthnStatement SessionNotOnOrAfter="{xml.shown(NOW - timedelta(hours=1))}"/>'
    with pytest.raises(refusals.AssertionExpired) as caught:
        read(answer(in_assertion=swap("<saml:AuthnStatement ", f"{ended}<saml:AuthnStatement ")))
    assert caught.value.element == "AuthnStatement"


PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "confirmation": lambda text: {"in_assertion": swap(f'"{END}"/></saml:Sub', f'"{text}"/></saml:Sub')},
    "conditions-end": lambda text: {"in_assertion": swap(f'"{END}"><saml:A', f'"{text}"><saml:A')},
    "conditions-start": lambda text: {"in_assertion": swap(f'NotBefore="{SHOWN}"', f'NotBefore="{text}"')},
    "assertion": lambda text: {"in_assertion": swap(f'IssueInstant="{SHOWN}"', f'IssueInstant="{text}"')},
    "response": lambda text: {"in_response": swap(f'"{SHOWN}" Destination', f'"{text}" Destination')},
    "session": lambda text: {
        "in_assertion": swap("<saml:AuthnStatement ", f'<saml:AuthnStatement SessionNotOnOrAfter="{text}" ')
    },
}


@pytest.mark.parametrize("garbage", ["never", "2026-03-04", "2999-12-31T23:59:59Z then"])
@pytest.mark.parametrize("place", PLACES)
def test_saml_30_a_time_that_is_none_is_refused_wherever_it_stands(place: str, garbage: str) -> None:
    with pytest.raises(refusals.TimeInvalid) as caught:
        read(answer(**PLACES[place](garbage)))
    assert caught.value.received == garbage


@pytest.mark.parametrize("element", ["assertion", "response"])
def test_saml_31_a_missing_issue_instant_is_refused(element: str) -> None:
    spoilt: dict[str, Any] = {f"in_{element}": lambda text: text.replace(f' IssueInstant="{SHOWN}"', "", 1)}
    with pytest.raises(refusals.TimeInvalid):
        read(answer(**spoilt))


INSTANTS = {
    "2026-03-04T05:06:07Z": NOW,
    "2026-03-04T05:06:07": NOW,  # without a zone it is UTC
    "2026-03-04T05:06:07.5Z": NOW + timedelta(milliseconds=500),
    "2026-03-04T05:06:07.1234567Z": NOW + timedelta(microseconds=123_456),  # .NET writes seven digits
    "2026-03-04T05:06:07.123456789123Z": NOW + timedelta(microseconds=123_456),
    "2026-03-04T07:06:07+02:00": NOW,
    "2026-03-03T23:36:07-05:30": NOW,
    "2026-03-04T19:06:07+14:00": NOW,
    "2026-03-04T05:06:07-00:00": NOW,
    "\n 2026-03-04T05:06:07Z\t": NOW,
    "2024-02-29T00:00:00Z": datetime(2024, 2, 29, tzinfo=UTC),
    "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
}


@pytest.mark.parametrize("text", INSTANTS, ids=lambda text: text.strip())
def test_saml_30_an_instant_in_each_spelling(text: str) -> None:
    assert xml.instant(text) == INSTANTS[text]
    assert xml.instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0",
        "now",
        "1772600767",
        "2026-03-04 05:06:07Z",
        "2026-03-04t05:06:07z",
        "2026-3-4T05:06:07Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-03-04T25:00:00Z",
        "2026-03-04T05:60:00Z",
        "2026-03-04T05:06:61Z",
        "2026-03-04T05:06:07.Z",
        "2026-03-04T05:06:07,5Z",
        "2026-03-04T05:06:07ZZ",
        "2026-03-04T05:06:07+2:00",
        "2026-03-04T05:06:07+15:00",
        "2026-03-04T05:06:07+01:60",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "10000-01-01T00:00:00Z",
        "-2026-03-04T05:06:07Z",
        "2026-03-04T05:06:07Z\x00",
        "２０２６-03-04T05:06:07Z",
        "2026-03-04T05:06:07Z\u00a0",
    ],
)
def test_saml_30_what_is_not_an_instant_is_refused(text: str) -> None:
    with pytest.raises(refusals.TimeInvalid):
        xml.instant(text)


@pytest.mark.parametrize("microseconds", [0, 1, 999, 1_000, 999_999])
def test_an_instant_is_written_to_the_millisecond_and_read_again(microseconds: int) -> None:
    moment = NOW + timedelta(microseconds=microseconds)
    assert xml.instant(xml.shown(moment)) == moment - timedelta(microseconds=microseconds % 1_000)
