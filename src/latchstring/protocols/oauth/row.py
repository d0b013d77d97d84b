"""What a row of the table of OAuth providers says: how it is asked, how it knows us, where the person stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from latchstring.model.connection import TENANT_PLACE


class EmailCall(msgspec.Struct, frozen=True, kw_only=True):
    """A list of a person's addresses that is asked for by itself."""

    endpoint: str
    member: str | None = None  # of the answer, which holds the list; None: the answer is the list
    primary: str  # members of an entry
    verified: str


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One provider. The URLs are its public ones."""

    type: str  # the connection type
    name: str  # for people
    authorization_endpoint: str
    token_endpoint: str
    scopes: tuple[str, ...] = ("openid", "profile", "email")  # always asked for
    parameters: Mapping[str, str] = {}  # always sent along with the request
    pkce: bool = False  # RFC 7636 is documented there; some refuse what they do not know, so others get no challenge
    client_authentication: Literal["post", "basic", "apple"] = "post"
    exchanges_state: bool = False  # the token request repeats the state
    login_hint: str | None = None  # its name for the parameter; None: it knows none
    domain_hint: str | None = None
    force_login: Mapping[str, str] = {}  # what `prompt=login` becomes
    # Who it is: from an ID token that is verified, from userinfo, or from both, which must agree.
    issuer: str | None = None
    jwks_uri: str = ""
    nonce: bool = True  # its ID token carries ours; False: the code, which belongs to this browser, binds it
    userinfo_endpoint: str | None = None
    userinfo_accept: str = "application/json"
    userinfo_member: str | None = None  # in which the claims stand
    subject: str = "sub"
    # The e-mail, and who says that it is the person's.
    email: str = "email"
    email_verified: str | None = "email_verified"  # the claim that says so; None: nothing ever does
    email_always_verified: bool = False  # the provider shows addresses only after it has verified them
    verified_values: tuple[object, ...] = (True,)
    emails: EmailCall | None = None
    email_permission: str = "the scope email"
    told_once: tuple[str, ...] = ()  # profile fields that only the first sign-in brings
    # Whose edition it is: the public base URLs, and what each becomes behind a base URL of one's own.
    bases: Mapping[str, str] = {}
    needs: tuple[str, ...] = ("client_secret",)  # besides the client id
    takes: tuple[str, ...] = ()  # what may be set besides

    @property
    def names_itself(self) -> str | None:
        """What it sends as `iss` beside the code, if it does (RFC 9207); None: not known."""
        return None if self.issuer is None or TENANT_PLACE in self.issuer else self.issuer
