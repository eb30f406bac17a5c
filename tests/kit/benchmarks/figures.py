"""Where the bare functions are, and what the operating system says of a running one."""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path

from tests.kit import shipped
from tests.kit.functions import Function
from tests.kit.projects import kit_with

BARE = Path(__file__).parent / "bare"
BARE_FIRESTORE = Path(__file__).parent / "bare_firestore"


@functools.cache
def shop() -> Path:
    """Return a tree of the kit with the shipped handlers alone: thousands of calls are made, none to a user's handler.

    Raises `SystemExit` where one of those that are measured was removed or changed.
    """
    if missing := {"welcome", "check_order", "store_hours"} - set(shipped.handlers()):
        raise SystemExit(f"These samples are measured, and were removed or changed: {', '.join(sorted(missing))}.")
    folder = _folder()
    return kit_with(shipped.copy_handlers(Path(folder.name) / "shipped"), Path(folder.name))


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="benchmarks-")


def cpu_seconds(function: Function) -> float:
    """Return the CPU time of the worker so far."""
    fields = Path(f"/proc/{function.worker()}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(function: Function) -> float:
    """Return the worker's peak resident memory in MiB."""
    status = Path(f"/proc/{function.worker()}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
