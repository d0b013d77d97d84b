"""`Environment` with its keys and redirect URIs: everything else belongs to exactly one."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import ClassVar, Literal, NewType, Self

import msgspec

from latchstring.model.refusal import Unauthorized


class EnvironmentKind(Enum):
    """Staging allows localhost and wildcards; production does not."""

    STAGING = "staging"
    PRODUCTION = "production"


class RedirectUriRules(Enum):
    """Which redirect URIs an environment takes (OAUTH-02)."""

    PRODUCTION = "production"  # https to the world
    STAGING = "staging"  # ... and loopback, and a wildcard for one whole label
    LOOSE = (
        "loose"  # ... and http to any host, and a wildcard for part of a label: staging, where somebody asked for it
    )


class EnvironmentSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an environment does beyond, or other than, what every environment does."""

    relay_state: Literal["refuse", "redirect_uri"] = "refuse"  # a RelayState is an error, or may choose a redirect URI
    idp_initiated: Literal["allow", "refuse"] = "refuse"  # of a new SAML connection that does not say it itself
    idp_initiated_consent: bool = False  # ask the person first
    return_oauth_tokens: bool = False  # hand an OAuth provider's own tokens on to the application
    logout_uri: str | None = None  # where the browser goes when the identity provider signs somebody out
    domain_selector: Literal["refuse", "resolve"] = "refuse"  # `domain` alone means the organization it stands for
    redirect_uri_rules: Literal["strict", "loose"] = "strict"  # loose: staging alone
    magic_links_per_hour: int = 10  # mails to one address
    reconciliation_days: int = 30  # how long somebody who could not sign in for their attributes is remembered
    raw_attributes: Literal["keep", "empty"] = "keep"  # of profiles: as sent, or neither kept nor shown
    sign_in_answers: Literal["keep", "off"] = "keep"  # what identity providers answer, sealed, for the trace
    trace_retention_days: int = 30  # how long a sign-in that ended is kept, with its answer

    api_log_days: int = 7  # how long requests that were made with an API key are listed; 0: none is written down

    portal_return_url: str | None = None  # where "back" leads in the Admin Portal, unless a link says it itself
    portal_success_url: str | None = None  # where somebody goes who is done there

    temporary: bool = False  # made by a program for its own use, which takes it away again

    def redirects(self, kind: EnvironmentKind) -> RedirectUriRules:
        """What the setting comes to. Production has its own rules, whatever is written here."""
        if kind is EnvironmentKind.PRODUCTION:
            return RedirectUriRules.PRODUCTION
        return RedirectUriRules.LOOSE if self.redirect_uri_rules == "loose" else RedirectUriRules.STAGING

    @property
    def keeps_answers(self) -> bool:
        """An answer has the attributes in it, so who keeps no attributes keeps no answers."""
        return self.sign_in_answers == "keep" and self.raw_attributes == "keep"


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """A world of its own: its objects are seen by its keys and by nobody else's."""

    id: str
    name: str
    kind: EnvironmentKind
    client_id: str
    created_at: datetime
    updated_at: datetime
    settings: EnvironmentSettings = EnvironmentSettings()


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A secret that the application's back end shows; kept as a hash, so only `hint` can be shown again."""

    id: str
    name: str
    hint: str  # the last four characters
    created_at: datetime
    revoked_at: datetime | None
    expires_at: datetime | None = None  # None: it has no end
    last_used_at: datetime | None = None  # noted at most once an hour, some seconds later; None: not yet

    def opens(self, now: datetime) -> bool:
        """Whether it is taken at that moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class RedirectUri(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the application's to which the browser may be sent back."""

    id: str
    uri: str
    default: bool
    created_at: datetime
    updated_at: datetime


TrustedRedirect = NewType("TrustedRedirect", str)
"""A redirect URI that was found among the registered ones. Made by `protocols.redirect_uri` alone."""


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that somebody came through a door of this environment. Made by `storage.front_door` alone."""

    environment_id: str
    kind: EnvironmentKind
    client_id: str
    redirects: RedirectUriRules  # as they are at this moment
    keeps_raw_attributes: bool
    keeps_answers: bool
    actor: str  # "client", "key:api_key_…", "operator": for the event log


class UnknownKey(Unauthorized):
    """Unauthorized"""

    code = "api_key_unknown"
    owner: ClassVar[Pass | None] = None  # whose it was, for the log of its environment; None: nobody's that we know

    def of(self, owner: Pass) -> Self:
        """The same refusal of a key that counts no more. Whoever shows it is told nothing of that."""
        self.__dict__["owner"] = owner
        return self


class KeyExpired(UnknownKey):
    """The API key ended on {expired_at}."""

    code = "api_key_expired"
    fix = "Make another one with `latchstring key create` or in the Dashboard, and give that to the application."
    key_id: str
    expired_at: str  # as the API writes times
