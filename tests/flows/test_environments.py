"""What is left of an environment that was deleted: nothing, its private key included."""

from __future__ import annotations

from latchstring import worker
from latchstring.flows import environments
from latchstring.model.environment import EnvironmentKind, EnvironmentSettings
from latchstring.storage import house_keys
from tests.house_for_tests import Rig


def test_a_temporary_environment_that_was_forgotten_goes_after_an_hour_and_no_other_does(rig: Rig) -> None:
    fleeting = EnvironmentSettings(temporary=True)
    names = {"made by a program": fleeting, "latchstring attack": None}
    for name, settings in names.items():
        environments.create(rig.house, name=name, kind=EnvironmentKind.STAGING, settings=settings)
    environments.create(rig.house, name="Live", kind=EnvironmentKind.PRODUCTION, settings=fleeting)
    before = {environment.name for environment in environments.every(rig.house)}
    rig.clock.forward(minutes=59, seconds=59)
    worker.once(rig.house)
    assert {environment.name for environment in environments.every(rig.house)} == before
    rig.clock.forward(seconds=1)
    worker.once(rig.house)
    assert {environment.name for environment in environments.every(rig.house)} == before - {"made by a program"}
    assert environments.drop_forgotten(rig.house) == 0


def test_the_key_of_an_environment_goes_with_it(rig: Rig) -> None:
    other, _ = rig.another_environment()
    with rig.house.database.house() as whole:
        assert house_keys.get(whole, rig.house.vault, house_keys.jwks_key_id(other.id)) is not None
    environments.delete(rig.house, other.id)
    with rig.house.database.house() as whole:
        assert house_keys.get(whole, rig.house.vault, house_keys.jwks_key_id(other.id)) is None
        assert house_keys.get(whole, rig.house.vault, house_keys.jwks_key_id(rig.environment.id)) is not None
        assert house_keys.get(whole, rig.house.vault, house_keys.TEST_IDP) is not None
