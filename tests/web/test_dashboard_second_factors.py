"""Second factors: an authenticator's codes and recovery codes, set up, asked for, lost and taken away."""

from __future__ import annotations

from base64 import b32decode

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from latchstring.flows import audit, dashboard_settings, operators, second_factors
from latchstring.model.operator import Operator, Role
from latchstring.protocols import totp
from latchstring.storage.audit import Filter
from tests.house_for_tests import Answer, Browser, Rig
from tests.operators_for_tests import PASSWORD, hire, page, post, send, signed_in

FACTORS = "/dashboard/account/second-factors"
ASKED = "/dashboard/sign-in/second-factor"


def code(rig: Rig, secret: bytes, *, steps: int = 0) -> str:
    """As an authenticator shows it, `steps` from now."""
    return HOTP(secret, 6, SHA1()).generate(totp.step_of(rig.clock.now()) + steps).decode()  # noqa: S303 - RFC 6238's own


def set_up(rig: Rig, browser: Browser) -> tuple[bytes, list[str]]:
    """An authenticator, by way of the pages; its secret and the recovery codes."""
    assert send(browser, browser.get(FACTORS), f"{FACTORS}/authenticator").location == f"{FACTORS}#authenticator"
    shown = browser.get(FACTORS)
    secret = b32decode(page(shown).by_id("secret").text.replace(" ", ""))
    assert page(shown).one("img", **{"class": "qr"}).attributes["src"].startswith("data:image/svg+xml")
    answer = send(browser, shown, f"{FACTORS}/authenticator/prove", code=code(rig, secret))
    assert answer.status == 200, answer.text
    rig.clock.forward(seconds=30)  # that code is used up
    return secret, page(answer).by_id("codes").text.split()


def half_way(rig: Rig, operator: Operator) -> tuple[Browser, Answer]:
    """The password was right."""
    browser = rig.browser()
    answer = post(
        browser, "/dashboard/sign-in", {"email": operator.email, "password": PASSWORD, "next": "/dashboard/team"}
    )
    assert (answer.status, answer.location) == (302, f"{ASKED}?next=/dashboard/team")
    return browser, browser.get(answer.location)


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/dashboard").status == 200


def test_web_11_an_authenticator_is_asked_for_after_the_password_and_before_any_session(rig: Rig) -> None:
    ann = hire(rig)
    secret, _codes = set_up(rig, signed_in(rig, ann))
    browser, shown = half_way(rig, ann)
    assert "latchstring_session" not in browser.cookies and not is_signed_in(browser)
    done = send(browser, shown, ASKED, code=f" {code(rig, secret)[:3]} {code(rig, secret)[3:]} ")
    assert (done.status, done.location) == (302, "/dashboard/team")
    assert is_signed_in(browser) and "latchstring_half" not in browser.cookies


def test_web_11_it_counts_from_the_first_right_code_on(rig: Rig) -> None:
    ann = hire(rig)
    browser = signed_in(rig, ann)
    send(browser, browser.get(FACTORS), f"{FACTORS}/authenticator")
    wrong = send(browser, browser.get(FACTORS), f"{FACTORS}/authenticator/prove", code="000000")
    assert wrong.status == 422 and "operator_code_wrong" not in wrong.text
    assert "aria-invalid" in page(wrong).by_id("code").attributes
    assert not second_factors.of(rig.house, ann)
    assert is_signed_in(signed_in(rig, ann))  # the password alone is still enough


def test_web_01_a_second_factor_ends_every_other_session_and_renews_this_one(rig: Rig) -> None:
    ann = hire(rig)
    browser, other = signed_in(rig, ann), signed_in(rig, ann)
    before = Browser(rig.endpoint, dict(browser.cookies))
    secret, _codes = set_up(rig, browser)
    assert [is_signed_in(each) for each in (browser, other, before)] == [True, False, False]
    elsewhere, shown = half_way(rig, ann)
    send(elsewhere, shown, ASKED, code=code(rig, secret))
    rig.clock.forward(seconds=30)
    assert is_signed_in(elsewhere)
    gone = send(browser, browser.get(FACTORS), f"{FACTORS}/authenticator/remove", code=code(rig, secret))
    assert gone.location == f"{FACTORS}?done=removed"
    assert [is_signed_in(each) for each in (browser, elsewhere)] == [True, False]
    assert is_signed_in(signed_in(rig, ann))
    assert second_factors.of(rig.house, ann).recovery_codes_left == 0


def test_web_11_a_code_is_taken_once(rig: Rig) -> None:
    ann = hire(rig)
    secret, _codes = set_up(rig, signed_in(rig, ann))
    first, second = half_way(rig, ann), half_way(rig, ann)
    seen = code(rig, secret)
    statuses = [send(browser, shown, ASKED, code=seen).status for browser, shown in (first, second)]
    assert statuses == [302, 401]
    older = send(second[0], second[1], ASKED, code=code(rig, secret, steps=-1))
    assert older.status == 401  # nor one before it
    assert send(second[0], second[1], ASKED, code=code(rig, secret, steps=1)).status == 302


