"""What the attacker writes with: responses to one sign-in, edited before they are signed or after."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from latchstring.attacks.outcome import Attack, Verdict
from latchstring.attacks.saml import signing
from latchstring.attacks.saml.scene import Pair, Party, Scene, random_id
from latchstring.attacks.saml.signing import Edit, same
from latchstring.protocols.saml import issue, names
from latchstring.protocols.saml import signing as honest

ATTACKER = "mallory"  # signs in with an account of their own
VICTIM = "victim"  # whom they would rather be


class Forge(msgspec.Struct, frozen=True, kw_only=True):
    """For one answer at one connection."""

    party: Party
    request_id: str | None  # None: nobody asked
    keys: Mapping[str, Pair]
    now: datetime
    response_id: str = msgspec.field(default_factory=random_id)
    assertion_id: str = msgspec.field(default_factory=random_id)

    def answer(
        self,
        *,
        in_assertion: Edit = same,
        in_response: Edit = same,
        after: Edit = same,
        sign: issue.Signed = "assertion",
        pair: Pair | None = None,
        **wishes: Any,
    ) -> str:
        """A Response, edited before it is signed (`in_...`) or after. `wishes` are those of `issue.issue`."""
        pair = pair or self.party.pair
        before, assertion, behind = self.parts(**wishes)
        assertion = in_assertion(assertion)
        if sign in ("assertion", "both"):
            assertion = _signed(assertion, pair)
        document = in_response(before + assertion + behind)
        if sign in ("response", "both"):
            document = _signed(document, pair)
        return after(document)

    def forged(
        self,
        *,
        sign: issue.Signed = "assertion",
        in_assertion: Edit = same,
        in_response: Edit = same,
        after: Edit = same,
        pair: Pair | None = None,
        **how: Any,
    ) -> str:
        """The same with a signature of `signing.enveloped`, which `how` is for.

        The provider's own key signs with what is meant by "RSA" and fits it: it may be an elliptic one.
        """
        if pair is None:
            pair = self.party.pair
            how = {**how, "algorithm": signing.fitting(pair, how.get("algorithm", names.RSA_SHA256))}
        before, assertion, behind = self.parts()
        assertion = in_assertion(assertion)
        if sign == "assertion":
            assertion = signing.enveloped(assertion, pair, **how)
        document = in_response(before + assertion + behind)
        if sign == "response":
            document = signing.enveloped(document, pair, **how)
        return after(document)

    def parts(self, **wishes: Any) -> tuple[str, str, str]:
        """An unsigned Response in three pieces, of which the assertion is the second."""
        facts: dict[str, Any] = {
            "key_pem": self.party.pair.key,
            "certificate_pem": self.party.pair.certificate,
            "entity_id": self.party.idp_entity_id,
            "acs_url": self.party.acs_url,
            "audience": self.party.sp_entity_id,
            "response_id": self.response_id,
            "assertion_id": self.assertion_id,
            "in_response_to": self.request_id,
            "now": self.now,
            "name_id": self.party.person,
            "attributes": self.attributes(),
        }
        text = issue.issue(**{**facts, **wishes}, sign="none").decode()
        start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
        return text[:start], text[start:end], text[end:]

    def attributes(self, **changed: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """By the names that this connection reads; `changed` by profile field. There are always groups to edit."""
        values = {"idp_id": (f"{ATTACKER}-1",), "email": (self.party.person,), "groups": ("staff",), **changed}
        named = {"groups": "groups", **self.party.attributes}
        return {named[field]: said for field, said in values.items() if field in named}

    def another(self) -> Forge:
        """For a second answer to the same sign-in, with ids of its own."""
        return Forge(party=self.party, request_id=self.request_id, keys=self.keys, now=self.now)


Build = Callable[[Forge], str | bytes]


def attack(
    name: str,
    requirement: str,
    tries: str,
    expected: str,
    build: Build,
    *,
    party: str = "plain",
    unsolicited: bool = False,
) -> Attack[Scene]:
    """An attack that is a document: the answer to a real sign-in, or one that nobody asked for."""
    return Attack(
        name=name,
        requirement=requirement,
        tries=tries,
        expected=expected,
        play=lambda scene: answered(scene, build, party, unsolicited=unsolicited),
    )


def control(
    name: str, requirement: str, tries: str, build: Build, *, party: str = "plain", unsolicited: bool = False
) -> Attack[Scene]:
    """A document that must be accepted, for the very person that the signed assertion names."""

    def play(scene: Scene) -> Verdict:
        found = answered(scene, build, party, unsolicited=unsolicited)
        who, meant = (found.profile or {}).get("email"), scene.party(party).person
        if found.accepted and (who or "").lower() != meant.lower():
            return msgspec.structs.replace(found, note=f"should be accepted as {meant}")
        return found

    return Attack(name=name, requirement=requirement, tries=tries, expected=None, play=play)


def answered(scene: Scene, build: Build, party_name: str, *, unsolicited: bool) -> Verdict:
    """Begins a sign-in, unless nobody asks, and delivers what is built for it."""
    party = scene.party(party_name)
    if unsolicited:
        document = build(forge(scene, party, None))
        return scene.post(party, scene.browser(), [("SAMLResponse", encoded(document))])
    sign_in = scene.begin(party)
    return scene.deliver(party, sign_in, encoded(build(forge(scene, party, sign_in.request_id))))


def altered(*edits: Edit) -> Build:
    """A signed response, edited afterwards."""
    return lambda forge: forge.answer(after=every(*edits))


def composed(*edits: Edit) -> Build:
    """An assertion edited before it is signed: by an identity provider that is itself the attacker, or is careless."""
    return lambda forge: forge.answer(in_assertion=every(*edits))


def forge(scene: Scene, party: Party, request_id: str | None) -> Forge:
    return Forge(party=party, request_id=request_id, keys=scene.arena.keys, now=scene.now)


def encoded(document: str | bytes) -> str:
    """As it stands in the form."""
    return b64encode(document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document).decode()


def evil(text: str) -> str:
    """The same for somebody else."""
    return text.replace(ATTACKER, VICTIM)


def unsigned(text: str) -> str:
    """Without its first signature."""
    start, end = text.index("<ds:Signature "), text.index("</ds:Signature>") + len("</ds:Signature>")
    return text[:start] + text[end:]


def issuer_of(party: Party) -> str:
    """The Issuer element of the party's provider, as `Forge.parts` writes it."""
    return f"<saml:Issuer>{escape(party.idp_entity_id)}</saml:Issuer>"


