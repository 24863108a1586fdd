"""The log: JSON lines on standard error, only where asked for, of this program's own loggers only.

What is logged says which state a visit came to and how many events were of no use: never a name, a number or a key.
Other libraries' loggers are not heard: they do not know what may be said.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import IO

__all__ = ["LEVELS", "configure_logs", "where_of"]

LEVELS = ("debug", "info", "warning", "error")


def configure_logs(level: str = "", stream: IO[str] | None = None) -> None:
    """Write the loggers below ``motcua`` to ``stream`` from ``level`` on; without a level, nothing is written."""
    logger = logging.getLogger("motcua")
    logger.handlers.clear()
    logger.propagate = False
    if not level:
        logger.addHandler(logging.NullHandler())
        return
    # Only here, since a desk that writes no log need not wait for its library.
    import structlog

    handler = logging.StreamHandler(stream or sys.stderr)
    before: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logger.addHandler(handler)
    logger.setLevel(level.upper())


def where_of(error: BaseException) -> str:
    """Return the file and line that ``error`` came from: all that is told of it, since its text may be personal."""
    trace = traceback.extract_tb(error.__traceback__)
    return f"{Path(trace[-1].filename).name}:{trace[-1].lineno}" if trace else ""
