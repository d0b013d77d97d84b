"""Branding: saved on its page, and seen on the pages of a sign-in of that environment alone."""

from __future__ import annotations

from hashlib import sha256

from latchstring.flows import branding as flow
from latchstring.flows.branding import NewLogo
from latchstring.model.branding import Branding
from latchstring.model.operator import Role
from tests.house_for_tests import CALLBACK, Answer, Browser, Rig
from tests.idp_for_tests import saml_idp
from tests.links_for_tests import make
from tests.operators_for_tests import HERE, hire, page, signed_in
from tests.protocols.test_branding import png
from tests.slo_for_tests import slo_idp
from tests.web.test_audit import newest, told

BOUNDARY = "a-boundary"


def place(rig: Rig) -> str:
    return f"/dashboard/{rig.environment.id}/settings/branding"


def upload(rig: Rig, browser: Browser, logo: bytes | None = None, dark: bytes | None = None, **fields: str) -> Answer:
    """As a browser sends the form of the page."""
    form = page(browser.get(place(rig))).one("form", method="post", action=place(rig))
    sent = {**{key: value for key, value in form.sends().items() if "logo" not in key}, **fields}
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in sent.items()]
    for name, picture in (("logo", logo), ("dark_logo", dark)):
        head = f'Content-Disposition: form-data; name="{name}"; filename="{"logo.png" if picture else ""}"\r\n'
        parts.append(head.encode() + b"Content-Type: image/png\r\n\r\n" + (picture or b""))
    body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    headers = {**HERE, "content_type": f"multipart/form-data; boundary={BOUNDARY}"}
    return browser.call("POST", place(rig), body=body + f"--{BOUNDARY}--\r\n".encode(), headers=headers)


def branded(rig: Rig) -> None:
    flow.change(
        rig.house,
        rig.pass_,
        application="Acme <i>App",
        accent="#F0BF63",
        support="help@acme.example",
        logo=NewLogo(data=png()),
    )


def wears(answer: Answer) -> bool:
    return "Acme &lt;i&gt;App" in answer.text and "/branding/style/f0bf63.css" in answer.text


