"""Operators sign in to the Dashboard through latchstring's own SSO: an OAuth client of this house, inside it.

Whoever may change the connections or domains of the chosen organization, or holds an API key of its environment,
decides who comes in, and as whom; but as no administrator, who shows a second factor of their own as well.
docs/dashboard.md says so, and so does the page where it is chosen.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

import msgspec

from latchstring.flows import authorize, environments, half_sessions, operator_sessions, organizations, redeem
from latchstring.flows.authorize import AuthorizeRequest, Begun
from latchstring.flows.house import House
from latchstring.flows.operator_sessions import SecondFactorWanted
from latchstring.flows.operators import MAX_NAME, as_operator
from latchstring.flows.redeem import TokenRequest
from latchstring.flows.story import Visitor
from latchstring.model import ids
from latchstring.model.dashboard_settings import DashboardSettings, OperatorSso
from latchstring.model.environment import Environment, Pass
from latchstring.model.operator import Operator, OperatorSession, Role, Way
from latchstring.model.organization import Organization
from latchstring.model.profile import Profile
from latchstring.model.refusal import (
    Forbidden,
    GrantRefused,
    InvalidRequest,
    LoginRefused,
    Mender,
    NotFound,
    Unauthorized,
)
from latchstring.model.second_factor import HalfSession, Purpose
from latchstring.model.secret import Secret
from latchstring.protocols import redirect_uri
from latchstring.storage import front_door, house_settings, operator_factors, operators
from latchstring.storage.database import HouseScope


class SsoOff(InvalidRequest):
    """Operators of this Dashboard do not sign in through an identity provider, or its organization is gone."""

    code = "operator_sso_off"
    mender = Mender.OPERATOR
    fix = "Choose an environment and an organization: `latchstring operator sso --environment E --organization O`."


class SsoFailed(Unauthorized):
    """The sign-in through your identity provider did not come to a good end: {why}"""

    code = "operator_sso_failed"
    mender = Mender.OPERATOR
    fix = "Look at the sign-ins of the organization's connection: the trace says what to change."
    why: str


class SsoForeign(Unauthorized):
    """This sign-in was begun in another browser, or too long ago."""

    code = "operator_sso_foreign"
    mender = Mender.USER
    fix = "Begin again from the sign-in page of the Dashboard."


class SsoOutside(Forbidden):
    """Your identity provider named {email}, which is in no verified domain of its organization."""

    code = "operator_sso_outside"
    mender = Mender.OPERATOR
    fix = "Verify the domain for the organization, and let the identity provider vouch for the address."
    email: str


class SsoStranger(Forbidden):
    """Nobody with the address {email} may come in here."""

    code = "operator_sso_stranger"
    mender = Mender.OPERATOR
    fix = "Ask an administrator of this Dashboard to invite you, or to let you in again."
    email: str


class SsoSomebodyElse(Forbidden):
    """Your identity provider named {email}, and you are signed in as somebody else."""

    code = "operator_sso_somebody_else"
    mender = Mender.USER
    fix = "Sign in there as the one who you are here; or sign out here first."
    email: str


class SsoNeedsFactor(Forbidden):
    """Administrators come in through an identity provider only with a second factor of their own, and you have none."""

    code = "operator_sso_needs_factor"
    mender = Mender.USER
    fix = "Sign in with your password, and set up an authenticator or a passkey on the page of your account."


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Whose identity provider lets operators in, as it is at this moment."""

    environment: Environment
    organization: Organization
    creates: bool


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """On the way to the identity provider. The secrets are for cookies of this browser."""

    half: Secret[str]
    begun: Begun


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody came back whom we know: the secret of their session, or of half a one, and the page they wanted."""

    session: Secret[str] | SecondFactorWanted
    next: str


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody showed once more who they are: the new secret of their session, and the page they wanted."""

    session: Secret[str]
    next: str


def choose(house: House, *, environment: str, organization: str, creates: bool) -> Chosen:
    """`environment`: id or name. Raises `NotFound`."""
    named = next((each for each in environments.every(house) if environment in (each.id, each.name)), None)
    if named is None:
        raise NotFound(kind="Environment", id=environment[:100])
    found = organizations.get(house, front_door.by_operator(named), organization)
    _keep(house, OperatorSso(environment_id=named.id, organization_id=found.id, creates=creates))
    return Chosen(environment=named, organization=found, creates=creates)


