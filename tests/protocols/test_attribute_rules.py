"""What decides between sources: where a value came from, what must be there, groups that are elsewhere, odd values."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchstring.model.connection import AttributeMaps
from latchstring.model.profile import Assertion
from latchstring.model.refusal import AssertionRefused
from latchstring.protocols.attribute_lookup import texts
from latchstring.protocols.attribute_names import GENERAL, PREDEFINED
from latchstring.protocols.attribute_refusals import AttributesMissing, IdentifierSourceMissing, IdentifierUnstable
from latchstring.protocols.attributes import Normalized, Origin, normalize
from latchstring.protocols.oidc import userinfo
from tests.protocols.oidc import tokens
from tests.protocols.test_attributes import CLAIMS, EMAIL, MS, PERSISTENT, TRANSIENT, Sent, assertion, defaults, profile


def told(**claims: Any) -> Assertion:
    """An OpenID Connect sign-in that came with these claims."""
    said = {**tokens.claims(sub="s-1", email="ann@acme.com"), **claims}
    return userinfo.assertion(tokens.verify(tokens.token(json.dumps(said).encode())), config=tokens.config())


def oidc(maps: dict[str, tuple[str, ...]] | None = None, /, type_: str = "GenericOIDC", **claims: Any) -> Normalized:
    return normalize(told(**claims), maps=AttributeMaps(standard=maps or {}), defaults=defaults(type_))


def test_an_origin_says_which_rule_won_and_what_was_tried_before() -> None:
    sent = {"Mail": "ann@acme.com", "uid": "u7", "given": "Ann", "sn": "Lee"}
    found = profile(assertion(sent, "", None), standard={"email": ("work", "mail"), "first_name": ("given",)})
    assert found.origins["email"] == Origin(source="Mail", candidate="mail", rule="mapping", passed_over=("work",))
    assert found.origins["first_name"] == Origin(source="given", candidate="given", rule="mapping")
    assert (found.origins["idp_id"].rule, found.origins["idp_id"].source) == ("general", "uid")
    assert found.origins["idp_id"].passed_over[:2] == ("id", "@NameID")
    assert (found.origins["last_name"].rule, found.origins["last_name"].source) == ("general", "sn")
    assert found.origins["name"].rule == "joined"
    assert "groups" not in found.origins


def test_the_type_comes_before_the_general_list() -> None:
    assert profile(assertion({"email": "ann@acme.com"})).origins["email"].rule == "type"


@pytest.mark.parametrize(
    ("source", "sent", "subject_format", "expected"),
    [
        ("uid", {"id": "1", "uid": "2", "email": "ann@acme.com"}, PERSISTENT, "2"),
        ("UID", {"id": "1", "uid": "2", "email": "ann@acme.com"}, PERSISTENT, "2"),
        ("@NameID", {"id": "1", "email": "ann@acme.com"}, EMAIL, "ann"),
        ("@NameID:persistent", {"id": "1", "email": "ann@acme.com"}, PERSISTENT, "ann"),
        ("uid", {"id": "1", "email": "ann@acme.com"}, PERSISTENT, IdentifierSourceMissing),
        ("uid", {"id": "1", "uid": " ", "email": "ann@acme.com"}, PERSISTENT, IdentifierSourceMissing),
        ("@NameID:persistent", {"id": "1", "email": "ann@acme.com"}, EMAIL, IdentifierSourceMissing),
        ("@NameID", {"id": "1", "email": "ann@acme.com"}, TRANSIENT, IdentifierUnstable),
        ("uid", {"id": "1", "email": "ann@acme.com"}, TRANSIENT, IdentifierSourceMissing),
        ("uid", {"id": "1"}, PERSISTENT, AttributesMissing),
    ],
)
def test_saml_38_what_is_settled_alone_feeds_the_identifier(
    source: str, sent: dict[str, str], subject_format: str, expected: Any
) -> None:
    maps = AttributeMaps(standard={"idp_id": ("id",)})

    def read() -> Normalized:
        return normalize(
            assertion(sent, "ann", subject_format), maps=maps, defaults=defaults("OktaSAML"), identifier_source=source
        )

    if isinstance(expected, str):
        found = read()
        assert (found.idp_id, found.identifier_source, found.origins["idp_id"].rule) == (expected, source, "settled")
        return
    with pytest.raises(expected) as refused:
        read()
    assert refused.value.facts["received"] == tuple(sent)
    if expected is IdentifierSourceMissing:
        assert refused.value.facts["source"] == source


@pytest.mark.parametrize(
    ("connection_type", "sent", "subject_format", "source"),
    [
        ("OktaSAML", {"ID": "1", "email": "ann@acme.com"}, PERSISTENT, "ID"),
        ("OktaSAML", {"email": "ann@acme.com"}, EMAIL, "@NameID"),
        ("ShibbolethGenericSAML", {"email": "ann@acme.com"}, PERSISTENT, "@NameID:persistent"),
    ],
)
def test_saml_38_what_will_be_settled_is_the_name_as_received(
    connection_type: str, sent: dict[str, str], subject_format: str, source: str
) -> None:
    assert profile(assertion(sent, "ann", subject_format), connection_type).identifier_source == source


def test_required_attributes_are_named_if_they_are_missing() -> None:
    required = ("first_name", "name", "groups", "job_title", "email", "badge")
    maps = AttributeMaps(custom={"badge": ("badgeNumber",)}, required=required)

    def read(**sent: str) -> Normalized:
        return normalize(assertion(sent, "p", PERSISTENT), maps=maps, defaults=defaults("GenericSAML"))

    with pytest.raises(AttributesMissing) as refused:
        read(email="ann@acme.com", firstName=" ", sn="Lee")
    assert refused.value.facts == {
        "missing": ("first_name", "groups", "job_title", "badge"),  # the name was made of the surname
        "received": ("email", "firstName", "sn"),
    }
    with pytest.raises(AttributesMissing) as refused:
        read(firstName="Ann")
    assert refused.value.missing == ("email", "groups", "job_title", "badge")
    found = read(email="ann@acme.com", firstName="Ann", groups="a", title="Head", badgeNumber="7")
    assert found.custom_attributes == {"badge": "7", "job_title": "Head"}


def test_predefined_custom_attributes_are_there_without_a_mapping() -> None:
    sent: Sent = {
        "email": "ann@acme.com",
        "urn:oid:2.5.4.12": "Head of Maps",
        "Department": "Cartography",
        "emails": "ann@home.example",
        "costCenter": ("4711", "4712"),
        CLAIMS + "upn": "ann@acme.local",
    }
    assert profile(assertion(sent, "p", PERSISTENT)).custom_attributes == {
        "job_title": "Head of Maps",
        "department_name": "Cartography",
        "emails": ["ann@home.example"],  # a list always
        "cost_center_name": ["4711", "4712"],
        "username": "ann@acme.local",
    }
    mapped = profile(assertion(sent, "p", PERSISTENT), custom={"job_title": ("role",), "username": ("email",)})
    assert mapped.custom_attributes["job_title"] == "Head of Maps"  # its usual sources stand behind the mapping
    assert mapped.custom_attributes["username"] == "ann@acme.com"


def test_no_custom_attribute_has_the_name_of_a_field() -> None:
    assert not set(PREDEFINED) & set(GENERAL)
    assert len(PREDEFINED) == 10


LINK = MS + "claims/groups.link"


@pytest.mark.parametrize(
    ("said", "connection_type"),
    [
        (
            assertion(
                {"email": "ann@acme.com", LINK: "https://graph.windows.net/t/users/u/getMemberObjects", "roles": "App"},
                "p",
                PERSISTENT,
            ),
            "AzureSAML",
        ),
        (
            told(
                _claim_names={"groups": "src1"},
                _claim_sources={"src1": {"endpoint": "https://graph.windows.net/t/users/u/getMemberObjects"}},
                roles=["App"],
            ),
            "EntraIdOIDC",
        ),
    ],
    ids=["SAML", "OpenID Connect"],
)
def test_groups_that_are_elsewhere_are_empty_and_a_caution_says_how_to_mend_it(
    said: Assertion, connection_type: str
) -> None:
    found = normalize(said, maps=AttributeMaps(), defaults=defaults(connection_type))
    assert found.groups == ()  # roles do not pass for them
    assert [caution.code for caution in found.cautions] == ["groups_overage"]
    assert "Groups assigned to the application" in found.cautions[0].message
    with_roles = AttributeMaps(standard={"groups": ("roles",)})
    chosen = normalize(said, maps=with_roles, defaults=defaults(connection_type))
    assert chosen.groups == ("App",)
    assert chosen.cautions == ()


def test_required_groups_that_are_elsewhere_are_missing() -> None:
    said = told(_claim_names={"groups": "src1"}, roles=["App"])
    with pytest.raises(AttributesMissing) as refused:
        normalize(said, maps=AttributeMaps(required=("groups",)), defaults=defaults("EntraIdOIDC"))
    assert refused.value.missing == ("groups",)


@pytest.mark.parametrize(
    ("groups", "expected", "cautioned"),
    [
        (["a", "b"], ("a", "b"), False),
        ("a", ("a",), False),
        ("a,b", ("a,b",), False),
        (["b", "a", "b", ""], ("b", "a", "b"), False),
        ([1, 2.5, True, None], ("1", "2.5", "true"), False),
        (7, ("7",), False),
        ([], (), False),
        (None, (), False),
        ({"name": "a"}, (), True),
        ([{"name": "a"}, {"name": "b"}], (), True),
        (["a", {"name": "b"}], ("a",), True),
        ([["a"], "b"], ("b",), True),
        ('["a", "b"]', ('["a", "b"]',), True),
        ("[Staff] Rome", ("[Staff] Rome",), False),
    ],
    ids=repr,
)
def test_groups_are_texts_and_a_structure_is_no_group(groups: Any, expected: tuple[str, ...], cautioned: bool) -> None:
    found = oidc(groups=groups)
    assert found.groups == expected
    assert [caution.code for caution in found.cautions] == (["groups_not_text"] if cautioned else [])
    assert found.raw_attributes["groups"] == groups


def test_groups_that_are_objects_can_be_read_by_path() -> None:
    found = oidc({"groups": ("groups.name",)}, groups=[{"name": "a", "id": 1}, {"name": "b"}])
    assert (found.groups, found.cautions) == (("a", "b"), ())


def test_a_json_text_of_saml_stays_one_group_and_is_pointed_out() -> None:
    found = profile(assertion({"email": "ann@acme.com", "groups": '[{"id": 1}]'}))
    assert found.groups == ('[{"id": 1}]',)
    assert [caution.code for caution in found.cautions] == ["groups_not_text"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ann", "Ann"),
        ("  Ann ", "Ann"),
        (7, "7"),
        (7.5, "7.5"),
        (-0.0, "-0.0"),
        (True, "true"),
        (False, "false"),
        (["Ann", "Bea"], "Ann"),
        ([None, "", "Ann"], "Ann"),
        (None, None),
        ("", None),
        ([], None),
        ({}, None),
        ({"first": "Ann"}, None),
        ([["Ann"]], None),
    ],
    ids=repr,
)
def test_a_claim_that_is_no_text_has_one_reading(value: Any, expected: str | None) -> None:
    found = oidc(given_name=value)
    assert found.first_name == expected
    assert found.raw_attributes["given_name"] == value


@pytest.mark.parametrize(
    ("claims", "path", "expected"),
    [
        ({"address": {"street_address": "1 Way"}}, "address.street_address", "1 Way"),
        ({"address": {"street": "x"}, "address.street": "literal"}, "address.street", "literal"),
        ({"address.street": "literal", "address": {"street": "x"}}, "address.street", "literal"),
        ({"address.street": None, "address": {"street": "x"}}, "address.street", "x"),
        ({"a": {"b": {"c": "deep"}}}, "a.b.c", "deep"),
        ({"a": {"b": {"c": "deep"}, "b.c": "less deep"}}, "a.b.c", "less deep"),
        ({"a.b": {"c": "less deep"}, "a": {"b": {"c": "deep"}}}, "a.b.c", "less deep"),
        ({"a": [{"b": 1}, {"b": [2, 3]}, "x"]}, "a.b", "1"),
        ({"https://acme.example/claims": {"team": "Maps"}}, "https://acme.example/claims.team", "Maps"),
        ({"Address": {"Street": "x"}}, "address.street", "x"),
        ({"address": "flat"}, "address.street", None),
    ],
    ids=repr,
)
def test_a_nested_claim_is_named_by_its_path(claims: dict[str, Any], path: str, expected: str | None) -> None:
    found = normalize(told(**claims), maps=AttributeMaps(custom={"x": (path,)}), defaults={})
    values = found.custom_attributes["x"]
    assert (values[0] if isinstance(values, list) else values) == expected


def test_an_identifier_that_is_a_number_is_its_digits() -> None:
    found = oidc({"idp_id": ("employee",)}, employee=4711)
    assert found.idp_id == "4711"


def test_the_examples_of_the_documentation_run() -> None:
    page = (Path(__file__).parents[2] / "docs" / "attributes.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    exec(compile(example, "docs/attributes.md", "exec"), {})  # noqa: S102 - it is ours
    sources = {name: f"`{name}`" for name in PREDEFINED}
    assert [name for name, shown in sources.items() if shown not in page] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
NAMED = st.sampled_from(
    ["id", "sub", "email", "name", "groups", "roles", "address", "address.formatted", "_claim_names"]
)


@given(
    st.dictionaries(NAMED | st.text(max_size=8), JSON, max_size=8), st.sampled_from([None, "id", "address.formatted"])
)
def test_whatever_json_comes_a_field_is_text_and_nothing_else(raw: dict[str, Any], settled: str | None) -> None:
    raw = {"email": "ann@acme.com", **raw}
    said = msgspec.structs.replace(assertion({}, "s-1", None), attributes=texts(raw), raw=raw)
    maps = AttributeMaps(custom={"x": ("address",)}, required=("x",) if settled else ())
    try:
        found = normalize(said, maps=maps, defaults=defaults("GenericOIDC"), identifier_source=settled)
    except AssertionRefused as refused:
        assert refused.code
        return
    assert found.raw_attributes is raw
    assert 0 < len(found.idp_id) <= 256
    assert found.email.count("@") == 1
    assert all(type(group) is str and group.strip() for group in found.groups)
    assert found.name is None or found.name.strip()
    for value in found.custom_attributes.values():
        assert value is None or isinstance(value, str) or all(isinstance(item, str) for item in value)
    assert set(found.sources) <= {*GENERAL}
