"""Whose token it is and for whom: OIDC-01 and OIDC-02."""

from __future__ import annotations

from typing import Any

from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Behaviour, Facts, Token

_ISSUER, _AUDIENCE = "id_token_issuer_mismatch", "id_token_audience_mismatch"
_OTHER = "https://other.example"


def _row(name: str, requirement: str, tries: str, refused: str, **claims: Any) -> Row:
    return Row(
        name=f"oidc-{name}",
        requirement=requirement,
        tries=tries,
        refused=refused,
        behaviour=Behaviour(token=Token(claims=claims)),
    )


def _neighbour(facts: Facts) -> str:
    return facts.issuer.rpartition("/")[0] + "/neighbour"


ROWS = (
    _row("issuer-of-another", "OIDC-01", "a token of another issuer", _ISSUER, iss=_OTHER),
    _row("issuer-missing", "OIDC-01", "no iss", _ISSUER, iss=ABSENT),
    _row("issuer-null", "OIDC-01", "iss is null", _ISSUER, iss=None),
    _row("issuer-with-slash", "OIDC-01", "a slash after the issuer", _ISSUER, iss=lambda it: it.issuer + "/"),
    _row("issuer-prefix", "OIDC-01", "the issuer without its end", _ISSUER, iss=lambda it: it.issuer[:-1]),
    _row("issuer-longer", "OIDC-01", "the issuer and more", _ISSUER, iss=lambda it: it.issuer + ".evil.example"),
    _row("issuer-upper-case", "OIDC-01", "the issuer in other case", _ISSUER, iss=lambda it: it.issuer.upper()),
    _row("issuer-list", "OIDC-01", "iss is a list with the issuer", _ISSUER, iss=lambda it: [it.issuer]),
    _row("issuer-neighbour", "OIDC-01", "another tenant of the same host", _ISSUER, iss=_neighbour),
    _row("issuer-with-blank", "OIDC-01", "a blank after the issuer", _ISSUER, iss=lambda it: it.issuer + " "),
    _row("issuer-tenant-template", "OIDC-01", "the placeholder {tenantid} as it is", _ISSUER,
         iss="https://login.microsoftonline.com/{tenantid}/v2.0"),
    _row("audience-of-another", "OIDC-02", "a token for another client", _AUDIENCE, aud="another-client"),
    _row("audience-missing", "OIDC-02", "no aud", "id_token_claim_invalid", aud=ABSENT),
    _row("audience-empty-list", "OIDC-02", "aud is an empty list", _AUDIENCE, aud=[]),
    _row("audience-object", "OIDC-02", "aud is an object", "id_token_claim_invalid",
         aud=lambda it: {it.client_id: True}),
    _row("audience-number-in-list", "OIDC-02", "a number in the list", "id_token_claim_invalid",
         aud=lambda it: [it.client_id, 1]),
    _row("audience-prefix", "OIDC-02", "our client id without its end", _AUDIENCE,
         aud=lambda it: it.client_id[:-1]),
    _row("audience-upper-case", "OIDC-02", "our client id in other case", _AUDIENCE,
         aud=lambda it: it.client_id.upper()),
    _row("audience-joined", "OIDC-02", "two clients in one string", _AUDIENCE,
         aud=lambda it: f"{it.client_id} another-client"),
    _row("audience-list-without-azp", "OIDC-02", "two audiences, no azp", _AUDIENCE,
         aud=lambda it: [it.client_id, "another-client"]),
    _row("audience-list-azp-of-another", "OIDC-02", "two audiences, azp is the other", _AUDIENCE,
         aud=lambda it: [it.client_id, "another-client"], azp="another-client"),
    _row("azp-of-another", "OIDC-02", "one audience, azp is another client", _AUDIENCE, azp="another-client"),
    _row("azp-list", "OIDC-02", "azp is a list with our client id", _AUDIENCE, azp=lambda it: [it.client_id]),
    _row("azp-empty", "OIDC-02", "azp is empty", _AUDIENCE, azp=""),
)  # fmt: skip
