"""The range for `latchstring attack`: temporary staging environments with connections to aim at, gone afterwards."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from latchstring.attacks.browser import Line
from latchstring.cli import workplace
from latchstring.flows import api_keys, connections, environment_settings, environments, organizations
from latchstring.flows.connection_wishes import SamlWish
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.domains import DomainWish
from latchstring.flows.environment_settings import SettingsWish
from latchstring.flows.house import House
from latchstring.flows.organizations import OrganizationWish
from latchstring.model.connection import Connection
from latchstring.model.environment import Environment, EnvironmentKind, EnvironmentSettings, Pass
from latchstring.model.refusal import Mender, Refusal
from latchstring.storage import front_door

REDIRECT_URI = "https://app.attack.example/callback"  # nobody goes there: the attacker reads where it would lead
DOMAIN = "attack.example"


class AttackOnProduction(Refusal):
    """{name} is a production environment, and no attacks are fired at those."""

    code = "attack_on_production"
    mender = Mender.OPERATOR
    fix = "Name a staging one with `--environment`, or make it: `latchstring environment create --name Staging`."
    name: str


@dataclass(frozen=True)
class Field:
    """One temporary environment, and what a client of it needs."""

    environment: Environment
    pass_: Pass
    api_key: str


@dataclass
class Range:
    """A house to aim at. `fields` makes environments, which `staged` takes away at the end."""

    house: House
    pass_: Pass  # to the environment that was named
    environment: Environment
    line: Line
    made: list[Field] = field(default_factory=list)

    def field(self, settings: SettingsWish | None = None) -> Field:
        """A fresh staging environment with these settings."""
        now = self.house.now()
        name = f"latchstring attack {now:%Y-%m-%dT%H:%M:%S} {self.house.chance(3).hex()}"
        environment = environments.create(
            self.house, name=name, kind=EnvironmentKind.STAGING, settings=EnvironmentSettings(temporary=True)
        )
        pass_ = front_door.by_operator(environment)
        made = Field(environment, pass_, "")
        self.made.append(made)
        if settings:
            environment_settings.change(self.house, environment.id, settings)
        environments.create_redirect_uri(self.house, pass_, uri=REDIRECT_URI)
        key = api_keys.create(self.house, pass_, name="latchstring attack")
        return Field(environment, pass_, key.secret.reveal())

    def organization(self, in_: Field, name: str, *, domain: str = DOMAIN) -> str:
        """An organization with a verified domain; its id."""
        wish = OrganizationWish(name=name, domains=(DomainWish(domain, "verified"),))
        return organizations.create(self.house, in_.pass_, wish).id

    def saml_connection(self, in_: Field, name: str, options: SamlWish) -> Connection:
        """A connection of an organization of its own."""
        wish = ConnectionWish(organization_id=self.organization(in_, name), name=name, saml_options=options)
        return connections.create(self.house, in_.pass_, wish)[0].connection


@contextmanager
def staged(asked: Namespace) -> Iterator[Range]:
    """Raises `AttackOnProduction`, and what `workplace.enter` raises. Leaves nothing behind.

    What a run that was killed left, goes now, or with the background work of a server.
    """
    house, pass_ = workplace.enter(asked)
    environment = environments.get(house, pass_.environment_id)
    if environment.kind is EnvironmentKind.PRODUCTION:
        raise AttackOnProduction(name=environment.name)
    environments.drop_forgotten(house)
    line = Line((asked.url or house.base_url).rstrip("/"))
    staged = Range(house=house, pass_=pass_, environment=environment, line=line)
    try:
        yield staged
    finally:
        line.close()
        for made in staged.made:
            environments.delete(house, made.environment.id)
