"""A customer whose people sign in with SimpleSAMLphp: made in a moment, and what became of a sign-in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.real.login import Browser, Form, Page, Person, query, walk
from tests.real.product import Product
from tests.real.simplesamlphp import ANN, Signed, SimpleSamlPhp

CALLBACK = "http://localhost:5999/callback"
_numbers = count(1)


@dataclass(frozen=True)
class Customer:
    """An organization with a connection."""

    product: Product
    peer: SimpleSamlPhp
    organization_id: str
    connection_id: str
    saml: Mapping[str, Any]  # as the API showed it when the connection was made

    @classmethod
    def of(
        cls,
        product: Product,
        peer: SimpleSamlPhp,
        *domains: str,
        signed: Signed = "assertion",
        options: Mapping[str, object] = {},
        **saml: object,
    ) -> Customer:
        """`options` are set at the provider, `saml` at the connection."""
        organization = product.organization(f"Customer {next(_numbers)}", *(domains or ("example.com",)))
        body = {
            "organization_id": organization,
            "name": "SimpleSAMLphp",
            "connection_type": "SimpleSamlPhpSAML",
            "saml_options": {"idp_metadata_url": peer.metadata_url, **saml},
        }
        made = product.create("/connections", body)
        found = cls(product, peer, organization, made["id"], made["saml_options"])
        found.trusted(signed, options)
        return found

    def trusted(self, signed: Signed = "assertion", options: Mapping[str, object] = {}) -> None:
        """The provider's administrator reads our metadata, now as before."""
        self.peer.trust_metadata(self.saml["sp_metadata_url"], signed, options)

    def set(self, **saml: object) -> None:
        """Changes the connection."""
        status, answer = self.product.call("PATCH", self.path(), {"saml_options": saml})
        assert status == 200, answer

    def path(self, *rest: str) -> str:
        return "/".join(["/connections", self.connection_id, *rest])

    def start(self, **more: str) -> str:
        return self.product.authorize_url(CALLBACK, connection=self.connection_id, **more)

    def comes_back(
        self, person: Person = ANN, browser: Browser | None = None, url: str | None = None
    ) -> dict[str, str]:
        """What the application's redirect URI receives after a whole sign-in, which begins at `url`, or here."""
        browser = browser or Browser(CALLBACK)
        page = walk(browser, browser.open(url or self.start()), person)
        assert page.status == 0, f"the sign-in got stuck\n{page}\n{self.peer.story()[-3000:]}"
        return query(page.url)

    def profile(self, person: Person = ANN, browser: Browser | None = None, url: str | None = None) -> dict[str, Any]:
        """Who has signed in."""
        came = self.comes_back(person, browser, url)
        assert "code" in came, f"{came}\n{self.product.story()[-3000:]}"
        return self.product.redeem(came["code"])

    def refusal(self, person: Person = ANN, browser: Browser | None = None, url: str | None = None) -> str:
        """Why nobody has: the code of the refusal."""
        came = self.comes_back(person, browser, url)
        assert "code" not in came
        return code_of(came)


def another_key(peer: SimpleSamlPhp) -> dict[str, object]:
    """What the provider would know of an application that signs with another key than ours."""
    bare = "".join(word for word in peer.second_certificate.split() if "-" not in word)
    return {"keys": [{"signing": True, "encryption": False, "type": "X509Certificate", "X509Certificate": bare}]}


def code_of(came: Mapping[str, str]) -> str:
    """The exact reason that an application finds in `error_uri`."""
    return came["error_uri"].rpartition("/")[2]


def code_on(page: Page) -> str:
    """The exact reason that a person finds on our page."""
    found = re.search("<dt>Code</dt><dd>([a-z0-9_]+)</dd>", page.text)
    assert found and 400 <= page.status < 500, page
    return found[1]


def answer(browser: Browser, page: Page, person: Person = ANN) -> tuple[Page, Form]:
    """Signs in at the provider, up to the form that would go to us, and the page that it stands on."""
    while not any("SAMLResponse" in form.fields for form in page.forms):
        page = browser.submit(page, page.form_with("username"), person.fields)
    return page, page.form_with("SAMLResponse")
