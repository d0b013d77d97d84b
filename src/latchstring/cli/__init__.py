"""The terminal: `latchstring COMMAND`; each file of this floor is one command or the words about one noun."""

from __future__ import annotations

from collections.abc import Sequence

from latchstring.cli.main import main as _main


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line. The exit code: 0 done, 1 refused, 2 wrong usage."""
    return _main(arguments)
