"""The people of an organization, as their identity providers described them last: listed, and found by address."""

from __future__ import annotations

from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.profile import Profile
from latchstring.storage import profiles
from latchstring.storage.paging import Page, Window


def page(
    house: House, pass_: Pass, window: Window, *, organization_id: str, search: str | None, whole: bool
) -> Page[Profile]:
    """Newest first. `search` is a part of the e-mail address; where `whole`, all of it."""
    with house.database.read(pass_) as scope:
        return profiles.page_of_organization(scope, window, organization_id, search=search, whole=whole)
