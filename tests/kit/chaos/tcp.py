"""A TCP proxy that can fall silent: it goes on accepting connections, and answers nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class SilentProxy:
    """Between a client and `upstream` ("host:port") on 127.0.0.1.

    What connects while it is silent stays unanswered for ever, also when it speaks again: the client has to notice.
    """

    def __init__(self, upstream: str) -> None:
        host, _, port = upstream.rpartition(":")
        self._upstream = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._silent = False
        self._open: list[socket.socket] = []
        self.accepted = 0
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """From now on nothing passes, on no connection."""
        self._silent = True

    def speak(self) -> None:
        """Serve new connections again."""
        self._silent = False

    def close(self) -> None:
        """End everything."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(client)
            if self._silent:
                continue
            server = socket.create_connection(self._upstream)
            self._open.append(server)
            dead = threading.Event()
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, target, dead), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, dead: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._silent:
                    dead.set()
                if dead.is_set():
                    continue
                target.sendall(data)
            if not dead.is_set():
                target.shutdown(socket.SHUT_WR)