def test_i5_a_branding_is_saved_with_its_logo_and_told(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    saved = upload(rig, browser, png(), application="Acme", accent="#F0BF63", support="help@acme.example")
    assert (saved.status, saved.location) == (302, f"{place(rig)}?saved=yes")
    digest = sha256(png()).hexdigest()
    assert flow.of(rig.house, rig.pass_) == Branding(
        application="Acme", accent="#f0bf63", support="help@acme.example", logo=digest
    )
    answer = browser.get(saved.location)
    assert "Black text on it has a contrast of" in answer.text
    (entry,) = newest(rig)
    assert (entry.action, entry.target_type) == ("branding.created", "branding")
    assert told(entry)["branding.logo"] == (None, digest)
    upload(rig, browser, application="Acme 2")
    assert flow.of(rig.house, rig.pass_).logo == digest, "who chooses no file keeps the one that is there"
    assert newest(rig)[0].action == "branding.updated"
    upload(rig, browser, drop_logo="yes")
    assert flow.of(rig.house, rig.pass_).logo is None


def test_i5_what_cannot_be_is_said_beside_its_field(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    refused = upload(rig, browser, b"<svg onload='alert(1)'/>", accent="#f0bf63")
    assert refused.status == 422 and "neither a PNG nor a JPEG" in refused.text
    wrong = upload(rig, browser, application="x" * 61, accent="red", support="nobody")
    assert wrong.status == 422 and wrong.text.count('class="fault"') == 3
    assert flow.of(rig.house, rig.pass_) == Branding()
    support = signed_in(rig, hire(rig, Role.SUPPORT))
    assert '<fieldset class="settings" disabled>' in support.get(place(rig)).text
    assert upload(rig, support, application="Acme").status == 403


def test_web_04_the_logo_is_served_as_a_picture_and_as_nothing_else(rig: Rig) -> None:
    branded(rig)
    digest = sha256(png()).hexdigest()
    logo = rig.browser().get(f"/branding/logo/{rig.environment.client_id}/{digest}")
    assert (logo.status, logo.body) == (200, png())
    assert (logo.header("content-type"), logo.header("x-content-type-options")) == ("image/png", "nosniff")
    assert logo.header("content-security-policy") == "default-src 'none'; sandbox"
    assert "immutable" in (logo.header("cache-control") or "")
    other, _ = rig.another_environment()
    for wrong in (f"{rig.environment.client_id}/{'0' * 64}", f"{other.client_id}/{digest}", f"client_none/{digest}"):
        assert rig.browser().get(f"/branding/logo/{wrong}").status == 404
    style = rig.browser().get("/branding/style/f0bf63.css")
    assert style.text == ".button.primary { background: #f0bf63; color: #000000; }\n"
    for wrong in ("F0BF63.css", "f0bf63", "red.css", "f0bf63;}.css"):
        assert rig.browser().get(f"/branding/style/{wrong}").status == 404


def test_i5_the_pages_of_a_sign_in_wear_it(rig: Rig) -> None:
    branded(rig)
    idp = saml_idp(rig, sso_binding="post", idp_initiated="allow")
    assert wears(rig.authorize(rig.browser(), connection=idp.connection["id"])), "going on"
    rig.client("PATCH", "/environment", {"idp_initiated_consent": True})
    asked = idp.arrive(rig.browser(), idp.response(None))
    assert "Is this you?" in asked.text and wears(asked)
    refused = idp.arrive(rig.browser(), "nonsense")
    assert refused.status == 400 and wears(refused) and "help@acme.example" in refused.text
    unknown = rig.authorize(rig.browser(), redirect_uri="https://elsewhere.example/cb", connection=idp.connection["id"])
    assert unknown.status == 400 and wears(unknown)
    link = make(rig)["link"]
    assert wears(rig.browser().get(link))


def test_i5_a_logo_for_dark_ground_is_shown_there_and_the_other_one_on_a_plate(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    upload(rig, browser, png())
    refused = f"/sso/authorize?client_id={rig.environment.client_id}&redirect_uri=https://elsewhere.example"

    def logos() -> list[tuple[str, str]]:
        found = page(rig.browser().get(refused)).one("main").every("img")
        return [(each.attributes["class"], each.attributes["src"].rpartition("/")[2]) for each in found]

    light, dark = sha256(png()).hexdigest(), sha256(png(4, 4)).hexdigest()
    assert logos() == [("logo plate", light)]
    assert upload(rig, browser, dark=png(4, 4)).status == 302
    assert logos() == [("logo on-light", light), ("logo on-dark", dark)]
    shown = rig.browser().get(f"/branding/logo/{rig.environment.client_id}/{dark}")
    assert (shown.status, shown.body) == (200, png(4, 4))
    assert told(newest(rig)[0])["branding.dark_logo"] == (None, dark)
    wrong = upload(rig, browser, dark=b"<svg onload='alert(1)'/>")
    assert wrong.status == 422 and "neither a PNG nor a JPEG" in page(wrong).by_id("dark_logo-error").text
    assert logos()[1] == ("logo on-dark", dark), "nothing was changed"
    upload(rig, browser, drop_dark_logo="yes")
    assert logos() == [("logo plate", light)]


def test_i5_the_pages_of_signing_out_wear_it(rig: Rig) -> None:
    branded(rig)
    idp, browser = slo_idp(rig, slo_binding="post"), rig.browser()
    profile = idp.signed_in(browser)["profile"]["id"]
    first, second = idp.link(profile), idp.link(profile)
    unregistered = browser.get(f"{first}&return_to=https://elsewhere.example")
    assert unregistered.status == 400 and wears(unregistered)
    going = browser.get(first)
    assert going.status == 200 and wears(going)
    used = browser.get(first)
    assert used.status == 404 and wears(used)
    ended = browser.get(second)
    assert "You are signed out" in ended.text and wears(ended)
    assert not wears(browser.get("/sso/logout?token=made-up"))


def test_i5_another_environments_pages_do_not_wear_it(rig: Rig) -> None:
    branded(rig)
    other, theirs = rig.another_environment()
    theirs("POST", "/user_management/redirect_uris", {"uri": CALLBACK})
    idp = saml_idp(rig, theirs, sso_binding="post")
    page_of_theirs = rig.authorize(rig.browser(), client_id=other.client_id, connection=idp.connection["id"])
    assert page_of_theirs.status == 200 and "/branding/" not in page_of_theirs.text
