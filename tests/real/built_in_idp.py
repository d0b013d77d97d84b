"""The persons whom the tests type into the login page of the built-in Test IdP."""

from __future__ import annotations

from tests.real.login import Person


def person(email: str, first_name: str, last_name: str, groups: str = "") -> Person:
    """Somebody typed in."""
    return Person({"email": email, "first_name": first_name, "last_name": last_name, "groups": groups})


ANN = person("ann@example.com", "Ann", "Łukaszewicz", "Engineering, Admins & Owners")
JOE = person("joe@elsewhere.test", "Joe", "Elsewhere")
NOBODY = Person({"email": ""}, press="deny")  # presses the other button
