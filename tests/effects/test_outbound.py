"""Outbound calls against real sockets: where they may go, how long they may take, what they bring home."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from latchstring.effects.networks import is_public
from latchstring.effects.outbound import Limits, Outbound, WouldBlock
from latchstring.model.fetch import Fetch, Fetched, Purpose, Unreachable
from latchstring.protocols.oidc.published import is_sound
from tests.effects.servers import answer, serving, tls_for

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
QUICK = Limits(connect=0.5, read=0.3, total=0.6)


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def client(
    *,
    allow: Sequence[Any] = LOOPBACK,
    http: bool = True,
    resolve: Callable[[str, int], Sequence[str]] | None = None,
    limits: Limits | None = None,
    tls: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.monotonic,
    would_block: Callable[[], bool] = lambda: False,
    scope_open: Callable[[], bool] = lambda: False,
    sound: Callable[[Purpose, bytes], bool] = lambda _purpose, _body: True,
) -> Outbound:
    return Outbound(
        allow_networks=allow,
        allow_http=http,
        would_block=would_block,
        scope_open=scope_open,
        monotonic=clock,
        sound=sound,
        resolve=resolve,
        limits=limits,
        tls=tls,
    )


def get(outbound: Outbound, url: str, purpose: Purpose = Purpose.METADATA, **more: Any) -> Fetched:
    return outbound(Fetch(url=url, purpose=purpose, **more))


def refusal(outbound: Outbound, url: str, purpose: Purpose = Purpose.METADATA) -> str:
    with pytest.raises(Unreachable) as refused:
        get(outbound, url, purpose)
    return refused.value.reason


def hosts(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104 - a place to connect to, here
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:db8::1",
        "::ffff:169.254.169.254",
        "::ffff:100.64.0.1",
        "::ffff:0:10.0.0.1",  # translated (RFC 2765)
        "::127.0.0.1",  # compatible (RFC 4291, 2.5.5.1)
        "64:ff9b::169.254.169.254",
        "64:ff9b::100.64.0.1",
        "64:ff9b:1::a00:1",  # NAT64 inside a network (RFC 8215)
        "2001:0:7f00:1::",  # Teredo
        "2606:4700::5efe:10.0.0.1",  # ISATAP
        "2606:4700::200:5efe:127.0.0.1",
        "fec0::1",
        "3fff::1",
        "100::1",
        "5f00::1",
        "100.127.255.255",
        "192.88.99.1",
        "240.0.0.1",
    ],
)
def test_oidc_15_addresses_that_are_not_of_the_internet(address: str) -> None:
    guarded = client(allow=())
    literal = f"[{address}]" if ":" in address else address
    assert refusal(guarded, f"https://{literal}/") == "blocked_address"
    named = client(allow=(), resolve=hosts(address))
    assert refusal(named, "https://idp.example/") == "blocked_address"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::93.184.216.34"])
def test_oidc_15_addresses_of_the_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_oidc_15_odd_spellings_of_loopback_change_nothing() -> None:
    for host in ("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "LOCALHOST.", "localhost.localdomain"):
        assert refusal(client(allow=()), f"https://{host}/") in ("blocked_address", "dns"), host


def test_oidc_15_only_the_ports_of_the_web_outside_allowed_networks() -> None:
    for port in (22, 25, 6379, 8443):
        assert refusal(client(resolve=hosts("93.184.216.34")), f"https://idp.example:{port}/") == "blocked_address"


def test_oidc_15_an_operator_may_allow_a_network() -> None:
    with serving(answer) as port:
        assert get(client(), f"http://127.0.0.1:{port}/").status == 200
        other = (ipaddress.ip_network("10.0.0.0/8"),)
        assert refusal(client(allow=other), f"http://127.0.0.1:{port}/") == "blocked_address"


def test_oidc_15_the_name_is_looked_up_once_and_the_checked_address_is_used() -> None:
    """A name that changes its address between check and connection (DNS rebinding) gains nothing."""
    asked: list[str] = []
    seen: list[str] = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    def behave(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["host"])
        answer(handler)

    with serving(behave) as port:
        assert get(client(resolve=rebinding), f"http://idp.example:{port}/").status == 200
        assert (asked, seen) == (["idp.example"], [f"idp.example:{port}"])
        assert (
            refusal(client(resolve=hosts("10.0.0.1", "127.0.0.1"), allow=()), "https://x.example/") == "blocked_address"
        )


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example/",
        "ftp://idp.example/",
        "file:///etc/passwd",
        "gopher://idp.example/",
        "https://",
        "https:///path",
        "//idp.example/",
        "idp.example",
        "https://user:password@idp.example/",
        "https://idp.example:99999/",
        "https://idp.example/\r\nx: y",
        "https://idp.example/ x",
        "https://idp.example\\@evil.example/",
        "https://[::1",
        "https://bücher.example/",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    assert refusal(client(http=False, resolve=hosts("93.184.216.34")), url) == "bad_url"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/elsewhere", "https://evil.example/", "http://169.254.169.254/latest/"])
def test_oidc_15_redirects_are_not_followed(status: int, location: str) -> None:
    asked: list[str] = []

    def behave(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        answer(handler, status=status, location=location)

    with serving(behave) as port:
        assert refusal(client(), f"http://127.0.0.1:{port}/") == "redirect"
    assert asked == ["/"]


def test_oidc_15_no_ambient_credentials_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    seen: list[dict[str, str]] = []

    def behave(handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length") or 0)
        seen.append(
            {name.lower(): value for name, value in handler.headers.items()} | {"": handler.rfile.read(length).decode()}
        )
        answer(handler, b"answer", 400, set_cookie="a=b", x_more="1")

    with serving(behave) as port:
        found = get(
            client(),
            f"http://127.0.0.1:{port}/token?x=1",
            Purpose.TOKEN,
            body=b"code=c",
            headers={"authorization": "Basic x"},
        )
    assert (found.status, found.body, found.headers["x-more"]) == (400, b"answer", "1")
    assert seen == [
        {
            "host": f"127.0.0.1:{port}",
            "authorization": "Basic x",
            "user-agent": "latchstring",
            "accept-encoding": "identity",
            "connection": "close",
            "content-length": "6",
            "": "code=c",
        }
    ]


@pytest.mark.parametrize(("purpose", "limit"), [(Purpose.JWKS, 262_144), (Purpose.METADATA, 1_048_576)])
def test_oidc_14_size_caps(purpose: Purpose, limit: int) -> None:
    sizes = iter([limit, limit + 1])
    with serving(lambda handler: answer(handler, b"x" * next(sizes))) as port:
        outbound = client(clock=Clock())
        assert len(get(outbound, f"http://127.0.0.1:{port}/a", purpose).body) == limit
        assert refusal(outbound, f"http://127.0.0.1:{port}/b", purpose) == "too_large"


def test_endless_answers_end() -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)

    with serving(behave) as port:
        assert refusal(client(), f"http://127.0.0.1:{port}/") == "too_large"


def _silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def _dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "100")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def _dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        handler.wfile.write(f"x-{number}: y\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize("behave", [_silent, _dripping, _dripping_headers])
def test_ops_09_slow_servers_are_given_up(behave: Callable[[BaseHTTPRequestHandler], None]) -> None:
    with serving(behave) as port:
        assert refusal(client(limits=QUICK), f"http://127.0.0.1:{port}/") == "timeout"


def test_ops_09_a_handshake_that_drips_is_given_up() -> None:
    """TLS that never comes about: a record's header, then a byte now and then."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connected, _ = listening.accept()
            with connected, contextlib.suppress(OSError):
                connected.sendall(b"\x16\x03\x03\x40\x00")
                for _ in range(100):
                    connected.sendall(b"\x00")
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        port = listening.getsockname()[1]
        assert refusal(client(limits=QUICK), f"https://127.0.0.1:{port}/") == "timeout"


