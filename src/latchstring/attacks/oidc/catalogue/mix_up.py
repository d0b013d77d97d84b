"""Two providers, or two sign-ins, taken for one another: OIDC-12 and OIDC-13."""

from __future__ import annotations

from typing import Any

from latchstring.attacks.oidc import journeys
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Behaviour, Facts

_MISMATCH = "issuer_parameter_mismatch"
_ADVERTISED = {"authorization_response_iss_parameter_supported": True}


def _row(name: str, tries: str, refused: str = _MISMATCH, *, advertised: bool = True, **callback: Any) -> Row:
    discovery = _ADVERTISED if advertised else {}
    return Row(
        name=f"oidc-{name}",
        requirement="OIDC-12",
        tries=tries,
        refused=refused,
        behaviour=Behaviour(discovery=discovery, callback=callback),
        at_most={"/token": 0},
    )


def _slash(facts: Facts) -> str:
    return facts.issuer + "/"


ROWS = (
    _row("iss-missing", "no iss, though it is advertised (RFC 9207)", iss=ABSENT),
    _row("iss-of-another", "the iss of another provider", iss="https://other.example"),
    _row("iss-with-slash", "a slash after it", iss=_slash),
    _row("iss-empty", "an empty one", iss=""),
    _row("iss-of-another-not-advertised", "a wrong iss where none is needed", advertised=False,
         iss="https://other.example"),
    _row("iss-in-an-error", "an error in another provider's name", iss="https://other.example", code=ABSENT,
         error="access_denied"),
    _row("iss-twice", "two of them", "parameter_repeated", iss=lambda it: [it.issuer, "https://other.example"]),
    Row(
        name="oidc-code-of-another-connection",
        requirement="OIDC-12",
        tries="one provider's code in the answer of another",
        refused="token_endpoint_refused",
        journey=journeys.with_the_code_of_another_connection,
    ),
    Row(
        name="oidc-code-of-another-sign-in",
        requirement="OIDC-13",
        tries="a stolen code, at a provider that checks PKCE",
        refused="token_endpoint_refused",
        journey=journeys.with_the_code_of_another_attempt,
    ),
)  # fmt: skip
