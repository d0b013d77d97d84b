"""What is left of an environment that was deleted: nothing, its private key included."""

from __future__ import annotations

from latchstring.flows import environments
from latchstring.storage import house_keys
from tests.house_for_tests import Rig


def test_the_key_of_an_environment_goes_with_it(rig: Rig) -> None:
    other, _ = rig.another_environment()
    with rig.house.database.house() as whole:
        assert house_keys.get(whole, rig.house.vault, house_keys.jwks_key_id(other.id)) is not None
    environments.delete(rig.house, other.id)
    with rig.house.database.house() as whole:
        assert house_keys.get(whole, rig.house.vault, house_keys.jwks_key_id(other.id)) is None
        assert house_keys.get(whole, rig.house.vault, house_keys.jwks_key_id(rig.environment.id)) is not None
        assert house_keys.get(whole, rig.house.vault, house_keys.TEST_IDP) is not None
