"""The right answer at the wrong time: to another sign-in or browser, unasked for, or twice (SAML-32 to SAML-34)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from latchstring.attacks.browser import Browser, verdict
from latchstring.attacks.outcome import Attack, Verdict
from latchstring.attacks.saml.forge import (
    Build,
    attack,
    attribute,
    composed,
    encoded,
    forge,
    swap,
)
from latchstring.attacks.saml.scene import Party, Scene, SignIn, path, random_id

_DATA = "saml:SubjectConfirmationData"
_AT_ONCE = 20


def row(name: str, requirement: str, tries: str, expected: str, play: Callable[[Scene], Verdict]) -> Attack[Scene]:
    return Attack(name=name, requirement=requirement, tries=tries, expected=expected, play=play)


def begun(scene: Scene, party: Party) -> tuple[SignIn, str]:
    """A sign-in and a valid answer to it, in Base64."""
    sign_in = scene.begin(party)
    return sign_in, encoded(forge(scene, party, sign_in.request_id).answer())


# The sign-in of a browser (SAML-32)


def _other_sign_in(scene: Scene) -> Verdict:
    """The attacker's own answer, with the cookies of somebody else: login CSRF."""
    party = scene.party()
    _, answer = begun(scene, party)
    return scene.deliver(party, scene.begin(party), answer)


def _no_cookies(scene: Scene) -> Verdict:
    party = scene.party()
    sign_in, answer = begun(scene, party)
    return scene.deliver(party, msgspec.structs.replace(sign_in, browser=scene.browser()), answer)


def _wrong_cookie(scene: Scene) -> Verdict:
    """The cookie has the right name and the value of another sign-in."""
    party = scene.party()
    sign_in, answer = begun(scene, party)
    other = scene.begin(party).browser
    value = next(iter(other.cookies.values()))
    for name in sign_in.browser.cookies:
        sign_in.browser.cookies[name] = value
    return scene.deliver(party, sign_in, answer)


def _same_browser_other_request(scene: Scene) -> Verdict:
    """Two sign-ins in one browser: an answer to the first says outside that it is for the second."""
    party = scene.party()
    first = scene.begin(party)
    second = scene.begin(party)
    second.browser.cookies |= first.browser.cookies
    text = forge(scene, party, first.request_id).answer(
        after=attribute("samlp:Response", "InResponseTo", second.request_id)
    )
    return scene.deliver(party, second, encoded(text))


def _twice(scene: Scene) -> Verdict:
    """The same form posted again, by somebody who has kept the cookie."""
    party = scene.party()
    sign_in, answer = begun(scene, party)
    cookies = dict(sign_in.browser.cookies)
    scene.deliver(party, sign_in, answer)
    sign_in.browser.cookies |= cookies
    return scene.deliver(party, sign_in, answer)


def _after_failure(scene: Scene) -> Verdict:
    """A valid answer to a sign-in that ended with a refusal."""
    party = scene.party()
    sign_in, answer = begun(scene, party)
    scene.deliver(party, sign_in, encoded(forge(scene, party, sign_in.request_id).answer(sign="none")))
    return scene.deliver(party, sign_in, answer)


_ANSWERED: dict[str, tuple[str, str, Build]] = {
    "in-response-to-unknown": (
        "a request that nobody made",
        "answer_unknown",
        lambda f: f.answer(in_response_to=random_id()),
    ),
    "in-response-to-empty": ("an empty InResponseTo", "answer_unknown", lambda f: f.answer(in_response_to="")),
    "in-response-to-blank": (
        "a blank before it",
        "answer_unknown",
        lambda f: f.answer(in_response_to=f" {f.request_id}"),
    ),
    "in-response-to-case": (
        "capitals",
        "answer_unknown",
        lambda f: f.answer(in_response_to=(f.request_id or "").upper()),
    ),
    "in-response-to-like": ("a wildcard of SQL", "answer_unknown", lambda f: f.answer(in_response_to="_%")),
    "in-response-to-missing-inside": (
        "none in the confirmation",
        "unsolicited_response",
        composed(attribute(_DATA, "InResponseTo", None)),
    ),
    "in-response-to-other-inside": (
        "another one in the confirmation",
        "in_response_to_unknown",
        composed(attribute(_DATA, "InResponseTo", "_other")),
    ),
}


# Nobody asked (SAML-33)

