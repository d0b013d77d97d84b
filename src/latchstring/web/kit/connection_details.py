"""The forms that bring an identity provider's details to a connection: their fields, and what was sent -> a wish."""

from __future__ import annotations

import codecs
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import msgspec

from latchstring.flows import oauth_settings
from latchstring.flows.connection_wishes import OidcWish, SamlWish, invalid
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.oauth_settings import OAuthWish
from latchstring.guides import Guide
from latchstring.model.connection import Connection, OAuthConfig, OidcConfig, SamlConfig
from latchstring.model.fetch import Unreachable
from latchstring.model.refusal import FieldError, InvalidFields, InvalidRequest, Refusal
from latchstring.protocols.saml.metadata_refusals import MetadataAmbiguous
from latchstring.web.kit import forms
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Inbound

FIRST = {  # of each form: the field at which a fault stands that belongs to none
    "url": "idp_metadata_url",
    "document": "idp_metadata_file",
    "values": "idp_entity_id",
    "oidc": "discovery_endpoint",
    "oauth": "client_id",
}
_SECRET = ("client_secret", "private_key")  # what was typed does not come back
_OAUTH: Mapping[str, str] = {  # in English
    "client_id": "Client ID",
    "client_secret": "Client secret",
    "tenant": "Tenant",
    "team_id": "Team ID",
    "key_id": "Key ID",
    "private_key": "Private key (.p8)",
    "slug": "Slug of the integration",
    "base_url": "Base URL",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the form for OAuth."""

    name: str
    label: str
    value: str
    required: bool
    hint: str | None
    secret: bool
    long: bool


def values(connection: Connection) -> dict[str, str]:
    """What stands in the forms at first: what there is, without secrets."""
    config = connection.config
    if isinstance(config, SamlConfig):
        return {
            "idp_metadata_url": config.idp_metadata_url or "",
            "idp_entity_id": config.idp_entity_id,
            "idp_sso_url": config.idp_sso_url,
        }
    if isinstance(config, OidcConfig):
        return {
            "discovery_endpoint": config.discovery_endpoint,
            "client_id": config.client_id,
            "tenant_id": config.tenant_id or "",
        }
    if isinstance(config, OAuthConfig):
        return {name: getattr(config, name, None) or "" for name in _OAUTH}
    return {}


def sent(inbound: Inbound) -> dict[str, str]:
    return {name: value for name, value in forms.fields(inbound).items() if name not in ("csrf", "version")}


def shown_again(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: value[:100_000] for name, value in typed.items() if name not in _SECRET}


def wish(connection: Connection, guide: Guide, inbound: Inbound) -> ConnectionWish:
    """Raises `InvalidFields` with sentences for the form."""
    typed = {name: value.strip() for name, value in sent(inbound).items()}
    match typed.get("source"):
        case "url":
            _need(typed, "idp_metadata_url")
            return _saml(idp_metadata_url=typed["idp_metadata_url"], **_meant(typed))
        case "document":
            return _document(connection, inbound, typed)
        case "values":
            return _values(connection, typed)
        case "oidc":
            return _oidc(connection, guide, typed)
        case "oauth":
            return _oauth(connection, typed)
        case _:
            raise _Unknown


class _Unknown(InvalidRequest):
    """The form does not say what it brings."""

    code = "connection_details_unknown"
    fix = "Go back, load the page again, and send the form from there."


def said(refusal: Refusal) -> str:
    """What is wrong and what helps, beside the field."""
    if isinstance(refusal, Unreachable):
        return f"{_(refusal.message)} {_reason(refusal.reason)}"
    if isinstance(refusal, MetadataAmbiguous):
        return f"{refusal.message} {_('Type the entity ID of the one that is meant.')}"
    return f"{_(refusal.message)} {_(refusal.fix)}"


def faults(refusal: InvalidFields, source: str) -> dict[str, str]:
    """Field of the form -> sentence."""
    found: dict[str, str] = {}
    for error in refusal.errors:
        name = error.field.rpartition(".")[2]
        name = name if name in _FIELDS.get(source, ()) else FIRST.get(source, "")
        found.setdefault(name, _(error.message))
    return found


def oauth_entries(connection: Connection, typed: Mapping[str, str]) -> list[Entry]:
    row = oauth_settings.row_of(connection.type)
    kept = connection.config is not None
    names = ("client_id", *oauth_settings.settings_of(row.type))
    return [
        Entry(
            name=name,
            label=_(_OAUTH[name]),
            value=typed.get(name, ""),
            required=name in ("client_id", *row.needs) and not (kept and name in _SECRET),
            hint=_("Leave it empty to keep the one that is set.") if kept and name in _SECRET else _hint(name),
            secret=name == "client_secret",
            long=name == "private_key",
        )
        for name in names
    ]


_FIELDS: Mapping[str, tuple[str, ...]] = {
    "url": ("idp_metadata_url", "meant"),
    "document": ("idp_metadata_file", "idp_metadata_xml", "meant"),
    "values": ("idp_entity_id", "idp_sso_url", "idp_signing_certs"),
    "oidc": ("discovery_endpoint", "client_id", "client_secret", "tenant_id"),
    "oauth": tuple(_OAUTH),
}


def _document(connection: Connection, inbound: Inbound, typed: Mapping[str, str]) -> ConnectionWish:
    file = forms.files(inbound).get("idp_metadata_file")
    text = _text(file.content) if file is not None else typed.get("idp_metadata_xml", "")
    if not text.strip():
        raise invalid("idp_metadata_file", "metadata_required", _("Choose the file, or paste its text below."))
    options: dict[str, Any] = {"idp_metadata_xml": text, **_meant(typed)}
    if isinstance(connection.config, SamlConfig) and connection.config.idp_metadata_url is not None:
        options["idp_metadata_url"] = None  # or the next look at it would take this file's place
    return _saml(**options)


def _values(connection: Connection, typed: Mapping[str, str]) -> ConnectionWish:
    names = ("idp_entity_id", "idp_sso_url")
    if connection.config is not None:
        _need(typed, *names)
        return _saml(**{name: typed[name] for name in names})
    _need(typed, *names, "idp_signing_certs")
    return _saml(**{name: typed[name] for name in names}, idp_signing_certs=certificates(typed["idp_signing_certs"]))


def certificates(text: str) -> tuple[str, ...]:
    """Each that was pasted, one below the other; the bare Base64 of one is one."""
    end = "-----END CERTIFICATE-----"
    parts = [part.strip() for part in text.split(end)]
    return tuple(f"{part}\n{end}" if "-----BEGIN" in part else part for part in parts if part)


def sent_certificates(file: bytes | None, text: str) -> tuple[str, ...]:
    """Those of a file, or else of a text; one that is none, where there is nothing.

    A .cer file that is not text is the certificate's DER form; its Base64 is taken as well.
    """
    if file is not None:
        text = file.decode("latin-1")
        if not text.lstrip().startswith(("-----BEGIN", "MII")):
            text = b64encode(file).decode()
    return certificates(text) or ("",)


def _oidc(connection: Connection, guide: Guide, typed: Mapping[str, str]) -> ConnectionWish:
    config = connection.config if isinstance(connection.config, OidcConfig) else None
    signs = "client_secret" not in guide.want or (
        config is not None and config.token_authentication_method == "private_key_jwt"
    )
    needed = ["discovery_endpoint", "client_id"]
    if config is None and not signs:
        needed.append("client_secret")
    _need(typed, *needed)
    options: dict[str, Any] = {name: typed[name] for name in ("discovery_endpoint", "client_id")}
    if signs and config is None:
        options["token_authentication_method"] = "private_key_jwt"
    for name in ("client_secret", "tenant_id"):
        if typed.get(name):
            options[name] = typed[name]
    if "client_secret" in options and config is not None and signs:  # it takes the place of our key
        options["token_authentication_method"] = "client_secret_basic"
    return ConnectionWish(oidc_options=OidcWish(**options))


def _oauth(connection: Connection, typed: Mapping[str, str]) -> ConnectionWish:
    kept = connection.config is not None
    given: dict[str, Any] = {}
    for name in ("client_id", *oauth_settings.settings_of(connection.type)):
        value = typed.get(name, "")
        if value or not (name in _SECRET and kept):
            given[name] = value or None
    return ConnectionWish(oauth_options=OAuthWish(**given))


def _saml(**options: Any) -> ConnectionWish:
    return ConnectionWish(saml_options=SamlWish(**options))


def _meant(typed: Mapping[str, str]) -> dict[str, Any]:
    return {"idp_entity_id": typed["meant"]} if typed.get("meant") else {}


def _need(typed: Mapping[str, str], *names: str) -> None:
    missing = tuple(
        FieldError(field=name, code=f"{name}_required", message=_("This is needed."))
        for name in names
        if not typed.get(name)
    )
    if missing:
        raise InvalidFields(errors=missing)


def _text(content: bytes) -> str:
    """A file as text: UTF-8 unless it says by its first bytes that it is UTF-16, as AD FS writes on request."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace").replace('encoding="utf-16"', "", 1)
    return content.decode("utf-8-sig", "replace")


def _hint(name: str) -> str | None:
    return {
        "tenant": _("The tenant's ID, organizations or consumers. Empty: anybody with a Microsoft account."),
        "base_url": _("Of a self-managed edition or of the customer's own domain. Empty: the public service."),
        "private_key": _("The text of the file that Apple let you download once."),
    }.get(name)


def _reason(reason: str) -> str:
    return {
        "dns": _("DNS knows no such name."),
        "connect": _("Nothing answers at its address."),
        "tls": _("Its TLS certificate is not one that is trusted here."),
        "timeout": _("It took too long."),
        "too_large": _("What it sends is too long."),
        "blocked_address": _("The address lies in a network that is not asked from here."),
        "redirect": _("It sends on to another address. Give that one."),
    }.get(reason, _("Look at the address again, or upload the file."))
