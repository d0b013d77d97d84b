"""SAML 2.0: out with an AuthnRequest, back with a Response that is verified before it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from latchstring.adapters import saml_logout
from latchstring.adapters.base import Arrival, AutoPost, Departure, Door, Redirect, Wishes
from latchstring.model.attempt import LoginAttempt
from latchstring.model.connection import Connection, SamlConfig, TestIdpConfig
from latchstring.model.fetch import Fetcher
from latchstring.model.logout import LogoutUnsupported
from latchstring.model.profile import Assertion
from latchstring.model.session import IdpSession
from latchstring.protocols.saml import explain, request, response, signature, xml


class SamlAdapter:
    """The seam's two legs for SAML. `max_bytes` bounds a response, decoded (SAML-02)."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def begin(
        self, door: Door[SamlConfig], attempt: LoginAttempt, wishes: Wishes, fetch: Fetcher, now: datetime
    ) -> Departure:
        config = door.config
        document = request.build(
            request_id=attempt.request_id or "",
            issue_instant=now,
            sp_entity_id=door.ours.sp_entity_id,
            acs_url=door.ours.acs_url,
            destination=config.idp_sso_url,
            force_authn=wishes.force_login,
        )
        key, certificate = _signing_pair(door.connection, config, now)
        if config.sso_binding == "post":
            fields = request.post_fields(
                document, attempt.handle, signing_key_pem=key, signing_certificate_pem=certificate
            )
            return AutoPost(config.idp_sso_url, fields)
        extra: dict[str, str] = {}
        if wishes.login_hint and config.login_hint_parameter:
            extra[config.login_hint_parameter] = wishes.login_hint
        url = request.redirect_url(config.idp_sso_url, document, attempt.handle, extra=extra, signing_key_pem=key)
        return Redirect(url)

    def receive(self, fields: Mapping[str, str]) -> Arrival:
        # InResponseTo alone decides: RelayState is not signed, and an unknown InResponseTo must never become
        # "unsolicited" because the RelayState was dropped (SAML-33).
        document = response.decode(fields.get("SAMLResponse", ""), max_bytes=self._max_bytes)
        root = xml.parse(document, max_bytes=self._max_bytes)
        in_response_to = response.glance_tree(root).in_response_to
        return Arrival(
            handle=None if in_response_to is None else in_response_to.removeprefix("_"),
            content=root,
            document=document,
            parameters={name: value for name, value in fields.items() if name != "SAMLResponse"},
        )

    def finish(
        self, door: Door[SamlConfig], arrival: Arrival, attempt: LoginAttempt, fetch: Fetcher, now: datetime
    ) -> Assertion:
        config = door.config
        verified = signature.verify_tree(
            arrival.content,
            certificates=tuple(certificate.pem for certificate in config.trusted_certificates(now)),
            policy=_policy(config, now),
            decryption_keys=tuple(pair.key for pair in door.connection.secrets.reveal().sp_encryption_keys),
        )
        expected = response.Expected(
            idp_entity_id=config.idp_entity_id,
            sp_entity_id=door.ours.sp_entity_id,
            acs_url=door.ours.acs_url,
            request_id=attempt.request_id,
            clock_skew=timedelta(seconds=config.clock_skew_seconds),
        )
        assertion = response.read(verified, expected, now)
        return assertion if config.offers_logout else msgspec.structs.replace(assertion, session=None)

    def check_logout(self, door: Door[SamlConfig], fetch: Fetcher) -> None:
        saml_logout.check(door.config)

    def leave(
        self, door: Door[SamlConfig], sessions: Sequence[IdpSession], handle: str, fetch: Fetcher, now: datetime
    ) -> Departure:
        return saml_logout.ask(door, sessions, handle, now)


class TestIdpAdapter:
    """The Test IdP's connection: SAML with a configuration that the house itself knows."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    def __init__(self, *, max_bytes: int) -> None:
        self._saml = SamlAdapter(max_bytes=max_bytes)

    def begin(
        self, door: Door[TestIdpConfig], attempt: LoginAttempt, wishes: Wishes, fetch: Fetcher, now: datetime
    ) -> Departure:
        return self._saml.begin(_as_saml(door), attempt, wishes, fetch, now)

    def receive(self, fields: Mapping[str, str]) -> Arrival:
        return self._saml.receive(fields)

    def finish(
        self, door: Door[TestIdpConfig], arrival: Arrival, attempt: LoginAttempt, fetch: Fetcher, now: datetime
    ) -> Assertion:
        return self._saml.finish(_as_saml(door), arrival, attempt, fetch, now)

    def check_logout(self, door: Door[TestIdpConfig], fetch: Fetcher) -> None:
        raise LogoutUnsupported(reason="the Test IdP keeps nobody signed in")

    def leave(
        self, door: Door[TestIdpConfig], sessions: Sequence[IdpSession], handle: str, fetch: Fetcher, now: datetime
    ) -> Departure:
        raise LogoutUnsupported(reason="the Test IdP keeps nobody signed in")


def _as_saml(door: Door[TestIdpConfig]) -> Door[SamlConfig]:
    identity = door.test_idp
    if identity is None:
        raise LookupError("a TestIdp connection in a house without a Test IdP")
    config = SamlConfig(
        idp_entity_id=identity.entity_id,
        idp_sso_url=identity.sso_url,
        idp_certificates=(identity.certificate,),
        login_hint_parameter="login_hint",
    )
    return Door(connection=door.connection, config=config, ours=door.ours, test_idp=identity)


def question(door: Door[Any], *, request_id: str | None, now: datetime, max_bytes: int) -> explain.Question:
    """What a response to this connection is held against, for whoever runs one again (`protocols.saml.explain`)."""
    saml: Door[SamlConfig] = _as_saml(door) if isinstance(door.config, TestIdpConfig) else door
    config = saml.config
    return explain.Question(
        idp_certificates=tuple(certificate.pem for certificate in config.trusted_certificates(now)),
        idp_entity_id=config.idp_entity_id,
        sp_entity_id=saml.ours.sp_entity_id,
        acs_url=saml.ours.acs_url,
        request_id=request_id,
        sp_keys=tuple(pair.key for pair in saml.connection.secrets.reveal().sp_encryption_keys),
        policy=_policy(config, now),
        clock_skew=timedelta(seconds=config.clock_skew_seconds),
        max_bytes=max_bytes,
    )


def _policy(config: SamlConfig, now: datetime) -> signature.SignaturePolicy:
    return signature.SignaturePolicy(
        allow_sha1=config.allows_sha1(now),
        allow_rsa1024=config.allows_rsa1024(now),
        allow_inclusive_c14n=config.allow_inclusive_c14n,
        want_response_signed=config.want_response_signed,
        allow_cbc=config.allow_cbc,
        want_assertion_signed=config.want_assertion_signed,
        want_assertion_encrypted=config.encrypt_assertions,
    )


def _signing_pair(connection: Connection, config: SamlConfig, now: datetime) -> tuple[str | None, str | None]:
    """The private key and certificate that sign our requests; (None, None) where they go unsigned."""
    certificate = config.signing_certificate(now) if config.sign_requests else None
    if certificate is None:
        return None, None
    keys = {pair.certificate_id: pair.key for pair in connection.secrets.reveal().sp_signing_keys}
    return keys[certificate.id], certificate.pem
