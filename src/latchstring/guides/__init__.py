"""Providers as data: reads the Markdown files beside this one, and the list of connection types is their list.

A guide is one file. Between two `+++` lines stands its front matter in TOML, whose keys are the fields of `Guide`;
after it the text in Markdown. The file is named for the type in lower case, with hyphens where they read well:
`okta-saml.md` is `OktaSAML`. A new provider is a new file and nothing else. In `[attributes]`, each profile field has
its sources in order of trust: attribute or claim names, or `@NameID` for the subject (`protocols.attributes`).
`[fields]`, `[sends]` and `[[steps]]` are the set-up in the provider's own words (`guides.exchange`), with what is
pasted as a whole (`guides.snippet`) and drawings of pages (`guides.drawing`). Where a refused sign-in is mended stands
in `[fixes.<topic>]` (`guides.remedies`), and what the provider itself says in `[[errors]]`. `verified_on` is the day
on which somebody compared all of this with `verified_by`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from latchstring.guides import drawing, remedies, snippet
from latchstring.guides.exchange import Step, Term, Trouble
from latchstring.guides.remedies import HostedBy, Place, Topic

_FENCE = "+++\n"

Protocol = Literal["saml", "oidc", "oauth", "other"]

Category = Literal[
    "custom", "education", "enterprise", "government", "hr", "migration", "passwordless", "social", "state", "test"
]

Give = Literal[
    "acs_url",
    "acs_url_regex",
    "app_redirect_uri",
    "logout_redirect_uri",
    "public_cert",
    "redirect_uri",
    "relay_state",
    "sign_in_url",
    "sp_entity_id",
    "sp_metadata_url",
    "sp_signing_cert",
]
"""What the customer's administrator copies from us into the provider."""

Want = Literal[
    "apple_key_id",
    "apple_private_key",
    "apple_team_id",
    "client_id",
    "client_secret",
    "client_tls_cert",
    "client_tls_key",
    "discovery_endpoint",
    "idp_cert",
    "idp_entity_id",
    "idp_metadata_url",
    "idp_metadata_xml",
    "idp_sso_url",
]
"""What we ask back, the preferred way first."""

VerifiedBy = Literal["run", "documentation", "others"]
"""`run`: this product's tests sign in there. `documentation`: the vendor's pages say so. `others`: the vendor's pages
were not to be had, and what other people published says so."""

Field = Annotated[str, msgspec.Meta(pattern="^(idp_id|email|first_name|last_name|name|groups)$")]
Source = Annotated[str, msgspec.Meta(pattern=r"^(@NameID(:emailAddress|:persistent)?|[^@\s]\S*)$")]


