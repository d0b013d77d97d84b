"""Logouts of one environment are unknown to another, also under the same handle."""

from __future__ import annotations

from datetime import timedelta

from latchstring.model.logout import LogoutLink
from latchstring.storage import connections, logouts, organizations
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT, connection, organization


def test_taking_a_logout_in_one_environment_leaves_its_twin(twins: Twins) -> None:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
            connections.add(scope, VAULT, connection(pass_.environment_id, f"key-{letter}"))
            link = LogoutLink(profile_id=f"prof_{letter}")
            logouts.add(scope, "handle", connection_id="conn_twin", step=link, expires_at=NOW + timedelta(minutes=5))
    with twins.database.write(twins.a) as scope:
        assert logouts.take(scope, "handle", NOW)
        assert not logouts.take(scope, "handle", NOW)
        assert logouts.get(scope, "handle", NOW) is None
    with twins.database.read(twins.b) as scope:
        assert logouts.get(scope, "handle", NOW) == ("conn_twin", LogoutLink(profile_id="prof_b"))
