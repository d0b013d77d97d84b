"""/dashboard/{environment}/sign-ins/{id}/replay: a kept response run again, other settings tried; nothing is saved."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring.flows import replay, sign_ins
from latchstring.flows.house import House
from latchstring.flows.replay import FIELDS, Replayed, ReplayUnsupported, Settings
from latchstring.flows.trace_answer import AnswerNotKept
from latchstring.model import ids
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields, Refusal
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import Page, Visit, render
from latchstring.web.dashboard.sign_ins import SIGN_INS, address
from latchstring.web.kit import test_results
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply

REPLAY = f"{SIGN_INS}/{{id}}/replay"


def shown(house: House, visit: Visit) -> Reply:
    """With the settings as they are now: what would come of it today."""
    try:
        now = replay.settings(house, visit.pass_, visit.params["id"])
    except (ReplayUnsupported, AnswerNotKept) as refusal:
        return _page(house, visit, None, refusal=refusal)
    return _page(house, visit, now, result=replay.run(house, visit.pass_, visit.params["id"], now, _))


def tried(house: House, visit: Visit) -> Reply:
    form = browser.form(visit.inbound)
    wished = Settings(
        certificates=form.get("certificates", ""),
        idp_entity_id=form.get("idp_entity_id", ""),
        sp_entity_id=form.get("sp_entity_id", ""),
        acs_url=form.get("acs_url", ""),
        clock_skew=form.get("clock_skew", ""),
        sources={field: form.get(f"source-{field}", "") for field in FIELDS},
    )
    try:
        result = replay.run(house, visit.pass_, visit.params["id"], wished, _)
    except InvalidFields as refusal:
        errors = {error.field: error.message for error in refusal.errors}
        return _page(house, visit, wished, status=422, errors=errors)
    except (ReplayUnsupported, AnswerNotKept) as refusal:
        return _page(house, visit, None, refusal=refusal)
    return _page(house, visit, wished, result=result)


def _page(
    house: House,
    visit: Visit,
    settings: Settings | None,
    *,
    status: int = 200,
    result: Replayed | None = None,
    errors: Mapping[str, str] = {},
    refusal: Refusal | None = None,
) -> Reply:
    sign_in = sign_ins.find(house, visit.pass_, visit.params["id"])
    return render(
        house,
        visit,
        "dashboard_replay.html",
        status=status,
        reference=ids.reference(sign_in.id),
        address=address(visit, sign_in.id),
        settings=settings,
        result=result,
        errors={"certificates": None, "clock_skew": None, **errors},
        refusal=refusal,
        menders=test_results.menders(),
    )


PAGES = (
    Page(method="GET", path=REPLAY, summary="Run a response again", least=Role.DEVELOPER, show=shown),
    Page(
        method="POST",
        path=REPLAY,
        summary="Run a response again with other settings",
        least=Role.DEVELOPER,
        show=tried,
        back=REPLAY,
    ),
)
