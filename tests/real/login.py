"""A browser without a screen: cookies by site, redirects, links and forms, and logins made of these.

It keeps the rules that a login depends on: cookies are kept by host and path and not by port, `Secure` ones go to
https and to loopback only, and a POST from another site brings none that is not `SameSite=None`.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import Morsel, SimpleCookie
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

_MOST_STEPS = 30
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class Form:
    """A form as a person finds it: where it goes, what stands in its fields, and its buttons."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)  # name and value, in order; the name may be empty
    kinds: dict[str, str] = field(default_factory=dict)

    def visible(self) -> set[str]:
        """The fields that a person can fill in."""
        return {name for name in self.fields if self.kinds.get(name) != "hidden"}


@dataclass
class Page:
    """What a browser shows."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    text: str
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # address and words

    def link(self, words: str) -> str:
        """Where the first link goes whose text or address holds these words."""
        for address, text in self.links:
            if words in text or words in address:
                return address
        raise AssertionError(f"no link says {words!r}\n{self}")

    def form_with(self, *names: str) -> Form:
        """The first form that has one of these fields."""
        for form in self.forms:
            if any(name in form.fields for name in names):
                return form
        raise AssertionError(f"no form has any of {names}\n{self}")

    def __str__(self) -> str:
        return f"{self.status} {self.url}\n{self.text[:4000]}"


class _Reader(HTMLParser):
    """Collects the forms and links of a page."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = url
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None
        self._anchor: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        name = has.get("name", "")
        if tag == "form":
            self._form = Form(urljoin(self.base, has.get("action") or self.base), has.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in has:
            self._anchor = (urljoin(self.base, has["href"]), [])
        elif self._form is None:
            return
        elif tag == "button" or (tag == "input" and has.get("type") in ("submit", "image")):
            if has.get("type", "submit") != "button":
                self._form.buttons.append((name, has.get("value", "")))
        elif tag == "input" and name:
            self._input(self._form, name, has)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in has or self._select not in self._form.fields):
            self._form.fields[self._select] = has.get("value", "")
        elif tag == "textarea":
            self._area = name
            self._form.fields[name] = ""

    def _input(self, form: Form, name: str, has: Mapping[str, str]) -> None:
        kind = has.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in has:
                form.fields[name] = has.get("value", "on")
        else:
            form.fields[name] = has.get("value", "")
        form.kinds[name] = kind

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None
        elif tag == "a" and self._anchor is not None:
            self.links.append((self._anchor[0], " ".join("".join(self._anchor[1]).split())))
            self._anchor = None

    def handle_data(self, data: str) -> None:
        if self._area is not None and self._form is not None:
            self._form.fields[self._area] += data
        if self._anchor is not None:
            self._anchor[1].append(data)


class Browser:
    """One person's browser, with its cookies. `stop_at` are beginnings of addresses that it does not go to."""

    def __init__(self, *stop_at: str) -> None:
        self.stop_at = stop_at
        self.cookies: dict[tuple[str, str, str], Morsel[str]] = {}
        self.visited: list[str] = []

    def open(self, url: str) -> Page:
        """Types an address."""
        return self._go("GET", url, None, cross_site=False)

    def submit(self, page: Page, form: Form, fill: Mapping[str, str] | None = None, press: str | None = None) -> Page:
        """Fills in a form and sends it, with the button whose name or value is `press`, or with the first."""
        fields = {**form.fields, **(fill or {})}
        pressed = [button for button in form.buttons if press is None or press in button][:1]
        if press is not None and not pressed:
            raise AssertionError(f"no button {press!r} in {form}\n{page}")
        for name, value in pressed:
            if name:
                fields[name] = value
        body = urlencode(fields)
        if form.method == "post":
            elsewhere = urlsplit(page.url).hostname != urlsplit(form.action).hostname
            return self._go("POST", form.action, body, cross_site=elsewhere)
        return self._go("GET", form.action.partition("?")[0] + "?" + body, None, cross_site=False)

    def _go(self, method: str, url: str, body: str | None, *, cross_site: bool) -> Page:
        for _ in range(_MOST_STEPS):
            self.visited.append(url)
            if self.stop_at and url.startswith(self.stop_at):
                return Page(url, 0, http.client.HTTPMessage(), "")
            page = self._fetch(method, url, body, cross_site=cross_site)
            if page.status not in (301, 302, 303, 307, 308):
                return page
            location = page.headers["Location"]
            assert location, f"a redirect to nowhere\n{page}"
            url = urljoin(url, location)
            if page.status in (301, 302, 303):
                method, body = "GET", None
        raise AssertionError("redirected in a circle: " + " ".join(self.visited[-6:]))

    def _fetch(self, method: str, url: str, body: str | None, *, cross_site: bool) -> Page:
        parts = urlsplit(url)
        host = parts.hostname or ""
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(host, parts.port, timeout=60)
        headers = {"Accept": "text/html,*/*;q=0.8", "User-Agent": "Mozilla/5.0 latchstring-tests"}
        if cookie := self._cookies_for(parts.scheme, host, parts.path, cross_site=cross_site and method == "POST"):
            headers["Cookie"] = cookie
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            self._keep(host, parts.path, line)
        reader = _Reader(url)
        if "html" in response.headers.get("Content-Type", ""):
            reader.feed(text)
        return Page(url, response.status, response.headers, text, reader.forms, reader.links)

    def _keep(self, host: str, path: str, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            where = morsel["path"] or (path.rpartition("/")[0] or "/")
            if morsel["max-age"] == "0" or "1970" in morsel["expires"] or morsel.value == "deleted":
                self.cookies.pop((host, where, name), None)
            else:
                self.cookies[host, where, name] = morsel

    def _cookies_for(self, scheme: str, host: str, path: str, *, cross_site: bool) -> str:
        found = []
        for (owner, where, name), morsel in self.cookies.items():
            inside = path == where or path.startswith(where.rstrip("/") + "/")
            safe = scheme == "https" or host in _LOOPBACK or not morsel["secure"]
            if owner == host and inside and safe and not (cross_site and morsel["samesite"].lower() != "none"):
                found.append(f"{name}={morsel.coded_value}")
        return "; ".join(found)


@dataclass(frozen=True)
class Person:
    """Who signs in: what goes into the fields of a login page."""

    fields: Mapping[str, str]
    press: str | None = None  # the button for this person's form, if it is not the first


def walk(browser: Browser, page: Page, person: Person) -> Page:
    """Goes on from page to page as a person would: fills in what is asked for, and sends what sends itself.

    Ends at an address of `browser.stop_at`, or at a page without a form that could be filled in.
    """
    carriers = ("SAMLResponse", "SAMLRequest", "RelayState", "code", "prompt", "again")
    for _ in range(_MOST_STEPS):
        asked = [form for form in page.forms if set(person.fields) & form.visible()]
        if asked:
            known = {name: value for name, value in person.fields.items() if name in asked[0].fields}
            page = browser.submit(page, asked[0], known, person.press)
            continue
        carrying = [form for form in page.forms if any(name in form.fields for name in carriers)]
        if page.status == 0 or not carrying:
            return page
        page = browser.submit(page, carrying[0])
    raise AssertionError(f"the login does not end\n{page}")


def sign_in(start: str, person: Person, *stop_at: str) -> str:
    """A whole login in a fresh browser. Gives the address where it ended, which must be one of `stop_at`."""
    browser = Browser(*stop_at)
    page = walk(browser, browser.open(start), person)
    assert page.status == 0, f"the login got stuck\n{page}\n" + "\n".join(browser.visited)
    return page.url


def query(url: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}
