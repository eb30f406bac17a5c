"""What the test processes of one run share, and what they do one at a time.

pytest-xdist runs the tests in several processes; without it there is one. All of them share a folder that the process
which started the run makes and removes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pickle
import random
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

LOOPBACK = "127.0.0.1"
BUSY = 0.5
"""Seconds by which a machine that is busy with other tests may be late."""

MOST_PROCESSES = 12

PORTS = range(20_000, 32_000)
"""Below those that the system hands out (32768 to 60999 on Linux, 49152 to 65535 elsewhere)."""

_T = TypeVar("_T")
_FOLDER: pytest.StashKey[Path] = pytest.StashKey()


def is_worker(config: pytest.Config) -> bool:
    """Whether this is a process that pytest-xdist has started."""
    return hasattr(config, "workerinput")


def processes(config: pytest.Config) -> int | None:
    """How many test processes `-n auto` means: one more than there are processors, since many tests wait.

    For a single file there are none beside the one that was started. None leaves it to pytest-xdist's own variable.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    if len(config.args) == 1 and Path(config.args[0].partition("::")[0]).is_file():
        return 0
    return min((os.cpu_count() or 1) + 1, MOST_PROCESSES)


def begin_with_the_longest(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests first that take so long that nothing else is left to do beside them at the end."""
    if is_worker(config):
        items.sort(key=lambda item: item.get_closest_marker("longest") is None)


def make_shared_folder(config: pytest.Config) -> None:
    """Make the folder of the run, or find the one that the process has made which started this one."""
    config.addinivalue_line("markers", "longest: begins first where tests run in several processes")
    worker: Any = config
    made = worker.workerinput["shared_folder"] if is_worker(config) else tempfile.mkdtemp(prefix="kit-tests-")
    config.stash[_FOLDER] = Path(made)


def tell_shared_folder(config: pytest.Config, workerinput: dict[str, Any]) -> None:
    """Tell a process that is about to be started where the folder is."""
    workerinput["shared_folder"] = str(config.stash[_FOLDER])


def shared_folder(config: pytest.Config) -> Path:
    """The folder that every process of this run sees."""
    return config.stash[_FOLDER]


def remove_shared_folder(config: pytest.Config) -> None:
    """Remove it at the end of the run."""
    if not is_worker(config):
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)


@contextlib.contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Wait until no other process is inside a block of this name."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def once_for_all(config: pytest.Config, name: str, make: Callable[[], _T]) -> _T:
    """What `make` returns, made by the process that needs it first. Others wait for it and get a copy."""
    folder = shared_folder(config)
    with alone(folder, name):
        kept = folder / name
        if not kept.exists():
            part = folder / f"{name}.part"
            part.write_bytes(pickle.dumps(make()))
            part.rename(kept)
        made: _T = pickle.loads(kept.read_bytes())
        return made


def free_port() -> int:
    """Return a port that nobody listens on and that no other test process gets.

    A port from the system could be handed out again, to a client even, before the program that it is for listens on it.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    own = PORTS[int(worker) % 16 :: 16]
    while True:
        port = own[random.SystemRandom().randrange(len(own))]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port
