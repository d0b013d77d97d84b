"""What sign-ins leave behind for the attribute mapper: fifty sealed samples, people who wait, and nothing elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from latchstring.flows import attribute_samples as flow
from latchstring.flows import upkeep
from latchstring.model.testimony import AttributeSample, Reconciliation
from latchstring.storage import attribute_samples, front_door, reconciliations
from latchstring.storage.statement import OpenStatement
from tests.events_for_tests import told
from tests.house_for_tests import START, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.web.test_profile_fields import Idp, profile, refused, saml

TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MARKER = "marker-of-a-person"


def samples(idp: Idp) -> list[AttributeSample]:
    rig = idp.rig
    with rig.house.database.read(rig.pass_) as scope:
        return attribute_samples.newest(scope, rig.house.vault, idp.connection["id"], since=START)


def awaiting(idp: Idp) -> list[Reconciliation]:
    rig = idp.rig
    with rig.house.database.read(rig.pass_) as scope:
        return list(reconciliations.of_connection(scope, rig.house.vault, idp.connection["id"]))


def statements(rig: Rig, idp: SamlIdp, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Those that one good sign-in runs."""
    engine: Any = rig.house.database._engine
    run: list[str] = []
    browser = rig.browser()
    document = idp.response(idp.depart(browser))

    def counted(true: Any, name: str) -> Any:
        def run_it(*words: Any) -> Any:
            run.append(words[0] if words else name)
            return true(*words)

        return run_it

    with monkeypatch.context() as patched:
        for name in ("one", "all", "change", "begin"):
            patched.setattr(engine, name, counted(getattr(engine, name), name))
        assert "code" in idp.arrive(browser, document).returned
    return run


def test_a_good_sign_in_pays_for_one_statement_in_its_own_transaction(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    run = statements(rig, idp, monkeypatch)
    with monkeypatch.context() as without:
        without.setattr(flow, "keep_good", lambda *_: None)
        before = statements(rig, idp, monkeypatch)
    assert run.count("begin") == before.count("begin")
    assert len(run) == len(before) + 1
    (more,) = [text for text in run if text not in before]
    assert more.startswith("INSERT INTO attribute_samples")


def test_the_fifty_first_pushes_the_first_out(rig: Rig) -> None:
    idp = saml_idp(rig)
    for number in range(52):
        assert "code" in saml(idp, title=f"t{number}").returned
    kept = [sample.testimony.attributes["title"][0] for sample in samples(idp)]
    assert kept == [f"t{number}" for number in range(51, 1, -1)]


def test_a_sample_is_what_was_said(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp, badge=("1", "2"))
    (sample,) = samples(idp)
    assert (sample.at, sample.refusal) == (START, None)
    assert sample.testimony.subject == "u1"
    assert list(sample.testimony.attributes) == ["id", "email", "firstName", "lastName", "groups", "badge"]
    assert sample.testimony.attributes["badge"] == ("1", "2")
    other = oidc_idp(rig)
    profile(other, other.sign_in(rig.browser()))
    (claims,) = samples(other)
    assert claims.testimony.attributes["given_name"] == ("Ann",)
    assert len(samples(idp)) == 1


def test_a_sample_is_bounded_whatever_is_sent(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(
        idp,
        essay="x" * 2000,
        groups=tuple(f"g{number}" for number in range(300)),
        **{f"a{n}": "y" * 900 for n in range(60)},
    )
    (sample,) = samples(idp)
    assert sample.testimony.cut
    assert sample.testimony.attributes["essay"] == ()
    assert len(sample.testimony.attributes["groups"]) == 200
    assert sum(len(value) for values in sample.testimony.attributes.values() for value in values) <= 32_000


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"email": None}, "attributes_missing"),
        ({"email": "Ann Example"}, "email_invalid"),
        ({"id": ("1", "2")}, "identifier_ambiguous"),
        ({"id": "x" * 257}, "identifier_too_long"),
        ({"email": "ann@globex.example", "upn": "ann@acme.example"}, "email_outside_organization"),
    ],
)
def test_who_is_refused_for_attributes_awaits_reconciliation(
    rig: Rig, sent: dict[str, str | tuple[str, ...] | None], code: str
) -> None:
    idp = saml_idp(rig)
    assert refused(saml(idp, **sent)) == code
    rig.clock.forward(minutes=5)
    assert refused(saml(idp, **sent, title="Head")) == code
    (entry,) = awaiting(idp)
    assert (entry.refusal, entry.tries) == (code, 2)
    assert (entry.created_at, entry.updated_at) == (START, START + timedelta(minutes=5))
    assert entry.testimony.attributes["title"] == ("Head",)
    assert [sample.refusal for sample in samples(idp)] == [code, code]


def test_an_identifier_that_is_gone_awaits_too(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp)
    assert refused(saml(idp, id=None)) == "identifier_source_missing"
    assert [entry.refusal for entry in awaiting(idp)] == ["identifier_source_missing"]


