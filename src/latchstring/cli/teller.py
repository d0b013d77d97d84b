"""Prints lines from a thread of its own, so that nobody's sign-in waits for whoever reads them, or does not."""

from __future__ import annotations

import queue
import sys
import threading
from contextlib import suppress

_KEPT = 1000  # lines; when the reader is that far behind, newer ones are left out


class Teller:
    """Lines to stdout, in order."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue(_KEPT)
        threading.Thread(target=self._tell, name="teller", daemon=True).start()

    def tell(self, line: str) -> None:
        """Returns at once."""
        with suppress(queue.Full):  # the database has the story; this was only for somebody watching
            self._lines.put_nowait(line)

    def _tell(self) -> None:
        while True:
            line = self._lines.get()
            try:
                print(line, file=sys.stdout, flush=True)
            except (OSError, ValueError):
                return  # whoever read this has gone
