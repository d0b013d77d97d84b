"""Of each table and each column it was decided whether the audit log tells of it."""

from __future__ import annotations

import pytest

from latchstring.storage.audited import KINDS
from latchstring.storage.tables import metadata

# Tables of which the audit log tells nothing, and what they hold instead of what people configure.
_NOT_CONFIGURATION = {
    "sign-ins, and what becomes of them": {
        "attempts", "grants", "access_tokens", "idp_sessions", "logouts", "magic_links", "magic_link_tokens",
        "profiles", "used_messages", "attribute_samples", "sign_in_answers", "sign_in_tests", "reconciliations",
    },
    "an IT admin's walk, told as changes of its connection": {"portal_sessions", "portal_progress"},
    "the house's own work": {
        "domain_watches", "metadata_watches", "expiry_warnings", "chores", "replays", "operator_tries", "house_keys",
        "half_sessions", "portal_mails",
    },
    "of which it is noted that they were made": {"operator_recovery_codes", "dismissed_findings"},
    "records themselves": {"events", "api_calls", "audit_entries", "audit_chain"},
}  # fmt: skip


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_i5_of_each_table_it_was_decided_whether_the_audit_log_tells_of_it(table: str) -> None:
    known = set().union(*_NOT_CONFIGURATION.values())
    assert (table in KINDS) != (table in known), f"{table}: add it to storage.audited.KINDS, or here with the reason"
    if table in KINDS:
        kind = KINDS[table]
        columns = set(metadata.tables[table].columns.keys()) - {"environment_id"}
        assert columns == set(kind.key) | set(kind.columns) | set(kind.silent), f"{table}: decide about each column"
        assert kind.scoped == bool(metadata.tables[table].info.get("scoped"))
