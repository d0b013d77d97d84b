"""No page of the Dashboard or the portal without a look at it by axe: who adds one says in which test it is seen."""

from __future__ import annotations

from pathlib import Path

from latchstring.web.dashboard import routes as dashboard
from latchstring.web.portal import routes as portal
from tests.real.looked_at import LOOKED_AT, NO_PAGES, mistaken

REAL = Path(__file__).parents[1] / "real"


def test_i5_every_page_is_looked_at_or_is_none() -> None:
    shown = {page.path for page in (*dashboard.PAGES, *portal.PAGES) if page.method == "GET"}
    assert shown - LOOKED_AT.keys() - NO_PAGES.keys() == set(), (
        "add it to tests/real/looked_at.py and to a browser test"
    )
    assert (LOOKED_AT.keys() | NO_PAGES.keys()) - shown == set()
    assert LOOKED_AT.keys() & NO_PAGES.keys() == set()


def test_i5_each_look_stands_in_a_browser_test() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in REAL.glob("test_*.py"))
    assert [picture for picture in LOOKED_AT.values() if f'"{picture}"' not in tests] == []
    assert len(set(LOOKED_AT.values())) == len(LOOKED_AT)


def test_i5_a_look_at_another_page_is_found_out() -> None:
    assert mistaken("operator", "/dashboard/team/operator_1") == mistaken("anything", "/elsewhere") == []
    assert mistaken("operator", "/dashboard/team") and mistaken("search", "/dashboard/env_1/search/more")
