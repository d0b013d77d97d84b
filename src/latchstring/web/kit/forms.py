"""Forms of pages that know their reader: what was sent, and whether it was sent from a page of ours (WEB-03)."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from latchstring.flows.house import House
from latchstring.web.kit import decode, multipart
from latchstring.web.kit.message import Inbound

_FIELDS = 1000  # of a form: an environment may have 110 custom attributes, and a mapping several boxes for each
_CSRF = "csrf"


def csrf(secret: str) -> str:
    """The token of every form of this session. Whoever has it knows nothing of the secret it is made of."""
    return urlsafe_b64encode(hmac.digest(secret.encode("utf-8", "surrogatepass"), b"csrf", sha256)).decode().rstrip("=")


def fields(inbound: Inbound) -> Mapping[str, str]:
    """The fields of a form; its files, if it may have some, are in `files`."""
    if inbound.content_type == "multipart/form-data":
        return multipart.read(inbound).fields
    return decode.singles(decode.pairs(inbound.body, most=_FIELDS))


def files(inbound: Inbound) -> Mapping[str, multipart.File]:
    return multipart.read(inbound).files if inbound.content_type == "multipart/form-data" else {}


def stood_here(house: House, inbound: Inbound) -> bool:
    """Whether the browser says that the form stood on a page of ours.

    Every browser of the last years sends Sec-Fetch-Site. Our pages send no referrer, and so Origin is often `null`;
    where it is an address it must be ours, and where nothing else speaks it must be there.
    """
    site, origin = inbound.header(b"sec-fetch-site"), inbound.header(b"origin")
    ours = urlsplit(house.base_url)
    if site is not None and site != "same-origin":
        return False
    known = origin == f"{ours.scheme}://{ours.netloc}"
    return known or (site is not None and origin in (None, "null"))


def is_of_session(inbound: Inbound, secret: str) -> bool:
    """Whether the form carries this session's token."""
    sent = fields(inbound).get(_CSRF, "")
    return hmac.compare_digest(sent.encode("utf-8", "replace"), csrf(secret).encode())