class Guide(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One provider: its connection type, what is exchanged to set it up, and how it names the profile's fields."""

    type: str  # the API's connection_type, as responses spell it
    name: str
    protocol: Protocol
    category: Category
    priority: int  # 0: among the first in the picker
    give: tuple[Give, ...]
    want: tuple[Want, ...]
    attributes: dict[Field, tuple[Source, ...]]  # this type's defaults, behind the connection's own mapping
    login_hint: str | None = None  # the parameter with which its sign-in page is told who is coming
    assertion_audience: Literal["issuer", "token_endpoint"] = "issuer"  # whom private_key_jwt names as its reader
    hosted_by: HostedBy = "vendor"  # whose servers it runs on: whose clock it is, and who updates it
    fields: dict[Give | Want, Term] = {}  # the provider's own words for what is exchanged
    sends: dict[str, str] = {}  # the attribute that is to be sent -> where its value comes from at the provider
    steps: tuple[Step, ...] = ()  # what is done there, in order
    quirks: tuple[str, ...] = ()  # what is unlike elsewhere, and good to know before
    errors: tuple[Trouble, ...] = ()  # what the provider itself says when something is wrong
    vendor_page: str = ""  # where the vendor describes this
    verified_on: date | None = None
    verified_by: VerifiedBy | None = None
    fixes: dict[Topic, Place] = {}  # where the customer's administrator mends what refuses a sign-in
    body: str = ""  # Markdown; stands behind the front matter, not in it


def read(folder: Path) -> Mapping[str, Guide]:
    """The guides in `folder` by type, those of the first priority first. Raises `ValueError`, naming file and fault."""
    guides: dict[str, Guide] = {}
    for path in sorted(folder.glob("*.md")):
        try:
            entry = _parse(path.read_text(encoding="utf-8"))
            _check(entry)
            if path.stem.replace("-", "") != entry.type.lower():
                raise ValueError(f"the file is not named for its type {entry.type}")
            if entry.type in guides:
                raise ValueError(f"the type {entry.type} has another guide already")
        except ValueError as fault:  # msgspec and TOML errors are ValueErrors
            raise ValueError(f"{path.name}: {fault}") from fault
        guides[entry.type] = entry
    return dict(sorted(guides.items(), key=lambda item: item[1].priority))


def _check(entry: Guide) -> None:
    """What no type says: steps exchange only what is exchanged, and SAML and OpenID Connect are wholly described."""
    for step in entry.steps:
        if set(step.copy) - set(entry.give):
            raise ValueError("a step copies what is not given")
        if set(step.fetch) - set(entry.want):
            raise ValueError("a step fetches what is not wanted")
        for piece in step.snippets:
            if snippet.placeholders(piece) - set(entry.give):
                raise ValueError(f"the snippet {piece.title!r} holds what is not given")
        if step.drawing is not None and (unfit := drawing.faults(step.drawing)):
            raise ValueError(f"the drawing of {step.drawing.page!r}: {'; '.join(unfit)}")
        if {*step.copy, *step.fetch} - set(entry.fields):
            raise ValueError("a step exchanges what the provider has no word for")
    if entry.vendor_page and not entry.vendor_page.startswith("https://"):
        raise ValueError("the vendor's page is an https address")
    if entry.protocol in ("saml", "oidc"):
        _check_described(entry)


def _check_described(entry: Guide) -> None:
    """Whoever knows their identity provider alone gets through with the steps."""
    if not (entry.vendor_page and entry.verified_on and entry.verified_by):
        raise ValueError("it needs vendor_page, verified_on and verified_by")
    copied = {name for step in entry.steps for name in step.copy}
    fetched = {name for step in entry.steps for name in step.fetch}
    for deed, missing in (("copies", {*entry.give} - copied), ("fetches", {*entry.want} - fetched)):
        if missing:
            raise ValueError(f"no step {deed} {', '.join(sorted(missing))}")
    if entry.protocol == "saml" and not (entry.sends and any(step.sends for step in entry.steps)):
        raise ValueError("no step enters attributes")
    if not (entry.fixes or entry.errors):
        raise ValueError("it says nothing of errors")


def _parse(text: str) -> Guide:
    before, fence, rest = text.partition(_FENCE)
    front, closing, body = rest.partition("\n" + _FENCE)
    if before or not fence or not closing:
        raise ValueError("the front matter must stand at the top, between two lines of +++")
    entry = msgspec.toml.decode(front, type=Guide)
    if entry.body:
        raise ValueError("the text stands behind the front matter, not in it")
    return msgspec.structs.replace(entry, body=body)


@cache
def load() -> Mapping[str, Guide]:
    """All guides of the package by type; the files are read at the first call, a few milliseconds."""
    return read(Path(__file__).parent)


def types() -> tuple[str, ...]:
    """All connection types, spelled as responses spell them."""
    return tuple(load())


def guide(connection_type: str) -> Guide | None:
    """The guide of a type, in any case: the API's list filter spells `GithubOAuth` where objects say `GitHubOAuth`."""
    return _by_lower_case().get(connection_type.lower())


@cache
def _by_lower_case() -> Mapping[str, Guide]:
    return {name.lower(): entry for name, entry in load().items()}


def fix(code: str, connection_type: str, say: Callable[[str], str] = str) -> str | None:
    """What to change at this type's identity provider about the refusal `code`, in its own menu words.

    A sentence or more, with code in `backticks`; None if nothing is known beyond the refusal's own `fix`. `say` puts
    our sentences into another language; menu words stay.
    """
    entry = guide(connection_type)
    if entry is None or not entry.fixes:
        return None
    topics = remedies.TOPICS.get(entry.protocol, {}).get(code, ())
    product = remedies.product(entry.name)
    return remedies.told(topics, product=product, hosted_by=entry.hosted_by, places=entry.fixes, say=say) or None
