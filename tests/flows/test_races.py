"""Things that are deleted while somebody is in the middle of something: a plain answer, and nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from latchstring.flows import connections, domains, magic_link, organizations, upkeep
from latchstring.flows.authorize import AuthorizeRequest, ReturnToApp, authorize
from latchstring.flows.connection_life import delete as delete_connection
from latchstring.flows.connection_wishes import OidcWish
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.house import House
from latchstring.flows.magic_link import LinkOver, LinkWish
from latchstring.flows.story import Visitor
from latchstring.model.dns import TxtRecords
from latchstring.model.fetch import Fetch, Fetched
from latchstring.model.refusal import InvalidFields, NotFound
from latchstring.storage import front_door
from tests.events_for_tests import told
from tests.house_for_tests import CALLBACK, Rig

DISCOVERY = "https://idp.example/.well-known/openid-configuration"
METADATA = {
    "issuer": "https://idp.example",
    "authorization_endpoint": "https://idp.example/authorize",
    "token_endpoint": "https://idp.example/token",
    "jwks_uri": "https://idp.example/jwks",
    "response_types_supported": ["code"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
}
OIDC = OidcWish(discovery_endpoint=DISCOVERY, client_id="c", client_secret="s")


def meanwhile(rig: Rig, act: Callable[[], Any]) -> None:
    """When the identity provider is asked next, this happens before it answers."""
    rig.network.put(DISCOVERY, METADATA)
    answer = rig.network.answers[DISCOVERY]
    assert callable(answer)

    def slow(fetch: Fetch) -> Fetched:
        act()
        return answer(fetch)

    rig.network.answers[DISCOVERY] = slow


def organization(rig: Rig, name: str = "Acme") -> Any:
    return rig.client("POST", "/organizations", {"name": name, "domains": ["acme.example"]}).json


def pending(rig: Rig, domain: str) -> Any:
    body = {"organization_id": organization(rig, domain)["id"], "domain": domain}
    return rig.client("POST", "/organization_domains", body).json


def test_a_domain_that_is_deleted_while_dns_answers_keeps_nobody_else_from_being_proven(rig: Rig) -> None:
    gone, stays = (pending(rig, f"{name}.example") for name in ("gone", "stays"))
    texts = {each["domain"]: each["verification"]["record"]["value"] for each in (gone, stays)}

    def txt(name: str) -> TxtRecords:
        if name == "gone.example":
            domains.delete(rig.house, rig.pass_, gone["id"])
        return TxtRecords(texts=(texts[name],))

    house: House = replace(rig.house, txt=txt)
    done = upkeep.round_(house, front_door.by_worker(rig.environment), lambda: False)
    assert done.domains_verified == 1
    assert rig.client("GET", f"/organization_domains/{stays['id']}").json["state"] == "verified"
    assert [event["id"] for event in told(rig, "organization_domain.verified")] == [stays["id"]]


def test_an_organization_that_is_deleted_while_the_provider_answers_gets_no_connection(rig: Rig) -> None:
    made = organization(rig)
    meanwhile(rig, lambda: organizations.delete(rig.house, rig.pass_, made["id"]))
    with pytest.raises(NotFound) as refused:
        connections.create(rig.house, rig.pass_, ConnectionWish(organization_id=made["id"], oidc_options=OIDC))
    assert refused.value.id == made["id"]


def test_a_connection_that_is_deleted_while_a_sign_in_begins_sends_the_person_back(rig: Rig) -> None:
    rig.network.put(DISCOVERY, METADATA)
    wish = ConnectionWish(organization_id=organization(rig)["id"], oidc_options=OIDC)
    connection = connections.create(rig.house, rig.pass_, wish)[0].connection
    rig.clock.forward(days=2)  # so that what the provider said is asked for again
    meanwhile(rig, lambda: delete_connection(rig.house, rig.pass_, connection.id))
    request = AuthorizeRequest(
        client_id=rig.environment.client_id, redirect_uri=CALLBACK, response_type="code", connection=connection.id
    )
    house = replace(rig.house)
    with pytest.raises(ReturnToApp) as refused:
        authorize(house, request, Visitor(ip_address=None, user_agent=None))
    assert refused.value.refusal.public == "connection_invalid"
    assert told(rig, "authentication.sso_started") == []


def magic_connection(rig: Rig) -> str:
    body = {"organization_id": organization(rig)["id"], "connection_type": "MagicLink"}
    return str(rig.client("POST", "/connections", body).json["id"])


def test_a_magic_link_connection_that_is_deleted_meanwhile_makes_no_link(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = magic_connection(rig)
    faults = magic_link._faults

    def late(*args: Any) -> Any:
        yield from faults(*args)
        delete_connection(rig.house, rig.pass_, named)

    monkeypatch.setattr(magic_link, "_faults", late)
    with pytest.raises(InvalidFields) as refused:
        magic_link.create(rig.house, rig.pass_, LinkWish(email="ann@acme.example", type="MagicLink", connection=named))
    assert [error.code for error in refused.value.errors] == ["connection_unknown"]


def test_a_magic_link_that_goes_with_its_connection_while_it_is_sent_is_over(rig: Rig) -> None:
    named = magic_connection(rig)
    link = magic_link.create(
        rig.house, rig.pass_, LinkWish(email="ann@acme.example", type="MagicLink", connection=named)
    ).link
    postbox = rig.house.postbox

    def late() -> Any:
        delete_connection(rig.house, rig.pass_, named)
        return postbox()

    with pytest.raises(LinkOver):
        magic_link.send(replace(rig.house, postbox=late), rig.pass_, link.id)


def test_what_is_proven_by_hand_twice_is_told_once(rig: Rig) -> None:
    made = pending(rig, "other.example")
    answers = [rig.client("POST", f"/organization_domains/{made['id']}/verify_manually") for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert len(told(rig, "organization_domain.verified")) == 1
