"""The SAML catalogue: every theme's rows in one list, attacks first, controls last."""

from __future__ import annotations

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml import (
    bombs,
    conditions,
    controls,
    delivery,
    documents,
    encryption,
    identities,
    key_confusion,
    plaintexts,
    shapes,
    sign_ins,
    signatures,
    strength,
    validity,
    wrapping,
)
from latchstring.attacks.saml.scene import Scene

ATTACKS: tuple[Attack[Scene], ...] = (
    *documents.ATTACKS,
    *bombs.ATTACKS,
    *shapes.ATTACKS,
    *wrapping.ATTACKS,
    *signatures.ATTACKS,
    *key_confusion.ATTACKS,
    *strength.ATTACKS,
    *encryption.ATTACKS,
    *plaintexts.ATTACKS,
    *identities.ATTACKS,
    *conditions.ATTACKS,
    *validity.ATTACKS,
    *sign_ins.ATTACKS,
    *delivery.ATTACKS,
    *controls.CONTROLS,
)
