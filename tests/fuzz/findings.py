"""What broke: the input as a file, and beside it in words how it broke. The same thing is kept a few times only."""

from __future__ import annotations

import hashlib
import traceback
from collections import Counter
from pathlib import Path

KEPT = 3  # inputs of one kind


class Findings:
    """Of one target, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.kinds: Counter[str] = Counter()

    def add(self, kind: str, data: bytes, story: str) -> None:
        """`kind` is the same for everything that is the same fault."""
        self.kinds[kind] += 1
        if self.kinds[kind] > KEPT:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / hashlib.sha256(data).hexdigest()[:16]
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(f"{kind}\n\n{story}\n", encoding="utf-8", errors="backslashreplace")


def place(error: BaseException) -> str:
    """Exception and line of the product where it came from: two inputs with the same place are one fault."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "/latchstring/" in frame.filename or "/tests/fuzz/" in frame.filename
    ]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside"
    return f"{type(error).__name__} at {where}"
