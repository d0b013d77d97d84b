"""TXT records as a real name server tells them: several strings, aliases, long answers, silence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import pytest

from latchstring.effects.dns import Resolver
from latchstring.effects.outbound import WouldBlock
from latchstring.model.dns import DnsUnanswered, TxtRecords
from tests.effects.names import Respond, name_server, zone

ZONE = zone(
    {
        "acme.example.": [("TXT", '"v=spf1 -all"'), ("TXT", '"prefix=" "token"')],
        "bare.example.": [("A", "")],
        "alias.example.": [("CNAME", "gone.hosting.example.")],
        "gone.hosting.example.": [("TXT", '"prefix=token"')],
        "busy.example.": [("TXT", f'"{number:03d}{"x" * 200}"') for number in range(30)],
        "xn--mnchen-3ya.example.": [("TXT", r'"caf\195\169"')],
    }
)


@contextmanager
def resolver(respond: Respond = ZONE, *, seconds: float = 5.0) -> Iterator[Resolver]:
    with name_server(respond) as port:
        yield Resolver(
            servers=[("127.0.0.1", port)], would_block=lambda: False, scope_open=lambda: False, seconds=seconds
        )


def test_the_strings_of_a_record_belong_together() -> None:
    with resolver() as ask:
        found = ask("acme.example")
        assert sorted(found.texts) == ["prefix=token", "v=spf1 -all"]
        assert found.exists and found.alias is None
        assert ask("xn--mnchen-3ya.example").texts == ("café",)


def test_a_name_without_texts_and_a_name_that_is_not_there() -> None:
    with resolver() as ask:
        assert ask("bare.example") == TxtRecords()
        assert ask("nowhere.example") == TxtRecords(exists=False)


def test_nobody_speaks_for_an_alias() -> None:
    with resolver() as ask:
        assert ask("alias.example") == TxtRecords(alias="gone.hosting.example")
        assert ask("gone.hosting.example").texts == ("prefix=token",)


def test_an_answer_too_long_for_a_datagram_comes_over_tcp() -> None:
    with resolver() as ask:
        assert len(ask("busy.example").texts) == 30


def test_silence_is_a_refusal_that_can_be_tried_again() -> None:
    with resolver(lambda _question: None, seconds=0.4) as ask, pytest.raises(DnsUnanswered) as refused:
        ask("acme.example")
    assert (refused.value.reason, refused.value.name, refused.value.retryable) == ("timeout", "acme.example", True)


def test_servers_that_fail() -> None:
    def failing(question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.set_rcode(dns.rcode.SERVFAIL)
        return answer

    with resolver(failing, seconds=1.0) as ask, pytest.raises(DnsUnanswered) as refused:
        ask("acme.example")
    assert refused.value.reason in ("servers", "timeout")


def test_what_is_no_name_is_not_asked_for() -> None:
    with resolver() as ask, pytest.raises(DnsUnanswered) as refused:
        ask("a" * 64 + ".example")
    assert refused.value.reason == "name"


def test_never_on_the_event_loop_and_never_inside_a_transaction() -> None:
    with pytest.raises(WouldBlock):
        Resolver(servers=(), would_block=lambda: True, scope_open=lambda: False)("acme.example")
    with pytest.raises(RuntimeError):
        Resolver(servers=(), would_block=lambda: False, scope_open=lambda: True)("acme.example")
