"""The local Firestore as a server: a port on loopback, threads, start and stop."""

from __future__ import annotations

import errno
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import grpc

from .databases import Databases
from .sample_data import SampleData
from .service import Firestore, Handlers
from .store_file import StoreFile

LOOPBACK: Final = "127.0.0.1"
_THREADS: Final = 16

_OPTIONS: Final = (
    ("grpc.so_reuseport", 0),  # without it a second server would quietly share the port
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)


class PortTaken(Exception):
    """The port cannot be listened on: another program does, or it is not allowed."""


def _check_free(port: int) -> None:
    """Find out before gRPC does, which would write to stderr what it thinks and not say why it failed."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "is taken" if taken else f"cannot be used: {error.strerror}"
            raise PortTaken(f"port {port} on {LOOPBACK} {reason}") from error


class LocalFirestore:
    """A Firestore in this process, on 127.0.0.1.

        with LocalFirestore(data=Path("deploy/data")) as firestore:
            os.environ["FIRESTORE_EMULATOR_HOST"] = firestore.address

    Args:
        data: a folder of sample documents that every database starts from; see `sample_data`.
        store: an SQLite file that keeps the documents across runs; None keeps them in memory only.

    Raises:
        BadSample: a sample file cannot be loaded.
        StoreUnusable: the store is in use, or is no store.
    """

    def __init__(self, data: Path | None = None, store: Path | None = None) -> None:
        samples = SampleData(data) if data else None
        self._databases = Databases(samples, StoreFile(store) if store else None)
        self._server: grpc.Server | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """What `FIRESTORE_EMULATOR_HOST` must be."""
        return f"{LOOPBACK}:{self.port}"

    def start(self, port: int = 0) -> int:
        """Serve until `stop`, once; returns the port, a free one when 0 was asked for.

        Raises:
            PortTaken: another program listens there, or it is not allowed.
        """
        _check_free(port)
        server = grpc.server(ThreadPoolExecutor(_THREADS, "firestore"), options=_OPTIONS)
        server.add_generic_rpc_handlers((Handlers(Firestore(self._databases)),))
        self.port = server.add_insecure_port(f"{LOOPBACK}:{port}")
        server.start()
        self._server = server
        return self.port

    def stop(self) -> None:
        """Answer what was asked, then let go of the port and the store file."""
        if self._server is not None:
            self._server.stop(grace=1).wait()
            self._server = None
        self._databases.close()

    def __enter__(self) -> Self:
        """Start on a free port."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
