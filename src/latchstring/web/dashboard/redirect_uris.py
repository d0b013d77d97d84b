"""/dashboard/{environment}/developers/redirects: where browsers may be sent back to, and the rules for that."""

from __future__ import annotations

from latchstring.flows import environments
from latchstring.flows.environments import RedirectUrisFull, RedirectUriTaken
from latchstring.flows.house import House
from latchstring.model.environment import EnvironmentKind, RedirectUri, RedirectUriRules
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields, NotFound
from latchstring.protocols import redirect_uri
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

REDIRECTS = f"{HOME}/{{environment}}/developers/redirects"
_REDIRECT = f"{REDIRECTS}/{{id}}"
_EXAMPLE = "http://localhost:3000/callback"


def listed(house: House, visit: Visit) -> Reply:
    found = environments.redirect_uris(house, visit.pass_)
    rules = visit.pass_.redirects
    return render(
        house,
        visit,
        "dashboard_redirects.html",
        redirects=[
            {"uri": each, "admitted": redirect_uri.admits(each.uri, rules), "single": "*" not in each.uri}
            for each in found
        ],
        has_default=any(each.default for each in found),
        may_change=visit.operator.role.may(Role.DEVELOPER),
    )


def new(house: House, visit: Visit) -> Reply:
    first = not environments.redirect_uris(house, visit.pass_)
    local = first and visit.pass_.kind is EnvironmentKind.STAGING
    return _new(house, visit, typed=_EXAMPLE if local else "")


def add(house: House, visit: Visit) -> Reply:
    typed = browser.form(visit.inbound).get("uri", "").strip()
    try:
        environments.create_redirect_uri(house, visit.pass_, uri=typed)
    except InvalidFields as refusal:
        fault = refusal.errors[0]
        return _new(house, visit, typed=typed, error=f"{fault.message} {_mended(fault.code, visit)}".strip())
    except (RedirectUriTaken, RedirectUrisFull) as refusal:
        return _new(house, visit, typed=typed, error=f"{refusal.message} {refusal.fix}")
    return _list(visit)


def make_default(house: House, visit: Visit) -> Reply:
    environments.make_default_redirect_uri(house, visit.pass_, visit.params["id"])
    return _list(visit)


def ending(house: House, visit: Visit) -> Reply:
    return render(house, visit, "dashboard_redirect_delete.html", uri=_meant(house, visit))


def delete(house: House, visit: Visit) -> Reply:
    environments.delete_redirect_uri(house, visit.pass_, visit.params["id"])
    return _list(visit)


def _meant(house: House, visit: Visit) -> RedirectUri:
    for each in environments.redirect_uris(house, visit.pass_):
        if each.id == visit.params["id"]:
            return each
    raise NotFound(kind="Redirect URI", id=visit.params["id"])


def _list(visit: Visit) -> Reply:
    return redirect(REDIRECTS.format(environment=visit.pass_.environment_id))


def _new(house: House, visit: Visit, *, typed: str, error: str | None = None) -> Reply:
    return render(
        house,
        visit,
        "dashboard_redirect_new.html",
        status=422 if error else 200,
        typed=typed[:3000],
        error=error,
        rules=_rules(visit.pass_.redirects),
        examples=_examples(visit.pass_.redirects),
    )


def _rules(rules: RedirectUriRules) -> list[tuple[str, str]]:
    """What holds in this environment: the name by which redirect-rules.js knows a rule, and its words."""
    production, loose = rules is RedirectUriRules.PRODUCTION, rules is RedirectUriRules.LOOSE
    found = [("absolute", _("It is a whole address: scheme, host and path, in lower case where the host is."))]
    if production:
        found += [
            ("https", _("It begins with https://, or with a native application's own scheme.")),
            ("elsewhere", _("It does not point at localhost.")),
            ("no-wildcard", _("It has no wildcard: those are for staging.")),
        ]
    else:
        if not loose:
            found.append(("https-or-local", _("It begins with https://. For localhost, http:// will do.")))
        found.append(
            (
                "wildcard",
                _("A * stands for the left-most label of the host or for a port of localhost, and nowhere else."),
            )
        )
    return [
        *found,
        ("query", _("It carries no query: what your application wants back belongs into state.")),
        ("fragment", _("It carries no fragment, nothing behind a #.")),
        ("userinfo", _("It carries no user name or password.")),
    ]


def _examples(rules: RedirectUriRules) -> list[str]:
    if rules is RedirectUriRules.PRODUCTION:
        return ["https://app.example.com/callback", "com.example.app://callback"]
    return [_EXAMPLE, "http://127.0.0.1:*/callback", "https://*.preview.example.com/callback"]


def _mended(code: str, visit: Visit) -> str:
    """How that rule is kept."""
    production = visit.pass_.kind is EnvironmentKind.PRODUCTION
    ways = {
        "redirect_uri_insecure": _("Serve this page over TLS and write https:// in front of it."),
        "redirect_uri_localhost": _("Try localhost in a staging environment, and register here where people will be."),
        "redirect_uri_query": _("Take away the ? and what follows; send it as state, which comes back unchanged."),
        "redirect_uri_fragment": _("Take away the # and what follows; your page can add it itself."),
        "redirect_uri_userinfo": _("Take away what stands before the @."),
        "redirect_uri_dots": _("Write where the path leads to in the end."),
        "redirect_uri_host": _("As in https://app.example.com/callback."),
        "redirect_uri_malformed": _("As in https://app.example.com/callback."),
        "redirect_uri_characters": _("A browser's address bar shows it that way when you copy from there."),
        "redirect_uri_scheme": _("Use https, or a scheme of your native application's own."),
        "redirect_uri_wildcard": _("Register each address by itself.")
        if production
        else _("As in https://*.preview.example.com/callback or http://localhost:*/callback."),
    }
    return ways.get(code, "")


PAGES = (
    Page(method="GET", path=REDIRECTS, summary="Redirect URIs", least=Role.SUPPORT, show=listed),
    Page(
        method="GET", path=f"{REDIRECTS}/new", summary="A new redirect URI", least=Role.DEVELOPER, fresh=True, show=new
    ),
    Page(
        method="POST",
        path=REDIRECTS,
        summary="Add a redirect URI",
        least=Role.DEVELOPER,
        fresh=True,
        back=f"{REDIRECTS}/new",
        show=add,
    ),
    Page(
        method="POST",
        path=f"{_REDIRECT}/default",
        summary="Choose the default redirect URI",
        least=Role.DEVELOPER,
        fresh=True,
        back=REDIRECTS,
        show=make_default,
    ),
    Page(
        method="GET",
        path=f"{_REDIRECT}/delete",
        summary="Delete a redirect URI",
        least=Role.DEVELOPER,
        fresh=True,
        show=ending,
    ),
    Page(
        method="POST",
        path=f"{_REDIRECT}/delete",
        summary="Delete a redirect URI",
        least=Role.DEVELOPER,
        fresh=True,
        back=f"{_REDIRECT}/delete",
        show=delete,
    ),
)
