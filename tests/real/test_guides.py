"""What the guides say is done with a provider that runs here: their texts are pasted as they stand."""

from __future__ import annotations

import json
import subprocess

from latchstring import guides
from latchstring.guides import snippet
from tests.real.customer import Customer
from tests.real.product import Product
from tests.real.simplesamlphp import SimpleSamlPhp


def test_the_entry_of_the_guide_is_all_that_simplesamlphp_needs(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(product, simplesamlphp, signed="response")
    (entry,) = [
        one
        for step in guides.load()["SimpleSamlPhpSAML"].steps
        for one in step.snippets
        if one.title == "metadata/saml20-sp-remote.php"
    ]
    text = snippet.filled(entry, {name: customer.saml[name] for name in ("acs_url", "sp_entity_id")})
    ran = subprocess.run(
        ["php", "-r", f"{text}\necho json_encode($metadata);"], capture_output=True, check=True, text=True
    )
    ((entity_id, metadata),) = json.loads(ran.stdout).items()
    assert entity_id == customer.saml["sp_entity_id"]
    simplesamlphp.trust(entity_id, "http://localhost/overwritten", "response", metadata)
    profile = customer.profile()
    assert (profile["idp_id"], profile["email"], profile["last_name"]) == ("emp-1001", "ann@example.com", "Łukaszewicz")
    assert profile["groups"] == ["Engineering", "Admins & Owners"]
