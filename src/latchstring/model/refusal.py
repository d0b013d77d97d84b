"""`Refusal`: every "no" of the product is a class with its facts, a stable code, who can mend it, and how.

    Refusal
    ├── InvalidRequest      the caller sent something that cannot be acted on
    │   └── InvalidFields   ... and these are the fields
    ├── Unauthorized        nobody we know is asking
    ├── Forbidden           we know who asks, and they may not
    ├── NotFound            nothing of that name in this environment
    ├── Conflict            it would collide with what is there
    ├── Throttled           too often
    ├── Unavailable         our own house is not in order just now
    ├── GrantRefused        an OAuth 2.0 token request that fails (RFC 6749, 5.2)
    ├── LogoutRefused       a logout that cannot go on
    └── LoginRefused        a login that ends without a profile
        ├── UntrustedRequest    ... before any redirect URI is trusted: the answer is a page
        ├── AssertionRefused    ... because of what the identity provider sent
        └── IdpFailed           ... because the identity provider could not be asked

The docstring's first paragraph is the message a person reads; `{fact}` in it is filled from the facts. The families
are the only thing the doors know: each door has one small table from family to answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

import msgspec

if TYPE_CHECKING:
    from latchstring.model.profile import Assertion


class Mender(Enum):
    """Who can repair it."""

    DEVELOPER = "developer"  # of the application
    IT_ADMIN = "it_admin"  # of the customer, at their identity provider
    USER = "user"  # who signs in
    OPERATOR = "operator"  # of this latchstring


@dataclass_transform(eq_default=False, kw_only_default=True)
class Refusal(Exception):
    """Something was refused."""

    code: ClassVar[str] = ""  # stable, lower case, part of the API; empty on families
    mender: ClassVar[Mender] = Mender.OPERATOR
    fix: ClassVar[str] = ""  # one or two sentences to the mender
    retryable: ClassVar[bool] = False  # the same act may succeed a moment later

    def __init_subclass__(cls) -> None:
        dataclass(eq=False, kw_only=True, repr=False)(cls)

    @property
    def facts(self) -> dict[str, Any]:
        """The fields and their values, for those who may see them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def meaning(cls) -> str:
        """What is wrong, in a sentence or two, with the names of the facts where their values would stand."""
        return cleandoc(cls.__doc__ or "").split("\n\n")[0].replace("\n", " ")

    @property
    def message(self) -> str:
        """What is wrong, in a sentence or two."""
        return self.meaning().format_map({name: _shown(value) for name, value in self.facts.items()})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.facts.items())})"


def _shown(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else value


class InvalidRequest(Refusal):
    """The request cannot be acted on."""

    mender = Mender.DEVELOPER


class FieldError(msgspec.Struct, frozen=True):
    """One field that is wrong: its name, a stable code, and words."""

    field: str
    code: str
    message: str


class InvalidFields(InvalidRequest):
    """Validation failed"""

    code = "invalid_request_parameters"
    fix = "Correct the fields named in `errors` and send the request again."
    errors: tuple[FieldError, ...]


class Unauthorized(Refusal):
    """Unauthorized"""

    code = "unauthorized"
    mender = Mender.DEVELOPER
    fix = "Send `Authorization: Bearer <API key>` with a key of this environment that is not revoked."


class Forbidden(Refusal):
    """This is not allowed."""

    mender = Mender.DEVELOPER


class NotFound(Refusal):
    """{kind} not found: '{id}'."""

    code = "entity_not_found"
    mender = Mender.DEVELOPER
    fix = "Check the id, and that the API key belongs to the same environment as the object."
    kind: str
    id: str


class Conflict(Refusal):
    """It collides with something that exists."""

    mender = Mender.DEVELOPER


class Throttled(Refusal):
    """Too many requests. Try again in {retry_after} seconds."""

    code = "rate_limited"
    mender = Mender.DEVELOPER
    fix = "Slow down and honour Retry-After."
    retryable = True
    retry_after: int


class Unavailable(Refusal):
    """The service cannot answer just now. Try again in a moment."""

    code = "unavailable"
    mender = Mender.OPERATOR
    fix = "Look at the server's log and at `/health/ready`."
    retryable = True


class GrantRefused(Refusal):
    """The token request was refused."""

    mender = Mender.DEVELOPER


class LogoutRefused(Refusal):
    """The sign-out was refused."""

    mender = Mender.IT_ADMIN


class LoginRefused(Refusal):
    """The sign-in was refused."""

    public: ClassVar[str] = "server_error"  # the `error` that the application's redirect URI receives
    heard: ClassVar[Assertion | None] = None  # what could not be accepted after every check of the protocol was passed
    sign_in_id: ClassVar[str | None] = None  # whose trace tells of it; None: no sign-in had begun, or too many had

    def about(self, assertion: Assertion) -> Self:
        """The same refusal, with what it is about. That is no fact of it, and so in no log and no answer."""
        self.__dict__["heard"] = assertion
        return self

    def during(self, sign_in_id: str) -> Self:
        """The same refusal, with the sign-in whose trace tells of it."""
        self.__dict__["sign_in_id"] = sign_in_id
        return self


class UntrustedRequest(LoginRefused):
    """The sign-in request cannot be trusted, so nobody is redirected."""

    mender = Mender.DEVELOPER


class AssertionRefused(LoginRefused):
    """The identity provider's answer was refused."""

    mender = Mender.IT_ADMIN
    check: ClassVar[str] = ""  # that refused, and those that were passed before it
    passed: ClassVar[tuple[str, ...]] = ()
    # What the checks behind it say of the same signed words, and those words: for people who mend several things at
    # once. Nothing is decided by them.
    later: ClassVar[tuple[tuple[str, AssertionRefused | None], ...]] = ()
    unproven: ClassVar[Assertion | None] = None

    def at(
        self,
        check: str,
        passed: Sequence[str],
        *,
        later: Sequence[tuple[str, AssertionRefused | None]] = (),
        unproven: Assertion | None = None,
    ) -> Self:
        """The same refusal, with the place where it happened."""
        self.__dict__.update(check=check, passed=tuple(passed), later=tuple(later), unproven=unproven)
        return self


class IdpFailed(LoginRefused):
    """The identity provider could not be asked."""

    mender = Mender.IT_ADMIN
    public = "oauth_failed"
