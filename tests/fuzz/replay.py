"""One input again, without instruments, with what it costs and how it ends."""

from __future__ import annotations

from tests.fuzz.findings import place
from tests.fuzz.meter import Meter
from tests.fuzz.target import Violation, load


def broken_promise(name: str, data: bytes) -> str | None:
    """What is wrong with the way in which the target takes this input; None if nothing is."""
    target = load(name)
    target.seeds()

    def deed() -> None:
        target.run(data)

    meter = Meter()
    try:
        cost = meter.measure(deed)
        if cost.excess:
            cost = meter.least(deed, times=3)
    except Violation as violation:
        return str(violation)
    except Exception as error:
        return place(error)
    return cost.excess and f"{cost.excess}: {cost.cpu * 1000:.0f} ms of CPU, {cost.memory} KiB"


def replay(name: str, data: bytes) -> int:
    found = broken_promise(name, data)
    print(found or f"{name}: {load(name).run(data)}, as promised")
    return 1 if found else 0
