"""The page of the attribute mapper does what it says: its Python and its shell, against a running server."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlencode

import pytest

from latchstring.effects import clock
from latchstring.protocols.saml import issue
from tests.idp_for_tests import pair
from tests.real.child import BIN, ROOT
from tests.real.product import Product

PAGE = (ROOT / "docs" / "attribute-mapper.md").read_text(encoding="utf-8")
SURNAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"


class _Stay(urllib.request.HTTPRedirectHandler):
    """The application's callback is nowhere."""

    def redirect_request(self, *_: object) -> None:
        return None


@pytest.fixture
def there(product: Product) -> tuple[Product, str]:
    """A connection whose provider has put the address where the surname should be, and somebody who was refused."""
    there = product.environment(f"Mapper {os.urandom(4).hex()}", "http://localhost:3000/callback")
    certificate, key = pair("mapper")
    options = {
        "idp_entity_id": "https://idp.mapper.example",
        "idp_sso_url": "https://idp.mapper.example/sso",
        "idp_signing_certs": [certificate],
        "idp_initiated": "allow",
    }
    organization = there.organization("Acme", "acme.example")
    made = there.create("/connections", {"organization_id": organization, "saml_options": options})
    document = issue.issue(
        key_pem=key,
        certificate_pem=certificate,
        entity_id="https://idp.mapper.example",
        acs_url=made["saml_options"]["acs_url"],
        audience=made["saml_options"]["sp_entity_id"],
        response_id="_r" + os.urandom(16).hex(),
        assertion_id="_a" + os.urandom(16).hex(),
        in_response_to=None,
        now=clock.now(),
        name_id="u1",
        attributes={"id": ("u1",), "firstName": ("Ann",), SURNAME: ("ann@acme.example",), "surname2": ("Example",)},
    )
    form = urlencode({"SAMLResponse": b64encode(document).decode()}).encode()
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(_Stay).open(made["saml_options"]["acs_url"], form)
    answer.value.close()
    assert "attributes_missing" in str(answer.value.headers["location"])
    return there, str(made["id"])


def _snippet(language: str) -> str:
    return str(re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0])


def test_the_python_of_the_page_mends_what_is_wrong(there: tuple[Product, str], tmp_path: Path) -> None:
    product, connection_id = there
    program = tmp_path / "snippet.py"
    program.write_text(_snippet("python") + "\nimport sys\n\nprint(mend(sys.argv[1]))\n")
    environ = {**os.environ, **product.variables}
    done = subprocess.run(
        [BIN / "python", "-P", program, connection_id], env=environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("['ann@acme.example']\n", "")
    shown = product.call("GET", f"/connections/{connection_id}")[1]
    assert shown["attribute_maps"]["standard_attributes"] == {"last_name": "surname2", "email": SURNAME}


def test_the_shell_of_the_page_mends_what_is_wrong(there: tuple[Product, str]) -> None:
    product, connection_id = there
    said = []
    for line in _snippet("bash").splitlines():
        words = line.replace("conn_01...", connection_id).split()[1:]
        command: list[str | Path] = [
            BIN / "latchstring",
            *words,
            "--data",
            product.data,
            "--environment",
            product.environment_id,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said.append(done.stderr)
    findings, preview, applied = said
    assert "error: email_in_last_name (1 of 1)" in findings
    assert preview.startswith("Nothing was changed")
    assert applied.startswith("Done.") and "can sign in: ann@acme.example" in applied
