"""Two server processes on one database, over real sockets: a code is good once, also if one of them is killed."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain

import httpx
import pytest

from latchstring.effects import clock
from tests.house_for_tests import BASE, Rig
from tests.idp_for_tests import SamlIdp, saml_idp
from tests.links_for_tests import make, send
from tests.real.child import BIN, Child, free_port

Outcome = tuple[int, str]  # status, and the access token or the error; (0, "") where the connection broke


@contextmanager
def node(rig: Rig) -> Iterator[tuple[Child, str]]:
    """A server of its own on the rig's database, and its address."""
    port = free_port()
    env = {
        "LATCHSTRING_BASE_URL": BASE,
        "LATCHSTRING_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
        "LATCHSTRING_DATABASE_URL": f"sqlite:///{rig.folder / 'house.db'}",
    }
    with Child([BIN / "latchstring", "serve", "--port", str(port)], env=env) as child:
        child.wait_for_port(port)
        yield child, f"http://127.0.0.1:{port}"


@pytest.fixture
def idp(rig: Rig) -> SamlIdp:
    rig.clock.at = clock.now()  # the servers have the machine's clock
    return saml_idp(rig)


def codes(idp: SamlIdp, count: int) -> list[str]:
    return [idp.sign_in(idp.rig.browser()).returned["code"] for _ in range(count)]


def fields(rig: Rig, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": rig.environment.client_id,
        "client_secret": rig.key.secret.reveal(),
        "code": code,
    }


async def redeem(client: httpx.AsyncClient, url: str, form: Mapping[str, str], key: str | None = None) -> Outcome:
    headers = {"Idempotency-Key": key} if key else {}
    try:
        answer = await client.post(f"{url}/sso/token", data=dict(form), headers=headers)
        document = answer.json()
    except (httpx.TransportError, ValueError):
        return 0, ""
    return answer.status_code, document.get("access_token") or document["error"]


def client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    return httpx.AsyncClient(timeout=60, limits=limits, trust_env=False)


def test_oauth_05_a_thousand_redemptions_on_two_nodes_succeed_once(rig: Rig, idp: SamlIdp) -> None:
    (code,) = codes(idp, 1)

    async def storm(urls: list[str]) -> tuple[list[Outcome], int]:
        async with client() as http:
            numbers = iter(range(1000))

            async def one_after_the_other() -> list[Outcome]:
                return [await redeem(http, urls[number % 2], fields(rig, code)) for number in numbers]

            outcomes = list(chain(*await asyncio.gather(*(one_after_the_other() for _ in range(64)))))
            (token,) = [said for status, said in outcomes if status == 200]
            asked = await http.get(f"{urls[0]}/sso/profile", headers={"Authorization": f"Bearer {token}"})
            return outcomes, asked.status_code

    with node(rig) as (one, first), node(rig) as (two, second):
        outcomes, profile = asyncio.run(storm([first, second]))
        story = one.story() + two.story()
    token = next(said for status, said in outcomes if status == 200)
    assert Counter(status for status, _ in outcomes) == {200: 1, 400: 999}
    assert {said for status, said in outcomes if status == 400} == {"invalid_grant"}
    assert profile == 401  # whoever it was that came first
    assert story.count('"code":"invalid_grant"') + story.count('"code": "invalid_grant"') == 999
    for secret in (code, token, rig.key.secret.reveal()):
        assert secret not in story


def test_oauth_05_one_lost_answer_asked_for_on_two_nodes_at_once_is_one_answer(rig: Rig, idp: SamlIdp) -> None:
    (code,) = codes(idp, 1)

    async def storm(urls: list[str]) -> list[Outcome]:
        async with client() as http:
            return await asyncio.gather(
                *(redeem(http, urls[number % 2], fields(rig, code), "retry-1") for number in range(100))
            )

    with node(rig) as (_, first), node(rig) as (_, second):
        outcomes = asyncio.run(storm([first, second]))
    assert {status for status, _ in outcomes} == {200}
    assert len({token for _, token in outcomes}) == 1


@pytest.mark.parametrize("answers_before_the_kill", [0, 1, 7, 23])
def test_oauth_05_a_server_killed_between_redemption_and_answer_leaves_no_code_that_is_good_twice(
    rig: Rig, idp: SamlIdp, answers_before_the_kill: int
) -> None:
    many: list[str] = []

    async def until_killed(child: Child, url: str) -> list[Outcome]:
        done = 0

        async def one(http: httpx.AsyncClient, code: str) -> Outcome:
            nonlocal done
            outcome = await redeem(http, url, fields(rig, code), code)
            done += 1
            if done > answers_before_the_kill:
                child.kill()
            return outcome

        async with client() as http:
            tasks = [asyncio.create_task(one(http, code)) for code in many]
            if answers_before_the_kill == 0:
                await asyncio.sleep(0.005)  # some requests are on their way, some in the making
                child.kill()
            return await asyncio.gather(*tasks)

    async def afterwards(url: str, keyed: bool) -> list[Outcome]:
        async with client() as http:
            return [await redeem(http, url, fields(rig, code), code if keyed else None) for code in many]

    for _ in range(5):  # a server that had answered everybody by then shows nothing: once more
        many[:] = codes(idp, 40)
        with node(rig) as (child, url):
            before = asyncio.run(until_killed(child, url))
        if any(status == 0 for status, _ in before):
            break
    with node(rig) as (_, url):
        retried = asyncio.run(afterwards(url, keyed=True))
        stolen = asyncio.run(afterwards(url, keyed=False))
    assert any(status == 0 for status, _ in before), "nothing was cut off"
    for first, second, third in zip(before, retried, stolen, strict=True):
        assert first[0] in (0, 200)
        assert second[0] == 200  # the SDK's retry gets what was lost, or redeems what was not
        assert first[0] == 0 or first == second
        assert third == (400, "invalid_grant")


def test_a_magic_link_on_two_nodes_signs_in_once(rig: Rig) -> None:
    rig.clock.at = clock.now()
    sessions = [make(rig) for _ in range(5)]
    for session in sessions:
        send(rig, session)
    mails = [found for kept in rig.house.kept_mail() for found in re.findall(r"http\S+/confirm", kept.mail.text)]
    links = [(session["link"], mailed) for session, mailed in zip(sessions, reversed(mails), strict=True)]

    async def press(http: httpx.AsyncClient, url: str, link: str) -> str:
        answer = await http.post(url + link.removeprefix(BASE), follow_redirects=False)
        assert answer.status_code == 302, answer.text
        return "code" if "?code=" in answer.headers["location"] else "error"

    async def storm(urls: list[str]) -> list[list[str]]:
        async with client() as http:
            return [
                await asyncio.gather(*(press(http, urls[number % 2], pair[number // 2 % 2]) for number in range(32)))
                for pair in links
            ]

    with node(rig) as (_, one), node(rig) as (_, other):
        outcomes = asyncio.run(storm([one, other]))
    assert [Counter(outcome) for outcome in outcomes] == [Counter(code=1, error=31)] * len(links)
