"""Where the bare functions are, and what the operating system says of a running one."""

from __future__ import annotations

import os
from pathlib import Path

from tests.functions import Function

BARE = Path(__file__).parent / "bare"
BARE_FIRESTORE = Path(__file__).parent / "bare_firestore"


def cpu_seconds(function: Function) -> float:
    """Return the CPU time of the worker so far."""
    fields = Path(f"/proc/{function.worker()}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(function: Function) -> float:
    """Return the worker's peak resident memory in MiB."""
    status = Path(f"/proc/{function.worker()}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
