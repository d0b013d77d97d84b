"""Names that are split, hidden, empty or somebody else's: NameID, attributes, e-mail (SAML-12, 17, 37 to 39)."""

from __future__ import annotations

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.forge import (
    VICTIM,
    Build,
    Forge,
    altered,
    attack,
    composed,
    evil,
    inside,
    swap,
)
from latchstring.attacks.saml.scene import Scene

_ELSEWHERE = ".evil.example"


def _statement(text: str) -> str:
    end = "</saml:AttributeStatement>"
    found = text[text.index("<saml:AttributeStatement>") : text.index(end) + len(end)]
    return found.replace(' xsi:type="xs:string"', "")  # whose prefix is declared elsewhere


def _before_status(what: str) -> Build:
    return altered(swap("<samlp:Status>", f"{what}<samlp:Status>"))


_OUTSIDE: dict[str, tuple[str, Build]] = {
    "attributes-outside": (
        "an AttributeStatement beside the signed assertion",
        altered(lambda text: inside(text, _statement(evil(text)))),
    ),
    "attributes-outside-first": (
        "an AttributeStatement before the signed assertion",
        altered(lambda text: text.replace("<saml:Assertion", _statement(evil(text)) + "<saml:Assertion", 1)),
    ),
    "subject-outside": (
        "a Subject beside the signed assertion",
        lambda f: inside(f.answer(), f"<saml:Subject><saml:NameID>{evil(f.party.person)}</saml:NameID></saml:Subject>"),
    ),
    "name-outside": (
        "a NameID beside the signed assertion",
        lambda f: inside(f.answer(), f"<saml:NameID>{evil(f.party.person)}</saml:NameID>"),
    ),
    "statement-outside": ("an AuthnStatement beside the signed assertion", _before_status("<saml:AuthnStatement/>")),
}


def _split(mark: str) -> Build:
    """An account at another domain, in whose address a mark is set after it was signed (VU#475445)."""

    def build(forge: Forge) -> str:
        front = f"{VICTIM}@{forge.party.domain}"
        signed = forge.answer(name_id=front + _ELSEWHERE, attributes=forge.attributes(email=(front + _ELSEWHERE,)))
        return signed.replace(f">{front}{_ELSEWHERE}<", f">{mark.format(front=front, behind=_ELSEWHERE)}<")

    return build


_SPLITS: dict[str, tuple[str, str]] = {
    "comment-in-email": ("a comment in the address", "{front}<!-- -->{behind}"),
    "comments-in-email": ("three comments in the address", "{front}<!--a--><!--b-->{behind}<!--c-->"),
    "cdata-in-email": ("CDATA around the first half of the address", "<![CDATA[{front}]]>{behind}"),
    "cdata-and-comment": ("CDATA and a comment", "<![CDATA[{front}]]><!-- --><![CDATA[{behind}]]>"),
}


def _with(tag: str, what: str) -> Build:
    """`what` inside the text of the assertion's `tag`, signed."""
    return composed(swap(f"</saml:{tag}>", f"{what}</saml:{tag}>", 1))


def _email(*values: str) -> Build:
    """A signed address; {d} is the organization's domain."""
    return lambda forge: forge.answer(
        name_id="n1", attributes=forge.attributes(email=tuple(value.format(d=forge.party.domain) for value in values))
    )


