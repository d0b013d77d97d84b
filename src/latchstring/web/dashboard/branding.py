"""/dashboard/{environment}/settings/branding: name, logo, colour and support address of the sign-in pages."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring.flows import branding as flow
from latchstring.flows.branding import NewLogo
from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields
from latchstring.protocols import brand_colour
from latchstring.protocols.logo_image import LogoUnfit
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit import brand
from latchstring.web.kit.message import Reply, redirect

BRANDING = f"{HOME}/{{environment}}/settings/branding"
_FIELDS = ("application", "accent", "support")


def shown(house: House, visit: Visit) -> Reply:
    return _page(house, visit)


def save(house: House, visit: Visit) -> Reply:
    sent = browser.form(visit.inbound)
    typed = {name: sent.get(name, "")[:300] for name in _FIELDS}
    files = browser.files(visit.inbound)

    def new(name: str) -> NewLogo:
        return NewLogo(data=files[name].content if name in files else None, drop=f"drop_{name}" in sent)

    try:
        flow.change(
            house,
            visit.pass_,
            application=typed["application"],
            accent=typed["accent"],
            support=typed["support"],
            logo=new("logo"),
            dark_logo=new("dark_logo"),
        )
    except InvalidFields as refusal:
        return _page(house, visit, typed=typed, errors={fault.field: fault.message for fault in refusal.errors})
    except LogoUnfit as refusal:
        return _page(house, visit, typed=typed, errors={"logo": f"{refusal.message} {refusal.fix}"})
    return redirect(f"{BRANDING.format(environment=visit.pass_.environment_id)}?saved=yes")


def _page(
    house: House, visit: Visit, *, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] = {}
) -> Reply:
    found = flow.of(house, visit.pass_)
    now = {name: getattr(found, name) or "" for name in _FIELDS}
    text = brand_colour.text_on(found.accent) if found.accent else None
    return render(
        house,
        visit,
        "dashboard_branding.html",
        status=422 if errors else 200,
        address=BRANDING.format(environment=visit.pass_.environment_id),
        typed=typed or now,
        errors={**dict.fromkeys((*_FIELDS, "logo", "dark_logo")), **errors},
        failed=bool(errors),
        saved=not errors and b"saved=yes" in visit.inbound.query,
        brand=brand.shown(visit.pass_.client_id, found),
        contrast=f"{brand_colour.contrast(text, found.accent):.1f}" if text and found.accent else None,
        white_text=text == "#ffffff",
        may_change=visit.operator.role.may(Role.DEVELOPER),
    )


PAGES = (
    Page(method="GET", path=BRANDING, summary="Branding of sign-in pages", least=Role.SUPPORT, show=shown),
    Page(
        method="POST",
        path=BRANDING,
        summary="Change the branding",
        least=Role.DEVELOPER,
        show=save,
        max_body=262_144,
    ),
)
