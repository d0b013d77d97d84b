"""Runs Debian's SimpleSAMLphp as a SAML identity provider, with keys, persons and configuration of its own."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.real.child import Child, free_port
from tests.real.login import Person
from tests.real.simplesamlphp_config import AUDIENCE, CONFIG, PASSWORD, PEOPLE, READER, changed

Signed = Literal["response", "assertion", "both"]
Binding = Literal["redirect", "post"]
SIGNED: tuple[Signed, ...] = ("response", "assertion", "both")
BINDINGS: tuple[Binding, ...] = ("redirect", "post")

_WWW = Path("/usr/share/simplesamlphp/www")
_URN = {
    "redirect": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
    "post": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
}
ANN = Person({"username": "ann", "password": PASSWORD})
JOE = Person({"username": "joe", "password": PASSWORD})
EVE = Person({"username": "eve", "password": PASSWORD})

# Settings of an application, as an administrator writes them into its metadata.
SECOND_KEY = {"signature.privatekey": "second.key", "signature.certificate": "second.crt"}
# The five things that go wrong most, as settings of an application.
OTHER_AUDIENCE = {AUDIENCE: "https://another.example/sp"}
NO_EMAIL = {"authproc": {"50": {"class": "core:AttributeLimit", "0": "id", "1": "firstName", "2": "lastName"}}}
NOT_ASSIGNED = {
    "authproc": {
        "50": {
            "class": "core:PHP",
            "code": "throw new \\SimpleSAML\\Module\\saml\\Error("
            "\\SAML2\\Constants::STATUS_RESPONDER, \\SAML2\\Constants::STATUS_REQUEST_DENIED, 'not assigned');",
        }
    }
}
# The same by the module that SimpleSAMLphp has for it: the person is shown a page of its own, and never comes back.
KEPT_THERE = {"authproc": {"50": {"class": "authorize:Authorize", "groups": "/^People of another application$/"}}}
# Settings of the provider itself, or of an application: it signs its logout messages, and wants ours signed.
SIGNED_LOGOUT = {"sign.logout": True, "validate.logout": True}
# Settings of the provider itself: the key that it is going to change to, told in its metadata ahead of time.
ROLLING_OVER = {"new_privatekey": "second.key", "new_certificate": "second.crt"}


class SimpleSamlPhp:
    """The identity provider. Applications may be added, and changed, while it runs.

    `host` is where the browser finds it; it listens on 127.0.0.1, so `localhost` makes it another site. `hosted` are
    settings of its own, by SimpleSAMLphp's names, beside those that every test needs; `configured` those of the
    whole installation. It offers Single Logout by `logout_bindings`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        bindings: Sequence[Binding] = BINDINGS,
        logout_bindings: Sequence[Binding] = ("redirect",),
        hosted: Mapping[str, object] = {},
        configured: Mapping[str, object] = {},
    ) -> None:
        self.port = free_port()
        self.base = f"http://{host}:{self.port}/simplesaml"
        self.metadata_url = f"{self.base}/saml2/idp/metadata.php"
        self.entity_id = self.metadata_url
        self.sso_url = f"{self.base}/saml2/idp/SSOService.php"
        self.signed_out_url = f"{self.base}/logout.php"  # a page that says so
        self.bindings = tuple(bindings)
        self.logout_bindings = tuple(logout_bindings)
        self.home = Path(tempfile.mkdtemp(prefix="simplesamlphp-"))
        self.certificate = ""
        self.second_certificate = ""
        self._hosted = hosted
        self._configured = configured
        self._sps: dict[str, dict[str, Any]] = {}
        self._pasted: dict[str, str] = {}
        self._child: Child | None = None

    def __enter__(self) -> Self:
        try:
            self._write()
            settings = ("opcache.enable=0", f"auto_prepend_file={changed(self.home / 'changed')}")
            self._child = Child(
                [
                    "/usr/bin/php",
                    *(part for setting in settings for part in ("-d", setting)),
                    *("-S", f"127.0.0.1:{self.port}", "-t", self.home / "www"),
                ],
                env={"SIMPLESAMLPHP_CONFIG_DIR": str(self.home / "config"), "PHP_CLI_SERVER_WORKERS": "4"},
                cwd=self.home,
            )
            self._child.wait_for_port(self.port)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def trust(
        self, entity_id: str, acs_url: str, signed: Signed = "assertion", options: Mapping[str, object] = {}
    ) -> None:
        """Adds an application, or changes it. `options` are settings of it by SimpleSAMLphp's own names."""
        endpoint = {"Binding": _URN["post"], "Location": acs_url, "index": 0}
        self._trust(entity_id, {"AssertionConsumerService": [endpoint]}, signed, options)

    def trust_metadata(self, url: str, signed: Signed = "assertion", options: Mapping[str, object] = {}) -> str:
        """Adds an application, or changes it, as an administrator does from its metadata; its entity ID.

        They are read by SimpleSAMLphp, so its keys, its endpoints and whether its requests must be signed come along.
        """
        with urllib.request.urlopen(url) as document:
            asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/reader.php", document.read())
        with urllib.request.urlopen(asked) as answer:
            read: dict[str, Any] = json.loads(answer.read())
        entity_id: str = read["entityid"]
        self._trust(entity_id, read, signed, options)
        return entity_id

    def paste(self, name: str, entry: str) -> None:
        """Adds an application, or changes it, by PHP that its administrator pastes. `name`: which of them it is."""
        self._pasted[name] = entry
        self._write_sps()

    def put_clock(self, seconds: int) -> None:
        """So far it goes wrong from now on; the times in its answers, that is."""
        (self.home / "changed" / "clock").write_text(str(seconds), encoding="ascii")

    def portal_url(self, entity_id: str, relay_state: str | None = None) -> str:
        """Where its own portal sends a person who chose an application: nobody else asked for the sign-in."""
        fields = {"spentityid": entity_id, **({} if relay_state is None else {"RelayState": relay_state})}
        return f"{self.sso_url}?{urlencode(fields)}"

    @property
    def logout_url(self) -> str:
        """Where a person signs out who is at the provider: of it, and of every application."""
        return f"{self.base}/saml2/idp/initSLO.php?{urlencode({'RelayState': self.signed_out_url})}"

    def logout_by(self, entity_id: str, binding: Binding) -> dict[str, object]:
        """A setting of an application: of the logout addresses in its metadata, the ones of a binding only."""
        known: list[dict[str, str]] = self._sps[entity_id]["SingleLogoutService"]
        kept = [service for service in known if service["Binding"] == _URN[binding]]
        return {"SingleLogoutService": kept}

    def story(self) -> str:
        """Its own log, for a test that has to say why it failed."""
        log = self.home / "log" / "simplesamlphp.log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else "(no log)"

    def _trust(
        self, entity_id: str, metadata: Mapping[str, Any], signed: Signed, options: Mapping[str, object]
    ) -> None:
        signs = {
            "saml20.sign.response": signed in ("response", "both"),
            "saml20.sign.assertion": signed in ("assertion", "both"),
        }
        self._sps[entity_id] = {**metadata, **signs, **options}
        self._write_sps()

    def _write_sps(self) -> None:
        self._php("metadata/saml20-sp-remote.php", "metadata", self._sps, more=self._pasted.values())

    def _write(self) -> None:
        for name in ("cert", "changed", "config", "data", "log", "metadata", "sessions", "tmp", "www"):
            (self.home / name).mkdir()
        (self.home / "www" / "simplesaml").symlink_to(_WWW)
        (self.home / "www" / "reader.php").write_text(READER, encoding="ascii")
        config = CONFIG.replace("@base@", self.base).replace("@home@", str(self.home))
        (self.home / "config" / "config.php").write_text(config, encoding="utf-8")
        self._php("config/configured.php", "configured", self._configured)
        people = {f"{name}:{PASSWORD}": attributes for name, attributes in PEOPLE.items()}
        self._php("config/authsources.php", "config", {"people": ["exampleauth:UserPass", people]}, merge_first=True)
        self._php("metadata/saml20-sp-remote.php", "metadata", {})
        hosted = {
            "host": "__DEFAULT__",
            "privatekey": "idp.key",
            "certificate": "idp.crt",
            "auth": "people",
            "signature.algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "SingleSignOnServiceBinding": [_URN[binding] for binding in self.bindings],
            "SingleLogoutServiceBinding": [_URN[binding] for binding in self.logout_bindings],
            **self._hosted,
        }
        self._php("metadata/saml20-idp-hosted.php", "metadata", {self.entity_id: hosted})
        self.certificate, self.second_certificate = self._pair("idp"), self._pair("second")

    def _pair(self, name: str) -> str:
        key, certificate = key_pair()
        (self.home / "cert" / f"{name}.key").write_text(key, encoding="ascii")
        (self.home / "cert" / f"{name}.crt").write_text(certificate, encoding="ascii")
        return certificate

    def _php(
        self, path: str, variable: str, values: object, *, merge_first: bool = False, more: Iterable[str] = ()
    ) -> None:
        """Writes a PHP file that sets a variable; the values travel as JSON. Whole, or not at all."""
        packed = base64.b64encode(json.dumps(values).encode()).decode()
        lines = ["<?php", f"${variable} = json_decode(base64_decode('{packed}'), true);"]
        if merge_first:  # an authentication source is a list with named members: its class, then its persons
            lines.append(f"foreach (${variable} as $k => $v) ${variable}[$k] = array_merge([$v[0]], $v[1]);")
        lines += more
        target = self.home / path
        draft = target.with_suffix(".new")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        draft.replace(target)


def key_pair() -> tuple[str, str]:
    """A private key and its own certificate, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "identity provider of the tests")])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate for this very hour
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()
