"""What the library logs while a command works, for the command to print with its result."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Keeper(logging.Handler):
    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.INFO)
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.INFO and record.getMessage() not in self.kept:
            self.kept.append(record.getMessage())


@contextmanager
def notes() -> Iterator[list[str]]:
    """A list that fills with what is logged below it, once each: how a table was understood."""
    kept: list[str] = []
    logger, keeper = logging.getLogger("dirac1d"), _Keeper(kept)
    before = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.INFO)
    try:
        yield kept
    finally:
        logger.removeHandler(keeper)
        logger.setLevel(before)
