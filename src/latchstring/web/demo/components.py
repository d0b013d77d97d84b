"""/dev/components: every component in every state, to be looked at by people and by the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from latchstring.flows import story, trace_checks
from latchstring.flows.house import House
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.flows.trace import Moment
from latchstring.flows.trace_differences import Difference
from latchstring.flows.trace_messages import Message
from latchstring.flows.trace_remedy import Remedy
from latchstring.model.audit import Change
from latchstring.model.operator import Operator, Role
from latchstring.model.refusal import Mender
from latchstring.model.sign_in import Outcome as Ended
from latchstring.model.sign_in_test import Check, Outcome, Problem, Remark, Result, SignInTest
from latchstring.protocols.attribute_refusals import AttributesMissing
from latchstring.web.demo import guide_example
from latchstring.web.kit import guide_steps, pages, test_results
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask


def shown(house: House, ask: Ask) -> Reply:
    now = house.now()
    active = Operator(id="operator_1", email="ann@example.com", name="Ann", role=Role.ADMIN, created_at=now)
    changed = msgspec.structs.replace
    operators = [active, changed(active, has_password=False), changed(active, disabled_at=now)]
    changes = [
        Change("name", "Acme", "Acme & Sons"),
        Change("config.allow_sha1", False, True),
        Change("attribute_maps.standard.email", None, ["mail", "upn"]),
    ]
    return pages.render(
        house,
        "dev_components.html",
        now=now,
        operators=operators,
        tests=list(_tests(now)),
        changes=changes,
        stale=PortalProgressStale(step="guide", connection_type="OktaSAML", by="joe@acme.example", at=now, version=3),
        trace=_trace(now),
        trace_rows=list(_trace_rows(now)),
        menders=test_results.menders(),
        steps=guide_steps.steps(guide_example.EXAMPLE, guide_example.GIVEN),
        about=guide_steps.about(guide_example.EXAMPLE),
        one=guide_example.alone(),
    )


def _trace_rows(now: datetime) -> Iterator[dict[str, Any]]:
    """One of each outcome."""
    for outcome, code, is_test in (
        (Ended.GOOD, None, False),
        (Ended.REFUSED, "audience_mismatch", True),
        (Ended.OPEN, None, False),
    ):
        yield {
            "id": f"sess_{outcome.value}",
            "reference": "5KQ2B-M8DXA",
            "url": "/try",
            "outcome": outcome,
            "code": code,
            "email": "ann@acme.example" if code is None else None,
            "is_test": is_test,
            "idp_initiated": is_test,
            "connection_id": "conn_1",
            "connection_name": "Okta SAML",
            "organization_name": "Acme",
            "created_at": now,
            "seconds": "0.8" if outcome is not Ended.OPEN else None,
        }


def _trace(now: datetime) -> dict[str, Any]:
    """Of a refused sign-in."""
    differences = (
        Difference(
            label="Audience",
            expected=("https://sso.example.com/abc",),
            received=("https://sso.example.com/abc/",),
            note='There is a "/" too many at the end.',
        ),
    )
    facts = {"code": "audience_mismatch", "check": "audience_is_ours"}
    missing = AttributesMissing(missing=("email",), received=())
    further = {"somebody_signed_in": None, "attributes": None, "fields": story.refused_facts(missing)}
    checks = trace_checks.informed(trace_checks.of_refused("saml", facts), further, "OktaSAML", values=True)
    return {
        "sentence": "The assertion is meant for another application.",
        "differences": differences,
        "remedy": Remedy(
            code="audience_mismatch",
            message="The assertion is meant for another application.",
            mender=Mender.IT_ADMIN,
            fix="Set the audience to `sp_entity_id` of this connection.",
            there="In Okta, open Applications > (your app) > General.",
            also=("It may be something else.",),
        ),
        "stays_away": ("The account is most often not assigned.", "In Okta, assign it."),
        "moments": [
            Moment(at=now, name="begun", label="The application asked for a sign-in", facts=(("Browser", "Firefox"),)),
            Moment(at=now, name="refused", label="The sign-in was refused", checks=checks),
        ],
        "attributes": {"email": ("ann@acme.example",), "groups": ("Staff", "Admins"), "id": ()},
        "proven": False,
        "request": Message(document="<samlp:AuthnRequest/>", parameters=(("RelayState", "(hidden)"),)),
        "response": Message(document="<samlp:Response/>"),
    }


def _tests(now: datetime) -> Iterator[dict[str, Any] | None]:
    """A good one, and one of which three checks failed."""
    problem = Problem(
        code="audience_mismatch",
        message="The answer is meant for somebody else.",
        mender="it_admin",
        fix="Set the audience to `sp_entity_id`.",
        facts={"expected": "https://sso.example.com/abc", "received": ("https://sso.example.com/abc/",)},
    )
    good = Outcome(
        checks=tuple(Check(name=name, result=Result.PASSED) for name in ("answer", "signature", "audience_is_ours")),
        proven=True,
        subject="u1",
        attributes={"email": ("ann@acme.example",), "groups": ("Staff", "Admins")},
        profile={"idp_id": "u1", "email": "ann@acme.example", "groups": ("Staff", "Admins")},
        sources={"email": "email", "groups": "groups"},
        remarks=(Remark(code="names_missing", facts={"fields": ("first_name", "last_name")}), Remark(code="sha1")),
    )
    bad = msgspec.structs.replace(
        good,
        proven=False,
        checks=(
            Check(name="signature", result=Result.PASSED),
            Check(name="audience_is_ours", result=Result.FAILED, problem=problem),
            Check(name="somebody_signed_in", result=Result.PASSED, trusted=False),
            Check(name="not_replayed", result=Result.NOT_REACHED, trusted=False),
            Check(name="email_belongs", result=Result.FAILED, trusted=False, problem=problem),
        ),
    )
    for outcome in (good, bad):
        test = SignInTest(
            id="sess_01HX",
            handle="",
            connection_id="conn_01HX",
            made_by="ann@example.com",
            configuration="",
            created_at=now,
            expires_at=now,
            begun_at=now,
            ended_at=now,
            passed=outcome.passed,
            outcome=outcome,
        )
        yield test_results.shown(test, "OktaSAML")
