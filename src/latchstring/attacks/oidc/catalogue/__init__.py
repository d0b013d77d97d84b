"""The catalogue of the OpenID Connect attacks, a file a theme, and the controls."""

from __future__ import annotations

from latchstring.attacks.oidc.catalogue import (
    algorithms,
    controls,
    discovery,
    forms,
    headers,
    issuer_and_audience,
    keys,
    mix_up,
    nonce_and_hash,
    state,
    times,
    userinfo,
)
from latchstring.attacks.oidc.row import attack

ROWS = (
    *issuer_and_audience.ROWS,
    *algorithms.ROWS,
    *headers.ROWS,
    *keys.ROWS,
    *times.ROWS,
    *nonce_and_hash.ROWS,
    *forms.ROWS,
    *state.ROWS,
    *mix_up.ROWS,
    *discovery.ROWS,
    *userinfo.ROWS,
    *controls.ROWS,
)
ATTACKS = tuple(attack(row) for row in ROWS)
