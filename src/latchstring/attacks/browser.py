"""A browser without a screen: cookies, no redirects followed; and the refusal's code as anybody can read it."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from latchstring.attacks.outcome import Verdict
from latchstring.model.refusal import Mender, Refusal

_CODE_ON_PAGE = re.compile(r"/errors/([a-z0-9_]+)\"")
_SECONDS = 30.0
_HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


class TargetUnreachable(Refusal):
    """{url} does not answer: {reason}."""

    code = "attack_target_unreachable"
    mender = Mender.OPERATOR
    fix = "Start the server (`latchstring dev` or `latchstring serve`), or name its address with `--url`."
    url: str
    reason: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]  # lower-case names
    body: bytes

    @property
    def location(self) -> str | None:
        return self.headers.get("location")

    @property
    def parameters(self) -> Mapping[str, str]:
        """What stands in the query of the address that the browser is sent to."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.location or "").query).items()}

    @property
    def json(self) -> Any:
        """The body, or None if it is not JSON."""
        with suppress(ValueError):
            return json.loads(self.body)
        return None


class Line:
    """One kept-open connection to a server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._line: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=_SECONDS, context=context
            )
        else:
            self._line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)

    def ask(
        self, method: str, target: str, *, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Any, bytes]:
        """Status, headers and body. Raises `TargetUnreachable`."""
        for last in (False, True):
            try:
                self._line.request(method, target, body, dict(headers))
                answer = self._line.getresponse()
                return answer.status, answer.headers, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self._line.close()  # an idle connection may have been closed at the other end: once more, anew
                if last:
                    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
                    raise TargetUnreachable(url=self.url, reason=reason) from None
        raise AssertionError

    def another(self) -> Line:
        """A second connection to the same server."""
        return Line(self.url)

    def close(self) -> None:
        self._line.close()


class Browser:
    """One person's cookies. It keeps them all: the rules of real browsers protect people, not servers."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.cookies: dict[str, str] = {}

    def get(self, path: str, query: Mapping[str, str] | None = None, **headers: str) -> Answer:
        return self._ask("GET", path + (f"?{urlencode(query)}" if query else ""), None, headers)

    def post(self, path: str, fields: Sequence[tuple[str, str]] | Mapping[str, str], **headers: str) -> Answer:
        """A form; a sequence may name a field twice."""
        headers = {"content_type": "application/x-www-form-urlencoded", **headers}
        return self._ask("POST", path, urlencode(fields).encode(), headers)

    def send(self, method: str, path: str, body: bytes | None, **headers: str) -> Answer:
        """Anything else."""
        return self._ask(method, path, body, headers)

    def _ask(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        sent = {"accept": _HTML, "user-agent": "latchstring-attack"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        status, received, content = self.line.ask(method, target, body=body, headers=sent)
        for line in received.get_all("Set-Cookie") or []:
            name, _, value = str(line).partition(";")[0].partition("=")
            self.cookies[name.strip()] = value
            if not value:
                del self.cookies[name.strip()]
        return Answer(status=status, headers={name.lower(): value for name, value in received.items()}, body=content)


def landed(answer: Answer, application: Browser, *, client_id: str, api_key: str) -> Verdict:
    """The verdict; if there is a code, with the profile that the application gets for it."""
    found = verdict(answer)
    if not found.accepted:
        return found
    fields = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "client_secret": api_key,
        "code": answer.parameters["code"],
    }
    redeemed = application.post("/sso/token", fields, accept="application/json").json
    return msgspec.structs.replace(found, profile=redeemed.get("profile") if isinstance(redeemed, dict) else None)


def verdict(answer: Answer) -> Verdict:
    """What an application, or a person looking at the page, would learn from this answer."""
    parameters = answer.parameters
    if answer.location is not None and "code" in parameters and "error" not in parameters:
        return Verdict(accepted=True, status=answer.status)
    code: str | None = None
    if "error_uri" in parameters:
        code = parameters["error_uri"].rpartition("/")[2]
    elif isinstance(answer.json, dict):
        code = answer.json.get("code")
    elif found := _CODE_ON_PAGE.search(answer.body.decode("utf-8", "replace")):
        code = found[1]
    return Verdict(accepted=False, code=code, status=answer.status)