def _garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n")


def _compressed(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, b"\x1f\x8b", content_encoding="gzip")


def _cut_off(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, b"half", content_length="8")


@pytest.mark.parametrize("behave", [_garbage, _compressed, _cut_off])
def test_answers_that_are_none(behave: Callable[[BaseHTTPRequestHandler], None]) -> None:
    with serving(behave) as port:
        assert refusal(client(limits=QUICK), f"http://127.0.0.1:{port}/") in ("protocol", "connect")


def test_nobody_there_and_no_such_name() -> None:
    with serving(answer) as port:
        pass
    assert refusal(client(), f"http://127.0.0.1:{port}/") == "connect"

    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    assert refusal(client(resolve=unknown), "https://idp.example/") == "dns"
    assert refusal(client(resolve=hosts()), "https://idp.example/") == "dns"


def test_tls_is_verified(tmp_path: Path) -> None:
    server, trusting = tls_for("idp.example", tmp_path)
    with serving(answer, tls=server) as port:
        good = client(tls=trusting, resolve=hosts("127.0.0.1"))
        assert get(good, f"https://idp.example:{port}/").status == 200
        assert refusal(good, f"https://other.example:{port}/") == "tls"  # the certificate names another host
        assert refusal(good, f"https://127.0.0.1:{port}/") == "tls"
        unknown = client(resolve=hosts("127.0.0.1"))
        assert refusal(unknown, f"https://idp.example:{port}/") == "tls"  # nobody vouches for it
    with serving(answer) as port:
        assert refusal(client(resolve=hosts("127.0.0.1")), f"https://idp.example:{port}/") in ("tls", "connect")


