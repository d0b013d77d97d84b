"""/dashboard/{environment}/connections/{id}/certificates: the provider's and ours, whose each is, and changing them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from latchstring.flows import certificates, client_key_pairs, connection_health, refresh, signing_pairs
from latchstring.flows.certificates import Collection
from latchstring.flows.client_key_pairs import Use
from latchstring.flows.connection_wishes import SigningPairWish
from latchstring.flows.connections import Seen
from latchstring.flows.house import House
from latchstring.model.connection import Certificate, OidcConfig, SamlConfig
from latchstring.model.operator import Role
from latchstring.model.refusal import Conflict, InvalidFields, InvalidRequest, LoginRefused, NotFound
from latchstring.web.dashboard import (
    browser,
    connection_frame,
    connection_options,
)
from latchstring.web.dashboard.connection_frame import CONNECTION
from latchstring.web.dashboard.guard import Page, Visit
from latchstring.web.kit import connection_details, connection_exchange
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

CERTIFICATES = f"{CONNECTION}/certificates"
KINDS: Mapping[str, Collection | Use] = {
    "idp": Collection.IDP_SIGNING,
    "signing": Collection.SP_SIGNING,
    "encryption": Collection.SP_ENCRYPTION,
    "client-signing": Use.SIGNING,
    "client-encryption": Use.ENCRYPTION,
}
_SIGN = ("signing", "client-signing")  # one of several signs, and the others wait
_TYPED = 8  # characters of the fingerprint, to remove one


def listed(house: House, visit: Visit) -> Reply:
    return _list(house, visit, connection_frame.seen(house, visit))


def add(house: House, visit: Visit) -> Reply:
    """One more: of the provider what was pasted, of ours a new key pair."""
    found = connection_frame.seen(house, visit)
    kind, connection_id = visit.params["kind"], found.connection.id
    sent = browser.form(visit.inbound)
    try:
        wish = SigningPairWish(
            algorithm="ecdsa" if sent.get("algorithm") == "ecdsa" else "rsa",
            activate_at=connection_options.moment("activate_at", sent.get("activate_at", "").strip()),
        )
        match kind:
            case "idp":
                _add_idp(house, visit, connection_id)
            case "signing":
                signing_pairs.add(house, visit.pass_, connection_id, wish)
            case "encryption":
                certificates.make_encryption_certificate(house, visit.pass_, connection_id)
            case "client-signing":
                client_key_pairs.add_signing_pair(house, visit.pass_, connection_id, wish)
            case "client-encryption":
                client_key_pairs.make_encryption_pair(house, visit.pass_, connection_id)
            case _:
                raise NotFound(kind="Kind of certificates", id=kind[:40])
    except InvalidFields as refusal:
        fault = refusal.errors[0]
        field = fault.field if fault.field == "activate_at" else kind
        return _list(house, visit, found, errors={field: _(fault.message)})
    except (certificates.CertificateAlreadyThere, InvalidRequest) as refusal:
        return _list(house, visit, found, errors={kind: connection_details.said(refusal)})
    return redirect(f"{_address(visit)}#{kind}")


def shown(house: House, visit: Visit) -> Reply:
    return _one(house, visit)


def activate(house: House, visit: Visit) -> Reply:
    """From now on this one of ours signs."""
    _found, entry, _config = _meant(house, visit)
    kind, connection_id = visit.params["kind"], visit.params["id"]
    if kind == "signing":
        signing_pairs.activate(house, visit.pass_, connection_id, entry.id)
    elif kind == "client-signing":
        client_key_pairs.activate(house, visit.pass_, connection_id, entry.id)
    return redirect(f"{_address(visit)}#{kind}")


def remove(house: House, visit: Visit) -> Reply:
    """The beginning of the fingerprint has to be typed: of two that look alike the wrong one locks everybody out."""
    _found, entry, _config = _meant(house, visit)
    kind, connection_id = visit.params["kind"], visit.params["id"]
    start = entry.fingerprint[:_TYPED].upper()
    if browser.form(visit.inbound).get("typed", "").strip().replace(":", "").upper() != start:
        text = _("Type %(start)s, with which the fingerprint of this certificate begins.") % {"start": start}
        return _one(house, visit, error=text)
    try:
        match KINDS[kind]:
            case Collection.SP_SIGNING:
                signing_pairs.remove(house, visit.pass_, connection_id, entry.id)
            case Collection() as collection:
                certificates.remove(house, visit.pass_, connection_id, collection, entry.id)
            case Use() as use:
                client_key_pairs.remove(house, visit.pass_, connection_id, use, entry.id)
    except InvalidRequest as refusal:  # it is the last one, or in use
        return _one(house, visit, error=connection_details.said(refusal))
    return redirect(f"{_address(visit)}#{kind}")


def fetch(house: House, visit: Visit) -> Reply:
    """Asks the metadata URL now. Where that fails, the page to which this leads says why."""
    try:
        refresh.ask(house, visit.pass_, visit.params["id"])
    except (InvalidRequest, LoginRefused):
        found = connection_frame.seen(house, visit)
        if found.watch is None or found.watch.error is None:
            raise
    return redirect(f"{_address(visit)}#metadata")


def accept(house: House, visit: Visit) -> Reply:
    """Another identity provider at the metadata URL takes the place of the old one, for whoever types its name."""
    found = connection_frame.seen(house, visit)
    typed = browser.form(visit.inbound).get("typed", "").strip()
    pending = found.watch.pending if found.watch is not None else None
    if pending is not None and typed != pending.entity_id:
        return _list(house, visit, found, errors={"accept": _("Type its issuer, letter by letter.")})
    try:
        refresh.accept(house, visit.pass_, found.connection.id, entity_id=typed)
    except Conflict as refusal:
        return _list(house, visit, found, errors={"accept": _(refusal.message)})
    return redirect(f"{_address(visit)}#metadata")


def _add_idp(house: House, visit: Visit, connection_id: str) -> None:
    file = browser.files(visit.inbound).get("file")
    content = file.content if file is not None else None
    for pem in connection_details.sent_certificates(content, browser.form(visit.inbound).get("pem", "")):
        certificates.add_idp_certificate(house, visit.pass_, connection_id, pem=pem)


def _list(house: House, visit: Visit, found: Seen, *, errors: Mapping[str, str] = {}) -> Reply:
    connection, now = found.connection, house.now()
    config = connection.config
    used = connection_health.certificates(house, visit.pass_, connection.id)
    collections = {
        kind: [
            {
                "row": connection_exchange.row(entry, now),
                "signs": _signs(config, kind, now) == entry.id,
                "used": used.get(entry.fingerprint),
                "can_go": entry.fingerprint not in used and any(newer.fingerprint in used for newer in held[number:]),
            }
            for number, entry in enumerate(held)
        ]
        for kind, where in KINDS.items()
        for held in [getattr(config, where.value, ())]  # oldest first
    }
    watch = found.watch
    return connection_frame.render(
        house,
        visit,
        "dashboard_connection_certificates.html",
        found=found,
        tab="certificates",
        status=422 if errors else 200,
        saml=config if isinstance(config, SamlConfig) else None,
        oidc=config if isinstance(config, OidcConfig) else None,
        whose=connection_frame.customer(house, visit, found),
        jwks_uri=house.addresses(connection).oidc_jwks_uri,
        metadata_url=house.addresses(connection).sp_metadata_url,
        collections=collections,
        watch=watch,
        asked_by=_whom(watch.asked_by) if watch else "",
        refreshed_by=_whom(watch.refreshed_by) if watch else "",
        errors=errors,
    )


def _one(house: House, visit: Visit, *, error: str | None = None) -> Reply:
    found, entry, config = _meant(house, visit)
    kind, now = visit.params["kind"], house.now()
    return connection_frame.render(
        house,
        visit,
        "dashboard_connection_certificate.html",
        found=found,
        tab="certificates",
        status=422 if error else 200,
        kind=kind,
        ours=kind != "idp",
        one=connection_exchange.row(entry, now),
        signs=_signs(config, kind, now) == entry.id,
        may_sign=kind in _SIGN,
        used=connection_health.certificates(house, visit.pass_, found.connection.id).get(entry.fingerprint),
        start=entry.fingerprint[:_TYPED].upper(),
        error=error,
    )


def _meant(house: House, visit: Visit) -> tuple[Seen, Certificate, SamlConfig | OidcConfig]:
    """Raises `NotFound`."""
    found = connection_frame.seen(house, visit)
    kind, config = KINDS.get(visit.params["kind"]), found.connection.config
    if kind is not None and isinstance(config, SamlConfig | OidcConfig):
        held: tuple[Certificate, ...] = getattr(config, kind.value, ())
        for entry in held:
            if entry.id == visit.params["certificate"]:
                return found, entry, config
    raise NotFound(kind="Certificate", id=visit.params["certificate"])


def _signs(config: object, kind: str, now: datetime) -> str | None:
    """Which of ours signs now."""
    entry = config.signing_certificate(now) if kind in _SIGN and isinstance(config, SamlConfig | OidcConfig) else None
    return entry.id if entry is not None else None


def _whom(actor: str | None) -> str:
    """Who asked the metadata URL, or what; empty where it was not yet written down."""
    if actor is None:
        return ""
    if actor == "worker":
        return _("on schedule")
    if actor.startswith("key:"):
        return _("through the API, with the key %(key)s") % {"key": actor.removeprefix("key:")}
    return _("by an operator")


def _address(visit: Visit) -> str:
    return connection_frame.address(visit, visit.params["id"], "/certificates")


PAGES = (
    Page(method="GET", path=CERTIFICATES, summary="A connection's certificates", least=Role.SUPPORT, show=listed),
    Page(
        method="GET",
        path=f"{CERTIFICATES}/{{kind}}/{{certificate}}",
        summary="One certificate",
        least=Role.SUPPORT,
        show=shown,
    ),
    *(
        Page(
            method="POST",
            path=f"{CONNECTION}{path}",
            summary=summary,
            least=Role.DEVELOPER,
            fresh=True,
            back=CERTIFICATES,
            aside=show is add,
            show=show,
        )
        for path, summary, show in (
            ("/metadata/fetch", "Ask the metadata URL now", fetch),
            ("/metadata/accept", "Accept another identity provider", accept),
            ("/certificates/{kind}", "One more certificate", add),
            ("/certificates/{kind}/{certificate}/activate", "Sign with this one", activate),
            ("/certificates/{kind}/{certificate}/remove", "Remove a certificate", remove),
        )
    ),
)
