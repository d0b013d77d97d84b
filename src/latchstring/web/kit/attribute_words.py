"""The attribute mapper in words: what a field is like, what a remedy would do, and values behind a mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from latchstring.flows.attribute_findings import Recommendation
from latchstring.model.testimony import Testimony
from latchstring.protocols.attribute_finding_words import FIXES, MESSAGES
from latchstring.protocols.attribute_findings import Finding
from latchstring.protocols.attribute_preview import Effect, Shortfall
from latchstring.protocols.attribute_refusals import AttributesMissing
from latchstring.protocols.attribute_samples import known_as
from latchstring.protocols.attribute_table import Row
from latchstring.protocols.email_address import EmailInvalid, is_address
from latchstring.web.kit import masks
from latchstring.web.kit.language import _, many

_MOST = 5  # values of one field in a row
_KINDS = {"error": "err", "warning": "warn", "notice": "idle"}

Verdict = tuple[str, str, str]  # mark, word, sentence


def verdict(row: Row, samples: int, *, frozen: bool) -> Verdict:
    """Whether what arrives is right, in words."""
    if samples == 0:
        return "idle", _("not seen yet"), ""
    if row.finding is not None:
        kind = _KINDS[row.finding.severity]
        return kind, {"err": _("no"), "warn": _("doubtful")}.get(kind, _("look")), _about(row.finding)
    if row.samples < samples:
        counts = {"held": row.samples, "samples": samples}
        words = _("arrives in %(held)s of %(samples)s sign-ins") % counts if row.samples else _("does not arrive")
        return ("err", _("no"), f"{words}, {_('and is required')}") if row.required else ("idle", _("empty"), words)
    if row.inside is False:
        return "warn", _("doubtful"), _("outside the organization's domains")
    words = {
        "email": _("in the organization's domains") if row.inside else _("an address"),
        "idp_id": _("the same at each sign-in") if frozen else "",
    }.get(row.field, "")
    return "ok", _("yes"), words


def rule(row: Row, *, frozen: bool) -> str:
    """What says where the field comes from."""
    if row.field == "idp_id" and frozen:
        return _("frozen")
    if row.own:
        return _("custom")
    return _("default")


def message(finding: Finding) -> str:
    return _(MESSAGES[finding.code]).format(source=finding.source)


def fix(finding: Finding) -> str:
    words = FIXES.get(finding.code)
    return _(words).format(source=finding.source) if words else ""


def apart(found: Sequence[Recommendation]) -> list[Recommendation]:
    """Without those that were dismissed, and those whose remedy is part of one that stands before them."""
    kept: list[Recommendation] = []
    for each in found:
        if each.dismissed:
            continue
        remedy = each.finding.maps.items()
        if not remedy or not any(remedy <= other.finding.maps.items() for other in kept):
            kept.append(each)
    return kept


def effect(found: Effect) -> str:
    """What a mapping does to the last sign-ins, in a sentence."""
    last = many("the last sign-in", "the last %(num)s sign-ins", found.samples) % {"num": found.samples}
    if found.samples == 0:
        return _("There is no sign-in yet to try it on.")
    if not found.changed:
        return _("Nothing changes for %(last)s.") % {"last": last}
    counts = (
        (("%(num)s becomes good", "%(num)s become good"), found.become_valid),
        (("%(num)s is refused from then on", "%(num)s are refused from then on"), found.become_invalid),
        (
            ("%(num)s comes out otherwise", "%(num)s come out otherwise"),
            found.changed - found.become_valid - found.become_invalid,
        ),
        (("%(num)s stays as it is", "%(num)s stay as they are"), found.unchanged),
    )
    told = ", ".join(many(*words, count) % {"num": count} for words, count in counts if count)
    return _("Of %(last)s: %(told)s.") % {"last": last, "told": told}


def values(held: Sequence[str], *, plain: bool) -> str:
    """Some of them, in a row."""
    shown = ", ".join(each if plain else mask(each) for each in held[:_MOST])
    more = len(held) - _MOST
    return f"{shown} {_('and %(count)s more') % {'count': more}}" if more > 0 else shown


def whose(said: Testimony, *, plain: bool) -> str:
    known = known_as(said)[:100]
    return known if plain else mask(known)


def mask(value: str) -> str:
    """Enough to know it again. The domain of an address is the customer's, and no person's."""
    return masks.email(value) if is_address(value) else masks.word(value)


def field(value: Any, *, plain: bool) -> str:
    """A field of a profile as it comes out."""
    if value is None or value in ("", []):
        return _("nothing")
    return values([str(each) for each in value] if isinstance(value, list | tuple) else [str(value)], plain=plain)


def shortfall(found: Shortfall | None, *, plain: bool) -> str | None:
    """Why there is no profile; the one message that holds a value of a person's says less behind the mask."""
    if found is None:
        return None
    if found.code == EmailInvalid.code and not plain:
        return _("What arrives as the e-mail is not one plain address.")
    if found.code == AttributesMissing.code:
        return _(AttributesMissing.meaning()).format(missing=", ".join(found.missing))
    return _(found.message)


def kinds(found: Sequence[str]) -> str:
    """What values look like."""
    return ", ".join(_kind_words().get(each, each) for each in found)


def _kind_words() -> Mapping[str, str]:
    return {
        "email": _("e-mail address"),
        "guest": _("guest of Entra ID"),
        "guid": _("object id"),
        "url": _("address of the web"),
        "number": _("number"),
        "boolean": _("yes or no"),
        "json": _("JSON"),
        "transient": _("another one each time"),
        "text": _("text"),
    }


def _about(finding: Finding) -> str:
    better = _("something better arrives")
    return {
        "email_in_first_name": _("looks like an e-mail address"),
        "email_in_last_name": _("looks like an e-mail address"),
        "name_in_email": _("looks like a name"),
        "email_missing": _("does not arrive"),
        "email_malformed": _("is not one plain address"),
        "email_is_id": _("looks like an object id"),
        "email_of_guest": _("is a guest of Entra ID, and no address"),
        "email_outside_domains": _("outside the organization's domains"),
        "identifier_transient": _("another one at each sign-in"),
        "identifier_missing": _("does not arrive"),
        "identifier_unfit": _("is not one plain value"),
        "identifier_is_email": _("changes when somebody is renamed"),
        "groups_joined": _("all in one value"),
        "groups_are_ids": _("object ids, and no names"),
        "groups_missing": _("does not arrive"),
        "groups_overage": _("more than Entra ID sends"),
    }.get(finding.code, better)
