"""How far a set-up is: saved at the version that was seen, and never over what somebody else has done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from latchstring.flows import portal_progress
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.model.portal import PortalProgress, Step
from latchstring.model.refusal import NotFound
from tests.house_for_tests import Rig
from tests.idp_for_tests import saml_idp
from tests.portal_for_tests import organization


def save(rig: Rig, organization_id: str, wanted: PortalProgress, seen: int, by: str = "ann") -> PortalProgress:
    return portal_progress.save(rig.house, rig.pass_, organization_id, wanted, seen=seen, by=by)


def test_what_two_do_at_once_does_not_overwrite_each_other(rig: Rig) -> None:
    globex = organization(rig).id
    nothing = portal_progress.of(rig.house, rig.pass_, globex)
    assert nothing == PortalProgress()
    ann = save(rig, globex, nothing.reaching(Step.PROVIDER), 0)
    assert portal_progress.of(rig.house, rig.pass_, globex) == ann and ann.version == 1
    joe = save(rig, globex, msgspec.structs.replace(ann.reaching(Step.GUIDE), connection_type="OktaSAML"), 1, "joe")
    with pytest.raises(PortalProgressStale) as stale:
        save(rig, globex, ann.reaching(Step.DETAILS), 1)
    told = stale.value
    assert (told.step, told.connection_type, told.by, told.version) == ("guide", "OktaSAML", "joe", 2)
    assert portal_progress.of(rig.house, rig.pass_, globex) == joe
    with pytest.raises(PortalProgressStale):
        save(rig, globex, nothing.reaching(Step.TEST), 0)
    with pytest.raises(PortalProgressStale):
        save(rig, globex, nothing.reaching(Step.TEST), -1)


def test_of_many_at_the_same_moment_one_is_saved(rig: Rig) -> None:
    globex = organization(rig).id

    def try_it(number: int) -> bool:
        try:
            save(rig, globex, PortalProgress(kept={"note": str(number)}), 0)
        except PortalProgressStale:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, range(24))) == 1


def test_web_07_a_set_up_takes_no_connection_of_another_organization(rig: Rig) -> None:
    idp = saml_idp(rig)
    theirs, globex = idp.connection["id"], organization(rig).id
    with pytest.raises(NotFound):
        save(rig, globex, PortalProgress(connection_id=theirs), 0)
    ours = save(rig, idp.organization["id"], PortalProgress(connection_id=theirs), 0)
    found = portal_progress.connection(rig.house, rig.pass_, idp.organization["id"], ours)
    assert found is not None and found.id == theirs
    assert portal_progress.connection(rig.house, rig.pass_, globex, ours) is None


def test_a_step_is_reached_and_not_gone_back_from() -> None:
    there = PortalProgress(step=Step.GUIDE, part=2)
    assert there.reaching(Step.PROVIDER) == there
    assert there.reaching(Step.GUIDE, 3).part == 3
    assert (there.reaching(Step.TEST).step, there.reaching(Step.TEST).part) == (Step.TEST, 0)
