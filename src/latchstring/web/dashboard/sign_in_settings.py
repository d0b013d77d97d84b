"""/dashboard/{environment}/settings/sign-in: what an environment does at a sign-in, and what it keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from latchstring.flows import environment_settings as flow
from latchstring.flows.environment_settings import SettingsWish
from latchstring.flows.house import House
from latchstring.model.environment import EnvironmentKind, EnvironmentSettings
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields, InvalidRequest
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

SIGN_IN = f"{HOME}/{{environment}}/settings/sign-in"
_YES_OR_NO = ("idp_initiated_consent", "return_oauth_tokens")
_NUMBERS = {
    "magic_links_per_hour": (0, flow.MAX_MAGIC_LINKS),
    "reconciliation_days": (1, flow.MAX_RECONCILIATION_DAYS),
    "trace_retention_days": (1, flow.MAX_TRACE_DAYS),
    "api_log_days": (0, flow.MAX_API_LOG_DAYS),
}
_FIELDS = (
    *("idp_initiated", "idp_initiated_consent", "relay_state", "domain_selector", "redirect_uri_rules"),
    *("return_oauth_tokens", "logout_uri", "magic_links_per_hour", "raw_attributes", "sign_in_answers"),
    *("trace_retention_days", "reconciliation_days", "api_log_days", "portal_return_url", "portal_success_url"),
)

Option = tuple[str, str, str]  # value, label, what it means and costs


def shown(house: House, visit: Visit) -> Reply:
    return _page(house, visit, _said(flow.of(house, visit.pass_).settings))


def save(house: House, visit: Visit) -> Reply:
    sent = browser.form(visit.inbound)
    before = flow.of(house, visit.pass_)
    typed = {**_said(before.settings), **{name: sent[name].strip()[:2000] for name in _FIELDS if name in sent}}
    errors: dict[str, str] = {}
    wish = _wish(typed, errors)
    if _deletes(before.settings, typed) and sent.get("typed", "").strip() != before.name:
        errors["typed"] = _("What is kept would go at once. Type %(name)s to go on.") % {"name": before.name}
    if errors or wish is None:
        return _page(house, visit, typed, errors)
    try:
        flow.change_own(house, visit.pass_, wish)
    except InvalidFields as refusal:
        return _page(house, visit, typed, {fault.field: fault.message for fault in refusal.errors})
    except InvalidRequest as refusal:  # by hand: the form of a production environment does not offer it
        return _page(house, visit, typed, {"redirect_uri_rules": refusal.message})
    return redirect(f"{SIGN_IN.format(environment=before.id)}?saved=yes")


def _wish(typed: Mapping[str, str], errors: dict[str, str]) -> SettingsWish | None:
    """What was typed, as the API would take it."""
    wished: dict[str, Any] = dict(typed)
    for name in _YES_OR_NO:
        wished[name] = typed[name] == "yes"
    for name, (least, most) in _NUMBERS.items():
        text = typed[name]
        if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
            errors[name] = _("Give a number from %(least)s to %(most)s.") % {"least": least, "most": most}
        else:
            wished[name] = int(text)
    for name in ("logout_uri", "portal_return_url", "portal_success_url"):
        wished[name] = typed[name] or None
    if errors:
        return None
    try:
        return msgspec.convert(wished, SettingsWish)
    except msgspec.ValidationError as error:
        name = str(error).partition("`$.")[2].partition("`")[0]
        errors[name if name in _FIELDS else "idp_initiated"] = _("Choose one of these.")
        return None


def _deletes(before: EnvironmentSettings, typed: Mapping[str, str]) -> bool:
    """Whether saving this takes away what cannot be had again."""
    attributes = before.raw_attributes == "keep" and typed["raw_attributes"] == "empty"
    return attributes or (before.sign_in_answers == "keep" and typed["sign_in_answers"] == "off")


def _said(settings: EnvironmentSettings) -> dict[str, str]:
    """As the form has it."""
    plain = msgspec.structs.asdict(settings)
    said = {name: "" if plain[name] is None else str(plain[name]) for name in _FIELDS}
    return said | {name: "yes" if plain[name] else "no" for name in _YES_OR_NO}


def _page(house: House, visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str] = {}) -> Reply:
    environment = flow.of(house, visit.pass_)
    return render(
        house,
        visit,
        "dashboard_sign_in_settings.html",
        status=422 if errors else 200,
        address=SIGN_IN.format(environment=environment.id),
        typed=typed,
        errors={**dict.fromkeys((*_FIELDS, "typed")), **errors},
        failed=bool(errors),
        saved=not errors and b"saved=yes" in visit.inbound.query,
        options=_options(),
        production=environment.kind is EnvironmentKind.PRODUCTION,
        may_change=visit.operator.role.may(Role.DEVELOPER),
    )


def _options() -> Mapping[str, Sequence[Option]]:
    """Said in the language of the page."""
    return {
        "idp_initiated": (
            ("refuse", _("Refuse"), _("A sign-in has to begin at your application. Nobody can be signed in unasked.")),
            (
                "allow",
                _("Allow"),
                _("A tile at the identity provider works. A stranger's link can sign somebody in as the stranger."),
            ),
        ),
        "idp_initiated_consent": (
            ("no", _("Do not ask"), _("The person goes straight to the application.")),
            (
                "yes",
                _("Ask first"),
                _("One page more. It names the account, and what nobody wanted ends there."),
            ),
        ),
        "relay_state": (
            ("refuse", _("Refuse a RelayState"), _("The default redirect URI is the only place to go.")),
            (
                "redirect_uri",
                _("Let it choose a redirect URI"),
                _("The identity provider may name one of your registered redirect URIs, and no other place."),
            ),
        ),
        "domain_selector": (
            ("refuse", _("Refuse"), _("A request says connection, organization or provider.")),
            (
                "resolve",
                _("Take the organization that holds the domain"),
                _("For older code. Whoever asks learns whether a domain is known here."),
            ),
        ),
        "redirect_uri_rules": (
            ("strict", _("Strict"), _("https, loopback addresses, and a wildcard for one whole label.")),
            (
                "loose",
                _("Loose"),
                _("http to any host as well: whoever listens on the network can read the codes of sign-ins."),
            ),
        ),
        "return_oauth_tokens": (
            ("no", _("Keep them to ourselves"), _("They are thrown away after the profile was read.")),
            (
                "yes",
                _("Hand them on"),
                _("Your application can act for the person at the provider, and has to keep the tokens safe."),
            ),
        ),
        "raw_attributes": (
            (
                "keep",
                _("Keep"),
                _("Profiles hold what was sent, and the attribute mapper learns from it."),
            ),
            (
                "empty",
                _("Do not keep"),
                _("Less personal data. What is kept goes at once; mapping and traces have less to show."),
            ),
        ),
        "sign_in_answers": (
            (
                "keep",
                _("Keep, sealed"),
                _("A failed sign-in can be looked into, and run again with other settings."),
            ),
            ("off", _("Do not keep"), _("What is kept goes at once. A trace then tells the steps alone.")),
        ),
    }


PAGES = (
    Page(method="GET", path=SIGN_IN, summary="Settings of sign-ins", least=Role.SUPPORT, show=shown),
    Page(method="POST", path=SIGN_IN, summary="Change settings of sign-ins", least=Role.DEVELOPER, show=save),
)
