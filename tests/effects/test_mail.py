"""Mail against real servers: encrypted and verified, whatever else is refused; no header but ours."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest

from latchstring.effects import mail, mail_settings, randomness
from latchstring.effects.mail import MailServerFailed, RecipientRefused, Smtp
from latchstring.effects.outbound import WouldBlock
from latchstring.effects.settings import SettingsWrong, from_environment
from latchstring.model.mail import Mail
from tests.effects.mail_server import PASSWORD, USER, mail_server
from tests.effects.servers import tls_for
from tests.house_for_tests import START
from tests.real.child import free_port

SENDER = "Äcme, Inc. <sign-in@bücher.example>"
LETTER = Mail(
    to="ann@acme.example",
    subject="Sign in to Äcme",
    text="Öpen this:\n\nhttps://sso.example.com/passwordless/" + "x" * 43 + "/confirm\n",
    html="<p>Öpen this</p>",
)


def account(url: str, *, sender: str = SENDER, timeout: str = "5") -> mail_settings.MailAccount:
    found, problems = mail_settings.account(url=url, sender=sender, timeout=timeout)
    assert problems == [] and found is not None
    return found


def smtp(
    url: str,
    tls: ssl.SSLContext | None = None,
    *,
    sender: str = SENDER,
    blocks: bool = False,
    scope_open: bool = False,
    timeout: str = "5",
) -> Smtp:
    return Smtp(
        account(url, sender=sender, timeout=timeout),
        our_name="sso.example.com",
        would_block=lambda: blocks,
        scope_open=lambda: scope_open,
        now=lambda: START,
        chance=randomness.bytes_,
        tls=tls,
    )


def refused(box: Smtp, letter: Mail = LETTER) -> str:
    with pytest.raises(MailServerFailed) as caught:
        box()(letter)
    return caught.value.reason


def test_a_mail_arrives_whole_over_starttls_with_a_password(tmp_path: Path) -> None:
    ours, theirs = tls_for("localhost", tmp_path)
    with mail_server(starttls=ours, passwords=True) as server:
        smtp(f"smtp://la%3Atch:p%40ss%2Fw%3Frd@localhost:{server.port}?starttls=required", theirs)()(LETTER)
    (session,) = server.sessions
    assert session.ssl is not None and session.authenticated and session.host_name == "sso.example.com"
    (envelope,) = server.came
    assert (envelope.mail_from, envelope.rcpt_tos) == ("sign-in@xn--bcher-kva.example", ["ann@acme.example"])
    (message,) = server.messages
    assert message["From"] == '"Äcme, Inc." <sign-in@xn--bcher-kva.example>'
    assert (message["To"], message["Subject"]) == ("ann@acme.example", "Sign in to Äcme")
    assert message["Date"].datetime == START.replace(microsecond=0)
    assert message["Message-ID"].endswith("@xn--bcher-kva.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and plain.get_content().replace("\r\n", "\n") == LETTER.text
    assert html is not None and html.get_content().strip() == LETTER.html
    assert set(message.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")
    }


def test_a_mail_arrives_over_tls_from_the_first_byte(tmp_path: Path) -> None:
    ours, theirs = tls_for("localhost", tmp_path)
    with mail_server(implicit=ours) as server:
        smtp(f"smtps://localhost:{server.port}", theirs)()(LETTER)
    assert len(server.came) == 1


def test_without_tls_only_where_somebody_wrote_so() -> None:
    with mail_server() as server:
        smtp(f"smtp://localhost:{server.port}?starttls=never")()(LETTER)
        assert len(server.came) == 1
        assert refused(smtp(f"smtp://localhost:{server.port}")) == "starttls"
    assert len(server.came) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_of_another_name_or_of_nobody_we_trust(tmp_path: Path, scheme: str, trusted: bool) -> None:
    ours, theirs = tls_for("elsewhere.example" if trusted else "localhost", tmp_path)
    options: dict[str, Any] = {"starttls": ours} if scheme == "smtp" else {"implicit": ours}
    with mail_server(**options) as server:
        assert refused(smtp(f"{scheme}://localhost:{server.port}", theirs if trusted else None)) == "tls"
    assert server.came == []


def test_a_wrong_password(tmp_path: Path) -> None:
    ours, theirs = tls_for("localhost", tmp_path)
    with mail_server(starttls=ours, passwords=True) as server:
        wrong = smtp(f"smtp://{USER.replace(':', '%3A')}:wrong@localhost:{server.port}", theirs)
        assert refused(wrong) == "credentials"
        assert refused(smtp(f"smtp://localhost:{server.port}", theirs)) in ("sender", "answer")  # none at all
    assert server.came == [] and PASSWORD != "wrong"


def test_a_password_for_a_server_that_asks_for_none(tmp_path: Path) -> None:
    ours, theirs = tls_for("localhost", tmp_path)
    with mail_server(starttls=ours) as server:
        assert refused(smtp(f"smtp://user:password@localhost:{server.port}", theirs)) == "credentials"
    assert server.came == []


def test_a_recipient_that_is_refused_for_good_or_for_now() -> None:
    with mail_server() as server:
        box = smtp(f"smtp://localhost:{server.port}?starttls=never")
        server.recipient_answer = "550 5.1.1 No such user here"
        with pytest.raises(RecipientRefused):
            box()(LETTER)
        server.recipient_answer = "451 4.7.1 Greylisted"
        assert refused(box) == "later"
        server.recipient_answer = "250 OK"
        server.data_answer = "554 5.7.1 Spam"
        assert refused(box) == "answer"
        server.data_answer = "452 4.3.1 Full"
        assert refused(box) == "later"
    assert server.came == []


def test_letters_before_the_at_sign_need_a_server_that_writes_them() -> None:
    letter = Mail(to="änn@bücher.example", subject="s", text="t", html="h")
    with mail_server(utf8=True) as server:
        smtp(f"smtp://localhost:{server.port}?starttls=never", sender="x@acme.example")()(letter)
        assert server.came[0].rcpt_tos == ["änn@xn--bcher-kva.example"]
        assert server.messages[0]["To"] == "änn@xn--bcher-kva.example"
    with mail_server() as server, pytest.raises(RecipientRefused):
        smtp(f"smtp://localhost:{server.port}?starttls=never")()(letter)


@contextmanager
def peculiar(*says: bytes) -> Iterator[int]:
    """A server that says these lines, whatever it is told, and goes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            with listening.accept()[0] as connection:
                for line in says:
                    connection.sendall(line)
                    connection.recv(4096)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def test_a_server_that_is_dead_or_talks_nonsense() -> None:
    assert refused(smtp(f"smtp://127.0.0.1:{free_port()}")) == "connect"
    assert refused(smtp("smtp://nowhere.invalid")) == "dns"
    with peculiar() as port:
        assert refused(smtp(f"smtp://127.0.0.1:{port}")) == "answer"
    with peculiar(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert refused(smtp(f"smtp://127.0.0.1:{port}")) in ("answer", "connect")
    with peculiar(b"421 Try later\r\n") as port:
        assert refused(smtp(f"smtp://127.0.0.1:{port}")) == "later"
    with peculiar(b"220 hi\r\n", b"250-hi\r\n250 STARTTLS\r\n", b"454 no TLS today\r\n") as port:
        assert refused(smtp(f"smtp://127.0.0.1:{port}")) in ("later", "starttls", "answer")
    with peculiar(b"220 hi\r\n", b"250-hi\r\n250 STARTTLS\r\n", b"220 go\r\n250 injected\r\n") as port:
        assert refused(smtp(f"smtp://127.0.0.1:{port}")) in ("tls", "answer")
    with peculiar(b"220 hi\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n") as port:  # somebody on the way took STARTTLS out
        assert refused(smtp(f"smtp://user:password@127.0.0.1:{port}")) == "starttls"


def test_a_server_that_says_nothing_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert refused(smtp(f"smtp://127.0.0.1:{listening.getsockname()[1]}", timeout="1")) == "timeout"


@pytest.mark.parametrize(
    "address",
    [
        "ann@acme.example\r\nBcc: joe@evil.example",
        "ann@acme.example>\r\nRCPT TO:<joe@x.example",
        "ann@a.example\n.b",
    ],
)
def test_an_address_becomes_no_header_and_no_command(address: str) -> None:
    with mail_server() as server, pytest.raises(Exception, match="not one plain e-mail address"):
        smtp(f"smtp://localhost:{server.port}?starttls=never")()(Mail(to=address, subject="s", text="t", html="h"))
    assert server.came == []


def test_a_subject_becomes_no_header() -> None:
    with pytest.raises(ValueError, match=r"linefeed|carriage return"):
        mail.written(
            Mail(to="ann@acme.example", subject="s\r\nBcc: joe@evil.example", text="t", html="h"),
            Address(addr_spec="x@acme.example"),
            now=START,
            message_id="m",
        )


def test_nothing_is_waited_for_on_the_event_loop_or_inside_a_transaction() -> None:
    with pytest.raises(WouldBlock):
        smtp("smtp://127.0.0.1:1", blocks=True)()
    with pytest.raises(RuntimeError, match="transaction"):
        smtp("smtp://127.0.0.1:1", scope_open=True)()(LETTER)


# -- settings

GOOD = [
    ("smtp://mail.example.com", ("mail.example.com", 587, "starttls", None)),
    ("smtp://mail.example.com:25/?starttls=required", ("mail.example.com", 25, "starttls", None)),
    ("smtps://u:p@mail.example.com", ("mail.example.com", 465, "implicit", "u")),
    ("smtp://u%40acme.example:p@mail.example.com", ("mail.example.com", 587, "starttls", "u@acme.example")),
    ("smtp://localhost:25?starttls=never", ("localhost", 25, "none", None)),
    ("smtp://u:p@127.0.0.1:25?starttls=never", ("127.0.0.1", 25, "none", "u")),
    ("smtp://relay.internal:25?starttls=never", ("relay.internal", 25, "none", None)),
    ("smtp://[2001:db8::1]:2525", ("2001:db8::1", 2525, "starttls", None)),
]


@pytest.mark.parametrize(("url", "expected"), GOOD, ids=[url for url, _ in GOOD])
def test_a_mail_server_is_named_by_its_url(url: str, expected: tuple[str, int, str, str | None]) -> None:
    found = account(url)
    assert (found.host, found.port, found.tls, found.user) == expected
    assert "p" not in repr(found.password) or repr(found.password) == "Secret(***)"


BAD = [
    "mail.example.com",
    "http://mail.example.com",
    "smtp://",
    "smtp:///mail",
    "smtp://mail.example.com/path",
    "smtp://mail.example.com:0",
    "smtp://mail.example.com:99999",
    "smtp://user@mail.example.com",
    "smtp://:password@mail.example.com",
    "smtp://u:p@mail.example.com?starttls=never",
    "smtp://mail.example.com?starttls=maybe",
    "smtp://mail.example.com?starttls=never&starttls=required",
    "smtp://mail.example.com?tls=off",
    "smtps://mail.example.com?starttls=never",
    "smtp://u:p%0d%0aRSET@mail.example.com",
    "smtp://mail.example.com#x",
    "smtp://u:pa/ss@mail.example.com",
]


@pytest.mark.parametrize("url", BAD)
def test_nonsense_for_a_mail_server_is_refused_at_the_start(url: str) -> None:
    found, problems = mail_settings.account(url=url, sender="x@acme.example", timeout="")
    assert found is None and len(problems) >= 1
    assert all("LATCHSTRING_SMTP_URL" in problem for problem in problems)


@pytest.mark.parametrize("sender", ["x", "x@", "a@b.example, c@d.example", "x@acme.example\r\nBcc: y@z.example", "<>"])
def test_nonsense_for_a_sender_is_refused_at_the_start(sender: str) -> None:
    found, problems = mail_settings.account(url="smtp://mail.example.com", sender=sender, timeout="")
    assert found is None and any("LATCHSTRING_MAIL_FROM" in problem for problem in problems)


@pytest.mark.parametrize("timeout", ["0", "61", "x", "-1", "1.5"])
def test_nonsense_for_a_timeout_is_refused_at_the_start(timeout: str) -> None:
    found, problems = mail_settings.account(url="smtp://mail.example.com", sender="x@acme.example", timeout=timeout)
    assert found is None and any("LATCHSTRING_SMTP_TIMEOUT" in problem for problem in problems)


def test_all_of_it_or_nothing() -> None:
    needed = {
        "LATCHSTRING_BASE_URL": "https://sso.example.com",
        "LATCHSTRING_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
        "LATCHSTRING_DATABASE_URL": "sqlite:////tmp/nothing.db",
    }
    assert from_environment(needed).mail is None
    url, sender = {"LATCHSTRING_SMTP_URL": "smtp://mail.example.com"}, {"LATCHSTRING_MAIL_FROM": "x@acme.example"}
    found = from_environment({**needed, **url, **sender}).mail
    assert found is not None and str(found.sender) == "x@acme.example"
    for some, missing in ((url, "LATCHSTRING_MAIL_FROM"), (sender, "LATCHSTRING_SMTP_URL")):
        with pytest.raises(SettingsWrong) as caught:
            from_environment({**needed, **some})
        assert len(caught.value.problems) == 1 and missing in caught.value.problems[0]
