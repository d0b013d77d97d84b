"""Tokens and token answers that are not what they should look like: OIDC-17."""

from __future__ import annotations

import json
from typing import Any

from latchstring.attacks.oidc import jose
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Answer, Behaviour, Facts, Token

_MALFORMED, _INVALID = "id_token_malformed", "token_answer_invalid"
_HUGE = 300_000  # bytes
_LONG = 70_000  # bytes; over 64 KiB in a token
_DEEP = 40


def _row(name: str, tries: str, refused: str, **behaviour: Any) -> Row:
    return Row(
        name=f"oidc-{name}", requirement="OIDC-17", tries=tries, refused=refused, behaviour=Behaviour(**behaviour)
    )


def _token(name: str, tries: str, **token: Any) -> Row:
    return _row(name, tries, _MALFORMED, token=Token(**token))


def _answered(name: str, tries: str, refused: str, answer: Answer) -> Row:
    return _row(name, tries, refused, answers={"/token": lambda _: answer})


def _given(name: str, tries: str, id_token: Any) -> Row:
    return _row(name, tries, "id_token_missing", token_answer={"id_token": id_token})


def _twice(member: str, value: str) -> Any:
    """The member once more, before the good one: many readers take the last, some the first."""
    return lambda raw: b"{" + json.dumps(member).encode() + b": " + json.dumps(value).encode() + b", " + raw[1:]


def _padded(token: str, _facts: Facts) -> str:
    return token + "=" * (-len(token.rpartition(".")[2]) % 4 or 4)


