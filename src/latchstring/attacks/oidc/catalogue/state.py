"""Whose sign-in an answer belongs to: OIDC-11, and what becomes of it in between."""

from __future__ import annotations

from typing import Any

from latchstring.attacks.oidc import journeys
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Behaviour

_UNKNOWN, _BROWSER, _USED = "answer_unknown", "browser_mismatch", "attempt_already_used"
_NO_EXCHANGE = {"/token": 0}  # the code of a stranger never leaves the house
_FRONT_CHANNEL = {"id_token": "a.b.c", "access_token": "x"}  # as the implicit flow has it


def _sent(name: str, tries: str, refused: str, **callback: Any) -> Row:
    return _row(name, tries, refused, behaviour=Behaviour(callback=callback))


def _row(name: str, tries: str, refused: str, **more: Any) -> Row:
    return Row(
        name=f"oidc-{name}",
        tries=tries,
        refused=refused,
        **{"requirement": "OIDC-11", "at_most": _NO_EXCHANGE, **more},
    )


ROWS = (
    _sent("state-missing", "no state", _UNKNOWN, state=ABSENT),
    _sent("state-empty", "an empty one", _UNKNOWN, state=""),
    _sent("state-invented", "one that nobody gave out", _UNKNOWN, state="0" * 32),
    _sent("state-twice", "two of them", "parameter_repeated", state=["0" * 32, "1" * 32]),
    _sent("code-twice", "two codes", "parameter_repeated", code=["one", "two"]),
    _sent("code-missing", "neither code nor error", "callback_without_code", code=ABSENT),
    _sent("code-empty", "an empty one", "callback_without_code", code=""),
    _sent("token-in-front", "an ID token in the address, no code", "callback_without_code", code=ABSENT,
          **_FRONT_CHANNEL),
    _row("state-of-another-browser", "the attacker's answer in a victim's browser", _BROWSER,
         journey=journeys.in_another_browser),
    _row("state-in-a-fresh-browser", "... in a browser without cookies", _BROWSER,
         journey=journeys.in_a_fresh_browser),
    _row("state-of-another-connection", "an answer at another connection's callback", _UNKNOWN,
         journey=journeys.at_another_connection),
    _row("state-used-twice", "the same answer again", _USED, journey=journeys.twice, at_most={"/token": 1},
         behaviour=Behaviour(lenient=True)),
    _row("state-used-at-once", "the same answer six times in one moment", _USED, journey=journeys.at_once,
         at_most={}, behaviour=Behaviour(lenient=True)),
    _row("state-after-a-denial", "a code after the person has cancelled", _USED, journey=journeys.after_a_denial),
    _row("connection-switched-off", "an answer to a connection switched off since", "connection_unlinked",
         journey=journeys.after_the_connection_was_switched_off, requirement="SAML-35"),
)  # fmt: skip
