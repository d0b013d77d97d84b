"""An environment's branding: changed by its developers, and looked up for a page that somebody sees."""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec

from latchstring.flows.house import House
from latchstring.model.branding import Branding, Logo
from latchstring.model.environment import Pass
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols import brand_colour, email_address, logo_image
from latchstring.protocols.logo_image import LogoUnfit
from latchstring.storage import brandings, front_door

MAX_NAME = 60
_EXTERNAL_KEY = re.compile(r"/([A-Za-z0-9]{25})(?:/|$)")
_LINK = re.compile(r"^/passwordless/([\w-]+)/confirm$")


def of(house: House, pass_: Pass) -> Branding:
    with house.database.read(pass_) as scope:
        return brandings.get(scope)


class NewLogo(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a logo: without a picture the one that is there stays, unless it is dropped."""

    data: bytes | None = None
    drop: bool = False


KEPT = NewLogo()


def change(
    house: House,
    pass_: Pass,
    *,
    application: str,
    accent: str,
    support: str,
    logo: NewLogo = KEPT,
    dark_logo: NewLogo = KEPT,
) -> Branding:
    """Everything anew, but for a logo that is kept. Raises `InvalidFields`, `LogoUnfit`."""
    picture = logo_image.read(logo.data) if logo.data else None
    try:
        dark = logo_image.read(dark_logo.data) if dark_logo.data else None
    except LogoUnfit as refusal:
        fault = FieldError("dark_logo", refusal.code, f"{refusal.message} {refusal.fix}")
        raise InvalidFields(errors=(fault,)) from None
    wished = _checked(application, accent, support)
    with house.database.write(pass_) as scope:
        if picture is None and not logo.drop:
            picture = brandings.logo(scope)
        if dark is None and not dark_logo.drop:
            dark = brandings.dark_logo(scope)
        wished = Branding(
            application=wished.application,
            accent=wished.accent,
            support=wished.support,
            logo=sha256(picture.data).hexdigest() if picture else None,
            dark_logo=sha256(dark.data).hexdigest() if dark else None,
        )
        brandings.put(scope, wished, picture, dark)
    return wished


def logo(house: House, client_id: str, digest: str) -> Logo | None:
    """The picture of this very hash, so that whoever has it may keep it."""
    pass_ = front_door.by_client_id(house.database, client_id)
    if pass_ is None:
        return None
    with house.database.read(pass_) as scope:
        both = (brandings.logo(scope), brandings.dark_logo(scope))
    return next((one for one in both if one is not None and sha256(one.data).hexdigest() == digest), None)


def of_request(
    house: House, path: str, client_id: str | None, logout_token: str | None = None
) -> tuple[str, Branding] | None:
    """Whose page it is, as far as the address tells: the client id, and the branding. A sign-in that shows no page
    never asks."""
    pass_ = front_door.by_logout(house.database, logout_token) if logout_token else _entered(house, path, client_id)
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