def test_a_stranger_does_not_await(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert refused(saml(idp, email="eve@globex.example")) == "email_outside_organization"
    assert awaiting(idp) == []
    assert [sample.refusal for sample in samples(idp)] == ["email_outside_organization"]
    other = oidc_idp(rig)
    other.claims["email_verified"] = False
    assert refused(other.sign_in(rig.browser())) == "email_unverified"
    assert awaiting(other) == []


def test_what_fails_before_the_attributes_leaves_nothing(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert "error" in idp.sign_in(rig.browser(), key="somebody else", attributes={}).returned
    assert "error" in idp.sign_in(rig.browser(), audience="https://else.example", attributes={}).returned
    assert (samples(idp), awaiting(idp)) == ([], [])


def test_a_transient_name_is_one_person_by_what_else_is_known(rig: Rig) -> None:
    idp = saml_idp(rig)
    for name in ("_one", "_two"):
        said = {"email": ("ann@acme.example",), "firstName": ("Ann",)}
        answer = idp.sign_in(rig.browser(), name_id=name, name_id_format=TRANSIENT, attributes=said)
        assert refused(answer) == "identifier_unstable"
    (entry,) = awaiting(idp)
    assert (entry.tries, entry.testimony.subject) == (2, "_two")


def test_an_assertion_counts_once_however_often_it_is_sent(rig: Rig) -> None:
    idp = saml_idp(rig, idp_initiated="allow")
    document = idp.response(None, attributes={"id": ("u1",)})
    for _ in range(3):
        assert refused(idp.arrive(rig.browser(), document)) == "attributes_missing"
    (entry,) = awaiting(idp)
    assert entry.tries == 1
    assert len(samples(idp)) == 1


def test_whoever_signs_in_awaits_no_more(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp, email=None)
    idp.sign_in(rig.browser(), name_id="u2", attributes={"id": ("u2",)})
    assert len(awaiting(idp)) == 2
    assert "code" in saml(idp).returned
    (left,) = awaiting(idp)
    assert left.testimony.subject == "u2"


def test_of_a_thousand_who_wait_there_is_no_next(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "MAX_AWAITING", 2)
    idp = saml_idp(rig)
    for name in ("u1", "u2", "u3", "u1"):
        idp.sign_in(rig.browser(), name_id=name, attributes={"id": (name,)})
    assert [(entry.testimony.subject, entry.tries) for entry in awaiting(idp)] == [("u1", 2), ("u2", 1)]


def test_samples_go_after_ninety_days_and_who_waits_after_as_many_as_are_set(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp, email=None)
    assert rig.client("PATCH", "/environment", {"reconciliation_days": 7}).json["reconciliation_days"] == 7

    def swept(**later: float) -> tuple[int, int]:
        rig.clock.forward(**later)
        upkeep.round_(rig.house, front_door.by_worker(rig.environment), lambda: False)
        return len(samples(idp)), len(awaiting(idp))

    assert swept(days=7) == (1, 1)
    assert swept(hours=1) == (1, 0)
    assert swept(days=83, hours=-1) == (1, 0)
    assert swept(hours=1) == (0, 0)
    for wrong in (0, 366, "7"):
        assert rig.client("PATCH", "/environment", {"reconciliation_days": wrong}).status in (400, 422)


def test_both_go_with_the_connection(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp, email=None)
    assert rig.client("DELETE", f"/connections/{idp.connection['id']}").status == 204
    with rig.house.database.house() as whole:
        for table in ("attribute_samples", "reconciliations"):
            assert whole.one(OpenStatement(f"SELECT count(*) FROM {table}")) == (0,)  # noqa: S608 - names of ours


def test_web_14_what_was_sent_stands_sealed_and_in_no_log(
    rig: Rig, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    idp = saml_idp(rig)
    with caplog.at_level("DEBUG"):
        saml(idp, email=None, secret_note=MARKER)
        saml(idp, id="x" * 257, secret_note=MARKER)
    assert len(awaiting(idp)) == 1
    rig.house.database.close()
    for file in rig.folder.glob("house.db*"):
        assert MARKER.encode() not in file.read_bytes(), file.name
    spoken = capfd.readouterr()
    assert MARKER not in spoken.out + spoken.err + caplog.text
    assert MARKER not in repr([(news.refusal, news) for news in rig.news])
    assert MARKER not in repr(told(rig, "authentication.sso_failed"))


def test_a_magic_link_leaves_no_sample(rig: Rig) -> None:
    made = rig.client("POST", "/passwordless/sessions", {"email": "ann@acme.example", "type": "MagicLink"}).json
    browser = rig.browser()
    page = browser.get(made["link"])
    assert page.status == 200
    with rig.house.database.house() as whole:
        assert whole.one(OpenStatement("SELECT count(*) FROM attribute_samples")) == (0,)


def test_an_environment_that_keeps_no_raw_attributes_keeps_no_samples(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp, email=None)
    assert (len(samples(idp)), len(awaiting(idp))) == (1, 1)
    assert rig.client("PATCH", "/environment", {"raw_attributes": "empty"}).status == 200
    assert (samples(idp), awaiting(idp)) == ([], [])
    saml(idp, email=None)
    assert "code" in saml(idp).returned
    assert (samples(idp), awaiting(idp)) == ([], [])
