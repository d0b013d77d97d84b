"""Links into the Admin Portal as the application's back end asks for them (contract 5)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from latchstring import guides
from latchstring.flows import it_contacts, portal_links
from latchstring.flows.house import House
from latchstring.flows.portal_links import Ends, Made
from latchstring.model.environment import Pass
from latchstring.model.portal import Intent, IntentOptions, LinkKind
from latchstring.model.refusal import FieldError, InvalidFields, InvalidRequest
from latchstring.protocols import email_address, portal_url
from latchstring.storage import organizations

MAX_EMAILS = 20
MAX_USER = 255
MAX_SLUG = 255
NOT_YET = ("dsync", "audit_logs", "log_streams", "bring_your_own_key")  # of the contract's, and not of ours


class PortalOrganizationUnknown(InvalidRequest):
    """Could not find an organization with the id, {organization}."""

    code = "portal_organization_unknown"
    fix = "Send the id of an organization of the same environment as the API key."
    organization: str


class PortalIntentNotOffered(InvalidRequest):
    """The Admin Portal does not offer the intent '{intent}' yet."""

    code = "portal_intent_not_offered"
    fix = "Ask for one of `sso`, `domain_verification` and `certificate_renewal`."
    intent: str


class SsoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is known already of a connection that is to be set up."""

    bookmark_slug: str | None = None
    provider_type: str | None = None


class OptionsWish(msgspec.Struct, frozen=True, kw_only=True):
    """By intent."""

    sso: SsoOptions | None = None


class PortalLinkWish(msgspec.Struct, frozen=True, kw_only=True):
    """What POST /portal/generate_link takes. SDKs send nulls for what is not set."""

    organization: str
    intent: str | None = None
    return_url: str | None = None
    success_url: str | None = None
    intent_options: OptionsWish | None = None
    it_contact_emails: list[str] | None = None
    admin_emails: list[str] | None = None  # the other name of the same
    external_user_id: str | None = None


def generate(house: House, pass_: Pass, wish: PortalLinkWish) -> Made:
    """A link that opens once, within five minutes. Those named as IT contacts become the organization's.

    Raises `PortalOrganizationUnknown`, `PortalIntentNotOffered`, `InvalidFields`.
    """
    if wish.intent in NOT_YET:
        raise PortalIntentNotOffered(intent=wish.intent)
    emails = list(dict.fromkeys([*(wish.it_contact_emails or ()), *(wish.admin_emails or ())]))
    faults = tuple(_faults(pass_, wish, emails))
    if faults:
        raise InvalidFields(errors=faults)
    sso = wish.intent_options.sso if wish.intent_options and wish.intent_options.sso else SsoOptions()
    with house.database.write(pass_) as scope:
        if organizations.get(scope, wish.organization) is None:
            raise PortalOrganizationUnknown(organization=wish.organization[:100])
        for email in emails:
            it_contacts.add_within(house, scope, wish.organization, email)
        return portal_links.add_within(
            house,
            scope,
            pass_,
            wish.organization,
            kind=LinkKind.API,
            intent=Intent(wish.intent or Intent.SSO.value),
            ends=Ends(
                return_url=wish.return_url,
                success_url=wish.success_url,
                options=IntentOptions(provider_type=sso.provider_type, bookmark_slug=sso.bookmark_slug),
            ),
            external_user_id=wish.external_user_id,
        )


def _faults(pass_: Pass, wish: PortalLinkWish, emails: list[str]) -> Iterator[FieldError]:
    if wish.intent is not None and wish.intent not in {each.value for each in Intent}:
        offered = ", ".join(each.value for each in Intent)
        yield FieldError("intent", "intent_invalid", f"intent must be one of: {offered}.")
    for field, url in (("return_url", wish.return_url), ("success_url", wish.success_url)):
        fault = portal_url.fault(pass_.kind, field, url) if url is not None else None
        if fault is not None:
            yield fault
    named = "admin_emails" if wish.admin_emails and not wish.it_contact_emails else "it_contact_emails"
    if len(emails) > MAX_EMAILS:
        yield FieldError(named, "too_many_emails", f"{named} has at most {MAX_EMAILS} addresses.")
    elif not all(email_address.is_address(each) for each in emails):
        yield FieldError(named, "email_invalid", f"{named} must be plain addresses such as it@acme.example.")
    if wish.external_user_id is not None and not 0 < len(wish.external_user_id) <= MAX_USER:
        text = f"external_user_id has 1 to {MAX_USER} characters."
        yield FieldError("external_user_id", "external_user_id_invalid", text)
    sso = wish.intent_options.sso if wish.intent_options else None
    if sso and sso.provider_type is not None and not _can_be_set_up(sso.provider_type):
        text = "provider_type must be a connection type that an IT admin can set up, such as OktaSAML."
        yield FieldError("intent_options.sso.provider_type", "provider_type_unknown", text)
    if sso and sso.bookmark_slug is not None and len(sso.bookmark_slug) > MAX_SLUG:
        text = f"bookmark_slug has at most {MAX_SLUG} characters."
        yield FieldError("intent_options.sso.bookmark_slug", "bookmark_slug_too_long", text)


def _can_be_set_up(type_: str) -> bool:
    guide = guides.guide(type_)
    return guide is not None and guide.protocol in ("saml", "oidc")
