"""The Dashboard's table: every page with the least role that may see it, each module's own pages at its end."""

from __future__ import annotations

from latchstring.web.dashboard import (
    access,
    account,
    api_keys,
    attributes,
    audit,
    awaiting,
    connection_certificates,
    connection_creation,
    connection_set_up,
    connections,
    custom_attributes,
    factors,
    home,
    organization_domains,
    organization_profiles,
    organization_settings,
    organizations,
    passkeys,
    redirect_uris,
    second_factor,
    sign_in_tests,
    team,
)
from latchstring.web.dashboard.guard import OpenPage, Page

PAGES: tuple[Page | OpenPage, ...] = (
    *access.PAGES,
    *second_factor.PAGES,
    *passkeys.PAGES,
    *account.PAGES,
    *attributes.PAGES,
    *awaiting.PAGES,
    *factors.PAGES,
    *audit.PAGES,
    *home.PAGES,
    *organizations.PAGES,
    *custom_attributes.PAGES,
    *connections.PAGES,
    *connection_certificates.PAGES,
    *connection_creation.PAGES,
    *connection_set_up.PAGES,
    *organization_domains.PAGES,
    *organization_profiles.PAGES,
    *organization_settings.PAGES,
    *sign_in_tests.PAGES,
    *api_keys.PAGES,
    *redirect_uris.PAGES,
    *team.PAGES,
)
