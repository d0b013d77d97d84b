"""Passkeys (WebAuthn level 2): what a browser is asked for, and whether its answer is one to this very question.

The structures are read, and signatures checked, by Yubico's fido2; what an answer must agree with is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from latchstring.model.refusal import Mender, Unauthorized

ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256: every authenticator has one of them (WebAuthn, 5.4)
MAX_ANSWER = 20_000  # characters of JSON
_UNREADABLE = "it cannot be read"


class PasskeyRefused(Unauthorized):
    """The answer of this passkey cannot be taken: {why}."""

    code = "operator_passkey_refused"
    mender = Mender.USER
    fix = "Begin again, in the browser window in which you began. If it stays so, use another second factor."
    why: str


class RelyingParty(msgspec.Struct, frozen=True):
    """Whom a passkey belongs to: our host, and pages of our origin alone may ask for it."""

    id: str
    origin: str


class NewCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential that was just made."""

    id: bytes
    data: bytes  # AAGUID, id and public key
    sign_count: int


class Asserted(msgspec.Struct, frozen=True, kw_only=True):
    """A signature that fits, and what was signed with it."""

    credential_id: bytes
    sign_count: int
    user_handle: bytes | None


def relying_party(base_url: str) -> RelyingParty:
    parts = urlsplit(base_url)
    return RelyingParty(id=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")


def creation_options(
    party: RelyingParty, *, user_id: str, email: str, name: str, challenge: bytes, known: Sequence[bytes]
) -> Mapping[str, Any]:
    """For `navigator.credentials.create`. `known`: credentials of this user, of which none is made twice."""
    user = PublicKeyCredentialUserEntity(id=user_id.encode(), name=email, display_name=name)
    options, _state = _server(party).register_begin(
        user,
        [_descriptor(each) for each in known],
        # Findable where the authenticator can, so that it does without an address and a password as well.
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        challenge=challenge,
    )
    return dict(options)


def request_options(party: RelyingParty, *, challenge: bytes, known: Sequence[bytes], alone: bool) -> Mapping[str, Any]:
    """For `navigator.credentials.get`. `alone`: nothing else will be asked, so it verifies its user."""
    wanted = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    allowed = [_descriptor(each) for each in known] or None
    options, _state = _server(party).authenticate_begin(allowed, user_verification=wanted, challenge=challenge)
    return dict(options)


def registered(party: RelyingParty, *, challenge: bytes, answer: str) -> NewCredential:
    """Raises `PasskeyRefused`. Who made the authenticator is not asked: any is better than none."""
    server, sent = _server(party), _json(answer)
    try:
        response = RegistrationResponse.from_dict(sent)
        client = response.response.client_data
    except (ValueError, TypeError, KeyError, LookupError, AttributeError):
        raise PasskeyRefused(why=_UNREADABLE) from None
    _check_client(party, client, CollectedClientData.TYPE.CREATE, challenge)
    try:
        made = server.register_complete(_state(challenge, alone=False), sent)
    except (ValueError, TypeError, KeyError, LookupError, AttributeError) as error:
        raise PasskeyRefused(why=_why(error)) from None
    data = made.credential_data
    if data is None or data.public_key.get(3) not in ALGORITHMS:
        raise PasskeyRefused(why="it signs in a way that was not asked for")
    return NewCredential(id=data.credential_id, data=bytes(data), sign_count=made.counter)


def asserted(party: RelyingParty, *, challenge: bytes, answer: str, known: Sequence[bytes], alone: bool) -> Asserted:
    """`known`: data of the credentials that may answer. Raises `PasskeyRefused`."""
    server, sent = _server(party), _json(answer)
    try:
        response = AuthenticationResponse.from_dict(sent)
        client = response.response.client_data
    except (ValueError, TypeError, KeyError, LookupError, AttributeError):
        raise PasskeyRefused(why=_UNREADABLE) from None
    _check_client(party, client, CollectedClientData.TYPE.GET, challenge)
    try:
        credentials = [AttestedCredentialData(each) for each in known]
        server.authenticate_complete(_state(challenge, alone=alone), credentials, sent)
    except (ValueError, TypeError, KeyError, LookupError, AttributeError) as error:
        raise PasskeyRefused(why=_why(error)) from None
    return Asserted(
        credential_id=response.raw_id,
        sign_count=response.response.authenticator_data.counter,
        user_handle=response.response.user_handle,
    )


def credential_id(answer: str) -> bytes:
    """Which credential an answer claims to be of; nothing is checked yet. Raises `PasskeyRefused`."""
    try:
        return bytes(AuthenticationResponse.from_dict(_json(answer)).raw_id)
    except (ValueError, TypeError, KeyError, LookupError, AttributeError):
        raise PasskeyRefused(why=_UNREADABLE) from None


def _server(party: RelyingParty) -> Fido2Server:
    made = Fido2Server(
        PublicKeyCredentialRpEntity(id=party.id, name="latchstring"),
        attestation=AttestationConveyancePreference.NONE,
        # The library would take every subdomain of ours: applications may live there (WebAuthn, 13.4.9).
        verify_origin=lambda origin: origin == party.origin,
    )
    made.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=alg) for alg in ALGORITHMS
    ]
    return made


def _check_client(party: RelyingParty, client: CollectedClientData, type_: str, challenge: bytes) -> None:
    """WebAuthn, 7.1 and 7.2, the steps about what the browser itself says; again in fido2."""
    if client.type != type_:
        raise PasskeyRefused(why="it answers something else")
    if client.origin != party.origin or client.cross_origin:
        raise PasskeyRefused(why="it was given to another site")
    if client.challenge != challenge:
        raise PasskeyRefused(why="it answers an older question")


def _why(error: Exception) -> str:
    """fido2 has no classes for these."""
    text = str(error)
    for mark, why in (
        ("verif", "it did not make sure that it is you (with a PIN, a finger or a face)"),
        ("Present", "nobody has touched it"),
        ("RP ID", "it belongs to another site"),
        ("signature", "its signature does not fit"),
        ("credential ID", "it is not known here"),
    ):
        if mark in text:
            return why
    return _UNREADABLE


def _state(challenge: bytes, *, alone: bool) -> Mapping[str, Any]:
    from fido2.utils import websafe_encode

    wanted = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    return {"challenge": websafe_encode(challenge), "user_verification": wanted}


def _descriptor(id_: bytes) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=id_)


def _json(answer: str) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(answer[:MAX_ANSWER])
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise PasskeyRefused(why=_UNREADABLE) from None
    if not isinstance(found, dict):
        raise PasskeyRefused(why=_UNREADABLE)
    return found