def switch_off(house: House) -> None:
    _keep(house, None)


def chosen(house: House) -> Chosen | None:
    """None, too, while the environment or the organization is gone."""
    with house.database.house() as whole:
        wanted = house_settings.dashboard(whole).sso
    if wanted is None:
        return None
    named = next((each for each in environments.every(house) if each.id == wanted.environment_id), None)
    if named is None:
        return None
    try:
        found = organizations.get(house, front_door.by_operator(named), wanted.organization_id)
    except NotFound:
        return None
    return Chosen(environment=named, organization=found, creates=wanted.creates)


def is_on(house: House) -> bool:
    """Without looking whether it could come to a good end."""
    with house.database.house() as whole:
        return house_settings.dashboard(whole).sso is not None


def start(house: House, *, next_: str, visitor: Visitor) -> Started:
    """Raises `SsoOff`, `SsoFailed`."""
    return _start(house, None, next_=next_, visitor=visitor)


def start_confirm(house: House, operator: Operator, *, next_: str, visitor: Visitor) -> Started:
    """For somebody who is signed in: their identity provider is to ask them anew. Raises `SsoOff`, `SsoFailed`."""
    return _start(house, operator, next_=next_, visitor=visitor)


def finish(house: House, half: str, *, code: str, state: str, visitor: Visitor) -> Returned:
    """Raises `SsoForeign`, `SsoOff`, `SsoFailed`, `SsoOutside`, `SsoStranger`, `SsoNeedsFactor`."""
    _begun(house, half, state, Purpose.SSO)
    found, profile = _profile(house, half, code, visitor)
    operator = _match(house, profile.email)
    if operator is None and not found.creates:
        raise SsoStranger(email=profile.email)
    if operator is not None and operator.disabled_at is not None:
        raise SsoStranger(email=profile.email)
    now = house.now()
    known = operator or Operator(
        id=house.id(ids.OPERATOR, now),
        email=profile.email,
        name=_name(profile),
        role=Role.SUPPORT,
        created_at=now,
        has_password=False,
    )
    with as_operator(house, known).database.write_house() as whole:
        half_sessions.spend(house, whole, half)
        if operator is None:
            operators.add(whole, known, None)
        elif _still_here(whole, operator).role is Role.ADMIN:
            # Whoever looks after the identity provider's connection could name any administrator, and is none.
            if not operator_factors.exist(whole, operator.id):
                raise SsoNeedsFactor
            wanted = SecondFactorWanted(half_sessions.begin(house, whole, Purpose.SECOND_FACTOR, operator))
            return Returned(session=wanted, next=_next(state))
        session = operator_sessions.begin_within(house, whole, known, visitor, Way.SSO)
    return Returned(session=session, next=_next(state))


def finish_confirm(
    house: House, session: OperatorSession, half: str, *, code: str, state: str, visitor: Visitor
) -> Confirmed:
    """The same session under a new secret. Raises as `finish`, and `SsoSomebodyElse`, `SessionOver`."""
    begun = _begun(house, half, state, Purpose.CONFIRM_SSO)
    if begun.operator is None or begun.operator.id != session.operator.id:
        raise SsoForeign
    _found, profile = _profile(house, half, code, visitor)
    operator = _match(house, profile.email)
    if operator is None or operator.id != session.operator.id:
        raise SsoSomebodyElse(email=profile.email)
    with as_operator(house, operator).database.write_house() as whole:
        half_sessions.spend(house, whole, half)
        fresh = operator_sessions.rotate_within(house, whole, session)
    return Confirmed(session=fresh, next=_next(state))


def is_confirming(house: House, half: str) -> bool:
    """Which of the two came back."""
    try:
        half_sessions.current(house, half, Purpose.CONFIRM_SSO)
    except half_sessions.HalfSessionOver:
        return False
    return True


def check_state(half: str, state: str) -> None:
    """What came back was begun in this browser. Raises `SsoForeign`."""
    if not hmac.compare_digest(state.encode("utf-8", "replace"), _state(half, _next(state)).encode("utf-8", "replace")):
        raise SsoForeign


