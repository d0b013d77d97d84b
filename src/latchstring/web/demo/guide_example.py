"""A guide of a provider that there is not, with everything that a guide can have: for /dev/components."""

from __future__ import annotations

from datetime import date

import msgspec
from markupsafe import Markup

from latchstring.guides import Guide, drawing
from latchstring.guides.drawing import Drawing, Field
from latchstring.guides.exchange import Step, Term, Trouble
from latchstring.guides.snippet import Snippet
from latchstring.web.kit import guide_steps


class Given(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    label: str
    ours: str
    where: str
    value: str
    long: bool = False


GIVEN = (
    Given(
        name="acs_url",
        label="Single sign-on URL",
        ours="ACS URL",
        where="Settings",
        value="https://sso.example.com/acs",
    ),
)
EXAMPLE = Guide(
    type="GenericSAML",
    name="Example",
    protocol="saml",
    category="custom",
    priority=0,
    give=("acs_url",),
    want=("idp_metadata_url", "idp_cert"),
    attributes={"email": ("email",)},
    fields={
        "acs_url": Term("Single sign-on URL", "Settings"),
        "idp_metadata_url": Term("Metadata URL", "Sign On"),
        "idp_cert": Term("X.509 certificate"),
    },
    sends={"email": "user.email"},
    steps=(
        Step(
            title="Create the app",
            where="Applications > Create",
            text="Give it a name.",
            copy=("acs_url",),
            snippets=(Snippet("config.php", "php", "return ['acs' => '{acs_url}'];\n"),),
            drawing=Drawing(
                window="Example Admin",
                page="New application",
                menu=("Home", "Applications", "People"),
                here="Applications",
                fields=(
                    Field("Name"),
                    Field("Single sign-on URL", mark=True),
                    Field("Name ID format", "choice", "EmailAddress", mark=True),
                    Field("Sign assertion", "check", mark=True),
                    Field("Encrypt", "check", "off"),
                    Field("Save", "button", mark=True),
                ),
            ),
        ),
        Step(title="Send the attributes", sends=True),
        Step(title="Finish", fetch=("idp_metadata_url", "idp_cert")),
    ),
    quirks=("A change takes `10` minutes.",),
    errors=(Trouble("Error 404", "Look at the address."),),
    vendor_page="https://idp.example/help",
    verified_on=date(2026, 11, 25),
    verified_by="documentation",
)


def alone() -> guide_steps.StepRow:
    """Its first step once more, with names that the page does not have yet."""
    step = guide_steps.steps(EXAMPLE, GIVEN)[0]
    changed = msgspec.structs.replace
    return changed(
        step,
        snippets=[changed(one, id=f"{one.id}-alone") for one in step.snippets],
        picture=Markup(drawing.svg(EXAMPLE.steps[0].drawing, name="alone")) if EXAMPLE.steps[0].drawing else "",  # noqa: S704 - it escapes what it writes
    )
