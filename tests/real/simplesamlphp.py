"""Runs Debian's SimpleSAMLphp as a SAML identity provider, with a key, persons and configuration of its own."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.real.child import Child, free_port
from tests.real.login import Person

Signed = Literal["response", "assertion", "both"]
Binding = Literal["redirect", "post"]
SIGNED: tuple[Signed, ...] = ("response", "assertion", "both")
BINDINGS: tuple[Binding, ...] = ("redirect", "post")

_WWW = Path("/usr/share/simplesamlphp/www")
_URN = {
    "redirect": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
    "post": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
}
PASSWORD = "correct horse"
PEOPLE: dict[str, dict[str, list[str]]] = {
    "ann": {
        "id": ["emp-1001"],
        "email": ["ann@example.com"],
        "firstName": ["Ann"],
        "lastName": ["Łukaszewicz"],
        "groups": ["Engineering", "Admins & Owners"],
    },
    "joe": {
        "id": ["emp-1002"],
        "email": ["joe@elsewhere.test"],
        "firstName": ["Joe"],
        "lastName": ["Elsewhere"],
        "groups": ["Guests"],
    },
}
ANN = Person({"username": "ann", "password": PASSWORD})
JOE = Person({"username": "joe", "password": PASSWORD})

_CONFIG = """<?php
$config = [
    'baseurlpath' => '@base@/',
    'certdir' => '@home@/cert/',
    'loggingdir' => '@home@/log/',
    'datadir' => '@home@/data/',
    'tempdir' => '@home@/tmp',
    'metadatadir' => '@home@/metadata/',
    'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'technicalcontact_name' => 'Tests',
    'technicalcontact_email' => 'na@example.org',
    'timezone' => 'UTC',
    'secretsalt' => 'salt-of-the-tests',
    'auth.adminpassword' => 'not-used-by-the-tests',
    'admin.protectindexpage' => false,
    'admin.protectmetadata' => false,
    'admin.checkforupdates' => false,
    'trusted.url.domains' => [],
    'enable.http_post' => false,
    'assertion.allowed_clock_skew' => 180,
    'debug' => ['saml' => false, 'backtraces' => true, 'validatexml' => false],
    'showerrors' => true,
    'errorreporting' => false,
    'logging.level' => SimpleSAML\\Logger::INFO,
    'logging.handler' => 'file',
    'logging.logfile' => 'simplesamlphp.log',
    'statistics.out' => [],
    'enable.saml20-idp' => true,
    'enable.shib13-idp' => false,
    'enable.adfs-idp' => false,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'session.cookie.name' => 'SimpleSAMLSessionID',
    'session.cookie.path' => '/',
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'session.phpsession.cookiename' => 'SimpleSAML',
    'session.phpsession.savepath' => '@home@/sessions',
    'session.phpsession.httponly' => true,
    'session.authtoken.cookiename' => 'SimpleSAMLAuthToken',
    'language.available' => ['en'],
    'language.rtl' => [],
    'language.default' => 'en',
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,
    'theme.use' => 'default',
    'production' => true,
    'authproc.idp' => [],
    'authproc.sp' => [],
    'metadata.sources' => [['type' => 'flatfile']],
    'metadata.sign.enable' => false,
    'store.type' => 'phpsession',
    'proxy' => null,
];
"""


@dataclass(frozen=True)
class _Sp:
    entity_id: str
    acs_url: str
    signed: Signed


class SimpleSamlPhp:
    """The identity provider. Applications may be added while it runs.

    `host` is where the browser finds it; it listens on 127.0.0.1, so `localhost` makes it another site.
    """

    def __init__(self, *, host: str = "127.0.0.1", bindings: Sequence[Binding] = BINDINGS) -> None:
        self.port = free_port()
        self.base = f"http://{host}:{self.port}/simplesaml"
        self.metadata_url = f"{self.base}/saml2/idp/metadata.php"
        self.entity_id = self.metadata_url
        self.bindings = tuple(bindings)
        self.home = Path(tempfile.mkdtemp(prefix="simplesamlphp-"))
        self.certificate = ""
        self._sps: dict[str, _Sp] = {}
        self._child: Child | None = None

    def __enter__(self) -> Self:
        try:
            self._write()
            self._child = Child(
                ["/usr/bin/php", "-d", "opcache.enable=0", "-S", f"127.0.0.1:{self.port}", "-t", self.home / "www"],
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

    def trust(self, entity_id: str, acs_url: str, signed: Signed = "assertion") -> None:
        """Adds an application, as an administrator does from its metadata."""
        self._sps[entity_id] = _Sp(entity_id, acs_url, signed)
        self._php(
            "metadata/saml20-sp-remote.php", "metadata", {sp.entity_id: self._sp(sp) for sp in self._sps.values()}
        )

    def story(self) -> str:
        """Its own log, for a test that has to say why it failed."""
        log = self.home / "log" / "simplesamlphp.log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else "(no log)"

    @staticmethod
    def _sp(sp: _Sp) -> dict[str, object]:
        return {
            "AssertionConsumerService": [{"Binding": _URN["post"], "Location": sp.acs_url, "index": 0}],
            "saml20.sign.response": sp.signed in ("response", "both"),
            "saml20.sign.assertion": sp.signed in ("assertion", "both"),
        }

    def _write(self) -> None:
        for name in ("cert", "config", "data", "log", "metadata", "sessions", "tmp", "www"):
            (self.home / name).mkdir()
        (self.home / "www" / "simplesaml").symlink_to(_WWW)
        config = _CONFIG.replace("@base@", self.base).replace("@home@", str(self.home))
        (self.home / "config" / "config.php").write_text(config, encoding="utf-8")
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
            "SingleLogoutServiceBinding": [_URN["redirect"]],
        }
        self._php("metadata/saml20-idp-hosted.php", "metadata", {self.entity_id: hosted})
        key, self.certificate = key_pair()
        (self.home / "cert" / "idp.key").write_text(key, encoding="ascii")
        (self.home / "cert" / "idp.crt").write_text(self.certificate, encoding="ascii")

    def _php(self, path: str, variable: str, values: object, *, merge_first: bool = False) -> None:
        """Writes a PHP file that sets a variable; the values travel as JSON. Whole, or not at all."""
        packed = base64.b64encode(json.dumps(values).encode()).decode()
        lines = ["<?php", f"${variable} = json_decode(base64_decode('{packed}'), true);"]
        if merge_first:  # an authentication source is a list with named members: its class, then its persons
            lines.append(f"foreach (${variable} as $k => $v) ${variable}[$k] = array_merge([$v[0]], $v[1]);")
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
