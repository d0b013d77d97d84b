"""What comes beside the token: userinfo (OIDC-10), addresses (OIDC-16) and errors (OIDC-19)."""

from __future__ import annotations

from typing import Any

from latchstring.attacks.oidc import jose, journeys
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Answer, Behaviour, Token

_SUBJECT, _INVALID = "userinfo_subject_mismatch", "userinfo_invalid"
_EMAIL, _UNVERIFIED, _OUTSIDE = "email_invalid", "email_unverified", "email_outside_organization"
_HUGE = 300_000  # bytes
_MARKUP = "<script>alert(1)</script>"


def _userinfo(name: str, tries: str, refused: str, **userinfo: Any) -> Row:
    return _row(name, "OIDC-10", tries, refused, userinfo=userinfo)


def _answered(name: str, tries: str, refused: str, answer: Answer) -> Row:
    return _row(name, "OIDC-10", tries, refused, answers={"/userinfo": lambda _: answer})


def _claims(name: str, tries: str, refused: str, **claims: Any) -> Row:
    return _row(name, "OIDC-16", tries, refused, token=Token(claims=claims))


def _row(name: str, requirement: str, tries: str, refused: str, **behaviour: Any) -> Row:
    return Row(
        name=f"oidc-{name}",
        requirement=requirement,
        tries=tries,
        refused=refused,
        behaviour=Behaviour(**behaviour),
    )


def _error(name: str, tries: str, refused: str, **callback: Any) -> Row:
    return Row(
        name=f"oidc-{name}",
        requirement="OIDC-19",
        tries=tries,
        refused=refused,
        behaviour=Behaviour(callback={"code": ABSENT, **callback}),
        journey=journeys.without_an_echo("alert(1)"),
        at_most={"/token": 0},
    )


ROWS = (
    _userinfo("userinfo-of-another", "somebody else's", _SUBJECT, sub="admin"),
    _userinfo("userinfo-without-sub", "nobody's", _SUBJECT, sub=ABSENT),
    _userinfo("userinfo-sub-list", "a list with the right one", _SUBJECT, sub=["subject"]),
    _userinfo("userinfo-sub-upper-case", "the right one in other case", _SUBJECT, sub="SUBJECT"),
    _userinfo("userinfo-sub-with-blank", "the right one and a blank", _SUBJECT, sub="subject "),
    _answered("userinfo-sub-twice", "two subjects", _INVALID, Answer(body=b'{"sub": "admin", "sub": "subject"}')),
    _answered("userinfo-html", "a page", _INVALID, Answer(body=b"<html>", content_type="text/html")),
    _answered("userinfo-array", "a list", _INVALID, Answer(body=b'[{"sub": "subject"}]')),
    _answered("userinfo-500", "a server error", _INVALID, Answer(status=500, body=b'{"sub": "subject"}')),
    _answered("userinfo-unsigned-jwt", "an unsigned JWT", "userinfo_token_invalid",
              Answer(body=f"{jose.encoded({'alg': 'none'})}.{jose.encoded({'sub': 'subject'})}.".encode(),
                     content_type="application/jwt")),
    _answered("userinfo-huge", "300 kB", "idp_unreachable", Answer(body=b" " * _HUGE)),
    _claims("email-unverified", "an address that the provider never checked", _UNVERIFIED, email_verified=False),
    _claims("email-verified-string", "verified: 'true', a string", _UNVERIFIED, email_verified="true"),
    _claims("email-verified-number", "verified: 1", _UNVERIFIED, email_verified=1),
    _claims("email-verified-null", "verified: null", _UNVERIFIED, email_verified=None),
    _row("email-verified-by-userinfo", "OIDC-16", "unverified in the token, verified in userinfo", _UNVERIFIED,
         token=Token(claims={"email_verified": False}), userinfo={"email_verified": True}),
    _row("email-only-in-userinfo", "OIDC-16", "an address in userinfo alone, of another domain", _OUTSIDE,
         token=Token(claims={"email": ABSENT}), userinfo={"email": "admin@other.example", "email_verified": True}),
    _row("email-unverified-by-userinfo", "OIDC-16", "not said in the token, unverified in userinfo", _UNVERIFIED,
         token=Token(claims={"email_verified": ABSENT}), userinfo={"email_verified": False}),
    _row("email-verified-beside-none", "OIDC-16", "a signed 'verified' without an address, which userinfo brings",
         _UNVERIFIED, token=Token(claims={"email": ABSENT}),
         userinfo={"email": lambda it: f"ann@{it.domain}", "email_verified": False}),
    _claims("email-outside", "an address of another domain", _OUTSIDE, email="admin@other.example"),
    _claims("email-subdomain", "a subdomain of ours", _OUTSIDE, email=lambda it: f"admin@x.{it.domain}"),
    _claims("email-longer-domain", "our domain and more", _OUTSIDE,
            email=lambda it: f"admin@{it.domain}.other.example"),
    _claims("email-two-at-signs", "two at signs", _EMAIL, email=lambda it: f"admin@other.example@{it.domain}"),
    _claims("email-with-comment", "a comment in it", _EMAIL, email=lambda it: f"admin@other.example(@{it.domain})"),
    _claims("email-quoted", "a quoted local part", _EMAIL, email=lambda it: f'"admin@other.example"@{it.domain}'),
    _claims("email-two-addresses", "two in one string", _EMAIL,
            email=lambda it: f"admin@other.example, ann@{it.domain}"),
    _claims("email-kelvin-sign", "a K that is a unit, in our domain", _EMAIL,
            email=lambda it: f"ann@{it.domain.replace('k', chr(0x212A))}"),
    _claims("email-other-alphabet", "an a of another alphabet, in our domain", _OUTSIDE,
            email=lambda it: f"ann@{it.domain.replace('a', chr(0x0430))}"),
    _claims("email-in-other-case", "a claim named Email, no email", _OUTSIDE, email=ABSENT,
            Email="admin@other.example"),
    _claims("email-object", "an object with an address", "attributes_missing",
            email=lambda it: {"address": f"ann@{it.domain}"}),
    _claims("email-list", "two in a list, ours first", _OUTSIDE,
            email=lambda it: [f"ann@{it.domain}", "admin@other.example"]),
    _claims("email-missing", "no address", "attributes_missing", email=ABSENT),
    _error("error-denied-with-markup", "markup in the description", "provider_denied", error="access_denied",
           error_description=_MARKUP),
    _error("error-unknown-with-markup", "markup in the error itself", "provider_error", error=_MARKUP),
    _error("error-with-line-break", "a header in the description", "provider_error", error="server_error",
           error_description="x\r\nSet-Cookie: a=alert(1)"),
    _error("error-without-state", "markup, and no sign-in that it belongs to", "answer_unknown", error=_MARKUP,
           error_description=_MARKUP, state=ABSENT),
    _error("error-beside-a-code", "an error and a code", "provider_error", error="server_error", code="a code"),
    _error("error-uri", "an address to go to", "provider_error", error="server_error",
           error_uri="https://other.example/?alert(1)"),
)  # fmt: skip
