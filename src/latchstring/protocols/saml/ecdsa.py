"""How an ECDSA signature is written: r and s side by side, or as DER; each exactly, and never nearly.

XML signatures have the first form alone (RFC 6931 2.3.6, XML-DSig 6.4.3). For the query of the Redirect binding no text
says which, and both are sent: docs/decisions/2026-11-25-ecdsa-in-queries.md.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec, utils

Form = Callable[[bytes, ec.EllipticCurve], bytes | None]


def written(der: bytes, curve: ec.EllipticCurve) -> bytes:
    """A signature that the library made, with r and s side by side."""
    r, s = utils.decode_dss_signature(der)
    half = _half(curve)
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def in_xml(value: bytes, curve: ec.EllipticCurve) -> bytes | None:
    """The signature as the library wants it; None unless `value` is r and s, each as long as the curve's order."""
    half = _half(curve)
    if len(value) != 2 * half:
        return None
    return utils.encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))


def in_query(value: bytes, curve: ec.EllipticCurve) -> bytes | None:
    """The same, or `value` where it is DER to the letter. Its length decides, so no value has two readings.

    DER of just the length of r and s takes both of them to be 24 bits short or more, which no signer will ever see.
    """
    if len(value) == 2 * _half(curve):
        return in_xml(value, curve)
    try:
        exact = utils.encode_dss_signature(*utils.decode_dss_signature(value)) == value
    except ValueError:  # not DER, or something behind it
        return None
    return value if exact else None


def _half(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8