_UNASKED: dict[str, tuple[str, str, str, Build]] = {
    "unsolicited": ("an answer that nobody asked for", "idp_initiated_sso_disabled", "twin", lambda f: f.answer()),
    "unsolicited-unknown": (
        "an unknown request, where unsolicited ones are allowed",
        "answer_unknown",
        "portal",
        lambda f: f.answer(in_response_to=random_id()),
    ),
    "unsolicited-inside": (
        "InResponseTo taken away outside, left inside",
        "in_response_to_unknown",
        "portal",
        lambda f: f.answer(in_response_to=random_id(), after=attribute("samlp:Response", "InResponseTo", None)),
    ),
    "unsolicited-empty": (
        "an empty InResponseTo, where unsolicited ones are allowed",
        "answer_unknown",
        "portal",
        lambda f: f.answer(in_response_to=""),
    ),
    "unsolicited-unsigned": (
        "an unsigned one, where unsolicited ones are allowed",
        "signature_missing",
        "portal",
        lambda f: f.answer(sign="none"),
    ),
}


def _stripped_to_unsolicited(scene: Scene) -> Verdict:
    """An answer to a real request, its InResponseTo taken away outside, sent without cookies."""
    party = scene.party("portal")
    sign_in = scene.begin(party)
    text = forge(scene, party, sign_in.request_id).answer(after=attribute("samlp:Response", "InResponseTo", None))
    return scene.post(party, scene.browser(), [("SAMLResponse", encoded(text))])


# Once only (SAML-34)


def _again(*, edit: Callable[[str], str] = str) -> Callable[[Scene], Verdict]:
    """An answer that nobody asked for, posted twice."""

    def play(scene: Scene) -> Verdict:
        party = scene.party("portal")
        text = forge(scene, party, None).answer()
        scene.post(party, scene.browser(), [("SAMLResponse", encoded(text))])
        return scene.post(party, scene.browser(), [("SAMLResponse", encoded(edit(text)))])

    return play


def _assertion_again(scene: Scene) -> Verdict:
    """The assertion's ID once more, in the answer to a new request."""
    party = scene.party()
    first = scene.begin(party)
    made = forge(scene, party, first.request_id)
    scene.deliver(party, first, encoded(made.answer()))
    second = scene.begin(party)
    again = msgspec.structs.replace(made, request_id=second.request_id, response_id=random_id(), now=scene.now)
    return scene.deliver(party, second, encoded(again.answer()))


def _all_at_once(scene: Scene) -> Verdict:
    """Many posts of one answer at the same moment: one may come through. The others' verdict counts."""
    party = scene.party("portal")
    field = encoded(forge(scene, party, None).answer())

    def post(_: int) -> Verdict:
        line = scene.arena.line.another()
        try:
            return verdict(Browser(line).post(path(party.acs_url), {"SAMLResponse": field}))
        finally:
            line.close()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(post, range(_AT_ONCE)))
    refused = [each for each in found if not each.accepted]
    if len(refused) != _AT_ONCE - 1:
        return msgspec.structs.replace(found[0], accepted=True)
    return next((each for each in refused if each.code != "assertion_replayed"), refused[0])


ATTACKS: tuple[Attack[Scene], ...] = (
    row("browser-other", "SAML-32", "another browser's answer, in this one", "browser_mismatch", _other_sign_in),
    row("browser-without-cookies", "SAML-32", "a browser without cookies", "browser_mismatch", _no_cookies),
    row("browser-wrong-cookie", "SAML-32", "the cookie of another sign-in", "browser_mismatch", _wrong_cookie),
    row(
        "browser-two-sign-ins",
        "SAML-32",
        "another sign-in of the same browser",
        "in_response_to_unknown",
        _same_browser_other_request,
    ),
    row("answer-twice", "SAML-32", "the same answer twice", "attempt_already_used", _twice),
    row(
        "answer-after-refusal",
        "SAML-32",
        "an answer to a sign-in that has failed",
        "attempt_already_used",
        _after_failure,
    ),
    *(attack(name, "SAML-32", tries, code, build) for name, (tries, code, build) in _ANSWERED.items()),
    *(
        attack(name, "SAML-33", tries, code, build, party=party, unsolicited=True)
        for name, (tries, code, party, build) in _UNASKED.items()
    ),
    row(
        "unsolicited-by-stripping",
        "SAML-33",
        "a real answer made to look unasked for",
        "in_response_to_unknown",
        _stripped_to_unsolicited,
    ),
    row("replay", "SAML-34", "an unsolicited answer again", "assertion_replayed", _again()),
    row(
        "replay-new-response",
        "SAML-34",
        "the same assertion in a Response of a new ID",
        "assertion_replayed",
        _again(edit=lambda text: attribute("samlp:Response", "ID", random_id())(text)),
    ),
    row(
        "replay-reformatted",
        "SAML-34",
        "the same assertion, spelled otherwise",
        "assertion_replayed",
        _again(edit=swap("<samlp:Status>", "<!-- --><samlp:Status>")),
    ),
    row(
        "replay-of-assertion",
        "SAML-34",
        "a used assertion ID for a new request",
        "assertion_replayed",
        _assertion_again,
    ),
    row("replay-at-once", "SAML-34", f"{_AT_ONCE} posts of one answer at once", "assertion_replayed", _all_at_once),
)