def test_oidc_05_public_documents_are_kept_and_asked_for_anew_once_a_minute() -> None:
    asked: list[str] = []

    def behave(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        answer(handler, str(len(asked)).encode())

    clock = Clock()
    with serving(behave) as port:
        outbound = client(clock=clock)
        url = f"http://127.0.0.1:{port}/jwks"
        assert [get(outbound, url, Purpose.JWKS).body for _ in range(3)] == [b"1", b"1", b"1"]
        clock.at = 59.0
        assert get(outbound, url, Purpose.JWKS, fresh=True).body == b"1"  # one refresh a minute (OIDC-05)
        clock.at = 61.0
        assert get(outbound, url, Purpose.JWKS, fresh=True).body == b"2"
        clock.at = 662.0
        assert get(outbound, url, Purpose.JWKS).body == b"3"
        assert get(outbound, url, Purpose.USERINFO).body == b"3"  # the same address: the document is public
        private = f"http://127.0.0.1:{port}/userinfo"
        assert [get(outbound, private, Purpose.USERINFO).body for _ in range(2)] == [b"4", b"5"]


def _one_after_the_other(*answers: int | None) -> tuple[Callable[[BaseHTTPRequestHandler], None], list[int | None]]:
    """A server that answers with these statuses, None by hanging up, and says how many of them are left."""
    left = list(answers)

    def behave(handler: BaseHTTPRequestHandler) -> None:
        status = left.pop(0)
        if status is not None:
            answer(handler, b"good" if status == 200 else b"bad", status)

    return behave, left


DAY = 86_400.0


@pytest.mark.parametrize("purpose", [Purpose.DISCOVERY, Purpose.JWKS])
@pytest.mark.parametrize("outage", [None, 500, 503, 429, 302])
def test_oidc_14_a_copy_stands_in_for_a_server_that_is_down_for_a_week(purpose: Purpose, outage: int | None) -> None:
    clock = Clock()
    behave, left = _one_after_the_other(200, outage, outage, 200, outage, outage)
    with serving(behave) as port:
        outbound = client(clock=clock)
        url = f"http://127.0.0.1:{port}/document"
        assert get(outbound, url, purpose).body == b"good"
        clock.at = DAY  # kept for ten minutes, and so asked for again; nobody is there
        assert get(outbound, url, purpose).body == b"good"
        clock.at += 59
        assert get(outbound, url, purpose).body == b"good"
        assert len(left) == 4  # one look a minute
        clock.at += 1
        assert get(outbound, url, purpose).body == b"good"
        clock.at += 61
        assert get(outbound, url, purpose).body == b"good"  # it is back: a new week
        assert len(left) == 2
        clock.at += 7 * DAY - 1
        assert get(outbound, url, purpose).body == b"good"
        clock.at += 61
        if outage in (None, 302):
            assert refusal(outbound, url, purpose) in ("connect", "protocol", "redirect")
        else:
            assert get(outbound, url, purpose).status == outage
        assert left == []


DISCOVERY = (
    b'{"issuer": "https://op.example", "authorization_endpoint": "https://op.example/a", '
    b'"token_endpoint": "https://op.example/t", "jwks_uri": "https://op.example/j"}'
)
JWKS = b'{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}'
GARBAGE = {
    "a page": b"<!doctype html><title>We are back soon</title>",
    "nothing": b"",
    "half a file": DISCOVERY[:60],
    "a list": b"[]",
    "another service": b'{"status": "ok"}',
    "not UTF-8": b"\xff\xfe{}",
    "a member twice": b'{"keys": [], "keys": [], "issuer": "a", "issuer": "b"}',
    "keys that are none": b'{"keys": "none"}',
    "a list of words": b'{"keys": ["a"]}',
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
@pytest.mark.parametrize(("purpose", "good"), [(Purpose.DISCOVERY, DISCOVERY), (Purpose.JWKS, JWKS)])
def test_oidc_14_an_answer_that_is_no_such_document_does_not_replace_the_last_good_copy(
    purpose: Purpose, good: bytes, garbage: bytes
) -> None:
    clock, bodies = Clock(), [good, garbage, garbage, good + b"\n", garbage]
    with serving(lambda handler: answer(handler, bodies.pop(0))) as port:
        outbound = client(clock=clock, sound=is_sound)
        url = f"http://127.0.0.1:{port}/document"
        assert get(outbound, url, purpose).body == good
        clock.at = 601.0
        assert get(outbound, url, purpose).body == good
        clock.at = 660.0
        assert get(outbound, url, purpose, fresh=True).body == good
        assert len(bodies) == 3  # one look a minute
        clock.at = 662.0
        assert get(outbound, url, purpose, fresh=True).body == good
        clock.at = 723.0
        assert get(outbound, url, purpose).body == good + b"\n"  # mended: this one is kept from now on
        clock.at += 7 * DAY
        assert get(outbound, url, purpose).body == garbage  # nothing stands in for longer than a week
    assert bodies == []


def test_oidc_14_garbage_without_a_good_copy_is_seen_for_what_it_is_and_not_kept() -> None:
    bodies = [b"<html>", DISCOVERY]
    with serving(lambda handler: answer(handler, bodies.pop(0))) as port:
        outbound = client(sound=is_sound)
        url = f"http://127.0.0.1:{port}/document"
        assert [get(outbound, url, Purpose.DISCOVERY).body for _ in range(2)] == [b"<html>", DISCOVERY]


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        (Purpose.DISCOVERY, DISCOVERY.replace(b"https://op.example", b"https://evil.example")),
        (Purpose.JWKS, b'{"keys": []}'),
        (Purpose.JWKS, b'{"keys": [{"kty": "oct", "k": "AAAA"}]}'),
    ],
    ids=["another issuer", "no key any more", "a secret key"],
)
def test_oidc_14_what_the_provider_says_is_not_covered_up_by_an_older_copy(purpose: Purpose, said: bytes) -> None:
    clock = Clock()
    bodies = [DISCOVERY if purpose is Purpose.DISCOVERY else JWKS, said]
    with serving(lambda handler: answer(handler, bodies.pop(0))) as port:
        outbound = client(clock=clock, sound=is_sound)
        url = f"http://127.0.0.1:{port}/document"
        get(outbound, url, purpose)
        clock.at = 601.0
        assert get(outbound, url, purpose).body == said


