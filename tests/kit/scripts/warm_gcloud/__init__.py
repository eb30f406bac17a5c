"""The real gcloud without its start: a process that has imported gcloud once, and forks for each command.

A start of gcloud costs about 0.4 seconds of processor time, most of what a command costs here, and the tests of the
scripts run hundreds of commands. `server.py` is run by gcloud's own launcher with gcloud's own Python. Each fork gets
the arguments, environment, folder and files of the command that `client.py` stands for, then runs gcloud's own `main`.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent


class WarmGcloud:
    """A gcloud that waits to fork, from `start` to `close`. Call `start` where the forks are to have their network."""

    def __init__(self, gcloud: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._gcloud, self._folder, self._environment = gcloud, folder, environment
        self._address = folder / "gcloud.socket"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> list[str]:
        """Start it and return the words that stand for `gcloud` from now on: the cold gcloud where it cannot start."""
        log = self._folder / "gcloud.log"
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                [self._gcloud, str(self._address)],
                # The launcher puts these words between its Python and gcloud.py.
                env={**self._environment, "CLOUDSDK_PYTHON_ARGS": str(HERE / "server.py")},
                stdin=subprocess.PIPE,  # its end is the server's end
                stdout=subprocess.PIPE,
                stderr=sink,
            )
        assert self._process.stdout is not None
        if self._process.stdout.readline() == b"ready\n":
            return [sys.executable, "-I", "-S", str(HERE / "client.py"), str(self._address)]
        self.close()
        warnings.warn(f"gcloud is started anew for each command: {log.read_text()[-500:]}", stacklevel=2)
        return [self._gcloud]

    def close(self) -> None:
        """End the server; commands that run are finished."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()
            self._process = None
