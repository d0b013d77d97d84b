"""An authenticator in software (WebAuthn level 2): it answers as a browser would, or wrongly where a test wants it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from tests.house_for_tests import BASE

_FLAG = AuthenticatorData.FLAG


@dataclass
class Authenticator:
    """Holds one key."""

    id: bytes = b"credential-one"
    count: int = 0
    counts: bool = True  # False: as those that keep no counter
    verifies: bool = True
    present: bool = True
    origin: str = BASE
    rp_id: str | None = None  # None: the one it is asked for
    user: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> str:
        asked = options["publicKey"]
        self.user = websafe_decode(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = self._data(asked["rp"]["id"], _FLAG.AT, bytes(credential))
        attested = AttestationObject.create("none", data, {})
        return self._answer(clientDataJSON=self._client("webauthn.create", asked), attestationObject=bytes(attested))

    def get(self, options: dict[str, Any]) -> str:
        asked = options["publicKey"]
        client = self._client("webauthn.get", asked)
        data = self._data(asked["rpId"], _FLAG(0))
        signature = self.key.sign(bytes(data) + sha256(client), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=bytes(data), signature=signature, userHandle=self.user
        )

    def _data(self, rp_id: str, flags: AuthenticatorData.FLAG, credential: bytes = b"") -> AuthenticatorData:
        self.count += 1 if self.counts else 0
        flags |= (_FLAG.UP if self.present else _FLAG(0)) | (_FLAG.UV if self.verifies else _FLAG(0))
        made: AuthenticatorData = AuthenticatorData.create(
            sha256((self.rp_id or rp_id).encode()), flags, self.count, credential
        )
        return made

    def _client(self, type_: str, asked: dict[str, Any]) -> bytes:
        return bytes(CollectedClientData.create(type_, websafe_decode(asked["challenge"]), self.origin))

    def _answer(self, **response: bytes) -> str:
        named = websafe_encode(self.id)
        said = {name: websafe_encode(value) for name, value in response.items()}
        return json.dumps(
            {"id": named, "rawId": named, "type": "public-key", "response": said, "clientExtensionResults": {}}
        )
