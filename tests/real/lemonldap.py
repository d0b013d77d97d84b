"""Runs Debian's LemonLDAP::NG as an identity provider (SAML by the Lasso library), with configuration of its own."""

from __future__ import annotations

import json
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from tests.real.child import Child, free_port
from tests.real.lemonldap_config import APP, GROUPS, INI, PEOPLE, base, numbered
from tests.real.login import Person
from tests.real.simplesamlphp import key_pair

ANN = Person({"user": "ann", "password": "ann"})
JOE = Person({"user": "joe", "password": "joe"})
_MANDATORY, _BASIC = "1", "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
# What its Manager writes for a service provider that somebody adds.
AS_DELIVERED = {
    "samlSPMetaDataOptionsCheckSSOMessageSignature": 1,
    "samlSPMetaDataOptionsCheckSLOMessageSignature": 1,
    "samlSPMetaDataOptionsEnableIDPInitiatedURL": 0,
    "samlSPMetaDataOptionsEncryptionMode": "none",
    "samlSPMetaDataOptionsSignSLOMessage": -1,
    "samlSPMetaDataOptionsSignSSOMessage": -1,
}
# As its Manager has them under "Exported attributes": session key -> the name in the assertion.
ATTRIBUTES = {"uid": "id", "mail": "email", "givenName": "firstName", "sn": "lastName", "groups": "groups"}


class LemonLdap:
    """The identity provider. Applications may be added, and changed, while it runs.

    `host` is where the browser finds it; it listens on 127.0.0.1, so `localhost` makes it another site.
    """

    def __init__(self, *, host: str = "127.0.0.1", configured: Mapping[str, object] = {}) -> None:
        self.port = free_port()
        self.base = f"http://{host}:{self.port}"
        self.metadata_url = f"{self.base}/saml/metadata"
        self.entity_id = self.metadata_url
        self.sso_url = f"{self.base}/saml/singleSignOn"
        self.logout_url = f"{self.base}/?logout=1"
        self.discovery = f"{self.base}/.well-known/openid-configuration"
        self.home = Path(tempfile.mkdtemp(prefix="lemonldap-"))
        self._number = 0
        self._host = host
        self._configured = configured
        self._sps: dict[str, dict[str, object]] = {
            "samlSPMetaDataXML": {},
            "samlSPMetaDataOptions": {},
            "samlSPMetaDataExportedAttributes": {},
            "oidcRPMetaDataOptions": {},
            "oidcRPMetaDataExportedVars": {},
            "oidcRPMetaDataOptionsExtraClaims": {},
        }
        self._settings: dict[str, object] = {}
        self._child: Child | None = None

    def __enter__(self) -> Self:
        try:
            self._write()
            self._child = Child(
                [
                    *("/usr/bin/starman", "--listen", f"127.0.0.1:{self.port}"),
                    *("--workers", "2", "--disable-keepalive", "--preload-app", self.home / "app.psgi"),
                ],
                env={"LLNG_DEFAULTCONFFILE": str(self.home / "lemonldap-ng.ini")},
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

    def trust_metadata(
        self,
        name: str,
        url: str,
        *,
        attributes: Mapping[str, str] = ATTRIBUTES,
        options: Mapping[str, object] = {},
    ) -> None:
        """Adds a SAML service provider from its metadata, or changes it. `options` are by LemonLDAP's own names, where
        they are other than as delivered."""
        with urllib.request.urlopen(url) as document:
            xml = document.read().decode()
        self._sps["samlSPMetaDataXML"][name] = {"samlSPMetaDataXML": xml}
        self._sps["samlSPMetaDataOptions"][name] = {**AS_DELIVERED, **options}
        exported = {key: ";".join([_MANDATORY, sent, _BASIC, ""]) for key, sent in attributes.items()}
        self._sps["samlSPMetaDataExportedAttributes"][name] = exported
        self._save()

    def register(self, *, client_id: str, client_secret: str, redirect_uri: str, **options: object) -> None:
        """Adds an OpenID Connect relying party, or changes it. `options` are by LemonLDAP's names, without the prefix.

        The claims are its own recommendation, and `groups` beside them, which no scope of OpenID Connect holds.
        """
        chosen = {
            "ClientID": client_id,
            "ClientSecret": client_secret,
            "RedirectUris": redirect_uri,
            "IDTokenSignAlg": "RS256",
            "BypassConsent": 1,
            **options,
        }
        claims = {"email": "mail", "given_name": "givenName", "family_name": "sn", "groups": "groups;string;always"}
        told = {"profile": "given_name family_name groups"}
        self._sps["oidcRPMetaDataOptions"][client_id] = {
            f"oidcRPMetaDataOptions{name}": value for name, value in chosen.items()
        }
        self._sps["oidcRPMetaDataExportedVars"][client_id] = claims
        self._sps["oidcRPMetaDataOptionsExtraClaims"][client_id] = told
        self._save()

    @contextmanager
    def changed(self, **settings: object) -> Iterator[None]:
        """Until the block ends the installation has these settings, by LemonLDAP's names."""
        before = self._settings
        self._settings = {**before, **settings}
        self._save()
        yield
        self._settings = before
        self._save()

    def portal_url(self, entity_id: str) -> str:
        """Where its own menu sends a person who chose an application: nobody else asked for the sign-in."""
        return f"{self.sso_url}?{urlencode({'IDPInitiated': 1, 'sp': entity_id})}"

    def story(self) -> str:
        """What it said, for a test that has to say why it failed."""
        return "" if self._child is None else self._child.story()

    def _write(self) -> None:
        for name in ("conf", "sessions/lock"):
            (self.home / name).mkdir(parents=True)
        for name, text in (("app.psgi", APP), ("lemonldap-ng.ini", INI)):
            (self.home / name).write_text(text.replace("@home@", str(self.home)), encoding="utf-8")
        for name, values in (("people", PEOPLE), ("groups", GROUPS)):
            (self.home / f"{name}.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        key, certificate = key_pair()
        keys = {f"{kind}ServicePrivateKeySig": key for kind in ("saml", "oidc")}
        keys |= {f"{kind}ServicePublicKeySig": certificate for kind in ("saml", "oidc")}
        own = base(port=self.port, host=self._host, home=str(self.home), keys=keys)
        self._settings = {**own, **self._configured}
        self._save()

    def _save(self) -> None:
        """Saves a configuration under the next number. Whole, or not at all."""
        self._number += 1
        target = self.home / "conf" / f"lmConf-{self._number}.json"
        draft = target.with_suffix(".new")
        draft.write_text(numbered(self._number, {**self._settings, **self._sps}), encoding="utf-8")
        draft.replace(target)
