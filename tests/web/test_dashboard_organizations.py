"""Organizations in the Dashboard: made, their domains, who may come in, their people, and their end."""

from __future__ import annotations

import pytest

from latchstring.flows import domains, organizations
from latchstring.flows.organizations import OrganizationWish
from latchstring.model import ids
from latchstring.model.operator import Role
from latchstring.model.organization import DomainState, Organization
from latchstring.model.profile import Profile
from latchstring.storage import profiles
from latchstring.storage.paging import Window
from tests.events_for_tests import told
from tests.house_for_tests import Browser, Rig
from tests.operators_for_tests import PASSWORD, hire, page, send, signed_in


def developer(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.DEVELOPER))


def acme(rig: Rig, *names: str) -> Organization:
    made = organizations.create(rig.house, rig.pass_, OrganizationWish(name="Acme"))
    for name in names:
        domains.add(rig.house, rig.pass_, made.id, name=name)
    return organizations.get(rig.house, rig.pass_, made.id)


def now(rig: Rig, organization: Organization) -> Organization:
    return organizations.get(rig.house, rig.pass_, organization.id)


def every(rig: Rig) -> list[str]:
    found = organizations.page(rig.house, rig.pass_, Window(limit=100), domain_names=(), search=None)
    return [one.name for one in found.items]


def test_an_organization_is_made(rig: Rig) -> None:
    browser = developer(rig)
    path = f"/dashboard/{rig.environment.id}/organizations"
    shown = browser.get(f"{path}/new")
    answer = send(browser, shown, path, name=" Acme ", domains="Acme.example,\nacme-holding.example  ")
    assert answer.status == 302
    made = organizations.get(rig.house, rig.pass_, answer.location.rpartition("/")[2])
    assert made.name == "Acme"
    assert {one.domain for one in made.domains} == {"acme.example", "acme-holding.example"}
    assert {one.state for one in made.domains} == {DomainState.PENDING}
    assert "acme-holding.example" in page(browser.get(answer.location)).text


def test_what_cannot_be_made_says_why_beside_each_field_and_keeps_what_was_typed(rig: Rig) -> None:
    browser = developer(rig)
    path = f"/dashboard/{rig.environment.id}/organizations"
    before = every(rig)
    answer = send(browser, browser.get(f"{path}/new"), path, name="", domains="gmail.com co.uk https://acme.example")
    assert answer.status == 422
    shown = page(answer)
    assert "non-empty" in shown.by_id("name-error").text
    for words in ("'gmail.com' is a public e-mail provider", "allow profiles outside", "'co.uk'", "without https://"):
        assert words in shown.by_id("domains-error").text
    assert shown.by_id("domains").text == "gmail.com co.uk https://acme.example"
    assert shown.one("title").text.startswith("Error: ")
    assert every(rig) == before


def test_a_domain_is_added_and_one_of_everybody_is_not(rig: Rig) -> None:
    browser, made = developer(rig), acme(rig)
    path = f"/dashboard/{rig.environment.id}/organizations/{made.id}"
    answer = send(browser, browser.get(path), f"{path}/domains", domain="acme.example")
    (domain,) = now(rig, made).domains
    assert (answer.status, answer.location) == (302, f"{path}#{domain.id}")
    for typed, words in (("gmail.com", "everybody with such an address"), ("ACME.example", "already has the domain")):
        refused = send(browser, browser.get(path), f"{path}/domains", domain=typed)
        assert refused.status == 422
        assert words in page(refused).by_id("domain-error").text
        assert page(refused).by_id("domain").attributes["value"] == typed
    assert [one.id for one in now(rig, made).domains] == [domain.id]


def test_a_domain_is_proven_by_hand_and_deleted_by_its_name(rig: Rig) -> None:
    browser, made = developer(rig), acme(rig, "acme.example")
    (domain,) = made.domains
    path = f"/dashboard/{rig.environment.id}/organizations/{made.id}/domains/{domain.id}"
    assert send(browser, browser.get(path), f"{path}/by-hand").status == 302
    assert now(rig, made).domains[0].verification_strategy == "manual"
    shown = browser.get(path)
    assert not page(shown).every("form", action=f"{path}/by-hand")
    unsure = send(browser, shown, f"{path}/delete", typed="acme")
    assert unsure.status == 422 and "Type acme.example" in page(unsure).by_id("typed-error").text
    assert now(rig, made).domains
    assert send(browser, unsure, f"{path}/delete", typed=" Acme.Example ").status == 302
    assert now(rig, made).domains == ()
    assert [one["id"] for one in told(rig, "organization_domain.deleted")] == [domain.id]


