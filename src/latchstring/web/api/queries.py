"""The query parameters of lists, for the OpenAPI document."""

from __future__ import annotations

from latchstring.web.kit.route import Parameter

PAGING = (
    Parameter(name="limit", about="1 to 100; 10 if absent."),
    Parameter(name="order", about="`desc` (newest first), `asc`, or `normal`."),
    Parameter(name="before", about="The id before whose object the page ends."),
    Parameter(name="after", about="The id after whose object the page begins."),
)
ORGANIZATIONS = (
    *PAGING,
    Parameter(name="domains", about="Only organizations with one of these domains.", many=True),
    Parameter(name="search", about="Only organizations with this in their name."),
)
CONNECTIONS = (
    *PAGING,
    Parameter(name="connection_type", about="Only connections of this type."),
    Parameter(name="organization_id", about="Only connections of this organization."),
    Parameter(name="domain", about="Only connections of an organization with this domain."),
    Parameter(name="search", about="Only connections with this in their name."),
)
