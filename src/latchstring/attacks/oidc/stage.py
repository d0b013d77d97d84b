"""The stage of the OpenID Connect attacks: an organization at the product, the hostile provider, a connection each."""

from __future__ import annotations

import json
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from latchstring.attacks.browser import Answer, Browser, Line, landed, verdict
from latchstring.attacks.oidc.provider import WELL_KNOWN, Provider, Tenant
from latchstring.attacks.oidc.values import Behaviour, Changes, changed
from latchstring.attacks.outcome import Verdict
from latchstring.effects import randomness
from latchstring.model.refusal import Mender, Refusal

CLIENT_ID = "latchstring-attack"


class StageNotSet(Refusal):
    """The server refuses what the attacks need: {asked} answers {status}, {reason}."""

    code = "attack_stage_not_set"
    mender = Mender.OPERATOR
    fix = "Use an API key of a staging environment of that very server."
    asked: str
    status: int
    reason: str


class ProviderUnreachable(Refusal):
    """The server does not reach the hostile provider at {url}, so no attack of OpenID Connect was tried: {reason}"""

    code = "attack_provider_unreachable"
    mender = Mender.OPERATOR
    fix = (
        "`latchstring dev` reaches it as it is; `latchstring serve` needs an https address for it, `--provider-url`, "
        "in a network of LATCHSTRING_ALLOW_NETWORKS (docs/attack.md). Or leave this half out: `--only saml`."
    )
    url: str
    reason: str


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The product under attack, and an environment of it."""

    base_url: str
    api_key: str
    client_id: str
    redirect_uri: str


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """A connection of the product to an issuer of the provider."""

    connection_id: str
    callback: str  # path
    tenant: Tenant


class Departed(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that was sent to the provider, and what the provider sends it back with."""

    browser: Browser
    fields: tuple[tuple[str, str], ...]  # of the authorization response, in order

    def having(self, **changes: str | None) -> Departed:
        """With these fields instead; a None takes one away."""
        fields = {**dict(self.fields), **changes}
        kept = tuple((name, value) for name, value in fields.items() if value is not None)
        return Departed(browser=self.browser, fields=kept)


class Stage:
    """While its block lasts: an organization in an environment that somebody else takes away at the end."""

    def __init__(self, target: Target, provider: Provider) -> None:
        self.target = target
        self.provider = provider
        self.domain = f"attack-{randomness.bytes_(4).hex()}.example"
        self.line = Line(target.base_url)
        self.provider_line = Line(provider.local_url)
        self._organization_id = ""

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()
        self.provider_line.close()

    def _set_up(self) -> None:
        """An organization, and a connection to a good provider, to see whether attacks can be fired at all."""
        body = {
            "name": "latchstring attack (OpenID Connect)",
            "domain_data": [{"domain": self.domain, "state": "verified"}],
        }
        made = self._call("POST", "/organizations", body)
        if made.status != 201:
            raise StageNotSet(asked="POST /organizations", status=made.status, reason=_reason(made))
        self._organization_id = made.json["id"]
        answer = self.create(self.tenant(Behaviour()), {})
        if answer.status != 201:
            raise ProviderUnreachable(url=self.provider.url, reason=_reason(answer))

    def tenant(self, behaviour: Behaviour) -> Tenant:
        secret = randomness.bytes_(24).hex()
        return self.provider.tenant(behaviour, client_id=CLIENT_ID, client_secret=secret, domain=self.domain)

    def create(self, tenant: Tenant, options: Changes) -> Answer:
        """Asks the product for a connection to that issuer."""
        good = {
            "discovery_endpoint": tenant.issuer + WELL_KNOWN,
            "client_id": tenant.client_id,
            "client_secret": tenant.client_secret,
        }
        wanted = {**good, **changed({}, options, tenant.facts())}
        return self._call("POST", "/connections", {"organization_id": self._organization_id, "oidc_options": wanted})

    def switch_off(self, connection_id: str) -> None:
        self._call("POST", f"/connections/{connection_id}/deactivate", None)

    def _call(self, method: str, path: str, body: object) -> Answer:
        headers = {"authorization": f"Bearer {self.target.api_key}", "content-type": "application/json"}
        raw = None if body is None else json.dumps(body).encode()
        status, received, content = self.line.ask(method, path, body=raw, headers=headers)
        return Answer(status=status, headers={name.lower(): value for name, value in received.items()}, body=content)


class Scene:
    """For one attack: connections of its own, browsers of its own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.tenants: list[Tenant] = []

    def set_up(self, behaviour: Behaviour, options: Changes) -> Answer:
        """What the product answers to somebody who wants a connection to such a provider."""
        tenant = self.stage.tenant(behaviour)
        self.tenants.append(tenant)
        return self.stage.create(tenant, options)

    def connect(self, behaviour: Behaviour, options: Changes) -> Door:
        """Raises `StageNotSet`."""
        made = self.set_up(behaviour, options)
        if made.status != 201:
            raise StageNotSet(asked="POST /connections", status=made.status, reason=_reason(made))
        callback = path(made.json["callback_endpoint"])
        return Door(connection_id=made.json["id"], callback=callback, tenant=self.tenants[-1])

    def browser(self) -> Browser:
        """A fresh one."""
        return Browser(self.stage.line)

    def begin(self, door: Door, browser: Browser) -> Answer:
        """Starts a sign-in, as an application does."""
        query = {
            "client_id": self.stage.target.client_id,
            "redirect_uri": self.stage.target.redirect_uri,
            "response_type": "code",
            "connection": door.connection_id,
        }
        return browser.get("/sso/authorize", query)

    def depart(self, door: Door, browser: Browser) -> Departed | Verdict:
        """To the product and to the provider; or what the product said instead of showing the way there."""
        answer = self.begin(door, browser)
        if not (answer.location or "").startswith(f"{door.tenant.issuer}/authorize?"):
            return verdict(answer)
        there = urlsplit(answer.location or "")
        asked = urlsplit(door.tenant.issuer).path.removeprefix(urlsplit(self.stage.provider.url).path)
        back = Browser(self.stage.provider_line).get(f"{asked}/authorize?{there.query}")
        if back.location is None:
            raise StageNotSet(asked="the provider's /authorize", status=back.status, reason=back.body.decode()[:300])
        return Departed(browser=browser, fields=tuple(parse_qsl(urlsplit(back.location).query, keep_blank_values=True)))

    def departed(self, door: Door, browser: Browser) -> Departed:
        """Raises `StageNotSet` where no sign-in begins."""
        found = self.depart(door, browser)
        if isinstance(found, Verdict):
            raise StageNotSet(asked="/sso/authorize", status=found.status, reason=found.words)
        return found

    def answer(self, door: Door, departed: Departed) -> Answer:
        """The provider's answer, brought to the product's callback."""
        return departed.browser.get(f"{door.callback}?{urlencode(departed.fields)}")

    def arrive(self, door: Door, departed: Departed) -> Verdict:
        """What the product makes of the provider's answer, and the profile if there is one."""
        target = self.stage.target
        answer = self.answer(door, departed)
        return landed(answer, self.browser(), client_id=target.client_id, api_key=target.api_key)


def path(url: str) -> str:
    """Of an address of the product's; --url may put another host in front of it."""
    return urlsplit(url).path


def _reason(answer: Answer) -> str:
    """In words, from an error of the API."""
    said = answer.json if isinstance(answer.json, dict) else {}
    errors = [error.get("message", "") for error in said.get("errors", [])]
    return " ".join((said.get("message", ""), *errors)).strip() or f"HTTP {answer.status}"