def test_settings_are_saved_and_metadata_is_what_the_form_holds(rig: Rig) -> None:
    made = acme(rig)
    kept = {"plan": "gold", "gone": "1", "lines": "one\ntwo"}
    organizations.update(rig.house, rig.pass_, made.id, OrganizationWish(metadata=kept))
    browser = developer(rig)
    path = f"/dashboard/{rig.environment.id}/organizations/{made.id}/settings"
    shown = browser.get(path)
    rows = page(shown).one("form", action=path).sends()
    place = {rows[name]: name.removeprefix("key-") for name in rows if name.startswith("key-") and rows[name]}
    answer = send(
        browser,
        shown,
        path,
        **{
            "name": "Acme Ltd",
            "external_id": "acme",
            f"key-{place['gone']}": "",
            f"value-{place['plan']}": "silver",
            f"value-{place['lines']}": "onetwo",  # as a browser sends what it took the line break out of
            "key-4": "new",
            "value-4": "2",
        },
    )
    assert (answer.status, answer.location) == (302, path)
    after = now(rig, made)
    assert (after.name, after.external_id) == ("Acme Ltd", "acme")
    assert after.metadata == {"plan": "silver", "lines": "one\ntwo", "new": "2"}
    assert send(browser, browser.get(path), path, external_id="").status == 302
    assert now(rig, made).external_id is None


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"name": " "}, "name-error", "non-empty"),
        ({"external_id": "other"}, "external_id-error", "Another organization"),
        ({"external_id": "\u00e4"}, "external_id-error", "ASCII"),
        ({"key-1": "k" * 41, "value-1": "v"}, "pairs-error", "keys of up to 40"),
    ],
)
def test_settings_that_cannot_be_say_why(rig: Rig, sent: dict[str, str], field: str, words: str) -> None:
    organizations.create(rig.house, rig.pass_, OrganizationWish(name="Other", external_id="other"))
    browser, made = developer(rig), acme(rig)
    path = f"/dashboard/{rig.environment.id}/organizations/{made.id}/settings"
    answer = send(browser, browser.get(path), path, **sent)
    assert answer.status == 422
    assert words in page(answer).by_id(field).text
    assert page(answer).one("form", action=path).sends().items() >= sent.items()
    assert now(rig, made) == made


def test_profiles_outside_are_allowed_by_somebody_who_says_that_they_have_understood(rig: Rig) -> None:
    browser, made = developer(rig), acme(rig)
    path = f"/dashboard/{rig.environment.id}/organizations/{made.id}/settings/outside"
    shown = browser.get(path)
    assert "sign in with any address they like" in page(shown).text
    csrf = page(shown).one("form", action=path).one("input", name="csrf").attributes["value"]
    unsure = browser.post(path, {"csrf": csrf, "allow": "yes"}, sec_fetch_site="same-origin", origin="null")
    assert unsure.status == 422 and page(unsure).by_id("understood").attributes["aria-invalid"] == "true"
    assert now(rig, made) == made
    assert send(browser, shown, path, allow="yes", understood="yes").location == path.removesuffix("/outside")
    assert now(rig, made).allow_profiles_outside_organization
    assert send(browser, browser.get(path), path, allow="no").status == 302
    assert not now(rig, made).allow_profiles_outside_organization


def test_an_organization_is_deleted_by_its_name_and_its_domains_are_told(rig: Rig) -> None:
    browser, made = developer(rig), acme(rig, "acme.example", "acme-holding.example")
    path = f"/dashboard/{rig.environment.id}/organizations/{made.id}/settings/delete"
    shown = browser.get(path)
    assert [one.text for one in page(shown).one("dl").every("dd")] == ["0", "2", "0"]
    unsure = send(browser, shown, path, typed="acme")
    assert unsure.status == 422 and "Type Acme" in page(unsure).by_id("typed-error").text
    assert send(browser, unsure, path, typed="Acme").location == f"/dashboard/{rig.environment.id}/organizations"
    assert "Acme" not in every(rig)
    assert {one["domain"] for one in told(rig, "organization_domain.deleted")} == {
        "acme.example",
        "acme-holding.example",
    }
    assert len(told(rig, "organization.deleted")) == 1


