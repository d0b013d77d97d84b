"""Sets up the log: one JSON object a line on stderr, without anything that could let somebody in (OPS-03)."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

# Never logged, whatever the level: the value of any key that holds one of these words.
_SECRET_WORDS = (
    "secret", "token", "password", "authorization", "cookie", "samlresponse", "assertion", "code_verifier", "api_key"
)  # fmt: skip


def set_up(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def redact(_logger: Any, _method: str, event: Any) -> Any:
    """Blank the values of keys that name secrets, and drop local variables from tracebacks."""
    for key in event:
        if any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = "***"
    for exception in event.get("exception", ()):
        if isinstance(exception, dict):
            for frame in exception.get("frames", ()):
                frame.pop("locals", None)
    return event


def logger(name: str) -> Any:
    return structlog.get_logger(room=name)
