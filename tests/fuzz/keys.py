"""Key pairs out of their names, the same in every run: a corpus and a finding are worth nothing without their keys.

They are no secrets. Nothing but tests may use them.
"""

from __future__ import annotations

from functools import cache
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec, rsa

_SMALL = [2]
for _odd in range(3, 2000, 2):
    if all(_odd % prime for prime in _SMALL):
        _SMALL.append(_odd)


def _prime(chance: Random, bits: int) -> int:
    while True:
        candidate = chance.getrandbits(bits) | (3 << (bits - 2)) | 1
        if any(candidate % prime == 0 for prime in _SMALL) or candidate % 65537 == 1:
            continue
        if all(pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5, 7)):
            return candidate


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    chance = Random(f"{name} {bits}")  # noqa: S311 - the same every time is the point
    p, q, e = _prime(chance, bits // 2), _prime(chance, bits // 2), 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), rsa.rsa_crt_iqmp(p, q), public)
    return numbers.private_key()


@cache
def ec_key(name: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
    chance = Random(f"{name} {curve.name}")  # noqa: S311 - the same
    return ec.derive_private_key(chance.getrandbits(curve.key_size - 2), curve)
