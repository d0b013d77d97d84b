"""Attributes and identifiers of one environment are nothing to another, also under the same names."""

from __future__ import annotations

from latchstring.model.connection import AttributeMaps
from latchstring.storage import connections, custom_attributes, organizations, profiles
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT, connection, organization
from tests.storage.test_once import person


def test_custom_attributes_of_the_same_name_are_two(twins: Twins) -> None:
    for pass_ in (twins.a, twins.b):
        with twins.database.write(pass_) as scope:
            custom_attributes.add(scope, "badge", NOW)
    with twins.database.write(twins.a) as scope:
        assert custom_attributes.remove(scope, "badge")
        assert custom_attributes.every(scope) == {}
    with twins.database.read(twins.b) as scope:
        assert custom_attributes.every(scope) == {"badge": NOW}


def test_mapping_and_identifiers_change_in_one_environment_alone(twins: Twins) -> None:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
            connections.add(scope, VAULT, connection(pass_.environment_id, f"key-{letter}"))
            profiles.save(scope, person("prof_1"))
            assert connections.settle_identifier(scope, "conn_twin", "id")
            assert not connections.settle_identifier(scope, "conn_twin", "uid")
    with twins.database.write(twins.a) as scope:
        connections.set_maps(scope, "conn_twin", AttributeMaps(required=("name",)), NOW)
        connections.set_identifier_source(scope, "conn_twin", "uid")
        profiles.rekey(scope, "prof_1", "other")
        assert [each.idp_id for each in profiles.of_connection(scope, "conn_twin")] == ["other"]
    with twins.database.read(twins.b) as scope:
        found = connections.get(scope, VAULT, "conn_twin")
        assert found is not None
        assert (found.identifier_source, found.attribute_maps) == ("id", AttributeMaps())
        assert connections.all_maps(scope) == [("conn_twin", AttributeMaps())]
        assert [each.idp_id for each in profiles.of_connection(scope, "conn_twin")] == ["idp-1"]
