"""A connection's certificates in the Dashboard: the provider's trusted and removed, ours made, switched and removed."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from latchstring import app
from latchstring.effects import keys
from latchstring.flows import connections, upkeep
from latchstring.flows.connections import Seen
from latchstring.model.connection import OidcConfig, SamlConfig
from latchstring.model.operator import Role
from latchstring.protocols.saml import metadata
from latchstring.storage import front_door
from latchstring.web.kit import language
from latchstring.web.kit.endpoint import Endpoint
from tests.house_for_tests import Answer, Browser, Rig
from tests.idp_for_tests import oidc_idp, pair, saml_idp
from tests.operators_for_tests import PASSWORD, hire, page, post, send, send_multipart, signed_in
from tests.web.html import Element

URL = "https://idp.acme.example/metadata"


@pytest.fixture
def different(rig: Rig) -> Rig:
    """The rig gives everybody the same key pair; here they have to be told apart."""
    house = replace(rig.house, make_key_pair=keys.rsa_pair)
    return replace(rig, house=house, endpoint=Endpoint(house, app.doors(development=True), secure=False))


def at(rig: Rig, connection: dict[str, Any]) -> str:
    return f"/dashboard/{rig.environment.id}/connections/{connection['id']}"


def seen(rig: Rig, connection: dict[str, Any]) -> Seen:
    return connections.get(rig.house, rig.pass_, connection["id"])


def saml(rig: Rig, connection: dict[str, Any]) -> SamlConfig:
    config = seen(rig, connection).connection.config
    assert isinstance(config, SamlConfig)
    return config


def developer(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.DEVELOPER))


def uses(listed: Element) -> list[int]:
    """Sign-ins of seven days, by certificate of the provider."""
    rows = listed.one("main").every("tbody")[0].every("tr")
    return [int(row.every("td")[3].words[0]) for row in rows]


def remove(browser: Browser, path: str, kind: str, id_: str, typed: str) -> Answer:
    where = f"{path}/certificates/{kind}/{id_}"
    return send(browser, browser.get(where), f"{where}/remove", typed=typed)


@pytest.mark.parametrize("how", ["pem file", "der file", "text"])
def test_a_second_certificate_of_the_provider_is_trusted_and_the_old_one_removed(rig: Rig, how: str) -> None:
    idp = saml_idp(rig)
    path = at(rig, idp.connection)
    browser = developer(rig)
    pem = pair("second")[0]
    shown = browser.get(f"{path}/certificates")
    if how == "text":
        answer = send_multipart(browser, shown, f"{path}/certificates/idp", {"file": ("", b"")}, pem=pem)
    else:
        content = pem.encode() if how == "pem file" else ssl.PEM_cert_to_DER_cert(pem)
        answer = send_multipart(browser, shown, f"{path}/certificates/idp", {"file": ("new.cer", content)})
    assert answer.location == f"{path}/certificates#idp", answer.text
    assert idp.sign_in(rig.browser()).status == 302
    assert idp.sign_in(rig.browser(), key="second").returned.get("code")
    old, new = saml(rig, idp.connection).idp_certificates
    listed = page(browser.get(f"{path}/certificates"))
    assert len(listed.one("tbody").every("tr")) == 2 and "added by hand" in listed.text
    assert uses(listed) == [1, 1]

    unsure = remove(browser, path, "idp", old.id, "no")
    assert unsure.status == 422 and old.fingerprint[:8].upper() in page(unsure).by_id("typed-error").text
    assert remove(browser, path, "idp", old.id, old.fingerprint[:8]).status == 302
    assert saml(rig, idp.connection).idp_certificates == (new,)
    last = remove(browser, path, "idp", new.id, new.fingerprint[:8])
    assert last.status == 422 and "without it nobody could sign in" in last.text
    assert idp.sign_in(rig.browser()).returned.get("error")


def test_a_certificate_that_nobody_uses_any_more_can_go(rig: Rig) -> None:
    idp = saml_idp(rig)
    path = at(rig, idp.connection)
    browser = developer(rig)
    first = saml(rig, idp.connection).idp_certificates[0]
    assert idp.sign_in(rig.browser()).returned.get("code")
    added = browser.get(f"{path}/certificates")
    send_multipart(browser, added, f"{path}/certificates/idp", {"file": ("", b"")}, pem=pair("second")[0])
    waits = page(browser.get(f"{path}/certificates"))
    assert uses(waits) == [1, 0] and " can go" not in waits.text.replace("can go; it is said", "")

    rig.clock.forward(days=7, minutes=1)
    assert idp.sign_in(rig.browser(), key="second", audience="https://elsewhere.example").status == 302
    assert idp.sign_in(rig.browser(), key="second").returned.get("code")
    browser = signed_in(rig, hire(rig, Role.ADMIN))  # the other one's session is over
    rolled = page(browser.get(f"{path}/certificates"))
    start = ":".join(first.fingerprint.upper()[at : at + 2] for at in range(0, 12, 2))
    assert uses(rolled) == [0, 1] and f"{start} can go" in rolled.text
    assert "Sign-ins, 7 days" in browser.get(f"{path}/certificates/idp/{first.id}").text


def test_what_is_no_certificate_is_said_beside_the_field(rig: Rig) -> None:
    idp = saml_idp(rig)
    path = at(rig, idp.connection)
    browser = developer(rig)
    for pem, words in (("nonsense", "not a certificate"), ("", "not a certificate"), (pair("acme")[0], "already has")):
        answer = send_multipart(
            browser, browser.get(f"{path}/certificates"), f"{path}/certificates/idp", {"file": ("", b"")}, pem=pem
        )
        assert answer.status == 422 and words in page(answer).by_id("file-error").text
    assert len(saml(rig, idp.connection).idp_certificates) == 1


def test_a_key_of_ours_is_published_first_switched_to_and_the_old_one_removed(different: Rig) -> None:
    rig = different
    idp = saml_idp(rig, sign_requests=True)
    path = at(rig, idp.connection)
    browser = developer(rig)
    (old,) = saml(rig, idp.connection).sp_signing_certificates
    assert send(browser, browser.get(f"{path}/certificates"), f"{path}/certificates/signing").status == 302
    _old, new = saml(rig, idp.connection).sp_signing_certificates
    shown = page(browser.get(f"{path}/certificates"))
    states = [row.every("td")[-1].text for row in shown.every("tbody")[1].every("tr")]
    assert states == ["✓ signs", "· published waits"]
    assert remove(browser, path, "signing", old.id, old.fingerprint[:8]).status == 422  # it signs
    where = f"{path}/certificates/signing/{new.id}"
    assert send(browser, browser.get(where), f"{where}/activate").status == 302
    signs = saml(rig, idp.connection).signing_certificate(rig.clock.now())
    assert signs is not None and signs.id == new.id
    assert remove(browser, path, "signing", old.id, old.fingerprint[:8].upper()).status == 302
    assert [entry.id for entry in saml(rig, idp.connection).sp_signing_certificates] == [new.id]
    assert "PRIVATE KEY" not in browser.get(where).text


def test_a_key_of_ours_signs_from_a_date_on(different: Rig) -> None:
    rig = different
    idp = saml_idp(rig, sign_requests=True)
    path = at(rig, idp.connection)
    browser = developer(rig)
    (old,) = saml(rig, idp.connection).sp_signing_certificates
    for typed, words in (("2001-01-01T00:00", "in the future"), ("soon", "Write it like")):
        shown = browser.get(f"{path}/certificates")
        late = send(browser, shown, f"{path}/certificates/signing", activate_at=typed)
        assert late.status == 422 and words in page(late).by_id("activate_at-error").text
    done = send(
        browser, browser.get(f"{path}/certificates"), f"{path}/certificates/signing", activate_at="2026-12-24T18:00"
    )
    assert done.status == 302
    assert "24 Dec 2026, 18:00 UTC" in browser.get(f"{path}/certificates").text
    before = saml(rig, idp.connection).signing_certificate(rig.clock.now())
    rig.clock.forward(days=40)
    after = saml(rig, idp.connection).signing_certificate(rig.clock.now())
    assert before is not None and after is not None and before.id == old.id != after.id


def test_a_certificate_that_ends_is_said_with_whose_it_is(rig: Rig) -> None:
    idp = saml_idp(rig)
    path = at(rig, idp.connection)
    (theirs,) = saml(rig, idp.connection).idp_certificates
    hire(rig, Role.DEVELOPER)
    for days, words in ((91, None), (80, "ends in 80 days"), (20, "ends in 20 days"), (-1, "ended")):
        rig.clock.at = theirs.not_after - timedelta(days=days)
        browser = rig.browser()
        post(browser, "/dashboard/sign-in", {"email": "developer@example.com", "password": PASSWORD})
        listed, overview = browser.get(f"{path}/certificates").text, browser.get(path).text
        assert words is None or words in listed
        assert ("Acme&#39;s identity provider signs with a certificate that ends on" in overview) is (days < 30)


def test_encryption_keys_of_ours(different: Rig) -> None:
    rig = different
    idp = saml_idp(rig)
    path = at(rig, idp.connection)
    browser = developer(rig)
    for count in (1, 2):
        send(browser, browser.get(f"{path}/certificates"), f"{path}/certificates/encryption")
        assert len(saml(rig, idp.connection).sp_encryption_certificates) == count
    old = saml(rig, idp.connection).sp_encryption_certificates[0]
    assert remove(browser, path, "encryption", old.id, old.fingerprint[:8]).status == 302
    assert len(saml(rig, idp.connection).sp_encryption_certificates) == 1


def test_client_keys_of_openid_connect(different: Rig) -> None:
    rig = different
    options: dict[str, Any] = {
        "token_authentication_method": "private_key_jwt",
        "client_secret": None,
        "id_token_encryption_algorithm": "RSA-OAEP",
    }
    idp = oidc_idp(rig, **options)
    path = at(rig, idp.connection)
    browser = developer(rig)
    for kind in ("client-signing", "client-encryption"):
        assert send(browser, browser.get(f"{path}/certificates"), f"{path}/certificates/{kind}").status == 302
    config = seen(rig, idp.connection).connection.config
    assert isinstance(config, OidcConfig)
    old, new = config.jwt_signing_certificates
    assert len(config.jwt_encryption_certificates) == 2
    assert "signs by" in browser.get(f"{path}/certificates").text
    assert remove(browser, path, "client-signing", old.id, old.fingerprint[:8]).status == 422
    where = f"{path}/certificates/client-signing/{new.id}"
    assert send(browser, browser.get(where), f"{where}/activate").status == 302
    assert remove(browser, path, "client-signing", old.id, old.fingerprint[:8]).status == 302
    first = config.jwt_encryption_certificates[0]
    assert remove(browser, path, "client-encryption", first.id, first.fingerprint[:8]).status == 302


def test_metadata_are_read_at_the_press_of_a_button_and_a_stranger_waits_for_a_person(rig: Rig) -> None:
    document = metadata.write_idp(
        entity_id="https://idp.acme.example", sso_url="https://idp.acme.example/sso", certificates=(pair("acme")[0],)
    )
    rig.network.put(URL, document, content_type="text/xml")
    idp = saml_idp(rig, idp_metadata_url=URL, idp_entity_id=None, idp_sso_url=None, idp_signing_certs=None)
    path = at(rig, idp.connection)
    browser = developer(rig)
    both = metadata.write_idp(
        entity_id="https://idp.acme.example",
        sso_url="https://idp.acme.example/sso",
        certificates=(pair("acme")[0], pair("second")[0]),
    )
    rig.network.put(URL, both, content_type="text/xml")
    fetch = f"{path}/metadata/fetch"
    assert send(browser, browser.get(f"{path}/certificates"), fetch).location == f"{path}/certificates#metadata"
    assert len(saml(rig, idp.connection).idp_certificates) == 2

    assert "by an operator. It is asked again" in page(browser.get(f"{path}/certificates")).text

    rig.network.put(URL, b"gone", status=404)
    assert send(browser, browser.get(f"{path}/certificates"), fetch).status == 302
    assert "It could not be read the last time" in browser.get(f"{path}/certificates").text
    begun = rig.clock.now()
    rig.clock.forward(hours=8)
    assert upkeep.refresh_due(rig.house, front_door.by_worker(rig.environment), lambda: False)[1]
    browser = signed_in(rig, hire(rig, Role.ADMIN))  # with a fresh password
    failing = page(browser.get(f"{path}/certificates")).text
    assert f"2 tries have failed since {language.moment(begun)}" in failing and "on schedule." in failing
    assert "by an operator. It is asked again" in failing  # the last good one
    key = rig.client("POST", f"/connections/{idp.connection['id']}/saml_metadata/refresh")
    assert key.status == 422 and "through the API, with the key" in browser.get(f"{path}/certificates").text

    stranger = both.replace(b"https://idp.acme.example", b"https://idp.evil.example")
    rig.network.put(URL, stranger, content_type="text/xml")
    send(browser, browser.get(f"{path}/certificates"), fetch)
    waiting = browser.get(f"{path}/certificates")
    assert "https://idp.evil.example" in waiting.text
    accept = f"{path}/metadata/accept"
    assert send(browser, waiting, accept, typed="https://idp.acme.example").status == 422
    assert saml(rig, idp.connection).idp_entity_id == "https://idp.acme.example"
    assert send(browser, waiting, accept, typed="https://idp.evil.example").status == 302
    assert saml(rig, idp.connection).idp_entity_id == "https://idp.evil.example"


def test_web_11_certificates_are_changed_with_a_fresh_password_and_by_those_who_may(rig: Rig) -> None:
    idp = saml_idp(rig, sign_requests=True)
    path = at(rig, idp.connection)
    before = saml(rig, idp.connection)
    theirs, ours = before.idp_certificates[0].id, before.sp_signing_certificates[0].id
    acts = [
        "metadata/fetch",
        "metadata/accept",
        "certificates/idp",
        "certificates/signing",
        f"certificates/idp/{theirs}/remove",
        f"certificates/signing/{ours}/activate",
    ]
    looker, browser = signed_in(rig, hire(rig, Role.SUPPORT)), developer(rig)
    for where in ("", f"/idp/{theirs}", f"/signing/{ours}"):
        shown = looker.get(f"{path}/certificates{where}")
        assert shown.status == 200 and page(shown).one("main").every("form") == []
    for who, expected in ((looker, 403), (browser, 302)):
        csrf = page(who.get(path)).every("input", name="csrf")[0].attributes["value"]
        if who is browser:
            rig.clock.forward(minutes=10)
        for act in acts:
            answer = post(who, f"{path}/{act}", {"csrf": csrf, "typed": before.idp_certificates[0].fingerprint[:8]})
            assert answer.status == expected, act
            if who is browser:
                assert answer.location == f"/dashboard/confirm?next={path}/certificates"
    assert saml(rig, idp.connection) == before


def test_oauth_14_a_certificate_is_found_in_its_own_connection_alone(rig: Rig) -> None:
    _other, client = rig.another_environment()
    mine, second, foreign = saml_idp(rig), saml_idp(rig), saml_idp(rig, client)
    browser = developer(rig)
    csrf = page(browser.get("/dashboard")).every("input", name="csrf")[0].attributes["value"]
    (theirs,) = saml(rig, second.connection).idp_certificates
    for where in (
        f"{at(rig, mine.connection)}/certificates/idp/{theirs.id}",
        f"{at(rig, second.connection)}/certificates/signing/{theirs.id}",
        f"{at(rig, second.connection)}/certificates/nothing/{theirs.id}",
        f"{at(rig, foreign.connection)}/certificates/idp/{theirs.id}",
    ):
        assert browser.get(where).status == 404
        assert post(browser, f"{where}/remove", {"csrf": csrf, "typed": theirs.fingerprint[:8]}).status == 404
    assert browser.get(f"{at(rig, foreign.connection)}/certificates").status == 404
    assert saml(rig, second.connection).idp_certificates == (theirs,)