def _keep(house: House, sso: OperatorSso | None) -> DashboardSettings:
    with house.database.write_house() as whole:
        settings = msgspec.structs.replace(house_settings.dashboard(whole), sso=sso)
        house_settings.set_dashboard(whole, settings)
    return settings


def _start(house: House, operator: Operator | None, *, next_: str, visitor: Visitor) -> Started:
    found = chosen(house)
    if found is None:
        raise SsoOff
    half = house.secret()
    request = AuthorizeRequest(
        client_id=found.environment.client_id,
        redirect_uri=redirect_uri.own(house.base_url),
        response_type="code",
        organization=found.organization.id,
        state=_state(half, next_),
        code_challenge=urlsafe_b64encode(sha256(_verifier(half).encode()).digest()).rstrip(b"=").decode(),
        code_challenge_method="S256",
        prompt=None if operator is None else "login",
        login_hint=None if operator is None else operator.email,
    )
    try:
        # It may have to ask the identity provider where its endpoints are: nothing is written before.
        begun = authorize.authorize_own(house, _pass(house, found), request, visitor)
    except LoginRefused as refusal:
        raise SsoFailed(why=refusal.message) from refusal
    with house.database.write_house() as whole:
        half_sessions.hold(house, whole, half, Purpose.SSO if operator is None else Purpose.CONFIRM_SSO, operator)
    return Started(half=Secret(half), begun=begun)


def _begun(house: House, half: str, state: str, purpose: Purpose) -> HalfSession:
    check_state(half, state)
    try:
        return half_sessions.current(house, half, purpose)
    except half_sessions.HalfSessionOver:
        raise SsoForeign from None


def _profile(house: House, half: str, code: str, visitor: Visitor) -> tuple[Chosen, Profile]:
    """Whom the code stands for, if their identity provider may speak for them."""
    found = chosen(house)
    if found is None:
        raise SsoOff
    request = TokenRequest(
        grant_type="authorization_code",
        client_id=found.environment.client_id,
        code=code,
        code_verifier=_verifier(half),
        redirect_uri=redirect_uri.own(house.base_url),
    )
    try:
        profile = redeem.redeem_for(house, _pass(house, found), request, idempotency_key=None, visitor=visitor).profile
    except GrantRefused as refusal:
        raise SsoFailed(why=refusal.message) from refusal
    # An organization may let in whom it likes; who an operator is, its identity provider says of its own domains alone,
    # and only where the protocol vouches for the address ("nOAuth": SAML-37, OIDC-16).
    domain = profile.email.rpartition("@")[2].lower()
    inside = profile.organization_id == found.organization.id and found.organization.has_verified(domain)
    if not inside or not profile.email_domain_verified:
        raise SsoOutside(email=profile.email)
    return found, profile


def _match(house: House, email: str) -> Operator | None:
    with house.database.house() as whole:
        found = operators.named(whole, email)
    # `named` takes ids as well; an address has an @, and no id has one.
    return found if found is not None and found.email.lower() == email.lower() else None


def _still_here(whole: HouseScope, operator: Operator) -> Operator:
    """As they are now: what was looked at may have been taken back meanwhile."""
    found = operators.named(whole, operator.id)
    if found is None or found.disabled_at is not None:
        raise SsoStranger(email=operator.email)
    return found


def _name(profile: Profile) -> str:
    said = profile.name or " ".join(filter(None, (profile.first_name, profile.last_name)))
    plain = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return plain[:MAX_NAME] or profile.email.partition("@")[0][:MAX_NAME]


def _pass(house: House, found: Chosen) -> Pass:
    """As an application's, whose sign-ins are in the trail of sign-ins and not in the audit log."""
    pass_ = front_door.by_client_id(house.database, found.environment.client_id)
    if pass_ is None:
        raise SsoOff
    return pass_


def _verifier(half: str) -> str:
    return _made_of(half, b"code_verifier")


def _state(half: str, next_: str) -> str:
    """Where to go on stands in it, and none but us can have written it."""
    return f"{_made_of(half, b'state ' + next_.encode('utf-8', 'replace'))}.{next_}"


def _next(state: str) -> str:
    return state.partition(".")[2]


def _made_of(half: str, word: bytes) -> str:
    made = hmac.digest(half.encode("utf-8", "surrogatepass"), word, sha256)
    return urlsafe_b64encode(made).rstrip(b"=").decode()
