"""Identity providers that say whatever a test wants them to say; the well-behaved ones are real and in tests/real."""

from __future__ import annotations

import functools
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from latchstring.effects import keys
from latchstring.model.fetch import Fetch, Fetched
from latchstring.protocols.saml import issue, request, signing
from tests.house_for_tests import START, Answer, Browser, Client, Rig

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "id": ("u1",),
    "email": ("ann@acme.example",),
    "firstName": ("Ann",),
    "lastName": ("Example",),
    "groups": ("Staff", "Admins"),
}


@functools.cache
def pair(name: str) -> tuple[str, str]:
    """Certificate and key, one for each name."""
    return keys.rsa_pair(name, START)


@dataclass
class SamlIdp:
    """A SAML connection of an organization with the domain acme.example, and the provider behind it."""

    rig: Rig
    connection: dict[str, Any]
    organization: dict[str, Any]
    entity_id: str = "https://idp.acme.example"

    @property
    def acs(self) -> str:
        url: str = self.connection["saml_options"]["acs_url"]
        return url

    def depart(self, browser: Browser, **query: str) -> request.AuthnRequest:
        """Starts a sign-in; what the provider is asked."""
        answer = self.rig.authorize(browser, **({"connection": self.connection["id"]} | query))
        assert answer.status == 302, answer.text
        fields = parse_qs(urlsplit(answer.location).query)
        assert request.read(request.inflate(fields["SAMLRequest"][0])).id == "_" + fields["RelayState"][0]
        return request.read(request.inflate(fields["SAMLRequest"][0]))

    def response(self, asked: request.AuthnRequest | None, **changed: Any) -> bytes:
        """A good response unless `changed` says otherwise."""
        certificate, key = pair(changed.pop("key", "acme"))
        now = self.rig.clock.now()
        said: dict[str, Any] = {
            "key_pem": key,
            "certificate_pem": certificate,
            "entity_id": self.entity_id,
            "acs_url": self.acs,
            "audience": self.connection["saml_options"]["sp_entity_id"],
            "response_id": "_r" + self.rig.house.chance(16).hex(),
            "assertion_id": "_a" + self.rig.house.chance(16).hex(),
            "in_response_to": asked.id if asked else None,
            "now": now + changed.pop("shift", timedelta(0)),
            "name_id": "u1",
            "attributes": ATTRIBUTES,
        }
        return issue.issue(**{**said, **changed})

    def signed(self, text: str) -> bytes:
        """A Response that was made with sign="none" and edited since, its assertion signed as it stands."""
        certificate, key = pair("acme")
        start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
        assertion = signing.sign(text[start:end].encode(), key_pem=key, certificate_pem=certificate)
        return (text[:start] + assertion.decode() + text[end:]).encode()

    def arrive(self, browser: Browser, document: bytes | str, relay_state: str = "") -> Answer:
        field_ = b64encode(document).decode() if isinstance(document, bytes) else document
        return browser.post(
            self.acs, {"SAMLResponse": field_, "RelayState": relay_state}, origin="https://idp.acme.example"
        )

    def sign_in(self, browser: Browser, **changed: Any) -> Answer:
        return self.arrive(browser, self.response(self.depart(browser), **changed))


def saml_idp(rig: Rig, client: Client | None = None, **options: Any) -> SamlIdp:
    """In the environment of `client`; that of the rig, unless another is given."""
    client = client or rig.client
    organization = client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json
    body = {
        "organization_id": organization["id"],
        "saml_options": {
            "idp_entity_id": "https://idp.acme.example",
            "idp_sso_url": "https://idp.acme.example/sso",
            "idp_signing_certs": [pair("acme")[0]],
            **options,
        },
    }
    made = client("POST", "/connections", body)
    assert made.status == 201, made.body
    return SamlIdp(rig, made.json, organization)


@functools.cache
def jose_key(kind: str) -> RSAKey | ECKey:
    parameters: Any = {"kid": kind, "use": "sig"}
    if kind.startswith("ec"):
        return ECKey.generate_key("P-256", parameters)
    return RSAKey.generate_key(2048, parameters)


@dataclass
class OidcIdp:
    """An OpenID Connect connection, and the provider behind it in the table of the network."""

    rig: Rig
    connection: dict[str, Any]
    organization: dict[str, Any]
    claims: dict[str, Any] = field(default_factory=dict)  # over the good ones; None takes one away
    header: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | ECKey | OctKey | None = None
    algorithm: str = "RS256"
    rewrite: Callable[[str], str] = lambda token: token
    token_answer: dict[str, Any] | None = None
    userinfo: dict[str, Any] = field(default_factory=dict)
    exchanges: list[Fetch] = field(default_factory=list)
    nonce: str = ""

    issuer = "https://op.acme.example"

    def depart(self, browser: Browser, **query: str) -> dict[str, str]:
        answer = self.rig.authorize(browser, **({"connection": self.connection["id"]} | query))
        assert answer.status == 302, answer.text
        asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
        self.nonce = asked["nonce"]
        return asked

    def sign_in(self, browser: Browser, **changed: str) -> Answer:
        asked = self.depart(browser)
        fields = {"code": "provider code", "state": asked["state"], **changed}
        return browser.get(self.connection["callback_endpoint"], query=fields)

    def token(self, fetch: Fetch) -> Fetched:
        self.exchanges.append(fetch)
        if self.token_answer is not None:
            status = 400 if "error" in self.token_answer else 200
            return Fetched(status=status, headers={}, body=json.dumps(self.token_answer).encode())
        answer = {"access_token": "opaque", "token_type": "Bearer", "id_token": self.rewrite(self.id_token())}
        return Fetched(status=200, headers={}, body=json.dumps(answer).encode())

    def id_token(self) -> str:
        now = int(self.rig.clock.now().timestamp())
        said = {
            "iss": self.issuer,
            "aud": "our-client",
            "sub": "u1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "ann@acme.example",
            "email_verified": True,
            "given_name": "Ann",
            "family_name": "Example",
            **self.claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        key = self.key or jose_key("rsa")
        header = {"alg": self.algorithm, **({} if isinstance(key, OctKey) else {"kid": key.kid}), **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        if header["alg"] == "none":
            return f"{_part(header)}.{_part(said)}."
        return jwt.encode(header, said, key, algorithms=[str(header["alg"])])


def oidc_idp(rig: Rig, *, type_: str | None = None, discovery: Mapping[str, Any] = {}, **options: Any) -> OidcIdp:
    issuer = OidcIdp.issuer
    well_known = f"{issuer}/.well-known/openid-configuration"
    document = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        **discovery,
    }
    rig.network.put(well_known, document)
    rig.network.put(f"{issuer}/jwks", {"keys": [jose_key(kind).as_dict(private=False) for kind in ("rsa", "ec")]})
    organization = rig.client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json
    body = {
        "organization_id": organization["id"],
        "connection_type": type_,
        "oidc_options": {
            "discovery_endpoint": well_known,
            "client_id": "our-client",
            "client_secret": "a client secret of thirty-two characters and more",
            **options,
        },
    }
    made = rig.client("POST", "/connections", body)
    assert made.status == 201, made.body
    idp = OidcIdp(rig, made.json, organization)
    rig.network.answers[f"{issuer}/token"] = idp.token
    rig.network.answers[f"{issuer}/userinfo"] = lambda _fetch: Fetched(
        status=200,
        headers={"content-type": "application/json"},
        body=json.dumps({"sub": "u1", **idp.userinfo}).encode(),
    )
    return idp


def _part(value: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def decoded(part: str) -> Any:
    return json.loads(b64decode(part + "=" * (-len(part) % 4), altchars=b"-_"))
