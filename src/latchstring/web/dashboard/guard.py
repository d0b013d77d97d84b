"""`Page`: a row of the Dashboard's table, and what stands in front of each: session, role, and where a form stood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from latchstring.flows import dashboard_settings, environments, operator_sessions
from latchstring.flows.house import House
from latchstring.model.audit import VISITOR
from latchstring.model.environment import Environment, Pass
from latchstring.model.operator import Operator, OperatorSession, Role
from latchstring.model.refusal import Forbidden, Mender, NotFound, Unauthorized
from latchstring.storage import front_door
from latchstring.web.dashboard import browser, places
from latchstring.web.kit import caller, pages
from latchstring.web.kit.message import Header, Inbound, Params, Reply
from latchstring.web.kit.route import Ask, Route

HOME = "/dashboard"


class RoleTooLow(Forbidden):
    """Your role here is {role}; this needs {least}."""

    code = "operator_role_too_low"
    mender = Mender.OPERATOR
    fix = "Ask an administrator of this Dashboard to do it, or to change your role."
    role: str
    least: str


class PasswordNeeded(Unauthorized):
    """This needs your password once more."""

    code = "operator_password_needed"
    mender = Mender.USER
    fix = "Type your password; it is good for ten minutes."
    back_to: str


class SecondFactorNeeded(Forbidden):
    """This Dashboard asks everybody for a second factor, and you have none yet."""

    code = "operator_second_factor_needed"
    mender = Mender.USER
    fix = "Set one up: `/dashboard/account/second-factors`."


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A request of somebody who is signed in, and may be here."""

    inbound: Inbound
    params: Params
    session: OperatorSession
    secret: str  # of the session
    environments: Sequence[Environment]
    environment: Environment | None = None  # the one that the path names

    @property
    def operator(self) -> Operator:
        return self.session.operator

    @property
    def pass_(self) -> Pass:
        """Into the environment that the path names."""
        if self.environment is None:
            raise LookupError("this page belongs to no environment")
        return front_door.by_person(self.environment, self.operator.id)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. There is no default for who may see it: whoever adds a page decides."""

    method: str
    path: str
    summary: str
    least: Role
    show: Callable[[House, Visit], Reply]
    fresh: bool = False  # needs a password typed in the last ten minutes (WEB-11)
    back: str = HOME  # of a form: where to go on when the password had to be typed first; {names} as in the path
    bare: bool = False  # for those, too, who still lack the second factor that everybody needs
    max_body: int = 65_536  # bytes
    aside: bool = False  # may reckon for a tenth of a second or more, as making a key does (web.kit.route)


class OpenPage(msgspec.Struct, frozen=True, kw_only=True):
    """One that somebody who is not signed in has to reach: the ways in."""

    method: str
    path: str
    summary: str
    show: Callable[[House, Ask], Reply]


def guarded(page: Page | OpenPage) -> Route:
    def handler(house: House, ask: Ask) -> Reply:
        changes = page.method != "GET"
        if changes:
            browser.must_stand_here(house, ask.inbound)
        if isinstance(page, OpenPage):
            return page.show(caller.acting(house, ask.inbound, VISITOR) if changes else house, ask)
        secret = browser.session(house, ask.inbound)
        session = operator_sessions.current(house, secret)
        if changes:
            browser.must_be_of_session(ask.inbound, secret)
        if not session.operator.role.may(page.least):
            raise RoleTooLow(role=session.operator.role.value, least=page.least.value)
        if not page.bare and dashboard_settings.lacks_second_factor(house, session):
            raise SecondFactorNeeded
        if page.fresh and not session.is_fresh(house.now()):
            raise PasswordNeeded(back_to=admitted(page.back.format_map(ask.params)) if changes else _place(ask.inbound))
        if changes:
            house = caller.acting(house, ask.inbound, f"operator:{session.operator.id}", session.operator.name)
        every = environments.every(house)
        visit = Visit(
            inbound=ask.inbound,
            params=ask.params,
            session=session,
            secret=secret,
            environments=every,
            environment=_environment(every, ask.params.get("environment")),
        )
        return page.show(house, visit)

    return Route(
        method=page.method,
        path=page.path,
        handler=handler,
        summary=page.summary,
        max_body=page.max_body if isinstance(page, Page) else 65_536,
        aside=isinstance(page, Page) and page.aside,
        hidden=True,
    )


def render(
    house: House, visit: Visit, template: str, *, status: int = 200, headers: tuple[Header, ...] = (), **values: Any
) -> Reply:
    """A page for somebody who is signed in."""
    return pages.render(
        house,
        template,
        status=status,
        headers=headers,
        forms_stay_here=True,
        operator=visit.operator,
        environment=visit.environment,
        environments=visit.environments,
        places=places.open_to(visit.operator.role, visit.environment),
        csrf=browser.csrf(visit.secret),
        **values,
    )


def _environment(every: Sequence[Environment], named: str | None) -> Environment | None:
    """Raises `NotFound`."""
    found = next((each for each in every if each.id == named), None)
    if found is None and named is not None:
        raise NotFound(kind="Environment", id=named[:100])
    return found


def sign_in_address(inbound: Inbound) -> str:
    """Where somebody who is not signed in goes, to come back to what they wanted to see."""
    return f"{HOME}/sign-in?next={quote(_place(inbound), safe='/')}"


def admitted(place: str) -> str:
    """A page of the Dashboard to go on to, whatever `place` says: never another site (OAUTH-13)."""
    inside = place == HOME or place.startswith((f"{HOME}/", f"{HOME}?"))
    plain = place.isascii() and place.isprintable() and "\\" not in place and "//" not in place
    return place if inside and plain and len(place) <= 1000 else HOME


def _place(inbound: Inbound) -> str:
    """The page that was asked for. What a form was to change is not done by itself after a sign-in."""
    if inbound.method != "GET":
        return HOME
    query = inbound.query.decode("ascii", "replace")
    return admitted(inbound.path + (f"?{query}" if query else ""))
