"""latchstring connection: create, list, show, activate, deactivate, delete."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import Any

from msgspec import UNSET

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import connections
from latchstring.flows.connection_wishes import OidcWish, SamlWish
from latchstring.flows.connections import ConnectionWish, Seen
from latchstring.flows.house import House
from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.storage.paging import Window
from latchstring.web.api import shapes

_FIELDS = ("id", "name", "connection_type", "state", "organization_id", "domains.domain", "created_at")
_SAML = ("saml_options.acs_url", "saml_options.sp_entity_id", "saml_options.sp_metadata_url")
_OIDC = ("oidc_options.redirect_uri", "oidc_options.discovery_endpoint", "oidc_options.client_id")


class FileUnreadable(InvalidRequest):
    """The file {path} cannot be read: {reason}."""

    code = "file_unreadable"
    mender = Mender.OPERATOR
    fix = "Check the path and who may read it."
    path: str
    reason: str


class SecretMissing(InvalidRequest):
    """OpenID Connect needs the client secret of the identity provider."""

    code = "client_secret_missing"
    mender = Mender.OPERATOR
    fix = "Write it into a file and give --client-secret-file, or set LATCHSTRING_CLIENT_SECRET."


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
    oidc.add_argument("--token-authentication-method", metavar="METHOD", help="client_secret_basic, client_secret_post")
    oidc.add_argument("--id-token-algorithm", metavar="ALG", help="RS256 (default), ES256, ...")
    listing = noun.listing("list connections", _list)
    listing.add_argument("--organization", metavar="ID", help="only of this organization")
    listing.add_argument("--type", metavar="TYPE", help="only of this type")
    for name, about, run in (
        ("show", "show one connection and what its identity provider needs to know", _show),
        ("activate", "let people sign in", _activate),
        ("deactivate", "let nobody sign in, at once", _deactivate),
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
        idp_metadata_xml=_read(asked.metadata_file) if asked.metadata_file else None,
        idp_entity_id=asked.entity_id,
        idp_sso_url=asked.sso_url,
        idp_signing_certs=tuple(_read(path) for path in asked.certificate_file) or UNSET,
    )


def _oidc(asked: Namespace) -> OidcWish | None:
    if not (asked.discovery_url or asked.client_id):
        return None
    secret = (
        _read(asked.client_secret_file) if asked.client_secret_file else os.environ.get("LATCHSTRING_CLIENT_SECRET")
    )
    if not secret:
        raise SecretMissing
    return OidcWish(
        discovery_endpoint=asked.discovery_url,
        client_id=asked.client_id,
        client_secret=secret.strip(),
        token_authentication_method=asked.token_authentication_method,
        id_token_signature_algorithm=asked.id_token_algorithm,
    )


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
    _show_one(asked, built, connections.switch(built, pass_, asked.id, "on"))
    return 0


def _deactivate(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    _show_one(asked, built, connections.switch(built, pass_, asked.id, "off"))
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    connection = connections.get(built, pass_, asked.id).connection
    output.confirm(asked, f"the connection {connection.name} ({connection.type}) with its profiles")
    connections.delete(built, pass_, connection.id)
    return output.gone(asked, "connection", connection.id)


def _show_one(asked: Namespace, built: House, seen: Seen) -> None:
    shown = shapes.connection(built, seen)
    more = _SAML if shown["saml_options"] else _OIDC if shown["oidc_options"] else ()
    output.show_one(asked, shown, (*_FIELDS, *more))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(path=str(path), reason=getattr(error, "strerror", None) or "it is not text") from None
