"""/try and its callback: state in a cookie, the code swapped for the profile, and the story told."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from latchstring.flows import connections, environments, organizations, redeem, sign_ins
from latchstring.flows.house import House
from latchstring.flows.redeem import TokenRequest
from latchstring.model import ids
from latchstring.model.attempt import LoginAttempt
from latchstring.model.environment import Environment, EnvironmentKind, Pass
from latchstring.model.refusal import GrantRefused, Mender, NotFound, UntrustedRequest
from latchstring.storage import front_door
from latchstring.web.demo import snippets
from latchstring.web.kit import caller, decode, pages, shapes, words
from latchstring.web.kit.language import _, later
from latchstring.web.kit.message import Header, Reply, cookie, redirect
from latchstring.web.kit.route import Ask

_COOKIE = "latchstring_try"
_STATE_SECONDS = 600


class NothingToTry(UntrustedRequest):
    """There is no staging environment with a Test Organization to try a sign-in with."""

    code = "nothing_to_try"
    mender = Mender.DEVELOPER
    fix = "Start `latchstring dev` with an empty `--data` folder, or sign in through an application of your own."


def home(house: House, ask: Ask) -> Reply:
    return redirect("/try")


def start(house: House, ask: Ask) -> Reply:
    environment, pass_ = _environment(house)
    state = urlsafe_b64encode(house.chance(16)).rstrip(b"=").decode()
    query = {
        "client_id": environment.client_id,
        "organization": ids.TEST_ORGANIZATION,
        "redirect_uri": f"{house.base_url}/callback",
        "response_type": "code",
        "state": state,
    }
    return pages.render(
        house,
        "try.html",
        headers=(_remember(state, _STATE_SECONDS),),
        organization_name=organizations.get(house, pass_, ids.TEST_ORGANIZATION).name,
        start_url=f"{house.base_url}/sso/authorize?{urlencode(query)}",
        portal_url=_portal(house, pass_),
    )


def callback(house: House, ask: Ask) -> Reply:
    environment, pass_ = _environment(house)
    sent = decode.singles(decode.pairs(ask.inbound.query))
    if "error" in sent:
        return _failed(house, sent)
    expected = ask.inbound.cookies().get(_COOKIE, "")
    unasked = "state" not in sent  # good only if the sign-in began at the identity provider
    if not unasked and not (expected and compare_digest(expected.encode(), sent["state"].encode())):
        return _mismatch(house)
    request = TokenRequest(grant_type="authorization_code", client_id=environment.client_id, code=sent.get("code"))
    try:
        redeemed = redeem.redeem_for(house, pass_, request, idempotency_key=None, visitor=caller.visitor(ask.inbound))
    except GrantRefused as refusal:
        return _explained(house, refusal.code, f"{words.message(refusal)} {words.fix(refusal)}")
    attempt = sign_ins.find(house, pass_, redeemed.attempt_id).attempt
    if unasked and not attempt.idp_initiated:
        return _mismatch(house)
    profile = shapes.profile(redeemed.profile)
    return pages.render(
        house,
        "try_result.html",
        headers=(_remember("", 0),),
        profile=profile,
        profile_json=json.dumps(profile, indent=2, ensure_ascii=False),
        steps=_steps(attempt),
        variables=snippets.variables(house.base_url, environment.client_id),
        flask=snippets.flask(),
        express=snippets.express(),
    )


def _portal(house: House, pass_: Pass) -> str | None:
    """Where a sign-in begins at the Test IdP; None once its connection is gone."""
    try:
        connection = connections.get(house, pass_, ids.TEST_CONNECTION).connection
    except NotFound:
        return None
    return f"{house.base_url}/test-idp/start/{connection.external_key}"


def _mismatch(house: House) -> Reply:
    return _explained(
        house,
        "state_mismatch",
        _(
            "This browser waits for no such answer: the page was loaded a second time, more than ten minutes went by, "
            "or the sign-in began elsewhere. Nobody is signed in. Press Try again to start anew."
        ),
    )


def _environment(house: House) -> tuple[Environment, Pass]:
    """The first staging environment, which `latchstring dev` made."""
    for environment in environments.every(house):
        if environment.kind is EnvironmentKind.STAGING:
            pass_ = front_door.by_operator(environment)
            try:
                organizations.get(house, pass_, ids.TEST_ORGANIZATION)
            except NotFound:
                continue
            return environment, pass_
    raise NothingToTry


def _remember(state: str, seconds: int) -> Header:
    return cookie(_COOKIE, state, max_age=seconds, path="/callback", secure=False)


def _failed(house: House, sent: Mapping[str, str]) -> Reply:
    """What the application's redirect URI received. `error_uri` is followed only if it is ours."""
    more = sent.get("error_uri", "")
    received = [(name, sent[name]) for name in ("error", "error_description", "error_uri") if name in sent]
    return pages.render(
        house,
        "try_failed.html",
        error=sent["error"],
        description=sent.get("error_description") or _("No reason was given."),
        received=received,
        more_url=more if more.startswith(f"{house.base_url}/errors/") else None,
    )


def _explained(house: House, error: str, description: str) -> Reply:
    return pages.render(
        house,
        "try_failed.html",
        status=400,
        error=error,
        description=description,
        received=[("error", error)],
        more_url=None,
    )


_TITLES = {
    "begun": (later("Begun"), later("The application sent the browser to /sso/authorize.")),
    "departed": (later("Sent away"), later("The browser went to the identity provider.")),
    "arrived": (later("Answered"), later("The identity provider's response came back and was verified.")),
    "granted": (later("Granted"), later("The browser went back to the application with a code.")),
    "redeemed": (later("Redeemed"), later("The application swapped the code for the profile.")),
    "refused": (later("Refused"), later("The sign-in ended without a profile.")),
}


_UNASKED = (later("Begun"), later("The identity provider sent a response that nobody had asked for."))


def _steps(attempt: LoginAttempt) -> list[dict[str, Any]]:
    shown = []
    for step in attempt.steps:
        title, about = _UNASKED if step.name == "begun" and attempt.idp_initiated else _TITLES[step.name]
        seconds = (step.at - attempt.created_at).total_seconds()
        shown.append(
            {
                "title": _(title),
                "about": _(about),
                "after": _("after %(seconds)s s") % {"seconds": f"{seconds:.1f}"} if seconds >= 0.05 else _("at once"),
                "checks": [str(check).replace("_", " ") for check in step.facts.get("checks", ())],
            }
        )
    return shown
