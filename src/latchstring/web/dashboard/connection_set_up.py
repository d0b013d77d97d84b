"""/dashboard/{environment}/connections/{id}/set-up: the provider's own steps, and bringing its details back."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring import guides
from latchstring.flows import connections
from latchstring.flows.connections import Seen
from latchstring.flows.house import House
from latchstring.guides import Guide
from latchstring.guides.exchange import Term
from latchstring.model.connection import Config, OidcConfig, SamlConfig
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields, InvalidRequest, LoginRefused, NotFound
from latchstring.protocols.saml.metadata_refusals import MetadataAmbiguous
from latchstring.web.dashboard import connection_details as details
from latchstring.web.dashboard import connection_exchange, connection_frame
from latchstring.web.dashboard.connection_frame import CONNECTION
from latchstring.web.dashboard.guard import Page, Visit
from latchstring.web.kit import decode, guide_steps
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

SET_UP = f"{CONNECTION}/set-up"
_MAX_BODY = 1_310_720  # a metadata document of the largest size that is read, and the rest of the form
_FORMS = {"idp_metadata_url": "url", "idp_metadata_xml": "document"}  # the first that a guide wants stands open


def show(house: House, visit: Visit) -> Reply:
    found = connection_frame.seen(house, visit)
    return _page(house, visit, found, typed=details.values(found.connection), errors={}, source=None)


def save(house: House, visit: Visit) -> Reply:
    """What was brought is looked at, and kept if it will do; what it says stands on the page then."""
    found = connection_frame.seen(house, visit)
    typed = details.sent(visit.inbound)
    source, errors, ambiguous = typed.get("source", ""), {}, False
    try:
        wish = details.wish(found.connection, _guide(found), visit.inbound)
        after = connections.update(house, visit.pass_, found.connection.id, wish)
    except InvalidFields as refusal:
        errors = details.faults(refusal, source)
    except (InvalidRequest, LoginRefused) as refusal:  # a document that will not do, or a server that does not answer
        if source not in details.FIRST:
            raise
        ambiguous = isinstance(refusal, MetadataAmbiguous)
        errors = {"meant" if ambiguous else details.FIRST[source]: details.said(refusal)}
    else:
        weak = any(caution.code == "weak_metadata_signature" for caution in after.cautions)
        return redirect(
            connection_frame.address(visit, after.connection.id, f"/set-up?read={'weak' if weak else 'yes'}")
        )
    typed = {**details.values(found.connection), **details.shown_again(typed)}
    return _page(house, visit, found, typed=typed, errors=errors, source=source, ambiguous=ambiguous)


def _page(
    house: House,
    visit: Visit,
    found: Seen,
    *,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    source: str | None,
    ambiguous: bool = False,
) -> Reply:
    connection, guide = found.connection, _guide(found)
    given = connection_exchange.given(house, visit.pass_, connection)
    placed = {name for step in guide.steps for name in step.copy}
    first = source or next((_FORMS[name] for name in guide.want if name in _FORMS), "values")
    read = decode.singles(decode.pairs(visit.inbound.query)).get("read") if not errors else None
    return connection_frame.render(
        house,
        visit,
        "dashboard_connection_set_up.html",
        found=found,
        tab="set-up",
        status=422 if errors else 200,
        read=read is not None,
        weak=read == "weak",
        findings=connection_exchange.findings(connection, house.now()) if connection.config is not None else [],
        given=[value for value in given if value.name not in placed],
        steps=guide_steps.steps(guide, given),
        about=guide_steps.about(guide),
        saml=guide.protocol == "saml",
        oidc=guide.protocol == "oidc",
        terms={name: _term(guide, term) for name, term in guide.fields.items()},
        typed=typed,
        errors=errors,
        open={name: name == first for name in ("url", "document", "values")},
        ambiguous=ambiguous,
        fixed_discovery=_fixed_discovery(guide),
        signs="client_secret" not in guide.want,
        tenant=guide.type == "EntraIdOIDC" or "tenant_id" in errors,
        saml_there=isinstance(connection.config, SamlConfig),
        watched=isinstance(connection.config, SamlConfig) and connection.config.idp_metadata_url is not None,
        secret_hint=_secret_hint(guide, connection.config),
        secret_there=isinstance(connection.config, OidcConfig),
        oauth=details.oauth_entries(connection, typed) if guide.protocol == "oauth" else [],
    )


def _term(guide: Guide, term: Term) -> str:
    words = {"product": guide.name, "name": term.name, "where": term.where}
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


def _guide(found: Seen) -> Guide:
    guide = guides.guide(found.connection.type)
    if guide is None:
        raise NotFound(kind="Guide", id=found.connection.type)
    return guide


PAGES = (
    Page(method="GET", path=SET_UP, summary="Set a connection up", least=Role.SUPPORT, show=show),
    Page(
        method="POST",
        path=SET_UP,
        summary="Bring the provider's details",
        least=Role.DEVELOPER,
        fresh=True,
        back=SET_UP,
        max_body=_MAX_BODY,
        show=save,
    ),
)
