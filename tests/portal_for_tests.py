"""IT admins in the Admin Portal: come in by a link, as people do."""

from __future__ import annotations

from latchstring.flows import organizations, portal_links
from latchstring.flows.organizations import OrganizationWish
from latchstring.flows.portal_links import Ends, Made
from latchstring.model.environment import Pass
from latchstring.model.organization import Organization
from latchstring.model.portal import Intent, LinkKind
from latchstring.web.portal.start import LAUNCH
from tests.house_for_tests import BASE, Answer, Browser, Rig
from tests.operators_for_tests import page, post


def organization(rig: Rig, name: str = "Globex", *, pass_: Pass | None = None) -> Organization:
    return organizations.create(rig.house, pass_ or rig.pass_, OrganizationWish(name=name))


def api_link(rig: Rig, organization_id: str, intent: Intent = Intent.SSO, **more: str) -> Made:
    ends = Ends(return_url=more.get("return_url"), success_url=more.get("success_url"))
    with rig.house.database.write(rig.pass_) as scope:
        return portal_links.add_within(
            rig.house,
            scope,
            rig.pass_,
            organization_id,
            kind=LinkKind.API,
            intent=intent,
            ends=ends,
            external_user_id=more.get("external_user_id"),
        )


def set_up_link(rig: Rig, organization_id: str, intent: Intent = Intent.SSO, *recipients: str) -> Made:
    return portal_links.make_set_up(rig.house, rig.pass_, organization_id, intent=intent, recipients=recipients)


def address(made: Made) -> str:
    return made.url.reveal().removeprefix(BASE)


def follow(rig: Rig, made: Made, browser: Browser | None = None) -> Browser:
    """Opens the link and presses its button."""
    browser = browser or rig.browser()
    answer = press(browser, browser.get(address(made)))
    assert (answer.status, answer.location) == (303, "/portal"), answer.text
    return browser


def press(browser: Browser, shown: Answer) -> Answer:
    return post(browser, LAUNCH, page(shown).one("form", method="post", action=LAUNCH).sends())


def csrf(browser: Browser) -> str:
    """Of this browser's session, for its forms."""
    form = page(browser.get("/portal")).one("form", action="/portal/leave")
    return form.one("input", name="csrf").attributes["value"]