def test_oidc_14_a_document_that_is_gone_is_gone() -> None:
    clock = Clock()
    behave, left = _one_after_the_other(200, 404, 503)
    with serving(behave) as port:
        outbound = client(clock=clock)
        url = f"http://127.0.0.1:{port}/document"
        assert get(outbound, url, Purpose.DISCOVERY).status == 200
        clock.at = 601.0
        assert get(outbound, url, Purpose.DISCOVERY).status == 404
        assert get(outbound, url, Purpose.DISCOVERY).status == 503
    assert left == []


def test_oidc_05_a_refresh_that_fails_counts_as_the_one_of_its_minute() -> None:
    clock = Clock()
    behave, left = _one_after_the_other(200, 503, 200)
    with serving(behave) as port:
        outbound = client(clock=clock)
        url = f"http://127.0.0.1:{port}/jwks"
        assert get(outbound, url, Purpose.JWKS).body == b"good"
        for at in (60.0, 61.0, 119.0):  # each sign-in with an unknown kid asks
            clock.at = at
            assert get(outbound, url, Purpose.JWKS, fresh=True).body == b"good"
        assert len(left) == 1
        clock.at = 120.0
        assert get(outbound, url, Purpose.JWKS, fresh=True).body == b"good"
        assert left == []


def test_failures_are_not_kept() -> None:
    statuses = iter([503, 200])
    with serving(lambda handler: answer(handler, status=next(statuses))) as port:
        outbound = client()
        url = f"http://127.0.0.1:{port}/"
        assert [get(outbound, url, Purpose.DISCOVERY).status for _ in range(2)] == [503, 200]


