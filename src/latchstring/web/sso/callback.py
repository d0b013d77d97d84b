"""The identity providers' answers: the ACS POST, the OpenID Connect and OAuth callbacks -> flows.arrive -> the app."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from latchstring.flows import arrive
from latchstring.flows import consent as consent_flow
from latchstring.flows.authorize import ReturnToApp
from latchstring.flows.house import House
from latchstring.flows.idp_initiated import Question
from latchstring.flows.sign_in_test_answers import Tested
from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.web.kit import brand, caller, decode, pages
from latchstring.web.kit.message import Inbound, Reply, redirect
from latchstring.web.kit.route import Ask
from latchstring.web.sso import browser, landing


class RequestBesideResponse(InvalidRequest):
    """A SAMLRequest came beside the SAMLResponse, so it is not clear which of them is meant."""

    code = "saml_request_beside_response"
    mender = Mender.IT_ADMIN
    fix = "Let the identity provider post SAMLResponse and RelayState to the ACS URL, and no SAMLRequest."


def saml_acs(house: House, ask: Ask) -> Reply:
    """By POST alone (SAML-43); a SAMLRequest beside the response, or anything twice, is refused."""
    fields = decode.singles(decode.pairs(ask.inbound.body))
    if "SAMLRequest" in fields:
        raise RequestBesideResponse
    return _arrive(house, ask, fields, speaks="saml")


def oidc_callback(house: House, ask: Ask) -> Reply:
    return _arrive(house, ask, _fields(ask), speaks="oidc")


def oauth_callback(house: House, ask: Ask) -> Reply:
    """By GET, and by POST from whom answers with a form: Apple."""
    return _arrive(house, ask, _fields(ask), speaks="oauth")


def _fields(ask: Ask) -> Mapping[str, str]:
    raw = ask.inbound.query if ask.inbound.method == "GET" else ask.inbound.body
    return decode.singles(decode.pairs(raw))


def _arrive(house: House, ask: Ask, fields: Mapping[str, str], *, speaks: arrive.Speaks) -> Reply:
    try:
        landed = arrive.arrive(
            house,
            ask.params["external_key"],
            speaks=speaks,
            provider=ask.params.get("provider"),
            fields=fields,
            browser_secret=browser.secrets(house, ask.inbound),
            consented=browser.consented(house, ask.inbound, ask.params["external_key"]),
            visitor=caller.visitor(ask.inbound),
        )
    except ReturnToApp as returned:
        return landing.with_error(house, returned)
    if isinstance(landed, Question):
        return _ask(house, ask.inbound, landed)
    if isinstance(landed, Tested):  # the cookie stays: this browser may look at the result
        return redirect(landed.attempt.redirect_uri)
    return landing.with_code(landed, headers=browser.forget(house, landed.attempt))


def _ask(house: House, inbound: Inbound, question: Question) -> Reply:
    """Is this you? The answer is bound to this browser like any sign-in."""
    return pages.render(
        house,
        "consent.html",
        branding=brand.of(house, inbound),
        headers=browser.bind(house, question.attempt, question.browser_secret),
        form_scheme=urlsplit(question.attempt.redirect_uri).scheme,
        action=f"/sso/consent/{question.external_key}",
        handle=question.attempt.handle,
        application=question.application,
        email=question.email,
        organization=question.organization,
        identity_provider=question.identity_provider,
    )


def consent(house: House, ask: Ask) -> Reply:
    fields = decode.singles(decode.pairs(ask.inbound.body))
    handle = fields.get("handle", "")
    external_key = ask.params["external_key"]
    try:
        said = consent_flow.answer(
            house,
            external_key,
            handle=handle,
            browser_secret=browser.secrets(house, ask.inbound).get(handle, ""),
            accepted=fields.get("decision") == "continue",
            visitor=caller.visitor(ask.inbound),
        )
    except ReturnToApp as returned:
        return landing.with_error(house, returned)
    headers = (*browser.forget(house, said.landing.attempt), browser.remember(house, external_key, said.token))
    return landing.with_code(said.landing, headers=headers)
