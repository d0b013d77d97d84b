"""What one sign-in asks of the database, of the network and of the wire, in counts: the next feature that adds to it is
noticed here, and is asked whether a statement that is there already could not bring it along.

Counts, because times depend on the machine; `docs/performance.md` tells what they come to. Whoever raises one of these
numbers writes there what it gives and costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from latchstring.storage.sqlite import SqliteEngine
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import OidcIdp, SamlIdp, oidc_idp, saml_idp

Idp = SamlIdp | OidcIdp
PAGE = 4096


@dataclass
class Cost:
    """Of one request."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0
    pages: int = 0  # written to the log: each index that changes is one more
    calls: list[str] = field(default_factory=list)  # outbound, in order

    def __sub__(self, first: Cost) -> Cost:
        return Cost(
            self.statements[len(first.statements) :],
            self.commits - first.commits,
            self.pages - first.pages,
            self.calls[len(first.calls) :],
        )

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return len(self.statements), self.commits, self.pages, len(self.calls)

    def __str__(self) -> str:
        return "\n".join(["", *self.statements, f"{self.commits} commits, {self.pages} pages", *self.calls, ""])


@contextmanager
def measured(rig: Rig) -> Iterator[Cost]:
    """What SQLite itself says it was asked."""
    cost = Cost()
    engine = rig.house.database._engine
    assert isinstance(engine, SqliteEngine)
    connection, log = engine._connection(), Path(f"{engine.path}-wal")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def traced(statement: str) -> None:
        if statement == "COMMIT":
            cost.commits += 1
        elif statement != "BEGIN IMMEDIATE":
            cost.statements.append(statement)

    before = len(rig.network.calls)
    connection.set_trace_callback(traced)
    yield cost
    connection.set_trace_callback(None)
    assert len(engine._all) == 1, "another thread asked as well"
    cost.pages = log.stat().st_size // (PAGE + 24)
    cost.calls = [call.url for call in rig.network.calls[before:]]


def a_sign_in(rig: Rig, idp: Idp) -> tuple[list[Cost], list[Answer]]:
    """The second one of a connection, request by request: the first settles things."""
    rig.swap(idp.sign_in(rig.browser()).returned["code"])
    rig.clock.forward(seconds=60)
    browser = rig.browser()
    with measured(rig) as departure:
        departed = rig.authorize(browser, connection=idp.connection["id"])
    with measured(rig) as there_and_back:
        arrived = idp.sign_in(browser)
    with measured(rig) as swap:
        swapped = rig.swap(arrived.returned["code"])
    assert (departed.status, arrived.status, swapped.status) == (302, 302, 200)
    return [departure, there_and_back - departure, swap], [departed, arrived, swapped]


@pytest.mark.parametrize(
    ("make", "expected"),
    [  # statements, commits, pages, outbound calls: of the departure, of the arrival, and of the code's swap
        (saml_idp, [(6, 1, 7, 0), (10, 1, 23, 0), (9, 1, 10, 0)]),
        (oidc_idp, [(6, 1, 7, 1), (10, 1, 18, 4), (9, 1, 10, 0)]),
    ],
    ids=["saml", "oidc"],
)
def test_what_a_sign_in_asks_of_the_database_and_of_the_network(
    rig: Rig, make: Callable[[Rig], Idp], expected: list[tuple[int, ...]]
) -> None:
    costs, _ = a_sign_in(rig, make(rig))
    assert [cost.counts for cost in costs] == expected, "".join(map(str, costs))


@pytest.mark.parametrize(
    ("make", "longest"),
    [(saml_idp, [1010, 470, 861]), (oidc_idp, [834, 470, 844])],
    ids=["saml", "oidc"],
)
def test_how_long_the_answers_are(rig: Rig, make: Callable[[Rig], Idp], longest: list[int]) -> None:
    _, answers = a_sign_in(rig, make(rig))
    for answer, most in zip(answers, longest, strict=True):
        length = sum(len(f"{name}: {value}\r\n".encode()) for name, value in answer.headers) + len(answer.body)
        # An AuthnRequest is deflated and its random values compress differently each time: of 400, 976 bytes on the
        # average with a standard deviation of 7. Five of those either way.
        least = most - (70 if "SAMLRequest" in (answer.header("location") or "") else 30)
        assert least <= length <= most, answer
