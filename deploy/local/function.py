"""Runs functions-framework as the supervisor wants it: python -m deploy.local.function SOCKET READY PARENT OPTIONS...

SOCKET is a file descriptor that listens already: the next function takes it over, so that no call is refused between
the two. Into the file descriptor READY one byte is written when calls can be answered. PARENT is the process with which
this one ends, also when that is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import runpy
import signal
import sys

from gunicorn.config import PostWorkerInit

_PR_SET_PDEATHSIG = 1
_FIRST_SYSTEMD_SOCKET = 3
_FREE_FROM = 10


def main() -> None:
    """Take the socket over and run."""
    listening, ready, parent = map(int, sys.argv[1:4])
    _end_with(parent)
    ready = _moved(ready)
    listening = _moved(listening)
    # gunicorn takes over a socket as systemd hands it on: under this number, to this process.
    os.dup2(listening, _FIRST_SYSTEMD_SOCKET, inheritable=False)
    os.close(listening)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
    # gunicorn's own hook: its worker has loaded everything, and knows what SIGTERM means. From here on it can be ended.
    PostWorkerInit.default = staticmethod(lambda worker: _tell(ready))
    sys.argv[1:4] = []
    runpy.run_module("functions_framework", run_name="__main__")


def _end_with(parent: int) -> None:
    # Linux only; elsewhere a killed ./deploy/local.sh leaves the function behind, and the next start names it.
    # Not SIGTERM, which a worker that starts just then would miss: when its master is gone, a worker ends in order.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # killed before this process could ask to be told
        sys.exit(1)


def _moved(descriptor: int) -> int:
    """Return the descriptor under a number that nothing else wants; programs started here do not get it."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FREE_FROM)
    os.close(descriptor)
    return moved


def _tell(ready: int) -> None:
    with contextlib.suppress(OSError):  # a worker that replaces another one tells nobody
        os.write(ready, b".")


if __name__ == "__main__":
    main()
