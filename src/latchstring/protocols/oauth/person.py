"""Userinfo and the list of addresses: who asks for them, what they say, and all of it together -> `Assertion`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from latchstring.model.fetch import Fetch, Fetched, Purpose
from latchstring.model.profile import Assertion
from latchstring.protocols import json_object
from latchstring.protocols.attribute_lookup import texts
from latchstring.protocols.oauth.refusals import OAuthAnswerInvalid, OAuthEmailMissing, OAuthSubjectMissing
from latchstring.protocols.oauth.row import EmailCall, Provider

REMEMBERED = timedelta(minutes=15)  # the nonce, which is used once; an attempt lives for ten
_MAX_SUBJECT = 255
# Claims of an ID token itself: they say nothing about the person.
_OWN = frozenset("iss aud exp iat nbf jti nonce at_hash c_hash s_hash azp auth_time acr amr sid uti rh aio ver".split())


def userinfo_request(provider: Provider, access_token: str) -> Fetch:
    return _get(provider.userinfo_endpoint or "", provider, access_token)


def emails_request(call: EmailCall, provider: Provider, access_token: str) -> Fetch:
    return _get(call.endpoint, provider, access_token)


def read_userinfo(fetched: Fetched, *, provider: Provider) -> dict[str, Any]:
    """The claims. Raises `OAuthAnswerInvalid`."""
    found = _json(fetched, "userinfo")
    if provider.userinfo_member is not None:
        inner = found.get(provider.userinfo_member)
        if not isinstance(inner, dict):
            raise OAuthAnswerInvalid(what="userinfo", reason=f"it has no {provider.userinfo_member}")
        found = inner
    if found.get("ok") is False or "error" in found:  # Slack answers errors with 200
        raise OAuthAnswerInvalid(what="userinfo", reason="it is an error")
    return found


def read_emails(fetched: Fetched, call: EmailCall) -> tuple[str | None, bool]:
    """The one address that counts, and whether it is verified: the primary one, or else the first verified one.

    Raises `OAuthAnswerInvalid`; without the permission to ask, there is no address.
    """
    if fetched.status in (401, 403, 404):
        return None, False
    if fetched.status != 200:
        raise OAuthAnswerInvalid(what="emails", reason=f"the status is {fetched.status}")
    entries: Any
    try:
        if call.member is None:
            entries = json_object.read_list(fetched.body)
        else:
            entries = json_object.read(fetched.body).get(call.member)
    except ValueError as fault:
        raise OAuthAnswerInvalid(what="emails", reason=str(fault)) from None
    if not isinstance(entries, list):
        raise OAuthAnswerInvalid(what="emails", reason=f"it has no list of {call.member}")
    addresses = [each for each in entries if isinstance(each, dict) and isinstance(each.get("email"), str)]
    # The best one first; among equals the provider's order stays.
    addresses.sort(key=lambda each: (each.get(call.verified) is not True, each.get(call.primary) is not True))
    if not addresses:
        return None, False
    return addresses[0]["email"], addresses[0].get(call.verified) is True


def assertion(
    claims: Mapping[str, Any],
    *,
    provider: Provider,
    listed: tuple[str | None, bool] | None,
    vouched: bool,
    nonce: str,
    told: Mapping[str, str],
    now: datetime,
    passed: tuple[str, ...],
) -> Assertion:
    """What the provider said. Raises `OAuthSubjectMissing` and `OAuthEmailMissing`.

    `listed` is the answer of `read_emails`, `vouched` says that every address counts that this provider gives, and
    `told` are names that the browser brought.
    """
    subject = claims.get(provider.subject)
    if isinstance(subject, bool) or not isinstance(subject, str | int) or not str(subject).strip():
        raise OAuthSubjectMissing(claim=provider.subject)
    if len(str(subject)) > _MAX_SUBJECT:
        raise OAuthSubjectMissing(claim=provider.subject)
    email, verified = listed if listed is not None else _email(claims, provider)
    if email is None:
        raise OAuthEmailMissing(provider=provider.name, permission=provider.email_permission)
    raw = {name: value for name, value in claims.items() if name not in _OWN}
    raw |= {"email": email, **told}
    return Assertion(
        subject=str(subject),
        subject_format=None,
        attributes=texts(raw),
        friendly_names={},
        raw=raw,
        email_trusted=verified or vouched,
        email_claims=("email",),  # whatever else is mapped is nobody's word for an address
        message_id=nonce,
        valid_until=now + REMEMBERED,
        answers=nonce,
        told_once=provider.told_once,
        passed=passed,
    )


def _email(claims: Mapping[str, Any], provider: Provider) -> tuple[str | None, bool]:
    email = claims.get(provider.email)
    if not isinstance(email, str) or not email.strip():
        return None, False
    if provider.email_always_verified:
        return email, True
    said = claims.get(provider.email_verified) if provider.email_verified is not None else None
    # By type as well: in Python 1 is True.
    return email, any(type(said) is type(value) and said == value for value in provider.verified_values)


def _get(url: str, provider: Provider, access_token: str) -> Fetch:
    headers = {"accept": provider.userinfo_accept, "authorization": f"Bearer {access_token}"}
    return Fetch(url=url, purpose=Purpose.USERINFO, headers=headers)


def _json(fetched: Fetched, what: str) -> dict[str, Any]:
    if fetched.status != 200:
        raise OAuthAnswerInvalid(what=what, reason=f"the status is {fetched.status}")
    try:
        return json_object.read(fetched.body)
    except ValueError as fault:
        raise OAuthAnswerInvalid(what=what, reason=str(fault)) from None
