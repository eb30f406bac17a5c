"""Catches what the kit logs."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from fulfillment import logs


class Terminal(io.StringIO):
    """A stream that a person reads."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the kit logs, as JSON lines."""
    yield from _logging_to(io.StringIO())


@pytest.fixture
def terminal() -> Iterator[io.StringIO]:
    """What the kit logs, as text for a person."""
    yield from _logging_to(Terminal())


def _logging_to(stream: io.StringIO) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.set_up(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
