"""/sso/test/{external_key}/{handle}: where a test sign-in is started, and where the same browser reads its result.

The link is made in the Dashboard, and may be opened in a private window or by a colleague: it needs no account, starts
one test, and shows its result to the browser that started it alone. Everybody else reads it in the Dashboard.
"""

from __future__ import annotations

from latchstring.flows import sign_in_tests
from latchstring.flows.house import House
from latchstring.flows.sign_in_tests import SpentTest
from latchstring.model import addresses
from latchstring.model.attempt import BrowserMismatch
from latchstring.model.connection import Connection
from latchstring.model.sign_in_test import SignInTest
from latchstring.web.kit import caller, departure, pages, test_results
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.kit.route import Ask
from latchstring.web.sso import browser


def shown(house: House, ask: Ask) -> Reply:
    key, handle = ask.params["external_key"], ask.params["handle"]
    secret = browser.secrets(house, ask.inbound).get(handle, "")
    try:
        connection, test = sign_in_tests.in_browser(house, key, handle, secret)
    except BrowserMismatch:
        connection, test = sign_in_tests.at_address(house, key, handle)[1:]
        return _page(house, connection, test, elsewhere=True)
    return _page(house, connection, test)


def start(house: House, ask: Ask) -> Reply:
    key, handle = ask.params["external_key"], ask.params["handle"]
    try:
        started = sign_in_tests.start(house, key, handle, caller.visitor(ask.inbound))
    except SpentTest:
        return redirect(addresses.of_test(house.base_url, key, handle))  # which says how it stands
    cookies = browser.bind(house, started.attempt, started.browser_secret)
    if started.departure is None:
        return redirect(started.attempt.redirect_uri, headers=cookies)
    return departure.reply(house, started.departure, cookies)


def again(house: House, ask: Ask) -> Reply:
    key, handle = ask.params["external_key"], ask.params["handle"]
    secret = browser.secrets(house, ask.inbound).get(handle, "")
    try:
        test = sign_in_tests.again(house, key, handle, secret)
    except (SpentTest, BrowserMismatch):
        return redirect(addresses.of_test(house.base_url, key, handle))
    return redirect(addresses.of_test(house.base_url, key, test.handle))


def _page(house: House, connection: Connection, test: SignInTest, *, elsewhere: bool = False) -> Reply:
    address = addresses.of_test(house.base_url, connection.external_key, test.handle)
    return pages.render(
        house,
        "sign_in_test.html",
        status=403 if elsewhere else 200,
        state=test.state(house.now()),
        elsewhere=elsewhere,
        connection_name=connection.name,
        address=address,
        silent=test.is_silent(house.now()),
        result=None if elsewhere else test_results.shown(test, connection.type),
        may_repeat=house.now() < test.expires_at,
    )
