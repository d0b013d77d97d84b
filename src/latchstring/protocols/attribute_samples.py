"""What is kept of an assertion so that a mapping can be tried on it, and by which name its person is found again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from latchstring.model.profile import Assertion
from latchstring.model.testimony import Testimony
from latchstring.protocols.attribute_lookup import first, index
from latchstring.protocols.attribute_names import GENERAL
from latchstring.protocols.email_address import email_domain, is_address

MAX_ATTRIBUTES = 200
MAX_VALUES = 200  # of one attribute: groups are the ones with many
MAX_LENGTH = 1000  # of one value, in characters; an identifier has 256, an address 254
MAX_SIZE = 32_000  # of all values together


def testimony(assertion: Assertion) -> Testimony:
    """At most some 32,000 characters of it: fifty of a connection are kept, whatever a provider sends."""
    kept: dict[str, tuple[str, ...]] = {}
    left = MAX_SIZE
    cut = len(assertion.attributes) > MAX_ATTRIBUTES
    for name, values in list(assertion.attributes.items())[:MAX_ATTRIBUTES]:
        held: list[str] = []
        for value in values[:MAX_VALUES]:
            if len(value) > min(MAX_LENGTH, left):
                cut = True
                continue
            held.append(value)
            left -= len(value)
        cut = cut or len(values) > MAX_VALUES
        kept[name[:MAX_LENGTH]] = tuple(held)
    return Testimony(
        subject=assertion.subject[:MAX_LENGTH],
        subject_format=assertion.subject_format,
        attributes=kept,
        friendly_names={friendly: name for friendly, name in assertion.friendly_names.items() if name in kept},
        email_trusted=assertion.email_trusted,
        email_claims=assertion.email_claims,
        cut=cut,
    )


def whose(assertion: Assertion) -> str:
    """The best-known name of the person, whatever the mapping, with the place where it stood.

    A transient NameID is another one at each try, so the usual identifiers come before it, and an address too.
    """
    hit = first(index(assertion), ("@NameID", *GENERAL["idp_id"]))
    if hit is not None:
        return f"{hit.source}\0{hit.values[0]}"
    address = next((value for _, value in addresses(assertion.attributes)), None)
    return f"address\0{address.strip().lower()}" if address else f"subject\0{assertion.subject}"


def known_as(said: Testimony) -> str:
    """What somebody who knows the person may know them by; a subject may be another one each time."""
    return next((value for _, value in addresses(said.attributes)), said.subject)


def addresses(attributes: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
    """Each value that is one plain e-mail address, with its attribute's Name."""
    return ((name, value) for name, values in attributes.items() for value in values if is_address(value))


def has_address_in(attributes: Mapping[str, tuple[str, ...]], domains: Iterable[str]) -> bool:
    """Whether anything that was sent is an address in one of these domains (lower case, punycode)."""
    wanted = frozenset(domains)
    return any(email_domain(value) in wanted for _, value in addresses(attributes))
