"""Runs the official SDKs, unchanged, in programs of their own: the newest of Node and of Python, and an older major."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.child import BIN, NODE, TOOLS
from tests.real.node import HERE, beside_packages

Run = Callable[[Mapping[str, object], Mapping[str, str]], dict[str, Any]]


@dataclass(frozen=True)
class Sdk:
    """One release of one SDK. `errors` are its classes for 404, 401, 422 and a bad code.

    Node up to 7 looks for X-Request-ID among names in lower case, and never finds it. Python 5 has no word for the
    connection type TestIdp, and says so.
    """

    version: str
    run: Run
    errors: tuple[str, str, str, str]
    knows_request_id: bool = True
    test_idp: str = "TestIdp"


def _node(package: str) -> Run:
    def run(asked: Mapping[str, object], variables: Mapping[str, str]) -> dict[str, Any]:
        with beside_packages(HERE / "sdk_node.mjs") as program:
            return _report([NODE, program, package, json.dumps(asked)], variables)

    return run


def _python(directory: str | None) -> Run:
    def run(asked: Mapping[str, object], variables: Mapping[str, str]) -> dict[str, Any]:
        more = {} if directory is None else {"PYTHONPATH": str(TOOLS / directory)}
        return _report([BIN / "python", "-P", HERE / "sdk_python.py", json.dumps(asked)], {**variables, **more})

    return run


def _report(command: list[str | Path], variables: Mapping[str, str]) -> dict[str, Any]:
    answer = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    report: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return report


_NODE_ERRORS = ("NotFoundException", "UnauthorizedException", "UnprocessableEntityException", "OauthException")
SDKS = [
    Sdk("11.0.0", _node("workos-node-11"), _NODE_ERRORS),
    Sdk("7.82.0", _node("workos-node-7"), _NODE_ERRORS, knows_request_id=False),
    Sdk(
        "10.8.0",
        _python(None),
        ("NotFoundError", "AuthenticationError", "UnprocessableEntityError", "BadRequestError"),
    ),
    Sdk(
        "5.46.0",
        _python("python-old"),
        ("NotFoundException", "AuthenticationException", "BadRequestException", "BadRequestException"),
        test_idp="Untyped[TestIdp]",
    ),
]
