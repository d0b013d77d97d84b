"""The list of sign-ins and the trace of each: found, told, and shown to nobody who may not see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from latchstring.model.operator import Role
from latchstring.web.kit import endpoint as kit
from tests.house_for_tests import Browser, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.operators_for_tests import hire, page, signed_in
from tests.web.html import Element


def somebody(rig: Rig, role: Role) -> Browser:
    return signed_in(rig, hire(rig, role))


def wrong_audience(idp: SamlIdp) -> dict[str, Any]:
    return {"audience": idp.connection["saml_options"]["sp_entity_id"] + "/"}


@pytest.fixture
def tried(rig: Rig) -> SamlIdp:
    """A good one, a minute later a refused one, and one that is under way."""
    idp = saml_idp(rig, None)
    rig.swap(idp.sign_in(rig.browser()).returned["code"])
    rig.clock.forward(minutes=1)
    idp.sign_in(rig.browser(), **wrong_audience(idp))
    rig.clock.forward(minutes=1)
    idp.depart(rig.browser())
    return idp


def place(rig: Rig, tail: str = "") -> str:
    return f"/dashboard/{rig.environment.id}/sign-ins{tail}"


def rows(shown: Element) -> list[Element]:
    return [row for row in shown.every("tr") if row.every("td")]


def links(shown: Element) -> list[str]:
    return [row.every("th")[0].one("a").attributes["href"] for row in rows(shown)]


def test_an_empty_list_says_what_to_do_next(rig: Rig) -> None:
    text = page(somebody(rig, Role.SUPPORT).get(place(rig))).text
    assert "Nothing yet. Run a test" in text


def test_every_sign_in_stands_in_the_list_and_filters_stand_in_the_address(rig: Rig, tried: SamlIdp) -> None:
    browser = somebody(rig, Role.DEVELOPER)
    texts = [row.text for row in rows(page(browser.get(place(rig))))]
    assert ["under way" in texts[0], "audience_mismatch" in texts[1], "signed in" in texts[2]] == [True] * 3
    for query, count in (
        ("outcome=refused", 1),
        ("email=ANN%40acme.example", 2),
        ("code=audience_mismatch", 1),
        (f"connection={tried.connection['id']}", 3),
        (f"organization={tried.organization['id']}&outcome=good", 1),
        ("organization=org_other", 0),
        ("since=2026-11-23&until=2026-11-23", 3),
        ("since=2026-11-24", 0),
    ):
        assert len(rows(page(browser.get(place(rig, f"?{query}"))))) == count, query
    wrong = browser.get(place(rig, "?since=yesterday&email=a"))
    assert wrong.status == 422 and "This is not a date" in wrong.text and 'value="yesterday"' in wrong.text


def test_a_list_goes_on_page_by_page(rig: Rig) -> None:
    idp = saml_idp(rig)
    for _ in range(27):
        idp.depart(rig.browser())
        rig.clock.forward(seconds=1)
    browser = somebody(rig, Role.SUPPORT)
    first = page(browser.get(place(rig)))
    (older,) = [link.attributes["href"] for link in first.every("a") if link.text == "Older"]
    second = page(browser.get(older))
    assert (len(links(first)), len(links(second))) == (25, 2)
    (newer,) = [link.attributes["href"] for link in second.every("a") if link.text == "Newer"]
    assert links(page(browser.get(newer))) == links(first)


def test_a_reference_leads_to_its_trace_from_the_list_and_from_anywhere(rig: Rig, tried: SamlIdp) -> None:
    browser = somebody(rig, Role.SUPPORT)
    (_, row, _) = rows(page(browser.get(place(rig))))
    link = row.every("th")[0].one("a")
    for way in (place(rig, f"?named={link.text.lower()}"), f"/dashboard/sign-ins/{link.text}"):
        answer = browser.get(way)
        assert (answer.status, answer.location) == (302, link.attributes["href"])
    assert browser.get(place(rig, "?named=5KQ2B-M8DXA")).status == 422
    assert browser.get("/dashboard/sign-ins/5KQ2B-M8DXA").status == 404


def test_the_trace_alone_tells_what_to_change(rig: Rig, tried: SamlIdp) -> None:
    browser = somebody(rig, Role.DEVELOPER)
    (_, url, _) = links(page(browser.get(place(rig))))
    answer = browser.get(url)
    shown = page(answer)
    expected = tried.connection["saml_options"]["sp_entity_id"]
    for words in (
        "The assertion is meant for another application.",
        expected + "/",
        "too many at the end",
        "the IT team of the organization",
        "Not reached:",
        "ann@acme.example",
        "<saml:Audience>",
    ):
        assert words in shown.text, words
    assert "/errors/audience_mismatch" in {link.attributes["href"] for link in shown.every("a")}
    letter = shown.one("code", id="letter").text
    assert "should be: " + expected in letter and "but is: " + expected + "/" in letter and "What to do:" in letter
    assert "ann@acme.example" not in letter


def test_a_trace_and_its_letter_are_in_the_language_of_the_page(rig: Rig, tried: SamlIdp) -> None:
    browser = somebody(rig, Role.DEVELOPER)
    (_, url, _) = links(page(browser.get(place(rig))))
    browser.post("/language", {"language": "de", "back": "/dashboard"})
    shown = page(browser.get(url))
    expected = tried.connection["saml_options"]["sp_entity_id"]
    letter = shown.one("code", id="letter").text
    for words in (
        "Die Assertion ist für eine andere Anwendung gedacht.",  # the refusal, which was kept in English
        "Am Ende steht ein „/“ zu viel.",
        "soll sein: " + expected,
        "Was zu tun ist:",
    ):
        assert words in letter
    assert "What" not in letter and "The " not in letter
    assert "Die Assertion ist für eine andere Anwendung gedacht." in shown.one("main").text


def test_a_good_sign_in_has_a_trace_and_nothing_to_mend(rig: Rig, tried: SamlIdp) -> None:
    browser = somebody(rig, Role.DEVELOPER)
    (*_, url) = links(page(browser.get(place(rig))))
    text = page(browser.get(url)).text
    assert "the application has the profile" in text and "How to mend it" not in text and "Message for" not in text


def test_web_14_support_sees_no_values_and_gets_no_answer(rig: Rig, tried: SamlIdp) -> None:
    browser = somebody(rig, Role.SUPPORT)
    listed = browser.get(place(rig))
    (_, url, good) = links(page(listed))
    assert "a…@acme.example" in listed.text and "ann@acme.example" not in listed.text
    for way in (url, good):
        answer = browser.get(way)
        assert answer.status == 200 and "ann@acme.example" not in answer.text and "(hidden)" in answer.text
        assert "Download" not in answer.text
        assert browser.get(f"{way}/raw").status == 403


def test_a_developer_downloads_the_answer_as_it_came(rig: Rig, tried: SamlIdp) -> None:
    browser = somebody(rig, Role.DEVELOPER)
    (under_way, url, _) = links(page(browser.get(place(rig))))
    answer = browser.get(f"{url}/raw")
    assert answer.body.startswith(b"<samlp:Response") and b"<ds:SignatureValue>" in answer.body
    assert answer.header("content-type") == "application/octet-stream"
    assert (answer.header("content-disposition") or "").startswith("attachment; filename=")
    assert browser.get(f"{under_way}/raw").status == 404
    oidc_idp(rig).sign_in(rig.browser())
    url = links(page(browser.get(place(rig))))[0]
    assert json.loads(browser.get(f"{url}/raw").body)["id_token"]["claims"]["email"] == "ann@acme.example"


def test_a_trace_of_another_environment_is_not_found(rig: Rig, tried: SamlIdp) -> None:
    other, _ = rig.another_environment()
    browser = somebody(rig, Role.DEVELOPER)
    (_, url, _) = links(page(browser.get(place(rig))))
    elsewhere = url.replace(rig.environment.id, other.id)
    assert browser.get(elsewhere).status == browser.get(f"{elsewhere}/raw").status == 404


def test_web_09_what_a_provider_sends_is_text_on_the_page(rig: Rig) -> None:
    idp = saml_idp(rig)
    evil = "<script>alert(1)</script>%(x)s"
    idp.sign_in(rig.browser(), attributes={"id": (evil,), "email": (evil,), evil: (evil,)})
    rig.clock.forward(seconds=1)
    idp.sign_in(rig.browser(), audience=f"https://x/{evil}")
    browser = somebody(rig, Role.DEVELOPER)
    for url in links(page(browser.get(place(rig)))):
        answer = browser.get(url)
        assert answer.status == 200 and "<script>alert" not in answer.text and "alert(1)" in answer.text


# As they happen


async def listened(rig: Rig, browser: Browser, path: str, then: Callable[[], object], until: bytes) -> list[bytes]:
    """Opens the stream, does something, hangs up when `until` was said; everything that was said."""
    said: list[dict[str, Any]] = []
    heard, gone = asyncio.Event(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(dict(message))
        if until in message.get("body", b""):
            heard.set()

    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    raw, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": raw,
        "query_string": query.encode(),
        "headers": [(b"cookie", cookie.encode()), (b"accept", b"text/event-stream")],
        "client": ("203.0.113.7", 50000),
    }
    open_ = asyncio.create_task(rig.endpoint(scope, receive, send))
    while len(said) < 2:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(then)
    async with asyncio.timeout(20):
        await heard.wait()
        gone.set()
        await open_
    assert said[0]["status"] == 200 and not any(name == b"content-length" for name, _ in said[0]["headers"])
    assert said[-1].get("more_body") is None
    return [message["body"] for message in said[1:]]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "PAUSE", 0.02)


def test_a_new_sign_in_appears_by_itself_and_only_where_it_belongs(rig: Rig, quick: None) -> None:
    idp = saml_idp(rig)
    browser = somebody(rig, Role.SUPPORT)
    path = place(rig, "/live?outcome=refused")

    def tried() -> None:
        idp.sign_in(rig.browser())
        rig.clock.forward(seconds=1)
        idp.sign_in(rig.browser(), **wrong_audience(idp))

    first, *rest = asyncio.run(listened(rig, browser, path, tried, b"audience"))
    told = b"".join(rest).decode()
    assert first == b"retry: 3000\n\n"
    assert told.count("data: <tr") == 1 and "a…@acme.example" in told and "ann@" not in told
    assert all(line.startswith("data: ") for line in told.splitlines() if line)


def test_a_stream_ends_when_the_server_stops(rig: Rig, quick: None) -> None:
    browser = somebody(rig, Role.SUPPORT)
    with pytest.raises(TimeoutError):  # it goes on ...
        asyncio.run(asyncio.wait_for(listened(rig, browser, place(rig, "/live"), lambda: None, b"never"), 0.5))
    said = asyncio.run(listened(rig, browser, place(rig, "/live"), rig.endpoint.stop, b""))
    assert said == [b"retry: 3000\n\n", b""]  # ... until it is told


def test_there_are_only_so_many_streams_and_a_page_is_none(
    rig: Rig, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = somebody(rig, Role.SUPPORT)
    answer = browser.get(place(rig, "/live"))
    assert (answer.status, answer.body) == (200, b"retry: 3000\n\n")  # whoever only looks does not wait
    monkeypatch.setattr(kit, "MAX_STREAMS", 0)
    answer = browser.get(place(rig, "/live"), accept="text/event-stream")
    assert (answer.status, answer.body, answer.header("retry-after")) == (503, b"", "10")
