"""What each finding of the attribute mapper says, and what the identity provider could do; {source} is an attribute."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring.protocols.groups import OVERAGE

_ONE_ADDRESS = "Send one plain address, name@domain, as `email`."

MESSAGES: Mapping[str, str] = {
    "email_in_first_name": "The first name receives an e-mail address ('{source}').",
    "email_in_last_name": "The last name receives an e-mail address ('{source}').",
    "name_in_email": "The e-mail receives a name ('{source}').",
    "email_missing": "Nothing feeds the e-mail address.",
    "email_malformed": "The e-mail receives what is not one plain address ('{source}').",
    "email_is_id": "The e-mail receives an object id ('{source}').",
    "email_of_guest": "A guest account of Entra ID: its user principal name (#EXT#) is no e-mail address.",
    "email_outside_domains": "The e-mail ('{source}') is in none of the organization's verified domains.",
    "identifier_transient": "The only identifier is a transient NameID, which is another one at each sign-in.",
    "identifier_missing": (
        "Nothing feeds the identifier; or what people of this connection are known by does not arrive."
    ),
    "identifier_unfit": (
        "The identifier ('{source}') has several values, or is too long, or holds control characters."
    ),
    "identifier_is_email": "The identifier is the e-mail address: whoever is renamed becomes a new person.",
    "groups_joined": (
        "All groups arrive in one value, with semicolons or commas between them: that is one group here."
    ),
    "groups_are_ids": "All groups are object ids, as Entra ID sends them, and no names.",
    "groups_missing": "No groups arrive.",
    OVERAGE.code: OVERAGE.message,
    "better_source_for_first_name": "`first_name` stays empty, and '{source}' looks like it.",
    "better_source_for_last_name": "`last_name` stays empty, and '{source}' looks like it.",
    "better_source_for_name": "`name` stays empty, and '{source}' looks like it.",
}

FIXES: Mapping[str, str] = {
    "email_in_first_name": "Send the first name in '{source}', and the address as `email`.",
    "email_in_last_name": "Send the last name in '{source}', and the address as `email`.",
    "name_in_email": _ONE_ADDRESS,
    "email_missing": _ONE_ADDRESS,
    "email_malformed": _ONE_ADDRESS,
    "email_is_id": "Send the address that people write to as `email`.",
    "email_of_guest": "Send user.mail instead of the user principal name: of a guest that one is no address.",
    "email_outside_domains": _ONE_ADDRESS,
    "identifier_transient": "Release a persistent NameID, or an attribute that never changes, such as an object id.",
    "identifier_missing": "Send it, or send it again: another identifier makes people strangers.",
    "identifier_unfit": "Send an identifier with one plain value of at most 256 characters.",
    "identifier_is_email": "Send an identifier that never changes, such as an object id, and map `idp_id` to it.",
    "groups_joined": "Send each group as a value of its own.",
    "groups_are_ids": (
        "Let Entra ID send the names of groups (`sAMAccountName` or cloud-only display names), or app roles."
    ),
    "groups_missing": "If your application needs groups, let the identity provider send them as `groups`.",
}