@pytest.mark.parametrize("status", [200, 503, None])
def test_oidc_05_many_who_ask_for_one_document_cause_one_call(status: int | None) -> None:
    """Those who wait get what the first one gets, a failure too: a dead server is not asked by each in turn."""
    asked: list[str] = []
    release, came = threading.Event(), threading.Semaphore(0)

    def behave(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        release.wait(10)
        if status is not None:
            answer(handler, status=status)

    outcomes: list[int | None] = []

    def ask(outbound: Outbound, url: str) -> None:
        came.release()
        try:
            outcomes.append(get(outbound, url, Purpose.JWKS, fresh=True).status)
        except Unreachable:
            outcomes.append(None)

    with serving(behave) as port:
        outbound = client()
        url = f"http://127.0.0.1:{port}/"
        threads = [threading.Thread(target=ask, args=(outbound, url)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert came.acquire(timeout=10)
        time.sleep(0.2)  # all of them are inside by now
        release.set()
        for thread in threads:
            thread.join()
    assert (len(asked), outcomes) == (1, [status] * 6)


def test_ops_09_one_slow_host_takes_only_so_many_threads() -> None:
    release = threading.Event()
    arrived = threading.Semaphore(0)

    def behave(handler: BaseHTTPRequestHandler) -> None:
        arrived.release()
        release.wait(10)
        answer(handler)

    with serving(behave) as port:
        outbound = client(limits=Limits(at_once=2))
        url = f"http://127.0.0.1:{port}/userinfo"
        threads = [threading.Thread(target=get, args=(outbound, url, Purpose.USERINFO)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert arrived.acquire(timeout=10)
        assert refusal(outbound, url, Purpose.USERINFO) == "busy"
        release.set()
        for thread in threads:
            thread.join()
        assert get(outbound, url, Purpose.USERINFO).status == 200


def test_nothing_is_waited_for_on_the_loop_or_inside_a_transaction() -> None:
    with pytest.raises(WouldBlock):
        get(client(would_block=lambda: True), "https://idp.example/")
    with pytest.raises(RuntimeError, match="transaction"):
        get(client(scope_open=lambda: True), "https://idp.example/")


def test_refusals_do_not_show_the_query() -> None:
    with pytest.raises(Unreachable) as refused:
        get(client(allow=()), "https://127.0.0.1/x?code=secret")
    assert "secret" not in str(refused.value) + repr(refused.value)