def test_web_10_codes_are_tried_five_times_wherever_from(rig: Rig) -> None:
    ann = hire(rig)
    secret, _codes = set_up(rig, signed_in(rig, ann))
    answers = []
    for _ in range(3):
        browser, shown = half_way(rig, ann)
        answers += [send(browser, shown, ASKED, code="000000") for _ in range(2)]
    assert [answer.status for answer in answers] == [401] * 5 + [429]
    browser, shown = half_way(rig, ann)
    refused = send(browser, shown, ASKED, code=code(rig, secret))
    assert refused.status == 429 and refused.header("retry-after") == "900"
    rig.clock.forward(minutes=15)
    browser, shown = half_way(rig, ann)
    assert send(browser, shown, ASKED, code=code(rig, secret)).status == 302


def test_web_11_a_recovery_code_is_taken_once_in_the_place_of_one(rig: Rig) -> None:
    ann = hire(rig)
    _secret, codes = set_up(rig, signed_in(rig, ann))
    assert len(set(codes)) == 10
    statuses = []
    for typed in (codes[0], codes[0], codes[1].upper().replace("-", " ")):
        browser, shown = half_way(rig, ann)
        statuses.append(send(browser, shown, ASKED, code=typed).status)
    assert statuses == [302, 401, 302]
    assert "8 are left" in browser.get(FACTORS).text


def test_new_recovery_codes_take_the_place_of_those_before(rig: Rig) -> None:
    ann = hire(rig)
    browser = signed_in(rig, ann)
    _secret, codes = set_up(rig, browser)
    answer = send(browser, browser.get(FACTORS), "/dashboard/account/recovery-codes")
    new = page(answer).by_id("codes").text.split()
    assert len(new) == 10 and not set(new) & set(codes)
    text = send(browser, answer, "/dashboard/account/recovery-codes/download")
    assert text.header("content-disposition") == 'attachment; filename="latchstring-recovery-codes.txt"'
    assert [line for line in text.text.split() if line in new] == new
    statuses = []
    for typed in (codes[0], new[0]):
        half, shown = half_way(rig, ann)
        statuses.append(send(half, shown, ASKED, code=typed).status)
    assert statuses == [401, 302]
    csrf = page(answer).one("input", name="csrf").attributes["value"]
    odd = post(browser, "/dashboard/account/recovery-codes/download", {"csrf": csrf, "codes": "<b>hello</b>"})
    assert odd.status == 400 and "operator_recovery_codes_malformed" in odd.text


def test_web_11_removing_one_needs_a_code_and_a_fresh_password(rig: Rig) -> None:
    ann = hire(rig)
    browser = signed_in(rig, ann)
    secret, _codes = set_up(rig, browser)
    assert send(browser, browser.get(FACTORS), f"{FACTORS}/authenticator/remove", code="000000").status == 422
    old = browser.get(FACTORS)
    rig.clock.forward(minutes=10)
    late = send(browser, old, f"{FACTORS}/authenticator/remove", code=code(rig, secret))
    assert late.location == f"/dashboard/confirm?next={FACTORS}"
    assert browser.get(FACTORS).location == f"/dashboard/confirm?next={FACTORS}"
    assert second_factors.of(rig.house, ann)


