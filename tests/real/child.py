"""Runs a program beside the tests: it is up when it says so, and gone when its block ends."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"
TOOLS = ROOT / ".tools"
NODE = BIN / "node"
_PATIENCE = 60.0  # seconds until something that should have started counts as broken; no figure, only an end


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Child:
    """One running program, in a process group of its own, so that its children go with it."""

    def __init__(
        self, command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.command = [str(part) for part in command]
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._said: list[str] = []
        self._errors = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - lives as long as the child
        self._process = subprocess.Popen(
            self.command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self._said.append(text)
            self._lines.put(text)
        self._lines.put(None)

    def line(self) -> str:
        """The next line it prints. Raises AssertionError, with all it said, when it ends or says nothing."""
        try:
            text = self._lines.get(timeout=_PATIENCE)
        except queue.Empty:
            raise AssertionError(f"it said nothing\n{self.story()}") from None
        if text is None:
            self._process.wait()
            raise AssertionError(f"it ended with {self._process.returncode}\n{self.story()}")
        return text

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Returns when `ready` says so. Raises AssertionError when the program ends before."""
        end = time.monotonic() + _PATIENCE
        while not ready():
            if self._process.poll() is not None:
                raise AssertionError(f"it ended with {self._process.returncode}\n{self.story()}")
            if time.monotonic() > end:
                raise AssertionError(f"it is not ready\n{self.story()}")
            time.sleep(0.02)

    def wait_for_port(self, port: int, host: str = "127.0.0.1") -> None:
        """Returns when the program listens."""

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((host, port)) == 0

        self.wait_until(listens)

    def story(self) -> str:
        """Everything it said so far."""
        self._errors.seek(0)
        errors = self._errors.read().decode("utf-8", "replace")
        return "\n".join(["$ " + " ".join(self.command), *self._said, errors])

    @property
    def said(self) -> list[str]:
        """The lines it printed so far."""
        return list(self._said)

    def kill(self) -> None:
        """Ends it in the middle of whatever it does, as a crash or a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Asks it to end, and sees to it."""
        for kind in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, kind)
            try:
                self._process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._reader.join(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
