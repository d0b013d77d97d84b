"""A headless Chromium (Debian's), and what axe finds on a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
_AXE = ROOT / ".tools" / "node" / "node_modules" / "axe-core" / "axe.min.js"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Scheme = Literal["light", "dark"]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page(browser: Browser, *, scheme: Scheme = "light", width: int = 1280, javascript: bool = True) -> Iterator[Page]:
    """A fresh profile with one page. Scripts that fail and policies that are broken fail the test."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, java_script_enabled=javascript
    )
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None
    )
    try:
        yield opened
        assert faults == []
    finally:
        context.close()


def violations(opened: Page) -> list[str]:
    """What axe finds wrong, each with where."""
    opened.evaluate(_axe())
    found: Any = opened.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{entry['id']}: {entry['help']} at {[node['target'] for node in entry['nodes']]}"
        for entry in found["violations"]
    ]


def overflows(opened: Page) -> bool:
    """Whether the page has to be pushed sideways to be read."""
    return bool(opened.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def too_small(opened: Page) -> list[str]:
    """Buttons, fields and summaries that a finger would miss: lower or narrower than 44 pixels."""
    found: list[str] = opened.evaluate(
        """() => [...document.querySelectorAll("button, a.button, input:not([type=hidden]), summary")]
          .map((control) => [control, control.getBoundingClientRect()])
          .filter(([, box]) => box.width > 0 && (box.height < 43.9 || box.width < 43.9))
          .map(([control, box]) => `${control.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""
    )
    return found


@cache
def _axe() -> str:
    return _AXE.read_text(encoding="utf-8") + "\n;undefined"