def test_web_11_a_change_of_factors_makes_no_old_password_fresh(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    rig.clock.forward(minutes=9)
    set_up(rig, browser)
    rig.clock.forward(minutes=1)
    assert browser.get(FACTORS).location == f"/dashboard/confirm?next={FACTORS}"


def test_a_second_authenticator_is_not_set_up_beside_the_first(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    set_up(rig, browser)
    csrf = page(browser.get(FACTORS)).every("input", name="csrf")[0].attributes["value"]
    again = post(browser, f"{FACTORS}/authenticator", {"csrf": csrf})
    assert again.status == 409 and "operator_authenticator_exists" in again.text
    early = post(browser, f"{FACTORS}/authenticator/prove", {"csrf": csrf, "code": "000000"})
    assert early.status == 400 and "operator_authenticator_missing" in early.text


@pytest.mark.parametrize("late", [False, True])
def test_web_01_a_half_session_ends_and_belongs_to_its_browser(rig: Rig, late: bool) -> None:
    ann = hire(rig)
    secret, _codes = set_up(rig, signed_in(rig, ann))
    browser, shown = half_way(rig, ann)
    if late:
        rig.clock.forward(minutes=10)
    else:
        browser.cookies["latchstring_half"] = "x" * 43
    assert browser.get(ASKED).location == "/dashboard/sign-in"
    browser.cookies["latchstring_half"] = "x" * 43
    refused = send(browser, shown, ASKED, code=code(rig, secret))
    assert refused.status == 401 and "operator_half_session_over" in refused.text
    assert not is_signed_in(browser)


def test_web_03_the_form_of_a_code_needs_the_token_of_its_half_session(rig: Rig) -> None:
    ann = hire(rig)
    secret, _codes = set_up(rig, signed_in(rig, ann))
    browser, _shown = half_way(rig, ann)
    assert post(browser, ASKED, {"code": code(rig, secret)}).status == 403
    assert not is_signed_in(browser)


def test_web_11_a_half_session_ends_with_the_account(rig: Rig) -> None:
    hire(rig)
    dev = hire(rig, Role.DEVELOPER)
    secret, _codes = set_up(rig, signed_in(rig, dev))
    browser, shown = half_way(rig, dev)
    operators.disable(rig.house, dev.id)
    assert send(browser, shown, ASKED, code=code(rig, secret)).status == 401
    assert not is_signed_in(browser)


def test_a_reset_takes_second_factors_away(rig: Rig) -> None:
    ann = hire(rig)
    set_up(rig, signed_in(rig, ann))
    operators.reset(rig.house, ann.email)
    assert not second_factors.of(rig.house, ann)
    assert second_factors.of(rig.house, ann).recovery_codes_left == 0


def test_web_13_secrets_of_second_factors_are_kept_sealed_or_hashed(rig: Rig) -> None:
    secret, codes = set_up(rig, signed_in(rig, hire(rig)))
    rig.house.database.close()
    kept = b"".join(path.read_bytes() for path in rig.folder.glob("house.db*"))
    for hidden in (secret, totp.secret_text(secret).encode(), codes[0].encode(), codes[0].replace("-", "").encode()):
        assert hidden not in kept


def test_i5_what_lets_somebody_in_stands_in_the_audit_log(rig: Rig) -> None:
    ann = hire(rig)
    browser = signed_in(rig, ann)
    secret, _codes = set_up(rig, browser)
    send(browser, browser.get(FACTORS), f"{FACTORS}/authenticator/remove", code=code(rig, secret))
    found = list(audit.export(rig.house, Filter()))
    told = [(entry.action, entry.actor) for entry in found if entry.target_id == ann.id]
    for action in ("authenticator_added", "recovery_codes_made", "authenticator_removed"):
        assert (f"operator.{action}", f"operator:{ann.id}") in told
    assert totp.secret_text(secret) not in str(found)


def test_web_11_whoever_lacks_the_factor_that_everybody_needs_sets_one_up_first(rig: Rig) -> None:
    ann = hire(rig)
    browser, sues = signed_in(rig, ann), signed_in(rig, hire(rig, Role.SUPPORT))
    set_up(rig, browser)
    shown = browser.get("/dashboard/team")
    assert "checked" in page(shown).by_id("needed-no").attributes
    chosen = send(browser, shown, "/dashboard/team/second-factors", needed="yes")
    assert chosen.location == "/dashboard/team#second-factors"
    assert browser.get("/dashboard").status == 200
    for path in ("/dashboard", f"/dashboard/{rig.environment.id}/organizations"):
        assert sues.get(path).location == FACTORS
    assert "asks everybody for a second factor" in sues.get(FACTORS).text
    set_up(rig, sues)
    assert is_signed_in(sues)
    told = [entry for entry in audit.export(rig.house, Filter()) if entry.action == "house_settings.changed"]
    assert [(change.field, change.after) for change in told[0].changes] == [("second_factor_needed", True)]


def test_web_11_nothing_is_changed_before_it_is_set_up(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    csrf = page(browser.get(FACTORS)).every("input", name="csrf")[0].attributes["value"]
    dashboard_settings.need_second_factor(rig.house, needed=True)
    for path, form in (
        (f"/dashboard/{rig.environment.id}/organizations", {"name": "Acme"}),
        ("/dashboard/team/invite", {"email": "eve@example.com", "role": "admin"}),
        ("/dashboard/team/second-factors", {"needed": "no"}),
    ):
        assert post(browser, path, {"csrf": csrf, **form}).location == FACTORS
    assert operators.invitations(rig.house) == []
    assert dashboard_settings.current(rig.house).second_factor_needed


def test_whoever_lacks_one_can_still_leave_and_look_after_their_account(rig: Rig) -> None:
    sues = signed_in(rig, hire(rig, Role.SUPPORT))
    dashboard_settings.need_second_factor(rig.house, needed=True)
    for path in ("/dashboard/account", "/dashboard/confirm", "/dashboard/account/passkeys/new"):
        assert sues.get(path).status == 200
    assert send(sues, sues.get(FACTORS), "/dashboard/sign-out").location == "/dashboard/sign-in"
    dashboard_settings.need_second_factor(rig.house, needed=False)
    assert is_signed_in(signed_in(rig, operators.named(rig.house, "support@example.com")))


def test_the_team_page_says_who_has_what(rig: Rig) -> None:
    ann = hire(rig, Role.ADMIN, "ann@example.com")
    browser = signed_in(rig, ann)
    set_up(rig, browser)
    rows = {row.one("th").text: row.text for row in page(browser.get("/dashboard/team")).every("tbody")[0].every("tr")}
    (anns,) = [text for name, text in rows.items() if "ann@example.com" in name]
    (others,) = [text for name, text in rows.items() if "first@example.com" in name]
    assert "authenticator" in anns and "none" in others
    assert dashboard_settings.who_has_what(rig.house) == {ann.id: ("authenticator",)}
