"""Holds an answer against the type that the route table declares for it: nothing missing, nothing of another type."""

from __future__ import annotations

from typing import Any

import msgspec

from latchstring.web import api, sso
from latchstring.web.kit.route import Route
from tests.house_for_tests import Answer

_ROUTES: dict[str, Route] = {
    f"{route.method} {route.path}": route for door in (sso.door(), api.door()) for route in door.routes
}


def matches(route: str, answer: Answer, status: int) -> Any:
    """The JSON, after a look that status and body are what the table says of `route` ("GET /connections/{id}")."""
    assert answer.status == status, (answer.status, answer.body)
    declared = _ROUTES[route].answers[status]
    if declared is None:
        return None
    assert answer.header("content-type") == "application/json; charset=utf-8"
    msgspec.convert(answer.json, declared, strict=True)
    return answer.json
