"""/portal/provider: which identity provider it is, found by its name; and a link for a colleague who knows."""

from __future__ import annotations

from datetime import timedelta

from latchstring import guides
from latchstring.flows import portal_choice, portal_links
from latchstring.flows.house import House
from latchstring.flows.portal_choice import PortalChoiceLosesDetails, PortalProviderUnknown
from latchstring.flows.portal_links import Ends, Made, PortalLinkActive
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.model.portal import Intent, LinkKind
from latchstring.web.kit import decode, provider_picks
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import places
from latchstring.web.portal.guard import PortalPage, PortalVisit, render
from latchstring.web.portal.places import HOME

PROVIDER = f"{HOME}/provider"
_COLLEAGUE = f"{PROVIDER}/colleague"
_FOR_A_COLLEAGUE = timedelta(days=3)
_INTENTS = frozenset({Intent.SSO})


def show(house: House, visit: PortalVisit) -> Reply:
    return _page(house, visit)


def choose(house: House, visit: PortalVisit) -> Reply:
    type_ = visit.sent.get("type", "")
    try:
        portal_choice.choose(
            house,
            visit.pass_,
            visit.organization.id,
            visit.progress,
            type_,
            seen=visit.seen,
            by=visit.by,
            confirmed=visit.sent.get("sure") == "yes",
            called=_called(visit, type_),
        )
    except PortalProviderUnknown as refusal:
        return _page(house, visit, error=f"{_(refusal.message)} {_(refusal.fix)}")
    except PortalProgressStale as refusal:
        return _page(house, visit, stale=refusal)
    except PortalChoiceLosesDetails as refusal:
        return render(
            house,
            visit,
            "portal_provider_change.html",
            place="provider",
            status=409,
            type=type_,
            called=_called(visit, type_),
            type_name=provider_picks.name_of(type_),
            before_name=provider_picks.name_of(refusal.connection_type),
            in_use=refusal.in_use,
        )
    return redirect(places.after(visit.intent, "provider"), status=303)


def colleague(house: House, visit: PortalVisit) -> Reply:
    return render(
        house, visit, "portal_colleague.html", place="provider", made=None, shared=_is_shared(visit), taken=False
    )


def make_link(house: House, visit: PortalVisit) -> Reply:
    """For three days, beside the session of whoever hands it on; it stands in the audit log and in the Dashboard."""
    made: Made | None = None
    if not _is_shared(visit):
        ends = Ends(return_url=visit.link.return_url, success_url=visit.link.success_url, options=visit.link.options)
        try:
            made = portal_links.make_set_up(
                house, visit.pass_, visit.organization.id, ends=ends, replaces=False, lives=_FOR_A_COLLEAGUE
            )
        except PortalLinkActive:
            made = None
    return render(
        house,
        visit,
        "portal_colleague.html",
        place="provider",
        made=made.url.reveal() if made else None,
        shared=_is_shared(visit),
        taken=made is None,
    )


def _page(
    house: House, visit: PortalVisit, *, error: str | None = None, stale: PortalProgressStale | None = None
) -> Reply:
    search = decode.singles(decode.pairs(visit.inbound.query)).get("search", "").strip()[:100]
    found = provider_picks.found(search, portal_choice.is_offered)
    chosen, suggested = visit.progress.connection_type, visit.link.options.provider_type
    return render(
        house,
        visit,
        "portal_provider.html",
        place="provider",
        status=422 if error else 200,
        stale=stale,
        error=error,
        search=search,
        groups=provider_picks.groups(found, search),
        chosen=(chosen, provider_picks.name_of(chosen)) if chosen else None,
        suggested=(suggested, provider_picks.name_of(suggested))
        if suggested and not chosen and _is_one(suggested)
        else None,
    )


def _is_shared(visit: PortalVisit) -> bool:
    """The link opens for everybody who has it, so there is nothing to be made."""
    return visit.link.kind is LinkKind.SET_UP


def _is_one(type_: str) -> bool:
    guide = guides.guide(type_)
    return guide is not None and portal_choice.is_offered(guide)


def _called(visit: PortalVisit, type_: str) -> str:
    """What somebody typed whose identity provider is not listed; every other one has its name."""
    guide = guides.guide(type_)
    custom = guide is not None and guide.category == "custom"
    return " ".join(visit.sent.get("called", "").split())[:100] if custom else ""


PAGES = (
    PortalPage(method="GET", path=PROVIDER, summary="The identity providers", intents=_INTENTS, show=show),
    PortalPage(method="POST", path=PROVIDER, summary="Choose an identity provider", intents=_INTENTS, show=choose),
    PortalPage(method="GET", path=_COLLEAGUE, summary="Ask a colleague", intents=_INTENTS, show=colleague),
    PortalPage(method="POST", path=_COLLEAGUE, summary="Make a link for a colleague", intents=_INTENTS, show=make_link),
)