_EMAILS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "email-elsewhere": ("another domain", "email_outside_organization", ("victim@evil.example",)),
    "email-subdomain": ("a subdomain", "email_outside_organization", ("victim@sub.{d}",)),
    "email-suffix": ("the domain and more", "email_outside_organization", ("victim@{d}.evil.example",)),
    "email-prefix": ("more and the domain", "email_outside_organization", ("victim@evil{d}",)),
    "email-second-elsewhere": (
        "two, of which the second is elsewhere",
        "email_outside_organization",
        ("victim@{d}", "victim@evil.example"),
    ),
    "email-first-elsewhere": (
        "two, of which the first is elsewhere",
        "email_outside_organization",
        ("victim@evil.example", "victim@{d}"),
    ),
    "email-list": ("a list in one value", "email_invalid", ("victim@{d},victim@evil.example",)),
    "email-semicolons": ("a list with semicolons", "email_invalid", ("victim@evil.example;victim@{d}",)),
    "email-quoted": ("a quoted local part with an @", "email_invalid", ('"victim@{d}"@evil.example',)),
    "email-comment": ("a comment of RFC 5322", "email_invalid", ("victim@evil.example(@{d})",)),
    "email-named": ("a name and angle brackets", "email_invalid", ("Victim <victim@{d}>",)),
    "email-two-ats": ("two @", "email_invalid", ("victim@evil.example@{d}",)),
    "email-line-break": ("a line break", "email_invalid", ("victim@{d}\nBcc: victim@evil.example",)),
    "email-blank": ("a blank", "email_invalid", ("victim @{d}",)),
    "email-wide-at": ("a full-width @", "email_invalid", ("victim\uff20{d}",)),
    "email-look-alike": ("letters that look alike", "email_outside_organization", ("victim@\u0435{d}",)),
    "email-zero-width": ("a blank without width", "email_invalid", ("victim@{d}\u200b",)),
    "email-local-part": ("no domain", "email_invalid", ("victim",)),
    "email-none": ("none", "attributes_missing", ()),
}


def _id(*values: str) -> Build:
    return lambda forge: forge.answer(attributes=forge.attributes(idp_id=values))


_NAMES: dict[str, tuple[str, str]] = {
    "name-empty": ("an empty NameID", ""),
    "name-blank": ("a blank NameID", " \n "),
    "name-no-break": ("a NameID of blanks that do not break", "\u00a0\u2003"),
    "name-long": ("a NameID of 257 characters", "n" * 257),
}

ATTACKS: tuple[Attack[Scene], ...] = (
    *(attack(name, "SAML-12", tries, "response_malformed", build) for name, (tries, build) in _OUTSIDE.items()),
    *(
        attack(name, "SAML-17", f"{tries}, set after signing", "email_outside_organization", _split(mark))
        for name, (tries, mark) in _SPLITS.items()
    ),
    attack(
        "element-in-email",
        "SAML-17",
        "an element in the address, signed",
        "email_outside_organization",
        lambda f: f.answer(
            attributes=f.attributes(email=(f"{VICTIM}@{f.party.domain}@@",)),
            in_assertion=swap("@@<", f'<x xmlns="urn:x">{_ELSEWHERE}</x><'),
        ),
    ),
    *(
        attack(
            f"element-in-{tag.lower()}",
            "SAML-17",
            f"an element in the {tag}",
            "assertion_malformed",
            _with(tag, "<x/>"),
        )
        for tag in ("NameID", "Issuer", "Audience")
    ),
    *(
        attack(
            f"instruction-in-signed-{tag.lower()}",
            "SAML-17",
            f"a processing instruction in the {tag}",
            "document_not_xml",
            altered(swap(f"</saml:{tag}>", f"<?x y?></saml:{tag}>", 1)),
        )
        for tag in ("NameID", "Audience", "AttributeValue")
    ),
    *(
        attack(name, "SAML-37", f"an e-mail address: {tries}", code, _email(*values))
        for name, (tries, code, values) in _EMAILS.items()
    ),
    attack("id-two", "SAML-38", "two ids", "identifier_ambiguous", _id("mallory-1", "victim-1")),
    attack("id-control", "SAML-38", "a control character in the id", "identifier_malformed", _id("victim-1\u0085")),
    attack("id-long", "SAML-38", "an id of 257 characters", "identifier_too_long", _id("v" * 257)),
    *(
        attack(name, "SAML-39", tries, "subject_missing", lambda f, value=value: f.answer(name_id=value))  # type: ignore[misc]
        for name, (tries, value) in _NAMES.items()
    ),
    attack(
        "name-missing",
        "SAML-39",
        "no NameID",
        "subject_missing",
        composed(lambda text: text[: text.index("<saml:NameID")] + text[text.index("<saml:SubjectConfirmation ") :]),
    ),
)
