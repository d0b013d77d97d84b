"""An environment's branding: changed by its developers, and looked up for a page that somebody sees."""

from __future__ import annotations

import re
from hashlib import sha256

from latchstring.flows.house import House
from latchstring.model.branding import Branding, Logo
from latchstring.model.environment import Pass
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols import brand_colour, email_address, logo_image
from latchstring.storage import brandings, front_door

MAX_NAME = 60
_EXTERNAL_KEY = re.compile(r"/([A-Za-z0-9]{25})(?:/|$)")
_LINK = re.compile(r"^/passwordless/([\w-]+)/confirm$")


def of(house: House, pass_: Pass) -> Branding:
    with house.database.read(pass_) as scope:
        return brandings.get(scope)


def change(
    house: House, pass_: Pass, *, application: str, accent: str, support: str, logo: bytes | None, drop_logo: bool
) -> Branding:
    """Everything anew; `logo`: None keeps the one that is there. Raises `InvalidFields`, `LogoUnfit`."""
    picture = logo_image.read(logo) if logo else None
    wished = _checked(application, accent, support)
    with house.database.write(pass_) as scope:
        if picture is None and not drop_logo:
            picture = brandings.logo(scope)
        wished = Branding(
            application=wished.application,
            accent=wished.accent,
            support=wished.support,
            logo=sha256(picture.data).hexdigest() if picture else None,
        )
        brandings.put(scope, wished, picture)
    return wished


def logo(house: House, client_id: str, digest: str) -> Logo | None:
    """The picture of this very hash, so that whoever has it may keep it."""
    pass_ = front_door.by_client_id(house.database, client_id)
    if pass_ is None:
        return None
    with house.database.read(pass_) as scope:
        found = brandings.logo(scope)
    return found if found is not None and sha256(found.data).hexdigest() == digest else None


def of_request(house: House, path: str, client_id: str | None) -> tuple[str, Branding] | None:
    """Whose page it is, as far as the address tells: the client id, and the branding. A sign-in that shows no page
    never asks."""
    pass_ = _entered(house, path, client_id)
    if pass_ is None:
        return None
    found = of(house, pass_)
    return None if found == Branding() else (pass_.client_id, found)


def _entered(house: House, path: str, client_id: str | None) -> Pass | None:
    if client_id:
        return front_door.by_client_id(house.database, client_id)
    if found := _LINK.search(path):
        return front_door.by_magic_link(house.database, found[1])
    if found := _EXTERNAL_KEY.search(path):
        entered = front_door.by_external_key(house.database, house.vault, found[1])
        return entered[0] if entered else None
    return None


def _checked(application: str, accent: str, support: str) -> Branding:
    faults = []
    name = " ".join("".join(c if c.isprintable() else " " for c in application).split())
    if len(name) > MAX_NAME:
        faults.append(FieldError("application", "name_length", f"A name has at most {MAX_NAME} characters."))
    colour = brand_colour.colour(accent) if accent.strip() else None
    if accent.strip() and colour is None:
        faults.append(FieldError("accent", "colour_invalid", "Give a colour such as #3b4fd8."))
    address = support.strip()
    if address and not email_address.is_address(address):
        faults.append(FieldError("support", "email_invalid", "Give one plain address such as help@acme.example."))
    if faults:
        raise InvalidFields(errors=tuple(faults))
    return Branding(application=name or None, accent=colour, support=address or None)