def assertion_in(text: str) -> str:
    start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
    return text[start:end]


def inside(text: str, what: str) -> str:
    """`what` as the last child of the root."""
    at = text.rindex("</")
    return text[:at] + what + text[at:]


def behind_issuer(text: str, what: str) -> str:
    """`what` behind the first Issuer."""
    at = text.index("</saml:Issuer>") + len("</saml:Issuer>")
    return text[:at] + what + text[at:]


def signature_in(text: str) -> str:
    start, end = text.index("<ds:Signature "), text.index("</ds:Signature>") + len("</ds:Signature>")
    return text[start:end]


def swap(old: str, new: str, count: int = -1) -> Edit:
    """An edit that must find something to do."""

    def edit(text: str) -> str:
        if old not in text:
            raise LookupError(f"{old} is not in the document")
        return text.replace(old, new, count)

    return edit


def attribute(element: str, name: str, value: str | None) -> Edit:
    """An edit of one attribute of the first such element; None takes it away."""
    before = re.compile(rf'(<{element}\b[^>]*?) {name}="[^"]*"')
    start = re.compile(rf"<{element}\b")

    def edit(text: str) -> str:
        text = before.sub(lambda found: found[1], text, count=1)
        if value is None:
            return text
        return start.sub(lambda found: f"{found[0]} {name}={quoteattr(value)}", text, count=1)

    return edit


def every(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(text: str) -> str:
        for each in edits:
            text = each(text)
        return text

    return edit


def _signed(text: str, pair: Pair) -> str:
    return honest.sign(text.encode(), key_pem=pair.key, certificate_pem=pair.certificate).decode()
