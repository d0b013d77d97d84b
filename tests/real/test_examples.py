"""The example applications, started as their README says, and a login through each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.real.built_in_idp import ANN, JOE, NOBODY
from tests.real.child import BIN, NODE, ROOT, TOOLS, Child, free_port
from tests.real.login import Browser, Page, Person, walk
from tests.real.node import beside_packages
from tests.real.product import Product

Example = Callable[[Product, str], AbstractContextManager[str]]


@contextmanager
def node_express(product: Product, organization: str) -> Iterator[str]:
    port = free_port()
    variables = {**product.variables, "PORT": str(port), "SSO_ORGANIZATION": organization}
    with (
        beside_packages(ROOT / "examples" / "node-express") as directory,
        Child([NODE, "server.js"], env=variables, cwd=directory) as child,
    ):
        assert child.line() == f"Open http://localhost:{port}"
        yield f"http://localhost:{port}"


@contextmanager
def python_flask(product: Product, organization: str) -> Iterator[str]:
    port = free_port()
    packages = {"PYTHONPATH": str(TOOLS / "python-flask")}
    variables = {**product.variables, **packages, "PORT": str(port), "SSO_ORGANIZATION": organization}
    program = ROOT / "examples" / "python-flask" / "app.py"
    with Child([BIN / "python", program], env=variables) as child:
        child.wait_for_port(port, "localhost")
        yield f"http://localhost:{port}"


EXAMPLES: list[Example] = [node_express, python_flask]


def _login(start: str, person: Person) -> Page:
    browser = Browser()
    home = browser.open(start)
    return walk(browser, browser.open(home.link("Sign in with SSO")), person)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_signs_a_person_in(product: Product, example: Example) -> None:
    with example(product, product.test_organization_id) as address:
        page = _login(address, ANN)
        assert page.status == 200, page
        profile = json.loads(page.text)
        assert profile["email"] == "ann@example.com"
        assert product.test_organization_id in (profile.get("organizationId"), profile.get("organization_id"))

        for person, error in ((JOE, "profile_not_allowed_outside_organization"), (NOBODY, "access_denied")):
            refused = _login(address, person)
            assert (refused.status, json.loads(refused.text)["error"]) == (400, error), refused

        planted = Browser().open(f"{address}/callback?code=01ARZ3NDEKTSV4RRFFQ69G5FAV&state=planted")
        assert (planted.status, json.loads(planted.text)) == (400, {"error": "state_mismatch"})
