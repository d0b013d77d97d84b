"""A trace tells what to change: what happened, expected against received, who mends it, and every check in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from latchstring.flows import connection_life, sign_ins, trace
from latchstring.flows.trace import Sight, Trace
from latchstring.flows.trace_checks import Check
from latchstring.model import ids
from latchstring.model.refusal import Mender, NotFound
from latchstring.model.sign_in import Outcome, Wanted
from latchstring.model.sign_in_test import Result
from latchstring.storage import front_door
from latchstring.storage.paging import Window
from tests.house_for_tests import Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp


def newest(rig: Rig, sight: Sight = Sight.VALUES) -> Trace:
    (found,) = sign_ins.page(rig.house, rig.pass_, Window(limit=1), Wanted()).items
    return trace.of(rig.house, rig.pass_, found.id, sight)


def checks(found: Trace) -> list[Check]:
    return [check for moment in found.moments for check in moment.checks]


def results(found: Trace) -> dict[str, str]:
    return {check.name: check.result.value for check in checks(found)}


def failed(found: Trace) -> list[str]:
    """Those that decided; what failed behind them is for information."""
    return [check.name for check in checks(found) if check.result is Result.FAILED and check.trusted]


def audience(idp: SamlIdp) -> dict[str, Any]:
    return {"audience": idp.connection["saml_options"]["sp_entity_id"] + "/"}


@pytest.mark.parametrize(
    ("wrong", "code", "check", "says"),
    [
        (audience, "audience_mismatch", "audience_is_ours", 'There is a "/" too many at the end.'),
        (lambda _: {"key": "another"}, "certificate_unknown", "signature", "SHA-256"),
        (lambda _: {"attributes": {"id": ("u1",)}}, "attributes_missing", "fields", "email"),
        (lambda _: {"shift": timedelta(minutes=8)}, "assertion_not_yet_valid", "issued_just_now", "8 minutes ahead"),
        (lambda _: {"shift": -timedelta(hours=3)}, "response_too_old", "issued_just_now", "3 hours ago"),
        (lambda _: {"entity_id": "http://idp.acme.example"}, "issuer_mismatch", "issuer_is_our_idp", "with http:"),
        (lambda _: {"attributes": {"id": ("u",), "email": ("a@b.example",)}}, "email_outside_organization", "domains",
         "b.example"),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else "",
)  # fmt: skip
def test_the_trace_of_a_refused_saml_sign_in_tells_what_to_change(
    rig: Rig, wrong: Callable[[SamlIdp], dict[str, Any]], code: str, check: str, says: str
) -> None:
    idp = saml_idp(rig, None)
    idp.sign_in(rig.browser(), **wrong(idp))
    found = newest(rig)
    assert found.sign_in.outcome is Outcome.REFUSED and found.remedy is not None
    assert (found.remedy.code, failed(found)) == (code, [check])
    assert says in repr(found.differences), found.differences
    assert found.sentence == found.remedy.message and found.remedy.fix
    order = [check.result.value for check in checks(found) if check.trusted]
    assert order == sorted(order, key=["passed", "failed", "not_reached"].index)
    assert found.response is not None and "<samlp:Response" in (found.response.document or "")
    assert found.request is not None and "<samlp:AuthnRequest" in (found.request.document or "")
    assert not found.proven


def test_a_good_sign_in_has_a_trace_too(rig: Rig) -> None:
    idp = saml_idp(rig)
    rig.swap(idp.sign_in(rig.browser()).returned["code"])
    found = newest(rig)
    assert (found.sign_in.outcome, found.remedy, found.differences) == (Outcome.GOOD, None, ())
    assert set(results(found).values()) == {"passed"} and "audience_is_ours" in results(found)
    assert [moment.name for moment in found.moments] == ["begun", "departed", "arrived", "granted", "redeemed"]
    assert found.attributes["email"] == ("ann@acme.example",) and found.proven


def test_of_openid_connect_the_claims_and_the_check_that_failed_are_told(rig: Rig) -> None:
    idp = oidc_idp(rig)
    idp.claims = {"aud": "our-clients"}
    idp.sign_in(rig.browser())
    found = newest(rig)
    assert failed(found) == ["audience_is_ours"]
    assert [(one.expected, one.received) for one in found.differences] == [(("our-client",), ("our-clients",))]
    assert found.request is not None and dict(found.request.parameters)["client_id"] == "our-client"
    assert found.response is not None and '"aud": "our-clients"' in (found.response.document or "")
    assert idp.nonce not in repr((found.request, found.response, found.attributes, found.moments))


def test_a_provider_that_denies_is_told_apart_from_one_that_cannot(rig: Rig) -> None:
    idp = oidc_idp(rig)
    asked = idp.depart(browser := rig.browser())
    query = {"state": asked["state"], "error": "access_denied", "error_description": "ann@acme.example is not assigned"}
    browser.get(idp.connection["callback_endpoint"], query=query)
    found = newest(rig)
    assert failed(found) == ["callback"] and "is not assigned" in repr(found.differences)
    assert "ann@" not in repr(newest(rig, Sight.SHAPE).differences)


def test_a_sign_in_that_is_under_way_says_where_it_is(rig: Rig) -> None:
    saml_idp(rig).depart(rig.browser())
    found = newest(rig)
    assert (found.sign_in.outcome, found.response, found.kept) == (Outcome.OPEN, None, False)
    assert "nothing has come back yet" in found.sentence


@pytest.mark.parametrize("sight", [Sight.SHAPE, Sight.SHARED])
@pytest.mark.parametrize("good", [True, False])
def test_whoever_may_not_see_values_sees_none_and_no_person(rig: Rig, sight: Sight, good: bool) -> None:
    said = {"id": ("u-4711",), "email": ("ann@acme.example",), "firstName": ("Annegret",)}
    idp = saml_idp(rig)
    idp.sign_in(rig.browser(), attributes=said, name_id="u-4711", **({} if good else audience(idp)))
    found = newest(rig, sight)
    shown = repr((found.sentence, found.remedy, found.differences, found.moments, found.response, found.attributes))
    assert found.email == "…@acme.example"
    for value in ("u-4711", "ann@", "Annegret"):
        assert value not in shown
    assert set(found.attributes) >= {"id", "email", "firstName"}
    assert ("203.0.113.7" in shown) is (sight is Sight.SHAPE)


def test_an_address_that_a_refusal_names_is_not_shown_to_whoever_may_not_see_it(rig: Rig) -> None:
    saml_idp(rig).sign_in(rig.browser(), attributes={"id": ("u",), "email": ("ann@acme.example, x@acme.example",)})
    assert "ann@" in newest(rig).sentence
    found = newest(rig, Sight.SHAPE)
    assert "ann@" not in repr((found.sentence, found.remedy, found.differences))


def test_a_trace_is_found_by_its_id_and_by_its_reference_and_nowhere_else(rig: Rig) -> None:
    saml_idp(rig).sign_in(rig.browser())
    found = newest(rig)
    assert trace.of(rig.house, rig.pass_, f" {found.reference.lower()} ", Sight.VALUES) == found
    other, _ = rig.another_environment()
    for named in (found.reference, found.sign_in.id):
        with pytest.raises(NotFound):
            trace.of(rig.house, front_door.by_operator(other), named, Sight.VALUES)


# What ends on a page


def reference(text: str) -> str:
    return text.partition("<dt>Reference</dt><dd>")[2].partition("<")[0]


def test_the_reference_of_an_error_page_opens_the_trace(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.depart(browser := rig.browser())
    pages = [
        rig.authorize(browser, connection=idp.connection["id"], redirect_uri="http://localhost:3000/elsewhere"),
        idp.arrive(browser, "this is no Base64"),
        idp.arrive(rig.browser(), idp.response(idp.depart(rig.browser()))),  # another browser
    ]
    codes = []
    for page in pages:
        assert page.status == 400
        found = trace.of(rig.house, rig.pass_, reference(page.text), Sight.VALUES)
        assert found.remedy is not None and found.sign_in.connection_name == "Acme"
        codes.append(found.remedy.code)
    assert codes == ["redirect_uri_unregistered", "document_not_base64", "browser_mismatch"]
    assert found.remedy is not None and found.remedy.mender is Mender.USER


def test_a_refusal_of_no_connection_has_the_number_in_the_log(rig: Rig) -> None:
    page = rig.authorize(rig.browser(), client_id="nobody")
    assert len(reference(page.text)) == 36 == len(page.header("x-request-id") or "")


def test_a_request_that_names_a_connection_that_is_off_stands_among_its_sign_ins(rig: Rig) -> None:
    idp = saml_idp(rig)
    connection_life.switch(rig.house, rig.pass_, idp.connection["id"], "off")
    assert "error" in rig.authorize(rig.browser(), connection=idp.connection["id"]).returned
    found = newest(rig)
    assert found.remedy is not None and found.remedy.code == "connection_unlinked"


# What is new


def test_whoever_watches_hears_of_each_outcome_once(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    rig.clock.forward(seconds=1)
    tail = sign_ins.watch(rig.house)

    def news() -> list[tuple[str, str | None]]:
        nonlocal tail
        found, tail = sign_ins.news(rig.house, rig.pass_, tail)
        return [(one.outcome.value, one.refusal) for one in found]

    assert news() == []
    asked = idp.depart(browser := rig.browser())
    assert news() == [("open", None)]
    rig.clock.forward(minutes=2)
    assert news() == []
    answer = idp.arrive(browser, idp.response(asked, key="another"))
    assert "error" in answer.returned
    assert news() == [("refused", "certificate_unknown")] and news() == []
    rig.clock.forward(seconds=30)
    code = idp.sign_in(rig.browser()).returned["code"]
    assert news() == [("good", None)]
    rig.swap(code)
    assert news() == []


def test_references_are_short(rig: Rig) -> None:
    assert len(ids.reference(rig.house.id(ids.ATTEMPT, rig.clock.now()))) == 11
