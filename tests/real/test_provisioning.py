"""The example that has users of its own: new ones, known ones, older accounts, and those that are nobody's to take."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from tests.real.built_in_idp import ANN, JOE, person
from tests.real.child import BIN, ROOT, TOOLS, Child, free_port
from tests.real.login import Browser, Person, walk
from tests.real.product import Product


@pytest.fixture(scope="module")
def own() -> Iterator[Product]:
    """A product whose Test Organization may be changed."""
    with Product() as found:
        yield found


@contextmanager
def application(product: Product, database: Path) -> Iterator[str]:
    port = free_port()
    variables = {
        **product.variables,
        "PORT": str(port),
        "DATABASE": str(database),
        "PYTHONPATH": str(TOOLS / "python-flask"),
    }
    with Child([BIN / "python", ROOT / "examples" / "provisioning" / "app.py"], env=variables) as child:
        child.wait_for_port(port, "localhost")
        yield f"http://localhost:{port}"


def signed_in(start: str, who: Person) -> tuple[int, Any]:
    browser = Browser()
    home = browser.open(start)
    page = walk(browser, browser.open(home.link("Sign in with SSO")), who)
    return page.status, json.loads(page.text)


def asked(database: Path, question: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as opened, opened:
        return opened.execute(question, values).fetchall()


def test_who_comes_first_is_made_and_who_comes_again_is_found(own: Product, tmp_path: Path) -> None:
    database = tmp_path / "users.db"
    with application(own, database) as start:
        assert signed_in(start, ANN) == (200, {"user": 1, "email": "ann@example.com"})
        bea = person("bea@example.com", "Bea", "Beer")
        assert signed_in(start, bea) == (200, {"user": 2, "email": "bea@example.com"})
        assert signed_in(start, ANN) == (200, {"user": 1, "email": "ann@example.com"})
    assert asked(database, "SELECT id, email, name FROM users ORDER BY id") == [
        (1, "ann@example.com", "Ann Łukaszewicz"),
        (2, "bea@example.com", "Bea Beer"),
    ]


def furnish(database: Path, start: str, email: str, **more: object) -> None:
    """An account with a password, from before."""
    signed_in(start, person("first@example.com", "First", "Person"))  # makes the tables
    values = {"customer": 1, "password_hash": "hash", "sso_profile": None, **more}
    asked(
        database,
        "INSERT INTO users (customer, email, password_hash, sso_profile) VALUES (?, ?, ?, ?)",
        values["customer"],
        email,
        values["password_hash"],
        values["sso_profile"],
    )


def test_an_older_account_moves_to_single_sign_on(own: Product, tmp_path: Path) -> None:
    database = tmp_path / "users.db"
    with application(own, database) as start:
        furnish(database, start, "Ann@Example.com")
        assert signed_in(start, ANN) == (200, {"user": 2, "email": "ann@example.com"})
        assert signed_in(start, ANN)[1]["user"] == 2
    ((password, profile),) = asked(database, "SELECT password_hash, sso_profile FROM users WHERE id = 2")
    assert password is None and profile.startswith("prof_")


def test_an_account_of_another_customer_is_left_alone(own: Product, tmp_path: Path) -> None:
    database = tmp_path / "users.db"
    with application(own, database) as start:
        signed_in(start, person("first@example.com", "First", "Person"))
        asked(database, "INSERT INTO customers (name) VALUES ('Other')")
        furnish(database, start, "ann@example.com", customer=2)
        assert signed_in(start, ANN) == (200, {"user": 3, "email": "ann@example.com"})
    assert asked(database, "SELECT password_hash, sso_profile FROM users WHERE id = 2") == [("hash", None)]


def test_an_address_that_is_somebody_elses_by_now(own: Product, tmp_path: Path) -> None:
    database = tmp_path / "users.db"
    with application(own, database) as start:
        furnish(database, start, "ann@example.com", sso_profile="prof_of_another")
        status, answer = signed_in(start, ANN)
    assert (status, "another person" in answer["error"]) == (403, True)


def test_an_address_that_nobody_has_proven_opens_no_account(own: Product, tmp_path: Path) -> None:
    database = tmp_path / "users.db"
    path = f"/organizations/{own.test_organization_id}"
    assert own.call("PUT", path, {"allow_profiles_outside_organization": True})[0] == 200
    with application(own, database) as start:
        furnish(database, start, "joe@elsewhere.test")
        status, answer = signed_in(start, JOE)
        assert (status, "administrator" in answer["error"]) == (403, True)
        assert signed_in(start, person("kim@elsewhere.test", "Kim", "Kay"))[0] == 200
    own.call("PUT", path, {"allow_profiles_outside_organization": False})
    assert asked(database, "SELECT password_hash, sso_profile FROM users WHERE id = 2") == [("hash", None)]


def test_passwords_are_over_for_whom_they_are_over(tmp_path: Path) -> None:
    found = spec_from_file_location("users", ROOT / "examples" / "provisioning" / "users.py")
    assert found is not None and found.loader is not None
    users = module_from_spec(found)
    found.loader.exec_module(users)
    with closing(sqlite3.connect(tmp_path / "users.db")) as database:
        database.executescript(users.SCHEMA)
        database.execute("INSERT INTO customers (name, sso_required) VALUES ('Free', 0), ('Strict', 1)")
        database.execute(
            "INSERT INTO users (customer, email, sso_profile) "
            "VALUES (1, 'a@free.example', NULL), (1, 'b@free.example', 'prof_b'), (2, 'c@strict.example', NULL)"
        )
        users.check_password_allowed(database, 1)
        for user in (2, 3):
            with pytest.raises(users.SignInRefused):
                users.check_password_allowed(database, user)
