"""Magic links of one environment are unknown to another, also under the same id and token."""

from __future__ import annotations

from datetime import timedelta

from latchstring.model.magic_link import MagicLink
from latchstring.storage import connections, magic_links, organizations
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT, connection, organization

LATER = NOW + timedelta(minutes=15)


def test_using_a_link_in_one_environment_leaves_its_twin(twins: Twins) -> None:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
            connections.add(scope, VAULT, connection(pass_.environment_id, f"key-{letter}"))
            magic_links.add(scope, _link(letter), letter.encode())
            magic_links.add_mailed(scope, letter.encode() * 2, link_id="twin", recipient="ann@acme.example", now=NOW)
    with twins.database.write(twins.a) as scope:
        assert magic_links.by_token(scope, b"b") is None
        magic_links.drop_token(scope, b"b")
        magic_links.drop_token(scope, b"bb")
        assert magic_links.spend(scope, "twin", NOW)
        assert not magic_links.spend(scope, "twin", NOW)
        assert magic_links.refuse(scope, "twin", NOW)
        assert magic_links.forget(scope, LATER + timedelta(days=1), 10) == 1
        assert magic_links.get(scope, "twin") is None
    with twins.database.write(twins.b) as scope:
        assert magic_links.by_token(scope, b"b") == magic_links.get(scope, "twin") == _link("b")
        since = NOW - timedelta(hours=1)
        assert magic_links.sent_to(scope, "ann@acme.example", since=since, count=10) == [NOW]
        assert magic_links.mails(scope, "twin") == 1
        assert magic_links.refuse(scope, "twin", NOW) and magic_links.spend(scope, "twin", NOW)


def test_a_link_is_used_within_its_time(twins: Twins) -> None:
    with twins.database.write(twins.a) as scope:
        organizations.add(scope, organization())
        connections.add(scope, VAULT, connection("environment_a", "key"))
        magic_links.add(scope, _link("a"), b"a")
        assert not magic_links.spend(scope, "twin", LATER)
        assert magic_links.spend(scope, "twin", LATER - timedelta(milliseconds=1))


def _link(letter: str) -> MagicLink:
    return MagicLink(
        id="twin",
        connection_id="conn_twin",
        email=f"{letter}@acme.example",
        redirect_uri=None,
        app_state=letter,
        created_at=NOW,
        expires_at=LATER,
    )
