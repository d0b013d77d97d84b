"""The result of a test sign-in in words: each check with what it means, who mends it and how, and what arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from latchstring import guides
from latchstring.flows import kept_refusals, trace, trace_checks, trace_differences
from latchstring.model.sign_in_test import Check, Outcome, Problem, Remark, Result, SignInTest
from latchstring.web.kit.language import _, day


def shown(test: SignInTest, connection_type: str, *, values: bool = True) -> dict[str, Any] | None:
    """The values of `ui.test_result`; None: there is no result. `values`: whether what was said of the person is there
    (WEB-14)."""
    outcome = test.outcome
    if outcome is None or test.begun_at is None or test.ended_at is None:
        return None
    trouble = outcome.problem
    return {
        "passed": outcome.passed,
        "proven": outcome.proven,
        "trouble": trouble and _problem(trouble, connection_type, values=values),
        "checks": [_check(check, connection_type, values=values) for check in outcome.checks],
        "failures": sum(check.result is Result.FAILED for check in outcome.checks),
        "remarks": [remark(one) for one in outcome.remarks],
        "mapped": _mapped(outcome, values=values),
        "arrived": [(name, list(held) if values else []) for name, held in outcome.attributes.items()],
        "facts": _facts(outcome, test, values=values),
        "ended_at": test.ended_at,
    }


def message(trouble: Problem, *, values: bool) -> str:
    text = kept_refusals.message(trouble.code, trouble.facts, trouble.message, _)
    return text if values else trace.without_addresses(text)


def _problem(trouble: Problem, connection_type: str, *, values: bool) -> dict[str, Any]:
    return {
        "code": trouble.code,
        "message": message(trouble, values=values),
        "mender": menders().get(trouble.mender, trouble.mender),
        "fix": guides.fix(trouble.code, connection_type, _) or _(trouble.fix),
        "facts": list(_differences(trouble, values=values)),
    }


def _differences(trouble: Problem, *, values: bool) -> Iterator[tuple[str, str]]:
    """Expected, received, and what differs in words, as the trace of a sign-in has it."""
    for row in trace_differences.of({"code": trouble.code, "facts": trouble.facts}, values=values, say=_):
        label = row.label
        if row.expected:
            yield _("%(what)s, expected") % {"what": label}, ", ".join(row.expected)
            yield _("%(what)s, received") % {"what": label}, ", ".join(row.received) or "–"
        elif row.received:
            yield label, ", ".join(row.received)
        if row.note:
            yield _("Difference"), row.note


def _check(check: Check, connection_type: str, *, values: bool) -> dict[str, Any]:
    return {
        "label": _(trace_checks.label(check.name)),
        "result": check.result,
        "trusted": check.trusted,
        "problem": check.problem and _problem(check.problem, connection_type, values=values),
    }


def _mapped(outcome: Outcome, *, values: bool) -> list[tuple[str, str, str]]:
    """Field, value, and the attribute that feeds it."""
    found = []
    for field, value in outcome.profile.items():
        if field == "custom_attributes":
            found += [(name, _text(held), "") for name, held in value.items()]
        else:
            found.append((field, _text(value), outcome.sources.get(field, "")))
    if values:
        return found
    return [(field, _("(hidden)") if value else "", source) for field, value, source in found]


def _facts(outcome: Outcome, test: SignInTest, *, values: bool) -> list[tuple[str, str]]:
    evidence = outcome.evidence
    seconds = (test.ended_at - test.begun_at).total_seconds() if test.ended_at and test.begun_at else 0
    found = [
        (_("Took"), _("%(seconds)s seconds") % {"seconds": f"{seconds:.1f}"}),
        (_("Browser"), (outcome.user_agent or "") if values else ""),
        (_("Address"), (outcome.ip_address or "") if values else ""),
        (_("Subject"), (outcome.subject or "") if values else ""),
        (_("Format of the subject"), outcome.subject_format or ""),
        (_("Signed"), _text(evidence.get("signed"))),
        (_("Signature algorithm"), str(evidence.get("algorithm") or "")),
        (_("Signed with the certificate"), str(evidence.get("certificate") or "")),
        (_("Test"), test.id),
    ]
    return [(name, value) for name, value in found if value]


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return "" if value is None else str(value)


def remark(one: Remark) -> str:
    """A warning in a sentence."""
    facts = {name: _text(value) for name, value in one.facts.items()}
    if "not_after" in facts:
        facts["not_after"] = day(datetime.fromisoformat(facts["not_after"]))
    words = {
        "names_missing": _("No name arrived for %(fields)s. The application sees it empty."),
        "groups_missing": _("No groups arrived. That is fine unless the application gives rights by them."),
        "email_outside_organization": _(
            "The address belongs to no verified domain of the organization (%(domains)s). It is let in because the "
            "organization allows profiles from outside."
        ),
        "sha1": _("The signature uses SHA-1, which is weak. Let the identity provider sign with SHA-256."),
        "short_key": _("The signing key has %(bits)s bits only. Let the identity provider use 2048 or more."),
        "certificate_ends_soon": _("The signing certificate ends on %(not_after)s. Ask for its successor in time."),
        "certificate_ended": _("The signing certificate ended on %(not_after)s. Its key is still accepted here."),
    }
    if one.code in words:
        return words[one.code] % facts
    return facts.get("message") or one.code.replace("_", " ")


def menders() -> dict[str, str]:
    """Who can mend it, to whoever sets up a connection."""
    return {
        "developer": _("the developers of the application"),
        "it_admin": _("the IT team of the organization, at its identity provider"),
        "user": _("the person who signs in"),
        "operator": _("whoever runs this sign-in service"),
    }
