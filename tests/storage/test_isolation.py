"""What one environment does, another never sees."""

from __future__ import annotations

import msgspec
import pytest

from latchstring.model.connection import (
    AttributeMaps,
    Connection,
    ConnectionSecrets,
    ConnectionState,
    TestIdpConfig,
)
from latchstring.model.organization import Domain, DomainState, Organization
from latchstring.model.secret import Secret
from latchstring.storage import connections, organizations, paging
from latchstring.storage.sqlite import OwnerGone
from latchstring.storage.vault import Vault, VaultKeyUnknown
from tests.storage.conftest import NOW, Twins

VAULT = Vault((b"k" * 32,), lambda count: b"n" * count)


def organization(letter: str = "x") -> Organization:
    return Organization(
        id="org_twin",
        name=f"Twin {letter}",
        allow_profiles_outside_organization=False,
        external_id=None,
        stripe_customer_id=None,
        metadata={"letter": letter},
        domains=(
            Domain(
                id="org_domain_twin",
                organization_id="org_twin",
                domain="example.com",
                state=DomainState.VERIFIED,
                verification_strategy="manual",
                verification_token=None,
                verification_prefix=None,
                created_at=NOW,
                updated_at=NOW,
            ),
        ),
        created_at=NOW,
        updated_at=NOW,
    )


def connection(environment_id: str, external_key: str) -> Connection:
    return Connection(
        id="conn_twin",
        environment_id=environment_id,
        organization_id="org_twin",
        external_key=external_key,
        external_id=None,
        type="TestIdp",
        name="Twin",
        state=ConnectionState.ACTIVE,
        config=TestIdpConfig(),
        secrets=Secret(ConnectionSecrets(oidc_client_secret="marker-of-a-secret")),
        attribute_maps=AttributeMaps(),
        created_at=NOW,
        updated_at=NOW,
    )


def test_twins_with_the_same_ids_live_side_by_side(twins: Twins) -> None:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
    with twins.database.write(twins.a) as scope:
        organizations.save(scope, msgspec.structs.replace(organization("changed"), domains=()))
        assert organizations.remove_domain(scope, "org_domain_twin")
    with twins.database.read(twins.b) as scope:
        found = organizations.get(scope, "org_twin")
    assert found == organization("b")


def test_removing_in_one_environment_leaves_the_other(twins: Twins) -> None:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
            connections.add(scope, VAULT, connection(pass_.environment_id, f"key-{letter}"))
    with twins.database.write(twins.a) as scope:
        assert organizations.remove(scope, "org_twin")
        assert connections.get(scope, VAULT, "conn_twin") is None
    with twins.database.read(twins.b) as scope:
        assert organizations.get(scope, "org_twin") is not None
        assert connections.get(scope, VAULT, "conn_twin") == connection("environment_b", "key-b")


def test_the_database_itself_refuses_a_row_that_points_into_another_environment(twins: Twins) -> None:
    with twins.database.write(twins.a) as scope:
        organizations.add(scope, organization())
    with pytest.raises(OwnerGone), twins.database.write(twins.b) as scope:
        connections.add(scope, VAULT, connection("environment_b", "key"))


def test_a_caller_cannot_name_another_environment(twins: Twins) -> None:
    with twins.database.write(twins.b) as scope:
        organizations.add(scope, organization("b"))
    with twins.database.read(twins.a) as scope:
        assert scope.one(organizations._GET, id="org_twin", environment_id="environment_b") is None


def test_a_sealed_secret_does_not_open_in_another_place() -> None:
    place = {"environment_id": "environment_a", "table": "connections", "row_id": "conn_1", "column": "secrets"}
    sealed = VAULT.seal(b"secret", **place)
    assert VAULT.open(sealed, **place) == b"secret"
    for name in place:
        with pytest.raises(VaultKeyUnknown):
            VAULT.open(sealed, **{**place, name: "elsewhere"})
    with pytest.raises(VaultKeyUnknown):
        Vault((b"o" * 32,), lambda count: b"n" * count).open(sealed, **place)
    rotated = Vault((b"o" * 32, b"k" * 32), lambda count: b"n" * count)
    assert rotated.open(sealed, **place) == b"secret"


def test_secrets_are_not_readable_in_the_file(twins: Twins) -> None:
    with twins.database.write(twins.a) as scope:
        organizations.add(scope, organization())
        connections.add(scope, VAULT, connection("environment_a", "key-a"))
    twins.database.close()
    everything = b"".join(path.read_bytes() for path in twins.path.parent.glob("twins.db*"))
    assert b"Twin" in everything
    assert b"marker-of-a-secret" not in everything


@pytest.mark.parametrize("order", ["asc", "desc", "normal"])
def test_walking_the_pages_sees_everything_once_both_ways(twins: Twins, order: paging.Order) -> None:
    every = []
    with twins.database.write(twins.a) as scope:
        for number in range(7):
            one = msgspec.structs.replace(organization(), id=f"org_{number}", domains=())
            organizations.add(scope, one)
            every.append(one.id)
    forward, backward = ("before", "after") if order == "normal" else ("after", "before")
    expected = every if order == "asc" else every[::-1]
    with twins.database.read(twins.a) as scope:
        seen: list[str] = []
        page = organizations.page(scope, paging.Window(limit=3, order=order))
        assert getattr(page, backward) is None
        while True:
            seen += [item.id for item in page.items]
            cursor = getattr(page, forward)
            if cursor is None:
                break
            page = organizations.page(scope, paging.Window(limit=3, order=order, **{forward: cursor}))
        assert seen == expected
        back = [item.id for item in page.items]
        while (cursor := getattr(page, backward)) is not None:
            page = organizations.page(scope, paging.Window(limit=3, order=order, **{backward: cursor}))
            back = [item.id for item in page.items] + back
        assert back == expected
