"""The right answer in the wrong place: another connection, an odd form, a RelayState (SAML-35, 36, 41, 43)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from latchstring.attacks.browser import verdict
from latchstring.attacks.outcome import Attack, Verdict
from latchstring.attacks.saml.forge import (
    encoded,
    forge,
)
from latchstring.attacks.saml.scene import Party, Scene, SignIn, path
from latchstring.attacks.saml.sign_ins import begun, row

# Another connection (SAML-28, SAML-36)


def _posted_elsewhere(made_for: str, posted_to: str, **changed: Callable[[Party], Any]) -> Callable[[Scene], Verdict]:
    """A valid answer that was made for one connection, posted to another one in answer to a sign-in there."""

    def play(scene: Scene) -> Verdict:
        theirs, ours = scene.party(made_for), scene.party(posted_to)
        sign_in = scene.begin(ours)
        wishes = {name: of(ours) for name, of in changed.items()}
        text = forge(scene, theirs, sign_in.request_id).answer(**wishes)
        return scene.deliver(ours, sign_in, encoded(text))

    return play


def _sign_in_of_another(scene: Scene) -> Verdict:
    """The request was made at one connection, the answer comes from another one, which trusts the same provider."""
    sign_in = scene.begin(scene.party("twin"))
    party = scene.party()
    return scene.deliver(party, sign_in, encoded(forge(scene, party, sign_in.request_id).answer()))


def _unknown_address(scene: Scene) -> Verdict:
    party = scene.party()
    sign_in, answer = begun(scene, party)
    nowhere = msgspec.structs.replace(party, acs_url=party.acs_url[:-4] + "0000")
    return scene.post(nowhere, sign_in.browser, [("SAMLResponse", answer)])


def _at_the_oidc_address(scene: Scene) -> Verdict:
    party = scene.party()
    sign_in, answer = begun(scene, party)
    key = party.acs_url.rpartition("/")[2]
    return verdict(
        sign_in.browser.get(f"/sso/oidc/{key}/callback", {"state": sign_in.relay_state, "code": answer[:99]})
    )


def _deleted_meanwhile(scene: Scene) -> Verdict:
    """The connection is deleted while its answer is on the way."""
    party = scene.party("doomed")
    sign_in, answer = begun(scene, party)
    authorization = f"Bearer {party.api_key}"
    scene.browser().send("DELETE", f"/connections/{party.connection_id}", None, authorization=authorization)
    return scene.deliver(party, sign_in, answer)


# RelayState (SAML-41)


def _relayed(party_name: str, relay_state: str) -> Callable[[Scene], Verdict]:
    def play(scene: Scene) -> Verdict:
        party = scene.party(party_name)
        fields = [("SAMLResponse", encoded(forge(scene, party, None).answer())), ("RelayState", relay_state)]
        return scene.post(party, scene.browser(), fields)

    return play


_RELAY_STATES: dict[str, tuple[str, str, str, str]] = {
    "relay-state-refused": ("any", "relay_state_not_allowed", "portal", "x"),
    "relay-state-url": ("a URL", "relay_state_not_allowed", "portal", "https://evil.example/"),
    "relay-state-registered": (
        "a registered address, where none may choose",
        "relay_state_not_allowed",
        "portal",
        "redirect_uri=https%3A%2F%2Fapp.attack.example%2Fcallback",
    ),
    "relay-state-unregistered": (
        "an unregistered address",
        "relay_state_unregistered",
        "relay",
        "redirect_uri=https%3A%2F%2Fevil.example%2Fcallback",
    ),
    "relay-state-script": ("a script", "relay_state_unregistered", "relay", "redirect_uri=javascript%3Aalert(1)"),
    "relay-state-suffix": (
        "a registered address and more",
        "relay_state_unregistered",
        "relay",
        "redirect_uri=https%3A%2F%2Fapp.attack.example%2Fcallback%2F..%2Fopen",
    ),
    "relay-state-user": (
        "a registered host as the name of a user",
        "relay_state_unregistered",
        "relay",
        "redirect_uri=https%3A%2F%2Fapp.attack.example%40evil.example%2Fcallback",
    ),
}


# The form (SAML-43)


def _posted(make: Callable[[SignIn, str], Sequence[tuple[str, str]]]) -> Callable[[Scene], Verdict]:
    """Fields made of a sign-in and a valid answer to it."""

    def play(scene: Scene) -> Verdict:
        party = scene.party()
        sign_in, answer = begun(scene, party)
        return scene.post(party, sign_in.browser, make(sign_in, answer))

    return play


def _by_get(scene: Scene) -> Verdict:
    party = scene.party()
    sign_in, answer = begun(scene, party)
    return scene.seen(party, sign_in.browser.get(path(party.acs_url), {"SAMLResponse": answer[:6_000]}))


def _in_the_query(scene: Scene) -> Verdict:
    """A POST whose fields stand in the query."""
    party = scene.party()
    sign_in, answer = begun(scene, party)
    target = f"{path(party.acs_url)}?RelayState={sign_in.relay_state}&SAMLResponse={answer[:4_000]}"
    return scene.seen(party, sign_in.browser.post(target, {}))


def _as_json(scene: Scene) -> Verdict:
    party = scene.party()
    sign_in, answer = begun(scene, party)
    return scene.seen(
        party, sign_in.browser.send("POST", path(party.acs_url), b'{"SAMLResponse":"' + answer.encode() + b'"}')
    )


_FORMS: dict[str, tuple[str, str, Callable[[Scene], Verdict]]] = {
    "form-by-get": ("a response by GET", "method_not_allowed", _by_get),
    "form-in-query": ("a response in the query of a POST", "document_not_base64", _in_the_query),
    "form-as-json": ("a response as JSON", "document_not_base64", _as_json),
    "form-empty": ("no field at all", "document_not_base64", _posted(lambda _, answer: [])),
    "form-request-too": (
        "a SAMLRequest beside the response",
        "saml_request_beside_response",
        _posted(lambda sign_in, answer: [("SAMLResponse", answer), ("SAMLRequest", answer)]),
    ),
    "form-response-twice": (
        "two responses",
        "parameter_repeated",
        _posted(lambda sign_in, answer: [("SAMLResponse", answer), ("SAMLResponse", answer)]),
    ),
    "form-relay-state-twice": (
        "two RelayStates",
        "parameter_repeated",
        _posted(lambda sign_in, answer: [("SAMLResponse", answer), ("RelayState", "a"), ("RelayState", "b")]),
    ),
    "form-artifact": (
        "an artifact",
        "document_not_base64",
        _posted(lambda sign_in, answer: [("SAMLart", "AAQAAMFbLinlXaCM+FIxiDwGOLAy2T71gbpO7ZhNzAgEANlB90ECfpNEVLg=")]),
    ),
    "form-name-in-capitals": (
        "a field of another name",
        "document_not_base64",
        _posted(lambda sign_in, answer: [("samlresponse", answer)]),
    ),
}

ATTACKS: tuple[Attack[Scene], ...] = (
    row(
        "deleted-meanwhile",
        "SAML-35",
        "a connection deleted meanwhile",
        "connection_address_unknown",
        _deleted_meanwhile,
    ),
    row(
        "other-customer",
        "SAML-36",
        "the answer of another customer's provider",
        "certificate_unknown",
        _posted_elsewhere("other", "plain"),
    ),
    row(
        "other-customer-all-ours",
        "SAML-36",
        "the same, which says everything that ours would",
        "certificate_unknown",
        _posted_elsewhere(
            "other",
            "plain",
            entity_id=lambda p: p.idp_entity_id,
            audience=lambda p: p.sp_entity_id,
            recipient=lambda p: p.acs_url,
            destination=lambda p: p.acs_url,
        ),
    ),
    row(
        "twin-customer",
        "SAML-36",
        "an answer of our provider for another customer",
        "destination_mismatch",
        _posted_elsewhere("twin", "plain"),
    ),
    row(
        "twin-customer-destination",
        "SAML-36",
        "the same, its unsigned Destination changed",
        "recipient_mismatch",
        _posted_elsewhere("twin", "plain", destination=lambda p: p.acs_url),
    ),
    row(
        "twin-customer-recipient",
        "SAML-36",
        "the same, its Recipient ours too",
        "audience_mismatch",
        _posted_elsewhere("twin", "plain", destination=lambda p: p.acs_url, recipient=lambda p: p.acs_url),
    ),
    row("twin-sign-in", "SAML-36", "a sign-in at another connection", "answer_unknown", _sign_in_of_another),
    row("address-unknown", "SAML-36", "an ACS that does not exist", "connection_address_unknown", _unknown_address),
    row("address-of-oidc", "SAML-36", "the OpenID Connect address", "connection_address_unknown", _at_the_oidc_address),
    *(
        row(name, "SAML-41", f"a RelayState: {tries}", code, _relayed(party, value))
        for name, (tries, code, party, value) in _RELAY_STATES.items()
    ),
    *(row(name, "SAML-43", tries, code, play) for name, (tries, code, play) in _FORMS.items()),
)
