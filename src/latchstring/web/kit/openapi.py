"""The route table -> an OpenAPI 3.1 document at GET /openapi.json."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from latchstring.flows.house import House
from latchstring.web.kit.message import JSON, Reply
from latchstring.web.kit.route import Ask, Door, Route, Who

_SECURITY = {Who.API_KEY: "api_key", Who.ACCESS_TOKEN: "access_token"}
_DESCRIPTION = "One integration for every customer's single sign-on. The official WorkOS SDKs speak this API unchanged."


class FieldFault(msgspec.Struct, frozen=True):
    """A field that is wrong."""

    field: str
    code: str
    message: str


class Fault(msgspec.Struct, kw_only=True):
    """What went wrong. `code` is stable; `fix` says how to mend it; `errors` names the fields."""

    message: str
    code: str | msgspec.UnsetType = msgspec.UNSET
    fix: str | msgspec.UnsetType = msgspec.UNSET
    entity_id: str | msgspec.UnsetType = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.UNSET
    error_description: str | msgspec.UnsetType = msgspec.UNSET
    errors: list[FieldFault] | msgspec.UnsetType = msgspec.UNSET


def with_openapi(doors: Sequence[Door]) -> Sequence[Door]:
    """The doors, with one route more that describes them all."""

    @cache
    def text() -> bytes:
        return msgspec.json.format(msgspec.json.encode(document(doors)), indent=2)

    def answer(_house: House, _ask: Ask) -> Reply:
        return Reply(headers=((b"content-type", JSON), (b"cache-control", b"public, max-age=300")), body=text())

    route = Route(method="GET", path="/openapi.json", handler=answer, summary="This document", hidden=True)
    first = doors[0]
    return [msgspec.structs.replace(first, routes=(*first.routes, route)), *doors[1:]]


def document(doors: Sequence[Door]) -> dict[str, Any]:
    routes = [route for door in doors for route in door.routes if not route.hidden]
    types = list(_types(routes))
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(map(id, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "latchstring", "version": version("latchstring"), "description": _DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "api_key": {"type": "http", "scheme": "bearer", "description": "An API key of the environment."},
                "access_token": {"type": "http", "scheme": "bearer", "description": "From POST /sso/token."},
            },
        },
    }


def _types(routes: Iterable[Route]) -> Iterable[Any]:
    """Every type once, by identity."""
    found: dict[int, Any] = {id(Fault): Fault}
    for route in routes:
        for type_ in (route.body, *route.answers.values()):
            if type_ is not None:
                found[id(type_)] = type_
    return found.values()


def _operation(route: Route, schema_of: dict[int, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _operation_id(route),
        "tags": [route.tag],
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {
            **{str(status): _response(type_, schema_of) for status, type_ in route.answers.items()},
            "4XX": _response(Fault, schema_of),
        },
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[id(route.body)]}},
        }
    if route.who in _SECURITY:
        operation["security"] = [{_SECURITY[route.who]: []}]
    return operation


def _operation_id(route: Route) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", route.path.lower()).strip("_")
    return f"{route.method.lower()}_{words}"


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.about,
            "schema": {"type": "array", "items": {"type": "string"}} if parameter.many else {"type": "string"},
        }
        for parameter in route.query
    ]


def _response(type_: Any, schema_of: dict[int, Any]) -> dict[str, Any]:
    if type_ is None:
        return {"description": "Done; see the headers."}
    return {"description": "The answer.", "content": {"application/json": {"schema": schema_of[id(type_)]}}}
