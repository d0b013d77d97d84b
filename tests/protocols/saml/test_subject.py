"""Who signed in, and with which attributes: read whole, from what was signed (SAML-12, 17, 39, 40)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from latchstring.model.profile import Assertion
from latchstring.model.session import NameId, SamlSession
from latchstring.protocols.saml import issue, names, refusals, statements
from tests.protocols.saml.answers import Edit, answer, read, swap

NAME = f'<saml:NameID Format="{names.FORMAT_UNSPECIFIED}">ann</saml:NameID>'


def named(written: str) -> Edit:
    return swap(NAME, written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<saml:NameID>ann</saml:NameID>", names.FORMAT_UNSPECIFIED),
        ('<saml:NameID Format="">ann</saml:NameID>', names.FORMAT_UNSPECIFIED),
        (f'<saml:NameID Format="{names.FORMAT_EMAIL}">ann</saml:NameID>', names.FORMAT_EMAIL),
        (f'<saml:NameID Format="{names.FORMAT_PERSISTENT}">ann</saml:NameID>', names.FORMAT_PERSISTENT),
        (f'<saml:NameID Format="{names.FORMAT_TRANSIENT}">ann</saml:NameID>', names.FORMAT_TRANSIENT),
        ('<saml:NameID Format="urn:vendor:own">ann</saml:NameID>', "urn:vendor:own"),
    ],
    ids=["absent", "empty", "email", "persistent", "transient", "vendor"],
)
def test_saml_39_the_format_of_the_name_is_what_was_said_or_unspecified(written: str, expected: str) -> None:
    said = read(answer(in_assertion=named(written)))
    assert (said.subject, said.subject_format) == ("ann", expected)


NOBODY = {
    "missing": ("", "missing"),
    "empty": ("<saml:NameID/>", "blank"),
    "blank": ("<saml:NameID> \n\t </saml:NameID>", "blank"),
    "no-break-space": ("<saml:NameID>&#160;</saml:NameID>", "blank"),
    "zero-width": ("<saml:NameID>&#x200B;&#x2060;&#xFEFF;</saml:NameID>", "blank"),
    "only-a-comment": ("<saml:NameID><!-- ann --></saml:NameID>", "blank"),
    "257-characters": (f"<saml:NameID>{'é' * 257}</saml:NameID>", "too_long"),
}


@pytest.mark.parametrize("row", NOBODY)
@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_saml_39_an_answer_about_nobody_is_refused(row: str, sign: issue.Signed) -> None:
    written, reason = NOBODY[row]
    with pytest.raises(refusals.SubjectMissing) as caught:
        read(answer(in_assertion=named(written), sign=sign))
    assert caught.value.reason == reason


def test_saml_39_an_answer_without_a_subject_is_refused() -> None:
    def without(text: str) -> str:
        return text[: text.index("<saml:Subject>")] + text[text.index("<saml:Conditions") :]

    with pytest.raises(refusals.SubjectMissing):
        read(answer(in_assertion=without))


@pytest.mark.parametrize("name", ["é" * 256, "a", "0", "ann ", " ann", "Ann", "a\nb", "'\"<&>", "名前", "__proto__"])
def test_saml_39_a_name_is_kept_to_the_last_character(name: str) -> None:
    assert read(answer(name_id=name)).subject == name


MALFORMED = {
    "two-names": NAME + NAME.replace("ann", "eve"),
    "a-base-id": '<saml:BaseID xmlns:xsi="x:x"/>',
    "a-name-elsewhere": f"{NAME}<x:NameID xmlns:x='urn:x'>eve</x:NameID>",
    "a-name-without-namespace": f"<NameID>eve</NameID>{NAME}",
    "an-element-in-the-name": NAME.replace("ann", "ann<b/>"),
    "a-name-in-the-name": NAME.replace("ann", NAME),
}


@pytest.mark.parametrize("row", MALFORMED)
def test_saml_17_a_subject_of_another_form_is_refused(row: str) -> None:
    with pytest.raises(refusals.AssertionMalformed):
        read(answer(in_assertion=named(MALFORMED[row])))


def test_a_name_inside_the_confirmation_is_not_the_subject() -> None:
    delegate = '">' + NAME.replace("ann", "eve") + "<saml:SubjectConfirmationData"
    assert read(answer(in_assertion=swap('"><saml:SubjectConfirmationData', delegate))).subject == "ann"
    with pytest.raises(refusals.SubjectMissing):
        read(answer(in_assertion=lambda text: swap(NAME, "")(swap('"><saml:SubjectConfirmationData', delegate)(text))))


# CVE-2017-11427 and its family (VU#475445): what stands in the document, and the one text it may be read as.
SPLIT = {
    "comment-inside": ("ann@example.com<!-- x -->.evil.example", "ann@example.com.evil.example"),
    "comment-in-front": ("<!-- x -->ann", "ann"),
    "comment-behind": ("ann<!-- x -->", "ann"),
    "many-comments": ("a<!--1-->n<!--2--><!--3-->n", "ann"),
    "cdata": ("a<![CDATA[n]]>n", "ann"),
    "cdata-with-markup": ("<![CDATA[<!-- x -->]]>ann", "<!-- x -->ann"),
    "character-references": ("&#97;n&#x6e;", "ann"),
    "entities": ("&lt;ann&gt;", "<ann>"),
}


@pytest.mark.parametrize("row", SPLIT)
@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_saml_17_text_is_read_whole(row: str, sign: issue.Signed) -> None:
    written, meant = SPLIT[row]
    name = read(answer(in_assertion=named(NAME.replace("ann", written)), sign=sign))
    assert name.subject == meant
    value = read(answer(in_assertion=swap(">ann@example.com<", f">{written}<"), sign=sign))
    assert value.attributes["email"] == (meant,)


@pytest.mark.parametrize("when", ["in_assertion", "after"], ids=["before-signing", "after-signing"])
@pytest.mark.parametrize("text", ["ann", "ann@example.com"], ids=["name", "attribute"])
def test_saml_17_a_processing_instruction_is_refused(text: str, when: str) -> None:
    wishes: dict[str, Any] = {when: swap(f">{text}<", f">{text[:2]}<?x y?>{text[2:]}<")}
    with pytest.raises(refusals.DocumentNotXml):
        read(answer(**wishes))


@pytest.mark.parametrize("element", ["Audience", "Issuer"])
def test_saml_17_a_comment_does_not_shorten_an_issuer_or_audience(element: str) -> None:
    longer = answer(in_assertion=swap(f"</saml:{element}>", f"<!-- -->.evil</saml:{element}>"))
    with pytest.raises((refusals.AudienceMismatch, refusals.IssuerMismatch)):
        read(longer)
    assert read(answer(in_assertion=swap(f"</saml:{element}>", f"<!-- --></saml:{element}>"))).subject == "ann"


# Attributes


def said(statement: str, sign: issue.Signed = "assertion") -> Assertion:
    """An answer with these attributes and no other."""

    def edit(text: str) -> str:
        start, end = text.index("<saml:AttributeStatement>"), text.index("</saml:Assertion>")
        return text[:start] + statement + text[end:]

    return read(answer(in_assertion=edit, sign=sign))


def attribute(name: str, *values: str, more: str = "") -> str:
    written = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
    return f'<saml:Attribute Name="{name}"{more}>{written}</saml:Attribute>'


def statement(*attributes: str) -> str:
    return f"<saml:AttributeStatement>{''.join(attributes)}</saml:AttributeStatement>"


NIL = '<saml:Attribute Name="a"><saml:AttributeValue xsi:nil="{}">x</saml:AttributeValue></saml:Attribute>'
# The statements; the values; what stands in `raw`.
ATTRIBUTES: dict[str, tuple[str, dict[str, tuple[str, ...]], dict[str, Any]]] = {
    "none": ("", {}, {}),
    "one": (statement(attribute("a", "1")), {"a": ("1",)}, {"a": "1"}),
    "several-values": (statement(attribute("a", "2", "1", "2")), {"a": ("2", "1", "2")}, {"a": ["2", "1", "2"]}),
    "same-name-twice": (
        statement(attribute("a", "1"), attribute("b", "x"), attribute("a", "2")),
        {"a": ("1", "2"), "b": ("x",)},
        {"a": ["1", "2"], "b": "x"},
    ),
    "two-statements": (
        statement(attribute("a", "1")) + statement(attribute("a", "2")),
        {"a": ("1", "2")},
        {"a": ["1", "2"]},
    ),
    "names-differ-in-case": (
        statement(attribute("a", "1"), attribute("A", "2")),
        {"a": ("1",), "A": ("2",)},
        {"a": "1", "A": "2"},
    ),
    "no-value": (statement(attribute("a")), {"a": ()}, {"a": []}),
    "empty-value": (statement(attribute("a", "")), {"a": ("",)}, {"a": ""}),
    "nil-true": (statement(NIL.format("true")), {"a": ()}, {"a": None}),
    "nil-1": (statement(NIL.format("1")), {"a": ()}, {"a": None}),
    "nil-false": (statement(NIL.format("false")), {"a": ("x",)}, {"a": "x"}),
    "nil-beside-a-value": (
        statement(NIL.format("true"), attribute("a", "y")),
        {"a": ("y",)},
        {"a": [None, "y"]},
    ),
    "elements-inside": (
        statement(attribute("a", "<saml:NameID NameQualifier='q'>id<!-- x -->-7</saml:NameID>")),
        {"a": ("id-7",)},
        {"a": "id-7"},
    ),
    "markup-as-text": (statement(attribute("a", "&lt;b&gt;")), {"a": ("<b>",)}, {"a": "<b>"}),
    "lines-and-tabs": (statement(attribute("a", "1\n\t2&#13;")), {"a": ("1\n\t2\r",)}, {"a": "1\n\t2\r"}),
    "names-with-a-meaning-elsewhere": (
        statement(attribute("__proto__", "1"), attribute("constructor", "2")),
        {"__proto__": ("1",), "constructor": ("2",)},
        {"__proto__": "1", "constructor": "2"},
    ),
    "other-scripts": (statement(attribute("名前", "Ånn 😀")), {"名前": ("Ånn 😀",)}, {"名前": "Ånn 😀"}),
}


@pytest.mark.parametrize("row", ATTRIBUTES)
@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_saml_40_attributes_are_read_as_sent(row: str, sign: issue.Signed) -> None:
    written, values, raw = ATTRIBUTES[row]
    result = said(written, sign)
    assert result.attributes == values
    assert list(result.attributes) == list(values)
    assert result.raw == raw


def test_saml_40_the_first_to_use_a_friendly_name_keeps_it() -> None:
    result = said(
        statement(
            attribute("urn:oid:1", "a", more=' FriendlyName="mail"'),
            attribute("urn:oid:2", "b", more=' FriendlyName="mail"'),
            attribute("urn:oid:3", "c", more=' FriendlyName=""'),
        )
    )
    assert result.friendly_names == {"mail": "urn:oid:1"}


BAD_ATTRIBUTES = {
    "without-name": statement("<saml:Attribute><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>"),
    "with-an-empty-name": statement(attribute("", "x")),
    "with-a-friendly-name-alone": statement('<saml:Attribute FriendlyName="email"/>'),
    "of-saml-1": statement("<x:Attribute xmlns:x='urn:oasis:names:tc:SAML:1.0:assertion' Name='a'/>"),
    "of-no-namespace": statement("<Attribute Name='a'/>"),
}


@pytest.mark.parametrize("row", BAD_ATTRIBUTES)
def test_saml_40_an_attribute_without_a_name_is_refused(row: str) -> None:
    with pytest.raises(refusals.AssertionMalformed) as caught:
        said(BAD_ATTRIBUTES[row])
    assert caught.value.check == "attributes"


def test_saml_40_a_thousand_values_are_read_and_no_more() -> None:
    values = [str(number) for number in range(statements.MAX_VALUES)]
    assert said(statement(attribute("a", *values))).attributes["a"] == tuple(values)
    for attributes in ([attribute("a", *values, "one more")], [attribute("a", *values), attribute("b", "one more")]):
        with pytest.raises(refusals.DocumentTooLarge) as caught:
            said(statement(*attributes))
        assert caught.value.limit == "attribute_values"


PLACES_OUTSIDE = {
    "extensions": (
        "<samlp:Status>",
        f"<samlp:Extensions>{NAME.replace('ann', 'eve')}</samlp:Extensions><samlp:Status>",
    ),
    "status-detail": (
        "</samlp:Status>",
        f"<samlp:StatusDetail>{NAME.replace('ann', 'eve')}</samlp:StatusDetail></samlp:Status>",
    ),
    "attributes-in-extensions": (
        "<samlp:Status>",
        f"<samlp:Extensions>{statement(attribute('email', 'eve@example.com'))}</samlp:Extensions><samlp:Status>",
    ),
}


@pytest.mark.parametrize("row", PLACES_OUTSIDE)
def test_saml_12_what_stands_outside_the_assertion_says_nothing(row: str) -> None:
    result = read(answer(after=swap(*PLACES_OUTSIDE[row])))
    assert result == read(answer())
    assert "eve" not in repr(result)


@pytest.mark.parametrize("sign", [kind for kind in get_args(issue.Signed) if kind != "none"])
def test_each_way_of_signing_says_the_same(sign: issue.Signed) -> None:
    said = read(answer(sign=sign))
    assert replace(said, evidence={}) == replace(read(answer()), evidence={})
    assert said.evidence["signed"] == {"response": ("response",), "assertion": ("assertion",)}.get(
        sign, ("response", "assertion")
    )


def test_saml_12_what_a_logout_will_name_is_read_from_the_assertion_as_it_was_asserted() -> None:
    qualified = (
        f'<saml:NameID Format="{names.FORMAT_PERSISTENT}" NameQualifier="https://idp" SPNameQualifier="https://sp">'
        "an<!-- -->n</saml:NameID>"
    )
    more = '<saml:AuthnStatement AuthnInstant="2026-03-04T05:06:07Z" SessionIndex="second"><saml:AuthnContext/>'
    edits = (
        named(qualified),
        swap(' SessionIndex="_assertion"', ' SessionIndex="first" SessionNotOnOrAfter="2026-03-04T09:00:00Z"'),
        swap("<saml:AttributeStatement>", more + "</saml:AuthnStatement><saml:AttributeStatement>"),
    )

    def edit(text: str) -> str:
        for one in edits:
            text = one(text)
        return text

    said = read(answer(in_assertion=edit))
    assert said.session is not None
    assert "ann" not in repr(said.session)
    assert said.session.reveal() == SamlSession(
        name_id=NameId(
            value="ann", format=names.FORMAT_PERSISTENT, name_qualifier="https://idp", sp_name_qualifier="https://sp"
        ),
        indexes=("first", "second"),
        ends_at=datetime(2026, 3, 4, 9, tzinfo=UTC),
    )
    plain = read(answer(in_assertion=swap(' SessionIndex="_assertion"', "")))
    assert plain.session is not None
    assert plain.session.reveal() == SamlSession(
        name_id=NameId(value="ann", format=names.FORMAT_UNSPECIFIED), indexes=(), ends_at=None
    )
