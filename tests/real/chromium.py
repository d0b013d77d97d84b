"""A headless Chromium (Debian's), and what axe finds on a page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.real.looked_at import mistaken

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
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (1280, 320)
SHOTS = os.environ.get("LATCHSTRING_SCREENSHOTS")


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
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        java_script_enabled=javascript,
        reduced_motion="reduce",  # a colour that is on its way is not looked at
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


def unfit(opened: Page, keep: str | None = None) -> list[str]:
    """What keeps somebody from using this page, in light and in dark, wide and narrow; it is light and wide before.

    `keep` names the pictures of all four, which are made for a person to look at where LATCHSTRING_SCREENSHOTS names a
    folder for them. Nothing but colours depends on the scheme.
    """
    found = mistaken(keep, urlsplit(opened.url).path)
    for width in WIDTHS:
        opened.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            opened.emulate_media(color_scheme=scheme)
            faults = violations(opened, colours_alone=scheme == "dark")
            if scheme == "light":
                faults += (["has to be pushed sideways"] if overflows(opened) else []) + too_small(opened)
            found += [f"{scheme}, {width}: {fault}" for fault in faults]
            if keep and SHOTS:
                opened.screenshot(path=Path(SHOTS) / f"{keep}-{scheme}-{width}.png", full_page=True)
    opened.emulate_media(color_scheme="light")
    opened.set_viewport_size({"width": WIDTHS[0], "height": 800})
    return found if opened.title() else ["has no title", *found]


def violations(opened: Page, *, colours_alone: bool = False) -> list[str]:
    """What axe finds wrong, each with where."""
    if not opened.evaluate("'axe' in window"):
        opened.evaluate(_axe())
    found: Any = opened.evaluate(
        "options => axe.run(document, options)",
        {"resultTypes": ["violations"], **({"runOnly": ["cat.color"]} if colours_alone else {})},
    )
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