def test_web_11_what_lets_people_in_or_out_needs_a_fresh_password(rig: Rig) -> None:
    browser, made = developer(rig), acme(rig, "acme.example")
    path = f"/dashboard/{rig.environment.id}/organizations/{made.id}"
    pages = (f"{path}/settings/outside", f"{path}/settings/delete", f"{path}/domains/{made.domains[0].id}")
    old = browser.get(pages[1])
    rig.clock.forward(minutes=10)
    for each in pages:
        assert browser.get(each).location == f"/dashboard/confirm?next={each}"
    assert send(browser, old, pages[1], typed="Acme").location == f"/dashboard/confirm?next={pages[1]}"
    assert now(rig, made) == made
    asked = browser.get(f"/dashboard/confirm?next={pages[1]}")
    assert send(browser, asked, "/dashboard/confirm", password=PASSWORD).location == pages[1]


def person(rig: Rig, organization_id: str, email: str, connection_id: str = ids.TEST_CONNECTION) -> Profile:
    at = rig.house.now()
    made = Profile(
        id=rig.house.id(ids.PROFILE, at),
        connection_id=connection_id,
        connection_type="TestIdp",
        organization_id=organization_id,
        idp_id=email,
        email=email,
        first_name="Ann",
        last_name="Example",
        name=None,
        groups=(),
        custom_attributes={},
        raw_attributes={},
        created_at=at,
        updated_at=at,
    )
    with rig.house.database.write(rig.pass_) as scope:
        return profiles.save(scope, made)


def test_people_are_leafed_through_and_found_by_their_address(rig: Rig) -> None:
    for number in range(30):
        rig.clock.forward(seconds=1)
        person(rig, ids.TEST_ORGANIZATION, f"ann{number:02}@example.com")
    made = acme(rig)
    browser = developer(rig)
    path = f"/dashboard/{rig.environment.id}/organizations/{ids.TEST_ORGANIZATION}/profiles"

    def people(where: str) -> list[str]:
        return [row.one("th").text.split()[0].split("prof_")[0] for row in page(browser.get(where)).every("tr")[1:]]

    first = people(path)
    assert first == [f"ann{number:02}@example.com" for number in range(29, 4, -1)]
    (older,) = [one.attributes["href"] for one in page(browser.get(path)).every("a") if one.text == "Older"]
    assert people(older) == [f"ann{number:02}@example.com" for number in range(4, -1, -1)]
    assert people(f"{path}?email=NN07") == ["ann07@example.com"]
    assert "Nobody of this organization" in page(browser.get(f"{path}?email=%25")).text  # no pattern of theirs
    assert "Nobody yet" in page(browser.get(path.replace(ids.TEST_ORGANIZATION, made.id))).text


def test_web_14_support_sees_shortened_people_and_cannot_find_an_address_out_by_its_letters(rig: Rig) -> None:
    person(rig, ids.TEST_ORGANIZATION, "ann@example.com")
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    path = f"/dashboard/{rig.environment.id}/organizations/{ids.TEST_ORGANIZATION}/profiles"
    shown = browser.get(path)
    row = page(shown).every("tr")[1].text
    assert "a\u2026@example.com" in row and "ann@" not in shown.text and "Example" not in row
    assert "Nobody of this organization" in page(browser.get(f"{path}?email=ann")).text
    assert "a\u2026@example.com" in page(browser.get(f"{path}?email=ANN@example.com")).text
    assert browser.get(path.replace("/profiles", "/settings")).status == 403


def test_oauth_14_people_are_seen_in_their_own_environment_alone(rig: Rig) -> None:
    other, _ = rig.another_environment()
    person(rig, ids.TEST_ORGANIZATION, "ann@example.com")
    browser = developer(rig)
    there = browser.get(f"/dashboard/{other.id}/organizations/{ids.TEST_ORGANIZATION}/profiles")
    assert there.status == 200 and "ann@example.com" not in there.text
