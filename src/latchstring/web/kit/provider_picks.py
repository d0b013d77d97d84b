"""Identity providers to choose from: which are offered, which a search finds, and in which groups they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from latchstring import guides
from latchstring.flows import magic_link
from latchstring.guides import Guide
from latchstring.web.kit.language import _

_PROTOCOLS = {"saml": "SAML", "oidc": "OpenID Connect", "oauth": "OAuth", "other": ""}
_COMMON, _CUSTOM, _SOCIAL = "common", "custom", "social"

Pick = tuple[str, str, str]  # type, name, and its protocol where the name does not say it


def name_of(type_: str) -> str:
    """A type as people know it: "Okta SAML" for OktaSAML."""
    guide = guides.guide(type_)
    return guide.name if guide else type_


def is_offered(guide: Guide) -> bool:
    return guide.protocol != "other" or guide.type == magic_link.TYPE


def found(search: str, offered: Callable[[Guide], bool] = is_offered) -> list[Guide]:
    """Those whose names have every word of it."""
    return [guide for guide in guides.load().values() if offered(guide) and _fits(guide, search)]


def _fits(guide: Guide, search: str) -> bool:
    words = f"{guide.name} {guide.type} {_PROTOCOLS[guide.protocol]}".lower()
    return all(word in words for word in search.lower().split())


def groups(found: Iterable[Guide], search: str) -> list[tuple[str, list[Pick]]]:
    """With the heading of each; what a search has found stands together, under none."""
    if search:
        return [("", [shown(guide) for guide in found])]
    headings = {
        _COMMON: _("Most asked for"),
        "more": _("More identity providers"),
        _CUSTOM: _("Any other one"),
        _SOCIAL: _("Accounts at a public service"),
    }
    sorted_: dict[str, list[Pick]] = {name: [] for name in headings}
    for guide in found:
        sorted_[_group(guide)].append(shown(guide))
    return [(headings[name], entries) for name, entries in sorted_.items() if entries]


def _group(guide: Guide) -> str:
    if guide.category == "custom":
        return _CUSTOM
    if guide.protocol in ("oauth", "other"):
        return _SOCIAL
    return _COMMON if guide.priority == 0 else "more"


def shown(guide: Guide) -> Pick:
    word = _PROTOCOLS[guide.protocol]
    return guide.type, guide.name, "" if word in guide.name or "OIDC" in guide.name else word
