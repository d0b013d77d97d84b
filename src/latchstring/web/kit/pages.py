"""Renders pages: Jinja with escaping on, and the headers that let a browser do nothing but show them (WEB-04)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from latchstring.flows.house import House
from latchstring.web.kit import language, scheme
from latchstring.web.kit.message import HTML, Header, Reply
from latchstring.web.kit.route import Ask, Route
from latchstring.web.kit.words import Speaking

_HERE = Path(__file__).parent.parent
# Chromium holds every redirect behind a form to form-action, up to the application's own: on a developer's machine too.
_FORMS_LEAD_TO = b"'self' https: http://localhost:* http://127.0.0.1:*"
_ASSET_TYPES = {".css": b"text/css; charset=utf-8", ".js": b"text/javascript; charset=utf-8", ".svg": b"image/svg+xml"}


@cache
def _environment() -> Environment:
    environment = Speaking(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(language._, language.many, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = language.current
    environment.globals["scheme"] = scheme.current
    environment.globals["direction"] = language.direction
    environment.globals["languages"] = language.offered
    environment.globals["came_from"] = language.came_from
    environment.filters["moment"] = language.moment
    environment.filters["day"] = language.day
    environment.filters["prose"] = _prose
    environment.filters["pattern"] = _pattern
    environment.filters["breakable"] = _breakable
    environment.globals["ui"] = environment.get_template("ui.html").module
    return environment


def _prose(text: str) -> Markup:
    """Our own words for people, in which `such` parts are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _pattern(text: str) -> Markup:
    """The same for a message whose facts are not known yet: {expected_issuer} -> an italic "expected issuer"."""
    return Markup(re.sub(r"\{(\w+)\}", lambda found: f"<var>{found[1].replace('_', ' ')}</var>", _prose(text)))  # noqa: S704 - escaped before


def _breakable(name: str) -> Markup:
    """A long name that may go on in the next line behind each underscore, and nowhere else."""
    return escape(name).replace("_", Markup("_<wbr>"))


def render(
    house: House,
    template: str,
    *,
    status: int = 200,
    headers: tuple[Header, ...] = (),
    form_scheme: str | None = None,
    forms_stay_here: bool = False,
    branding: Mapping[str, Any] | None = None,
    **values: Any,
) -> Reply:
    """A page. Forms may lead anywhere over https: an identity provider's own redirects count for Chromium, too.

    `branding`: of a page that people see while they sign in (`kit.brand`).
    `forms_stay_here`: those of the Dashboard lead to us alone.
    `form_scheme` is one more for the form of this page, of a registered redirect URI: native applications have theirs.
    """
    form_action = b"'self' https: http:" if house.development else _FORMS_LEAD_TO
    if form_scheme not in (None, "https", "http"):
        form_action += f" {form_scheme}:".encode("ascii")
    if forms_stay_here:
        form_action = b"'self'"
    policy = (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action " + form_action
    )
    text = _environment().get_template(template).render(development=house.development, branding=branding, **values)
    return Reply(
        status=status,
        headers=(
            (b"content-type", HTML),
            (b"content-security-policy", policy),
            (b"x-frame-options", b"DENY"),
            (b"cross-origin-opener-policy", b"same-origin"),
            *headers,
        ),
        body=text.encode("utf-8", "replace"),
    )


def fragment(template: str, **values: Any) -> str:
    """A part of a page, to be put into one that is open."""
    return _environment().get_template(template).render(**values)


def _asset(house: House, ask: Ask) -> Reply:
    found = _assets().get(ask.params["name"])
    if found is None:
        return Reply(status=404)
    content_type, body, packed = found
    headers: tuple[Header, ...] = (
        (b"content-type", content_type),
        (b"cache-control", b"public, max-age=3600"),
        (b"vary", b"accept-encoding"),
    )
    # Pages are never packed: what strangers put into them beside a form's token would tell of it (BREACH).
    if _takes_gzip(ask.inbound.header(b"accept-encoding") or ""):
        return Reply(headers=(*headers, (b"content-encoding", b"gzip")), body=packed)
    return Reply(headers=headers, body=body)


def _takes_gzip(accept_encoding: str) -> bool:
    """RFC 9110, 12.5.3; a weight of nothing is a no."""
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or not weight
    return False


@cache
def _assets() -> dict[str, tuple[bytes, bytes, bytes]]:
    """Name -> content type, content, and the content packed with gzip."""
    folder = _HERE / "assets"
    return {
        path.name: (_ASSET_TYPES[path.suffix], path.read_bytes(), gzip.compress(path.read_bytes(), mtime=0))
        for path in folder.iterdir()
        if path.suffix in _ASSET_TYPES
    }


ASSETS = Route(method="GET", path="/assets/{name}", handler=_asset, summary="Style sheets and scripts", hidden=True)
