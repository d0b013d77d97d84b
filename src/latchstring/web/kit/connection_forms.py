"""The forms for a provider's details, as a page shows them; and what comes of sending one: a change, or its faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from latchstring.flows import connections
from latchstring.flows.connections import Seen
from latchstring.flows.house import House
from latchstring.guides import Guide
from latchstring.guides.exchange import Term
from latchstring.model.connection import Config, Connection, OidcConfig, SamlConfig
from latchstring.model.environment import Pass
from latchstring.model.refusal import InvalidFields, InvalidRequest, LoginRefused
from latchstring.protocols.saml.metadata_refusals import MetadataAmbiguous
from latchstring.web.kit import connection_details as details
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Inbound

MAX_BODY = 1_310_720  # a metadata document of the largest size that is read, and the rest of the form
_WAYS = {"idp_metadata_url": "url", "idp_metadata_xml": "document"}  # the first that a guide wants stands open


class Forms(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the forms, and what is wrong with what was sent."""

    typed: Mapping[str, str]
    errors: Mapping[str, str] = {}  # field -> sentence
    source: str | None = None  # the form that was sent
    ambiguous: bool = False  # the metadata describe several, and somebody has to say which


def fresh(connection: Connection) -> Forms:
    return Forms(typed=details.values(connection))


def again(connection: Connection, inbound: Inbound) -> Forms:
    """As they were sent, for a page that could not take them."""
    typed = details.sent(inbound)
    return Forms(typed={**details.values(connection), **details.shown_again(typed)}, source=typed.get("source"))


def bring(
    house: House, pass_: Pass, connection: Connection, guide: Guide, inbound: Inbound, *, waits: bool = False
) -> Seen | Forms:
    """What was brought is looked at, and kept if it will do. What will not do comes back with its faults.

    `waits`: nobody can sign in through it before somebody switches it on.
    """
    source = details.sent(inbound).get("source", "")
    try:
        return connections.update(house, pass_, connection.id, details.wish(connection, guide, inbound), waits=waits)
    except InvalidFields as refusal:
        return msgspec.structs.replace(again(connection, inbound), errors=details.faults(refusal, source))
    except (InvalidRequest, LoginRefused) as refusal:  # a document that will not do, or a server that does not answer
        if source not in details.FIRST:
            raise
        ambiguous = isinstance(refusal, MetadataAmbiguous)
        errors = {"meant" if ambiguous else details.FIRST[source]: details.said(refusal)}
        return msgspec.structs.replace(again(connection, inbound), errors=errors, ambiguous=ambiguous)


def values(connection: Connection, guide: Guide, forms: Forms) -> dict[str, Any]:
    """For connection_details_forms.html."""
    first = forms.source or next((_WAYS[name] for name in guide.want if name in _WAYS), "values")
    return {
        "saml": guide.protocol == "saml",
        "oidc": guide.protocol == "oidc",
        "terms": {name: _term(guide, term) for name, term in guide.fields.items()},
        "typed": forms.typed,
        "errors": forms.errors,
        "open": {name: name == first for name in ("url", "document", "values")},
        "ambiguous": forms.ambiguous,
        "fixed_discovery": _fixed_discovery(guide),
        "signs": "client_secret" not in guide.want,
        "tenant": guide.type == "EntraIdOIDC" or "tenant_id" in forms.errors,
        "saml_there": isinstance(connection.config, SamlConfig),
        "watched": isinstance(connection.config, SamlConfig) and connection.config.idp_metadata_url is not None,
        "secret_hint": _secret_hint(guide, connection.config),
        "secret_there": isinstance(connection.config, OidcConfig),
        "oauth": details.oauth_entries(connection, forms.typed) if guide.protocol == "oauth" else [],
    }


def _term(guide: Guide, term: Term) -> str:
    words = {"product": guide.name, "name": term.name, "where": term.where}
    if guide.category == "custom":
        return _("There it may be called “%(name)s”.") % words
    if term.where:
        return _("%(product)s calls it “%(name)s” (%(where)s).") % words
    return _("%(product)s calls it “%(name)s”.") % words


def _secret_hint(guide: Guide, config: Config | None) -> str | None:
    if not isinstance(config, OidcConfig):
        term = guide.fields.get("client_secret")
        return _term(guide, term) if term is not None else None
    if config.token_authentication_method == "private_key_jwt":
        return _("A key of ours signs in its place now. A secret that you give here takes over from it.")
    return _("It is never shown again. Leave it empty to keep the one that is set.")


def _fixed_discovery(guide: Guide) -> str:
    """The one address of a provider that has only one."""
    term = guide.fields.get("discovery_endpoint")
    return term.name if term is not None and term.name.startswith("https://") else ""
