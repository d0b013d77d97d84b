"""A domain as the pages show it: its record for DNS, how the search for it goes, and what is wrong with a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring.flows import domains
from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.organization import Domain
from latchstring.model.refusal import FieldError
from latchstring.protocols import domain_proof as record
from latchstring.web.kit.language import _


def row(house: House, pass_: Pass, domain: Domain) -> dict[str, Any]:
    """What `ui.domain` shows."""
    watch = None if domain.state.is_verified else domains.get(house, pass_, domain.id).watch
    token = domain.verification_token if watch is not None else None
    return {
        "domain": domain,
        "record": token
        and {"name": domain.domain, "value": record.wanted(prefix=domain.verification_prefix or "", token=token)},
        "shortfall": watch.shortfall.message if watch is not None and watch.shortfall is not None else None,
        "looked_at": watch.looked_at if watch is not None else None,
        "next_at": watch.next_at if watch is not None else None,
    }


def explained(fault: FieldError) -> str:
    """What is wrong with a field, and for a domain why that rule is there."""
    reasons: Mapping[str, str] = {
        "domain_is_consumer": _(
            "If it were the organization's, everybody with such an address could come in as one of its people. "
            "Leave it out; where an identity provider does bring such addresses, allow profiles outside the "
            "organization in its settings."
        ),
        "domain_is_public": _("Name the domain that the organization has registered below it."),
        "domain_invalid": _("Write it without https:// and without a path, like acme.example."),
    }
    return " ".join(part for part in (fault.message, reasons.get(fault.code, "")) if part)
