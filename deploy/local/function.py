"""Runs functions-framework so that it ends with the process that started it, also when that one is killed."""

from __future__ import annotations

import contextlib
import ctypes
import runpy
import signal

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    # Linux only; elsewhere a killed ./deploy/local.sh leaves the function behind, and the next start names it.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    runpy.run_module("functions_framework", run_name="__main__")
