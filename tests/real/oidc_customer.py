"""A customer whose people sign in with oidc-provider: made in a moment, and seen out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

from tests.real.login import Browser, Page, Person, query, walk
from tests.real.oidc_provider import ANN, Client, OidcProvider
from tests.real.product import Product

CALLBACK = "http://localhost:5999/callback"
_numbers = count(1)


@dataclass(frozen=True)
class OidcCustomer:
    """A connection to the provider, whose administrator has registered our addresses."""

    product: Product
    peer: OidcProvider
    client: Client
    connection: dict[str, Any]

    @classmethod
    def of(
        cls, product: Product, peer: OidcProvider, options: Mapping[str, Any] = {}, *, returns: bool = True
    ) -> OidcCustomer:
        """`options` are those of the connection, and the client at the provider is registered to fit them.

        `returns`: the provider has learned where people may go back to after a sign-out.
        """
        client = peer.register(
            "https://not-known-yet.example.com/callback",
            "client_secret_basic",
            options.get("id_token_signature_algorithm", "RS256"),
        )
        method = options.get("token_authentication_method", "client_secret_basic")
        secret = {} if method == "private_key_jwt" else {"client_secret": client.client_secret}
        body = {
            "organization_id": product.organization(f"Leaving customer {next(_numbers)}", "example.com"),
            "connection_type": "GenericOIDC",
            "oidc_options": {"discovery_endpoint": peer.discovery, "client_id": client.client_id, **secret, **options},
        }
        connection = product.create("/connections", body)
        ours = connection["oidc_options"]
        agreed: dict[str, object] = {"jwks_uri": ours["jwks_uri"], "token_endpoint_auth_method": method}
        if "id_token_encryption_algorithm" in options:
            agreed["id_token_encrypted_response_alg"] = options["id_token_encryption_algorithm"]
            agreed["id_token_encrypted_response_enc"] = options["id_token_content_encryption"]
        if returns:
            agreed["post_logout_redirect_uris"] = [ours["post_logout_redirect_uri"]]
        return cls(product, peer, peer.redirect_to(client, ours["redirect_uri"], **agreed), connection)

    def start(self) -> str:
        return self.product.authorize_url(CALLBACK, connection=self.connection["id"])

    def signed_in(self, browser: Browser, person: Person = ANN) -> dict[str, Any]:
        """The token endpoint's answer after a whole sign-in."""
        page = walk(browser, browser.open(self.start()), person)
        assert page.status == 0, f"the sign-in got stuck\n{page}\n{self.peer.story()[-3000:]}"
        return self.product.swap(query(page.url)["code"])

    def left(self, browser: Browser, token: dict[str, Any], return_to: str | None = None) -> Page:
        """The application sends the browser out; the page where it ends up."""
        url: str = self.product.create("/sso/logout/authorize", {"profile_id": token["profile"]["id"]})["logout_url"]
        return browser.open(url if return_to is None else f"{url}&return_to={quote(return_to, safe='')}")

    def is_asked_who_it_is(self, browser: Browser) -> bool:
        """Whether the provider wants credentials before a sign-in of this browser."""
        page = browser.open(self.start())
        while page.status != 0 and (
            consents := [form for form in page.forms if form.fields.get("prompt") == "consent"]
        ):
            page = browser.submit(page, consents[0])
        asks = [form for form in page.forms if "password" in form.fields]
        assert asks or page.status == 0, page
        return bool(asks)


def confirmed(browser: Browser, page: Page, answer: str | None = "yes") -> Page:
    """Answers the provider's question whether to sign out; None for "No, stay signed in"."""
    assert "Do you want to sign-out" in page.text, page
    return browser.submit(page, page.form_with("xsrf"), {} if answer is None else {"logout": answer})
