"""What one run costs: CPU time and the peak of memory above what was in use before it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MAX_CPU = 0.2  # seconds
MAX_MEMORY = 64 * 1024  # KiB

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")  # writing 5 brings the peak down to what is in use now (proc(5))


@dataclass(frozen=True)
class Cost:
    """Of one run. Memory in KiB; 0 where the system does not tell."""

    cpu: float
    memory: int

    @property
    def excess(self) -> str | None:
        if self.cpu > MAX_CPU:
            return "slow"
        return "memory" if self.memory > MAX_MEMORY else None


def _can_reset() -> bool:
    try:
        _RESET.write_text("5")
    except OSError:
        return False
    return _STATUS.exists()


class Meter:
    """Measures calls. CPU time of this process alone, so a busy machine changes little."""

    def __init__(self) -> None:
        self._peaks = _can_reset()

    def measure(self, deed: Callable[[], object]) -> Cost:
        if self._peaks:
            _RESET.write_text("5")
        before = self._memory("VmRSS")
        start = time.process_time()
        try:
            deed()
        finally:
            cpu = time.process_time() - start
        return Cost(cpu, max(0, self._memory("VmHWM") - before))

    def least(self, deed: Callable[[], object], *, times: int) -> Cost:
        """The cheapest of several calls: what the input costs, without what happened to happen beside it."""
        costs = [self.measure(deed) for _ in range(times)]
        return Cost(min(cost.cpu for cost in costs), min(cost.memory for cost in costs))

    def _memory(self, field: str) -> int:
        if not self._peaks:
            return 0
        text = _STATUS.read_text(encoding="ascii", errors="replace")
        at = text.index(field) + len(field) + 1
        return int(text[at : text.index("kB", at)])
