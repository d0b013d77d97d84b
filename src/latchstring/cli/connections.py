"""latchstring connection: create, list, show, set, map, activate, deactivate, refresh, accept, delete."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from latchstring.cli import mapping, output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import connection_life, connections, oidc_settings, refresh
from latchstring.flows.connection_wishes import KeyPairWish, OidcWish, SamlWish
from latchstring.flows.connections import ConnectionWish, Seen
from latchstring.flows.house import House
from latchstring.flows.saml_settings import OPTIONS
from latchstring.model.connection import OidcConfig
from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.storage.paging import Window
from latchstring.web.api import shapes

_FIELDS = ("id", "name", "connection_type", "state", "organization_id", "domains.domain", "created_at")
_SAML = ("saml_options.acs_url", "saml_options.sp_entity_id", "saml_options.sp_metadata_url")
_METADATA = ("idp_metadata_url", "idp_metadata_refreshed", "idp_metadata_error", "idp_metadata_pending")
_OIDC = tuple(f"oidc_options.{name}" for name in ("redirect_uri", "jwks_uri", "discovery_endpoint", "client_id"))


# Those of single words; the others have an argument of their own, or come from discovery.
_OIDC_OPTIONS = tuple(
    name for name in oidc_settings.OPTIONS if name not in ("discovery_endpoint", "issuer", "client_id", "scopes")
)


class FileUnreadable(InvalidRequest):
    """The file {path} cannot be read: {reason}."""

    code = "file_unreadable"
    mender = Mender.OPERATOR
    fix = "Check the path and who may read it."
    path: str
    reason: str


class SettingUnreadable(InvalidRequest):
    """'{received}' is not a setting and its value."""

    code = "setting_unreadable"
    mender = Mender.OPERATOR
    fix = (
        f"Write `NAME=VALUE`. SAML: `{'`, `'.join(OPTIONS)}`. OpenID Connect: `{'`, `'.join(_OIDC_OPTIONS)}`. "
        "The value is true or false, a number, a word, a time, or null."
    )
    received: str


class SecretMissing(InvalidRequest):
    """OpenID Connect needs the client secret of the identity provider."""

    code = "client_secret_missing"
    mender = Mender.OPERATOR
    fix = "Write it into a file and give `--client-secret-file`, or set LATCHSTRING_CLIENT_SECRET."


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "connection",
        "connections: how one customer's people sign in",
        "  latchstring connection create --organization org_01... --type OktaSAML --metadata-url https://...\n"
        "  latchstring connection create --organization org_01... --metadata-file idp.xml\n"
        "  latchstring connection create --organization org_01... --type OktaOIDC --client-id 0oa... \\\n"
        "      --discovery-url https://acme.okta.com/.well-known/openid-configuration --client-secret-file secret.txt\n"
        "  latchstring connection set conn_01... allow_sha1=true allow_sha1_until=2027-01-31T00:00:00Z\n"
        "  latchstring connection set conn_01... token_authentication_method=private_key_jwt\n"
        "  latchstring connection map conn_01... email=mail groups=memberOf --require first_name,last_name\n"
        "  latchstring connection show conn_01...",
    )
    create = noun.verb("create", "make a connection", _create)
    create.add_argument("--organization", required=True, metavar="ID")
    create.add_argument("--name", help="default: the organization's name")
    create.add_argument(
        "--type", metavar="TYPE", help="OktaSAML, AzureSAML, GenericOIDC, ...; default: the generic one"
    )
    create.add_argument("--external-id", metavar="ID", help="your own id of this connection")
    saml = create.add_argument_group("SAML: the identity provider's metadata, or its single values")
    saml.add_argument("--metadata-url", metavar="URL")
    saml.add_argument("--metadata-file", type=Path, metavar="FILE")
    saml.add_argument("--entity-id", metavar="URI")
    saml.add_argument("--sso-url", metavar="URL")
    saml.add_argument("--certificate-file", type=Path, action="append", default=[], metavar="FILE", help="repeatable")
    oidc = create.add_argument_group("OpenID Connect")
    oidc.add_argument("--discovery-url", metavar="URL")
    oidc.add_argument("--client-id", metavar="ID")
    oidc.add_argument("--client-secret-file", type=Path, metavar="FILE", help="or LATCHSTRING_CLIENT_SECRET")
    oidc.add_argument(
        "--token-authentication-method",
        metavar="METHOD",
        help="client_secret_basic (default), client_secret_post, private_key_jwt",
    )
    oidc.add_argument("--signing-key-file", type=Path, metavar="FILE", help="private_key_jwt: a key of your own, PEM")
    oidc.add_argument("--signing-certificate-file", type=Path, metavar="FILE", help="... and its certificate")
    oidc.add_argument("--client-assertion-audience", choices=("issuer", "token_endpoint"))
    oidc.add_argument("--tenant-id", metavar="GUID", help="Entra ID's shared endpoints: the tenant that is meant")
    oidc.add_argument("--id-token-algorithm", metavar="ALG", help="RS256 (default), ES256, ...")
    oidc.add_argument("--id-token-encryption", metavar="ALG", help="RSA-OAEP-256, ECDH-ES, ...; default: unencrypted")
    oidc.add_argument("--id-token-content-encryption", metavar="ENC", help="A128CBC-HS256 (default), A256GCM, ...")
    oidc.add_argument("--userinfo-algorithm", metavar="ALG", help="userinfo must be signed, with this")
    oidc.add_argument("--trust-email", action="store_true", help="count addresses that the provider has not verified")
    listing = noun.listing("list connections", _list)
    listing.add_argument("--organization", metavar="ID", help="only of this organization")
    listing.add_argument("--type", metavar="TYPE", help="only of this type")
    create.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of a SAML connection"
    )
    change = noun.verb("set", "change settings of a connection", _set)
    change.add_argument("id", metavar="ID")
    change.add_argument(
        "set",
        nargs="*",
        metavar="NAME=VALUE",
        help=f"SAML: {', '.join(OPTIONS)}. OpenID Connect: {', '.join(_OIDC_OPTIONS)}",
    )
    change.add_argument("--client-secret-file", type=Path, metavar="FILE", help="OpenID Connect: another client secret")
    mapping.add_to(noun)
    accept = noun.verb("accept", "accept another identity provider at the metadata URL", _accept)
    accept.add_argument("id", metavar="ID")
    accept.add_argument("--entity-id", required=True, metavar="URI", help="the one that is meant, as `show` names it")
    for name, about, run in (
        ("show", "show one connection and what its identity provider needs to know", _show),
        ("activate", "let people sign in", _activate),
        ("deactivate", "let nobody sign in, at once", _deactivate),
        ("refresh", "ask the metadata URL now", _refresh),
    ):
        noun.verb(name, about, run).add_argument("id", metavar="ID")
    noun.deletion("delete", "delete a connection with its profiles", _delete)


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    wish = ConnectionWish(
        organization_id=asked.organization,
        name=asked.name,
        connection_type=asked.type,
        external_id=asked.external_id,
        saml_options=_saml(asked),
        oidc_options=_oidc(asked),
    )
    seen, _ = connections.create(built, pass_, wish)
    _show_one(asked, built, seen)
    return 0


def _saml(asked: Namespace) -> SamlWish | None:
    if not (asked.metadata_url or asked.metadata_file or asked.entity_id or asked.sso_url or asked.certificate_file):
        return None
    return SamlWish(
        idp_metadata_url=asked.metadata_url,
        idp_metadata_xml=read(asked.metadata_file) if asked.metadata_file else None,
        idp_entity_id=asked.entity_id,
        idp_sso_url=asked.sso_url,
        idp_signing_certs=tuple(read(path) for path in asked.certificate_file) or UNSET,
        **_settings(asked.set, SamlWish, OPTIONS),
    )


def _oidc(asked: Namespace) -> OidcWish | None:
    if not (asked.discovery_url or asked.client_id):
        return None
    secret = None
    if asked.token_authentication_method != "private_key_jwt":
        secret = (
            read(asked.client_secret_file) if asked.client_secret_file else os.environ.get("LATCHSTRING_CLIENT_SECRET")
        )
        if not secret:
            raise SecretMissing
    return OidcWish(
        discovery_endpoint=asked.discovery_url,
        client_id=asked.client_id,
        client_secret=secret.strip() if secret else None,
        token_authentication_method=asked.token_authentication_method,
        client_assertion_audience=asked.client_assertion_audience,
        jwt_signing_key_pair=_key_pair(asked),
        tenant_id=asked.tenant_id,
        id_token_signature_algorithm=asked.id_token_algorithm,
        id_token_encryption_algorithm=asked.id_token_encryption,
        id_token_content_encryption=asked.id_token_content_encryption,
        userinfo_signature_algorithm=asked.userinfo_algorithm,
        trust_email=asked.trust_email,
    )


def _key_pair(asked: Namespace) -> KeyPairWish | None:
    key, certificate = asked.signing_key_file, asked.signing_certificate_file
    if key is None and certificate is None:
        return None
    return KeyPairWish(key=read(key) if key else "", cert=read(certificate) if certificate else "")


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    page = connections.page(
        built,
        pass_,
        Window(limit=asked.limit, after=asked.after),
        connection_type=asked.type,
        organization_id=asked.organization,
        domain=None,
        search=None,
    )
    shown = shapes.page(page, lambda seen: shapes.connection(built, seen))
    output.show_list(asked, shown, _FIELDS[:5], empty="There is no connection yet.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    _show_one(asked, built, connections.get(built, pass_, asked.id))
    return 0


def _activate(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    _show_one(asked, built, connection_life.switch(built, pass_, asked.id, "on"))
    return 0


def _deactivate(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    _show_one(asked, built, connection_life.switch(built, pass_, asked.id, "off"))
    return 0


def _set(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    oidc = isinstance(connections.get(built, pass_, asked.id).connection.config, OidcConfig)
    if oidc or asked.client_secret_file:
        secret = read(asked.client_secret_file).strip() if asked.client_secret_file else UNSET
        wish = ConnectionWish(
            oidc_options=OidcWish(client_secret=secret, **_settings(asked.set, OidcWish, _OIDC_OPTIONS))
        )
    else:
        wish = ConnectionWish(saml_options=SamlWish(**_settings(asked.set, SamlWish, OPTIONS)))
    _show_one(asked, built, connections.update(built, pass_, asked.id, wish))
    return 0


def _refresh(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    refresh.ask(built, pass_, asked.id)
    _show_one(asked, built, connections.get(built, pass_, asked.id))
    return 0


def _accept(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    refresh.accept(built, pass_, asked.id, entity_id=asked.entity_id)
    _show_one(asked, built, connections.get(built, pass_, asked.id))
    return 0


def _settings(pairs: Sequence[str], wish: type[SamlWish | OidcWish], options: Sequence[str]) -> dict[str, Any]:
    """NAME=VALUE as the API would take it. Raises `SettingUnreadable`."""
    found: dict[str, Any] = {}
    kinds = {field.name: field.type for field in msgspec.structs.fields(wish)}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name not in options or not value:
            raise SettingUnreadable(received=pair)
        try:
            found[name] = None if value == "null" else msgspec.convert(value, kinds[name], strict=False)
        except msgspec.ValidationError:
            raise SettingUnreadable(received=pair) from None
    return found


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    connection = connections.get(built, pass_, asked.id).connection
    output.confirm(asked, f"the connection {connection.name} ({connection.type}) with its profiles")
    connection_life.delete(built, pass_, connection.id)
    return output.gone(asked, "connection", connection.id)


def _show_one(asked: Namespace, built: House, seen: Seen) -> None:
    shown = shapes.with_warnings(shapes.connection(built, seen), seen.cautions)
    if asked.json:
        output.as_json(shown)
        return
    more = _OIDC if shown["oidc_options"] else ()
    if shown["saml_options"]:
        settings = tuple(f"saml_options.{name}" for name in OPTIONS)
        more = (*_SAML, *(_METADATA if shown["saml_options"]["idp_metadata_url"] else ()), *settings)
    output.show_one(asked, {**shown, **_metadata(shown)}, (*_FIELDS, *more, "required_attributes", "identifier_source"))
    for caution in seen.cautions:
        output.say(f"Warning: {caution.message}")


def _metadata(shown: Mapping[str, Any]) -> dict[str, Any]:
    """How the watch over the metadata URL goes, in a few words."""
    options = shown["saml_options"] or {}
    state = options.get("idp_metadata") or {}
    return {
        "idp_metadata_url": options.get("idp_metadata_url"),
        "idp_metadata_refreshed": state.get("refreshed_at"),
        "idp_metadata_error": (state.get("error") or {}).get("message"),
        "idp_metadata_pending": (state.get("pending") or {}).get("idp_entity_id"),
    }


def read(path: Path) -> str:
    """The text of a file. Raises `FileUnreadable`."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(path=str(path), reason=getattr(error, "strerror", None) or "it is not text") from None