def _loose_end(token: str, _facts: Facts) -> str:
    """The last character of the signature with bits set that carry nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) + 1]


def _loose_claims(token: str, facts: Facts) -> str:
    """The same in the claims, signed as they are then written."""
    header, claims, _ = token.split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    signed = f"{header}.{claims[:-1]}{letters[letters.index(claims[-1]) + 1]}"
    return f"{signed}.{jose.encoded(jose.by('rsa', 'RS256')(signed.encode(), facts))}"


def _to_length(raw: bytes) -> bytes:
    """With blanks until its base64url has a loose end."""
    return raw + b" " * (1 - len(raw) % 3 if len(raw) % 3 <= 1 else 2)


def _standard_alphabet(token: str, _facts: Facts) -> str:
    return token.replace("-", "+").replace("_", "/")


def _as_json(token: str, _facts: Facts) -> str:
    """The JSON serialization (RFC 7515, 7.2), in a string."""
    header, claims, signature = token.split(".")
    return json.dumps({"payload": claims, "signatures": [{"protected": header, "signature": signature}]})


def _nested(raw: bytes) -> bytes:
    return raw[:-1] + b', "deep": ' + b"[" * _DEEP + b"]" * _DEEP + b"}"


def _nested_twice(raw: bytes) -> bytes:
    return raw[:-1] + b', "address": [{"a": 1, "a": 2}]}'


ROWS = (
    _token("header-alg-twice", "alg none and RS256 in one header", header_bytes=_twice("alg", "none")),
    _token("claims-sub-twice", "two subjects", claims_bytes=_twice("sub", "admin")),
    _token("claims-sub-twice-escaped", "two subjects, one spelt with an escape",
           claims_bytes=lambda raw: b'{"\\u0073ub": "admin", ' + raw[1:]),
    _token("claims-nested-twice", "a member twice, deep inside", claims_bytes=_nested_twice),
    _token("claims-email-twice", "two addresses", claims_bytes=_twice("email", "admin@other.example")),
    _token("claims-nested-too-deeply", "40 lists in each other", claims_bytes=_nested),
    _token("claims-a-million-brackets", "what ends a recursive reader",
           claims_bytes=lambda raw: raw[:-1] + b', "deep": ' + b"[" * 40_000 + b"}"),
    _token("claims-with-comment", "a comment", claims_bytes=lambda raw: b"/* sub: admin */" + raw),
    _token("claims-trailing-comma", "a comma too many", claims_bytes=lambda raw: raw[:-1] + b",}"),
    _token("claims-no-object", "a list of claims", claims_bytes=lambda raw: b"[" + raw + b"]"),
    _token("claims-not-utf8", "bytes that are no text", claims_bytes=lambda raw: raw.replace(b"Ann", b"\xff\xfe")),
    _token("claims-half-a-character", "a lone surrogate", claims={"name": "\ud800"}),
    _token("claims-with-bom", "a byte order mark first", claims_bytes=lambda raw: b"\xef\xbb\xbf" + raw),
    _token("claims-utf16", "the claims in UTF-16", claims_bytes=lambda raw: raw.decode().encode("utf-16")),
    _token("claims-more-after-them", "a second object after the first", claims_bytes=lambda raw: raw + b"{}"),
    _token("token-over-64-kib", "70 kB of claims", claims={"padding": "x" * _LONG}),
    _token("token-padded", "base64 padding", rewrite=_padded),
    _token("token-loose-end", "bits that carry nothing, in the claims", claims_bytes=_to_length, rewrite=_loose_claims),
    _token("token-standard-alphabet", "+ and / for - and _", claims={"name": "ÿ~?>ÿÿ?"}, rewrite=_standard_alphabet),
    _token("token-with-blank", "a blank before it", rewrite=lambda token, _: " " + token),
    _token("token-with-newline", "a newline after it", rewrite=lambda token, _: token + "\n"),
    _token("token-four-parts", "one part more", rewrite=lambda token, _: token + ".AAAA"),
    _token("token-as-json", "the JSON serialization", rewrite=_as_json),
    _token("token-empty", "an empty string", rewrite=lambda _token, _: ""),
    _given("token-missing", "no ID token", ABSENT),
    _given("token-null", "null", None),
    _given("token-list", "a list", ["a.b.c"]),
    _given("token-number", "a number", 1),
    _answered("token-answer-html", "a page", _INVALID, Answer(body=b"<html>", content_type="text/html")),
    _answered("token-answer-array", "a list", _INVALID, Answer(body=b"[]")),
    _answered("token-answer-twice", "id_token twice", _INVALID,
              Answer(body=b'{"id_token": "a.b.c", "id_token": "d.e.f"}')),
    _answered("token-answer-cut", "half an answer", _INVALID, Answer(body=b'{"id_token": "a.b')),
    _answered("token-answer-huge", "300 kB", "idp_unreachable", Answer(body=b" " * _HUGE)),
    _answered("token-answer-compressed", "gzip, which nobody asked for", "idp_unreachable",
              Answer(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})),
    _answered("token-answer-no-http", "not HTTP at all", "idp_unreachable", Answer(raw=b"SSH-2.0-OpenSSH_9.9\r\n")),
    _answered("token-answer-nothing", "a closed line", "idp_unreachable", Answer(raw=b"")),
    _answered("token-answer-too-short", "less than its length says", "idp_unreachable",
              Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}")),
    _answered("token-answer-bad-chunks", "chunks that are none", "idp_unreachable",
              Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}")),
    _answered("token-answer-many-headers", "300 header lines", "idp_unreachable",
              Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n{}")),
    _answered("token-answer-long-header", "a header of 200 kB", "idp_unreachable",
              Answer(raw=b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n{}")),
    _row("access-token-with-line-break", "a header of the provider's in our call to userinfo", "idp_unreachable",
         token_answer={"access_token": "x\r\nX-Forged: 1"}),
    _answered("token-answer-500", "a server error with a page", "token_endpoint_refused",
              Answer(status=500, body=b"<html>", content_type="text/html")),
    _answered("token-answer-error-in-200", "an error under status 200", "token_endpoint_refused",
              Answer(body=b'{"error": "server_error", "id_token": "a.b.c"}')),
    _answered("token-answer-401", "it does not know us", "oidc_client_authentication_failed",
              Answer(status=401, body=b'{"error": "invalid_client"}')),
)  # fmt: skip
