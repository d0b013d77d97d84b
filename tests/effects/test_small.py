"""Ids in order, logs without secrets, key pairs that fit, chance that is chance."""

from __future__ import annotations

import io
import json
import logging
import threading
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from latchstring.effects import clock, keys, log, randomness
from latchstring.effects.sequence import IdSequence
from latchstring.model.secret import Secret
from tests.house_for_tests import START


def test_ids_rise_within_a_millisecond_and_across_threads() -> None:
    sequence = IdSequence(randomness.bytes_)
    found: list[str] = [sequence("x", START) for _ in range(1000)]
    assert found == sorted(set(found))
    lock = threading.Lock()

    def take() -> None:
        for _ in range(200):
            with lock:
                found.append(sequence("x", START))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == sorted(set(found))
    assert sequence("x", START + timedelta(milliseconds=1)) > found[-1]


def test_ids_cannot_be_guessed_from_the_one_before() -> None:
    sequence = IdSequence(randomness.bytes_)
    steps = {int(b[-8:], 32) - int(a[-8:], 32) for a, b in ((_hex(sequence), _hex(sequence)) for _ in range(50))}
    assert len(steps) > 40


def _hex(sequence: IdSequence) -> str:
    """The end of an id in digits that `int` knows."""
    crockford, plain = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUV"
    return sequence("x", START)[-12:].translate(str.maketrans(crockford, plain))


def test_ops_03_secrets_are_not_logged() -> None:
    stream = io.StringIO()
    log.set_up(level=logging.INFO, stream=stream)
    try:
        journal = log.logger("test")
        journal.info(
            "said",
            client_secret="needle",
            access_token="needle",
            Authorization="needle",
            SAMLResponse="needle",
            cookie="needle",
            sealed=Secret("needle"),
            path="/sso/token",
        )
        try:
            needle = "needle"  # noqa: F841 - a local variable, as a traceback would show it
            raise ValueError("broken")
        except ValueError:
            journal.error("failed", exc_info=True)
    finally:
        log.set_up(level=logging.WARNING)
    text = stream.getvalue()
    assert "needle" not in text
    said, failed = map(json.loads, text.splitlines())
    assert (said["path"], said["client_secret"], said["room"]) == ("/sso/token", "***", "test")
    assert failed["exception"][0]["exc_type"] == "ValueError"


def test_key_pairs() -> None:
    certificate, key = keys.rsa_pair("somebody" * 20, START)
    parsed = x509.load_pem_x509_certificate(certificate.encode())
    private = serialization.load_pem_private_key(key.encode(), None)
    assert parsed.public_key() == private.public_key()
    assert parsed.not_valid_before_utc < START < parsed.not_valid_after_utc


def test_the_clock_knows_its_zone() -> None:
    assert clock.now().utcoffset() == timedelta(0)
