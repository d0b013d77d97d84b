"""Second factors in a browser: an authenticator without JavaScript, and how their pages look."""

from __future__ import annotations

import time
from base64 import b32decode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page, unfit
from tests.real.product import Product
from tests.real.test_dashboard import sign_in

FACTORS = "/dashboard/account/second-factors"


def newcomer(browser: Browser, product: Product, email: str, role: str = "support") -> None:
    """Somebody with a password and nothing else."""
    invited = product.terminal("operator", "invite", email, "--role", role)
    with page(browser, javascript=False) as opened:
        opened.goto(invited["url"])
        opened.get_by_label("Your name").fill("Sue")
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Create the account").click()
        expect(opened.get_by_role("heading", level=1)).to_have_text("Environments")


def code(secret: str, steps: int = 0) -> str:
    """What the authenticator shows; a step later (and never a step earlier) it is good even if its time just turns."""
    key = b32decode(secret.replace(" ", ""))
    return HOTP(key, 6, SHA1()).generate(int(time.time()) // 30 + steps).decode()  # noqa: S303 - RFC 6238's own


def test_an_authenticator_without_javascript(browser: Browser, product: Product) -> None:
    newcomer(browser, product, "totp@example.com")
    with page(browser, javascript=False) as opened:
        sign_in(opened, product, "totp@example.com")
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(product.base_url + FACTORS)
        opened.get_by_role("button", name="Set up an authenticator").click()
        expect(opened.locator("img.qr")).to_have_js_property("complete", True)
        assert opened.locator("img.qr").evaluate("image => image.naturalWidth") > 100
        secret = opened.locator("#secret").inner_text()
        opened.get_by_label("Code").fill(code(secret))
        opened.get_by_role("button", name="Use this authenticator").click()
        recovery = opened.locator("#codes").inner_text().split()
        with opened.expect_download() as download:
            opened.get_by_role("button", name="Download as text").click()
        assert recovery[0] in download.value.path().read_text()
        opened.get_by_role("link", name="I have kept them").click()
        expect(opened.get_by_text("10 are left")).to_have_count(1)
    with page(browser) as opened:
        sign_in(opened, product, "totp@example.com")
        expect(opened.get_by_label("Code of your authenticator")).to_be_focused()
        assert unfit(opened, "second-factor") == []
        opened.keyboard.type(code(secret, 1))
        opened.keyboard.press("Enter")
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(product.base_url + FACTORS)
        assert unfit(opened, "factors") == []
        opened.get_by_role("button", name="Make ten new ones").click()
        expect(opened.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
        assert unfit(opened, "recovery-codes") == []


def test_a_passkey_with_an_authenticator_of_chromium(browser: Browser, product: Product) -> None:
    newcomer(browser, product, "key@example.com")
    with page(browser) as opened:
        devices = opened.context.new_cdp_session(opened)
        devices.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        authenticator = devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})["authenticatorId"]
        sign_in(opened, product, "key@example.com")
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(product.base_url + FACTORS)
        opened.get_by_role("link", name="Add a passkey").click()
        expect(opened.get_by_role("heading", level=1)).to_have_text("Add a passkey")
        assert unfit(opened, "passkey-new") == []
        opened.get_by_label("Name").fill("Laptop")
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
        opened.get_by_role("link", name="I have kept them").click()
        expect(opened.get_by_role("rowheader", name="Laptop")).to_be_visible()
        assert unfit(opened, "factors-passkey") == []
        opened.goto(f"{product.base_url}/dashboard/confirm?next={FACTORS}")
        assert unfit(opened, "confirm-passkey") == []
        opened.get_by_role("button", name="Use a passkey").click()
        expect(opened).to_have_url(product.base_url + FACTORS)

        opened.context.clear_cookies()
        sign_in(opened, product, "key@example.com")
        expect(opened.get_by_role("heading", level=1)).to_have_text("Your second factor")
        assert unfit(opened, "second-factor-passkey") == []
        opened.get_by_role("button", name="Use a passkey").click()
        expect(opened).to_have_url(f"{product.base_url}/dashboard")

        opened.context.clear_cookies()
        opened.goto(f"{product.base_url}/dashboard/sign-in")
        opened.get_by_role("link", name="Sign in with a passkey").click()
        expect(opened.get_by_role("button", name="Use a passkey")).to_be_visible()
        assert unfit(opened, "passkey") == []
        devices.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        opened.get_by_role("button", name="Use a passkey").click()
        expect(opened.get_by_role("alert")).to_contain_text("did not answer")
        devices.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
        opened.get_by_role("button", name="Use a passkey").click()
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        expect(opened.locator("details.me")).to_contain_text("Sue")


def test_the_pages_of_an_account_without_one(browser: Browser, product: Product) -> None:
    newcomer(browser, product, "none@example.com")
    with page(browser) as opened:
        sign_in(opened, product, "none@example.com")
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(product.base_url + FACTORS)
        assert unfit(opened, "factors-none") == []
        opened.get_by_role("button", name="Set up an authenticator").click()
        wrong(opened)
        assert unfit(opened, "factors-set-up") == []


def wrong(opened: Page) -> None:
    opened.get_by_label("Code").fill("000000")
    opened.get_by_role("button", name="Use this authenticator").click()
    expect(opened.get_by_label("Code")).to_be_focused()
