"""No refusal without a test that provokes it: each is named, by its class or its code, in a test that is about it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.errors_page import refusals

TESTS = Path(__file__).parents[1]
# These walk over all refusals, and so provoke none.
WALKERS = {
    "catalogue.py",
    "errors_page.py",
    "test_browser_errors.py",
    "test_catalogue.py",
    "test_fixes.py",
    "test_provoked.py",
    "test_refusals.py",
    "test_words.py",
}
EXCEPTIONS = {
    "answer_not_kept": "is the default of an environment: the trace's page says so instead of raising it",
    "attack_provider_unreachable": "needs a network in which our own machine cannot be reached",
    "attack_sign_in_not_begun": "needs a server that answers otherwise than ours does",
    "attack_stage_not_set": "needs a server that answers otherwise than ours does",
    "attack_target_unreachable": "needs a server that answers otherwise than ours does",
    "connection_details_unknown": "a form that no page of ours sends",
    "data_folder_unusable": "needs a disk that takes nothing",
    "environment_missing": "a folder without any environment comes from deleting the last one",
    "oauth_provider_changed": "two administrators in the same millisecond",
    "oidc_client_key_missing": "the settings make the key together with the method that needs it",
}

ELSEWHERE = {  # provoked by a test that looks at what a person sees, and not at the code
    "address_taken": "tests/cli/test_dev.py",
    "address_unusable": "tests/cli/test_dev.py",
    "host_exposed": "tests/cli/test_dev.py",
    "input_unreadable": "tests/cli/test_explain.py",
    "logout_not_offered": "tests/web/test_logout.py",
    "operator_password_needed": "tests/web/test_dashboard_access.py",
    "operator_second_factor_needed": "tests/web/test_dashboard_second_factors.py",
    "replay_unsupported": "tests/web/test_replay.py",
    "sign_in_test_spent": "tests/web/test_sign_in_tests.py",
    "trace_link_over": "tests/web/test_trace_links.py",
    "trace_links_too_many": "tests/web/test_trace_links.py",
}


def _words() -> set[str]:
    found: set[str] = set()
    for path in TESTS.rglob("*"):
        if path.suffix in (".py", ".json", ".toml") and not (path.name in WALKERS and path.parent.name != "cli"):
            found |= set(re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace")))
            found |= set(re.findall(r"\w+", path.name.replace("-", "_")))
            found |= set(re.findall(r"\w+", path.parent.name.replace("-", "_")))
    return found


def test_every_refusal_is_provoked_by_a_test() -> None:
    words = _words()
    unheard = {kind.code for kind in refusals() if not {kind.code, kind.__name__} & words}
    waiting = sorted(unheard - set(EXCEPTIONS) - set(ELSEWHERE))
    assert waiting == []
    for place in ELSEWHERE.values():
        assert (TESTS.parent / place).is_file()


def test_no_exception_is_needless() -> None:
    codes = {kind.code for kind in refusals()}
    words = _words()
    assert {code for code in {*EXCEPTIONS, *ELSEWHERE} if code in words or code not in codes} == set()
