"""The HTTPS proxy in front of `Cloud`: every CONNECT ends here, whatever the host."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .certificates import Authority
from .cloud import Cloud, Cut


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    cloud: Cloud
    authority: Authority

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    host = ""

    def _connect(self) -> None:
        self.host = self.path.rpartition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.authority.context(self.host).wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            status, body = self.server.cloud.answer(self.command, self.host or "plain-http", self.path, headers, raw)
        except Cut:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """One answer for every verb but CONNECT."""
        if name in ("do_GET", "do_POST", "do_PUT", "do_PATCH", "do_DELETE"):
            return self._answer
        if name == "do_CONNECT":
            return self._connect
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are in `Cloud.seen`."""


def serve(cloud: Cloud, authority: Authority, inside: Callable[[Callable[[], _Server]], _Server]) -> _Server:
    """Start serving on a free port of 127.0.0.1; `inside` makes the socket in the right network."""
    server = inside(lambda: _Server(("127.0.0.1", 0), _Handler))
    server.cloud, server.authority = cloud, authority
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
