"""A genuine provider's answers that were not meant for us: status, issuer, audience, Destination (SAML-25 to SAML-28).

The attacker holds the provider's key here, as the IT admin of another customer does: everything is signed and valid,
and one thing does not fit.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.forge import Build, Forge, altered, attack, attribute, composed, issuer_of, swap
from latchstring.attacks.saml.scene import Scene
from latchstring.attacks.saml.signing import Edit, same
from latchstring.protocols.saml import names

_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def _status(codes: str) -> Build:
    """The Response itself is not signed: who changes its status gains nothing, and a failed one admits nobody."""
    return altered(swap(f'<samlp:StatusCode Value="{names.STATUS_SUCCESS}"/>', codes))


def _code(value: str, inner: str = "") -> str:
    return f'<samlp:StatusCode Value="{value}">{inner}</samlp:StatusCode>'


_STATUSES: dict[str, tuple[str, str, str]] = {
    "status-requester": ("Requester", "idp_error", _code(f"{_STATUS}Requester")),
    "status-responder": ("Responder", "idp_error", _code(f"{_STATUS}Responder")),
    "status-denied": ("a denial", "idp_refused", _code(f"{_STATUS}Responder", _code(f"{_STATUS}RequestDenied"))),
    "status-failed": ("a failed login", "idp_refused", _code(f"{_STATUS}Responder", _code(f"{_STATUS}AuthnFailed"))),
    "status-no-passive": ("NoPassive", "idp_error", _code(f"{_STATUS}Responder", _code(f"{_STATUS}NoPassive"))),
    "status-success-below": (
        "Success, but at the second level",
        "idp_error",
        _code(f"{_STATUS}Responder", _code(names.STATUS_SUCCESS)),
    ),
    "status-success-small": ("success in small letters", "idp_error", _code(names.STATUS_SUCCESS.lower())),
    "status-success-blank": ("Success and a blank", "idp_error", _code(names.STATUS_SUCCESS + " ")),
    "status-success-saml-1": ("the Success of SAML 1.1", "idp_error", _code("samlp:Success")),
    "status-empty": ("an empty code", "idp_error", _code("")),
    "status-valueless": ("a code without a value", "idp_error", "<samlp:StatusCode/>"),
    "status-none": ("no code", "response_malformed", ""),
    "status-two-codes": (
        "a failure and a Success",
        "response_malformed",
        _code(f"{_STATUS}Responder") + _code(names.STATUS_SUCCESS),
    ),
    "status-script": (
        "a script in the words of the failure",
        "idp_error",
        _code(f"{_STATUS}Responder")
        + "<samlp:StatusMessage>&lt;script&gt;alert(1)&lt;/script&gt;</samlp:StatusMessage>",
    ),
}


_LOOK_ALIKES = str.maketrans("aceiopx", "\u0430\u0441\u0435\u0456\u043e\u0440\u0445")


def _issuer(make: Edit, markup: str = "") -> Build:
    """Another Issuer in the assertion, from the real one; `markup` stands behind it as it is."""

    def build(forge: Forge) -> str:
        real = issuer_of(forge.party)
        return forge.answer(
            in_assertion=swap(real, f"<saml:Issuer>{escape(make(forge.party.idp_entity_id))}{markup}</saml:Issuer>", 1)
        )

    return build


def _capitals(real: str) -> str:
    return _unlike(real, real.upper(), real.lower())


def _look_alike(real: str) -> str:
    """Cyrillic letters where there are any that pass for those of ours, else a letter that nobody sees."""
    return _unlike(real, real.translate(_LOOK_ALIKES))


def _unlike(real: str, *wishes: str) -> str:
    """The first that is not the real one after all: an entity ID may be in capitals, or in figures alone."""
    return next(wish for wish in (*wishes, real + "\u200b") if wish != real)


_ISSUERS: dict[str, tuple[str, Build]] = {
    "issuer-other": ("another provider", _issuer(lambda _: "https://idp.evil.example/")),
    "issuer-slash": ("a slash more", _issuer(lambda real: real + "/")),
    "issuer-case": ("in other case", _issuer(_capitals)),
    "issuer-prefix": ("the beginning of ours", _issuer(lambda real: real[:-1])),
    "issuer-suffix": ("ours and more", _issuer(lambda real: real + ".evil.example")),
    "issuer-blank-behind": ("a blank behind", _issuer(lambda real: real + " ")),
    "issuer-newline": ("a line break before", _issuer(lambda real: "\n" + real)),
    "issuer-empty": ("an empty one", _issuer(lambda _: "")),
    "issuer-comment": ("a comment, and another domain behind it", _issuer(same, "<!-- -->.evil.example")),
    "issuer-look-alike": ("letters that look alike", _issuer(_look_alike)),
    "issuer-format": (
        "a name of another Format",
        composed(swap("<saml:Issuer>", f'<saml:Issuer Format="{names.FORMAT_EMAIL}">')),
    ),
    "issuer-of-response": (
        "another provider, in the Response",
        altered(lambda text: text.replace("<saml:Issuer>", "<saml:Issuer>https://idp.evil.example/", 1)),
    ),
}


def _audience(*audiences: str) -> Build:
    """One AudienceRestriction with these; {sp} is ours."""

    def build(forge: Forge) -> str:
        said = "".join(f"<saml:Audience>{a.format(sp=forge.party.sp_entity_id)}</saml:Audience>" for a in audiences)
        real = f"<saml:Audience>{forge.party.sp_entity_id}</saml:Audience>"
        return forge.answer(in_assertion=swap(real, said))

    return build


_RESTRICTION_END = "</saml:AudienceRestriction>"
_OTHER = "<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction>"
_AUDIENCES: dict[str, tuple[str, Build]] = {
    "audience-other": ("another application", _audience("https://other.example")),
    "audience-several-others": ("several others", _audience("https://a.example", "https://b.example")),
    "audience-suffix": ("ours and more", _audience("{sp}.evil.example")),
    "audience-comment": ("ours, a comment, and more", _audience("{sp}<!-- -->.evil.example")),
    "audience-slash": ("a slash more", _audience("{sp}/")),
    "audience-query": ("ours and a query", _audience("{sp}?x")),
    "audience-empty": ("an empty one", _audience("")),
    "audience-self-closed": ("an element that is empty", composed(lambda text: _replaced(text, "<saml:Audience/>"))),
    "audience-restriction-empty": ("a restriction to nobody", _audience()),
    "audience-missing": (
        "none",
        composed(lambda text: text[: text.index("<saml:AudienceR")] + text[text.index("</saml:Conditions>") :]),
    ),
    "conditions-missing": (
        "no Conditions",
        composed(lambda text: text[: text.index("<saml:Conditions")] + text[text.index("<saml:AuthnStatement") :]),
    ),
    "audience-and": (
        "ours, and in a second restriction another",
        composed(swap(_RESTRICTION_END, _RESTRICTION_END + _OTHER)),
    ),
    "audience-and-first": (
        "another first, then ours",
        composed(swap("<saml:AudienceRestriction>", _OTHER + "<saml:AudienceRestriction>")),
    ),
    "audience-and-empty": (
        "ours, and a restriction to nobody",
        composed(swap(_RESTRICTION_END, _RESTRICTION_END + "<saml:AudienceRestriction/>")),
    ),
    "audience-host": ("the beginning of ours", lambda f: f.answer(audience=f.party.sp_entity_id.rpartition("/")[0])),
}


def _replaced(text: str, audience: str) -> str:
    return text[: text.index("<saml:Audience>")] + audience + text[text.index(_RESTRICTION_END) :]


_DESTINATIONS: dict[str, tuple[str, Build]] = {
    "destination-other": ("another application", lambda f: f.answer(destination="https://other.example/acs")),
    "destination-empty": ("an empty one", altered(attribute("samlp:Response", "Destination", ""))),
    "destination-slash": ("a slash more", lambda f: f.answer(destination=f.party.acs_url + "/")),
    "destination-query": ("a query more", lambda f: f.answer(destination=f.party.acs_url + "?x=1")),
    "destination-prefix": ("a letter less", lambda f: f.answer(destination=f.party.acs_url[:-1])),
    "destination-host": (
        "another host with our path",
        lambda f: f.answer(destination="https://evil.example/" + f.party.acs_url.split("/", 3)[3]),
    ),
    "destination-unsigned-none": (
        "none, in a signed Response",
        lambda f: f.answer(sign="response", destination=None),
    ),
    "destination-signed-other": (
        "another application, in a signed Response",
        lambda f: f.answer(sign="response", destination="https://other.example/acs"),
    ),
}


ATTACKS: tuple[Attack[Scene], ...] = (
    *(
        attack(name, "SAML-25", f"a status: {tries}", code, _status(codes))
        for name, (tries, code, codes) in _STATUSES.items()
    ),
    attack(
        "issuer-missing",
        "SAML-26",
        "an assertion without an Issuer",
        "assertion_malformed",
        lambda f: f.answer(sign="response", in_assertion=swap(issuer_of(f.party), "")),
    ),
    *(
        attack(name, "SAML-26", f"an Issuer: {tries}", "issuer_mismatch", build)
        for name, (tries, build) in _ISSUERS.items()
    ),
    *(
        attack(name, "SAML-27", f"an audience: {tries}", "audience_mismatch", build)
        for name, (tries, build) in _AUDIENCES.items()
    ),
    attack(
        "condition-unknown",
        "SAML-27",
        "a condition that nobody knows",
        "condition_unknown",
        composed(swap("</saml:Conditions>", '<x:OnlyOnMondays xmlns:x="urn:x"/></saml:Conditions>')),
    ),
    *(
        attack(name, "SAML-28", f"a Destination: {tries}", "destination_mismatch", build)
        for name, (tries, build) in _DESTINATIONS.items()
    ),
)
