"""/portal/certificate: the new certificate of the identity provider comes beside the old one, and the old one goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from latchstring import guides
from latchstring.flows import certificates, connection_health, connections, portal_renewal
from latchstring.flows.certificates import CertificateAlreadyThere, Collection
from latchstring.flows.house import House
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.model.connection import Connection, SamlConfig
from latchstring.model.portal import Intent
from latchstring.model.refusal import InvalidFields, InvalidRequest, LoginRefused, NotFound
from latchstring.web.kit import connection_details, connection_exchange, decode
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import guard
from latchstring.web.portal.guard import PortalPage, PortalVisit
from latchstring.web.portal.places import HOME

CERTIFICATE = f"{HOME}/certificate"
_INTENTS = frozenset({Intent.SSO, Intent.CERTIFICATE_RENEWAL})
_MAX_BODY = 262_144


def shown(house: House, visit: PortalVisit) -> Reply:
    try:
        found = guard.connection(house, visit)
    except NotFound:
        return redirect(HOME, status=303)
    return _page(house, visit, found)


def add(house: House, visit: PortalVisit) -> Reply:
    """From a file, or from what was pasted."""
    file = visit.files.get("file")
    sent = connection_details.sent_certificates(file.content if file else None, visit.sent.get("pem", ""))

    def deed(found: Connection) -> None:
        for pem in sent:
            certificates.add_idp_certificate(house, visit.pass_, found.id, pem=pem)

    return _changed(house, visit, "file", deed, done="added")


def address(house: House, visit: PortalVisit) -> Reply:
    """From now on the certificates come from a metadata URL."""
    url = visit.sent.get("url", "").strip()
    return _changed(
        house, visit, "url", lambda found: portal_renewal.watch_url(house, visit.pass_, found.id, url), done="watched"
    )


def remove(house: House, visit: PortalVisit) -> Reply:
    """One that no sign-in of the last days needed, while a newer one is in use."""
    wanted = visit.sent.get("certificate", "")
    rows = _rows(house, visit, guard.connection(house, visit))
    if not any(row["row"].id == wanted and row["can_go"] for row in rows):
        raise NotFound(kind="Certificate", id=wanted[:100])

    def deed(found: Connection) -> None:
        certificates.remove(house, visit.pass_, found.id, Collection.IDP_SIGNING, wanted)

    return _changed(house, visit, "remove", deed, done="removed")


def _changed(house: House, visit: PortalVisit, field: str, deed: Callable[[Connection], None], *, done: str) -> Reply:
    """Saved, done, and told; or the page again, with what was typed and what is wrong with it."""
    found = guard.connection(house, visit)
    try:
        visit = guard.saved(visit, guard.save(house, visit, visit.progress))
        guard.change(house, visit, found, "certificates", lambda: deed(found))
    except PortalProgressStale as refusal:
        return _page(house, visit, found, stale=refusal)
    except InvalidFields as refusal:
        return _page(house, visit, found, errors={field: _(refusal.errors[0].message)})
    except (CertificateAlreadyThere, InvalidRequest, LoginRefused) as refusal:
        return _page(house, visit, found, errors={field: connection_details.said(refusal)})
    return redirect(f"{CERTIFICATE}?done={done}", status=303)


def _page(
    house: House,
    visit: PortalVisit,
    found: Connection,
    *,
    errors: Mapping[str, str] = {},
    stale: PortalProgressStale | None = None,
) -> Reply:
    seen = connections.get(house, visit.pass_, found.id)
    guide = guides.guide(found.type)
    config = seen.connection.config
    terms = guide.fields if guide else {}
    done = decode.singles(decode.pairs(visit.inbound.query)).get("done", "")
    fine = not errors and stale is None
    return guard.render(
        house,
        visit,
        "portal_certificate.html",
        place="certificate",
        status=422 if errors else 200,
        stale=stale,
        product=guard.product(visit, found),
        saml=isinstance(config, SamlConfig),
        rows=_rows(house, visit, seen.connection),
        ending=connection_exchange.ending(seen.connection, visit.organization.name, house.now()),
        term=terms.get("idp_cert"),
        url_term=terms.get("idp_metadata_url"),
        metadata_url=config.idp_metadata_url if isinstance(config, SamlConfig) else None,
        watch=seen.watch,
        typed={name: visit.sent.get(name, "") for name in ("pem", "url")},
        errors=errors,
        added=done == "added" and fine,
        watched=done == "watched" and fine,
        removed=done == "removed" and fine,
        only=visit.intent is Intent.CERTIFICATE_RENEWAL,
    )


def _rows(house: House, visit: PortalVisit, found: Connection) -> list[dict[str, Any]]:
    """The oldest first; with how many sign-ins of the last seven days each vouched for."""
    if not isinstance(found.config, SamlConfig):
        return []
    used = connection_health.certificates(house, visit.pass_, found.id)
    held = found.config.idp_certificates
    latest = max(used.values(), key=lambda each: each.newest, default=None)
    return [
        {
            "row": connection_exchange.row(entry, house.now()),
            "used": used.get(entry.fingerprint),
            "last": latest is not None and latest.fingerprint == entry.fingerprint,
            "can_go": entry.fingerprint not in used and any(newer.fingerprint in used for newer in held[number:]),
        }
        for number, entry in enumerate(held)
    ]


PAGES = (
    PortalPage(method="GET", path=CERTIFICATE, summary="The certificate", intents=_INTENTS, show=shown),
    *(
        PortalPage(
            method="POST",
            path=f"{CERTIFICATE}/{path}",
            summary=summary,
            intents=_INTENTS,
            show=show,
            max_body=_MAX_BODY,
            aside=True,
        )
        for path, summary, show in (
            ("add", "Add the new certificate", add),
            ("address", "Take certificates from a metadata URL", address),
            ("remove", "Remove a certificate that is not used", remove),
        )
    ),
)
