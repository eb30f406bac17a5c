"""Servers on 127.0.0.1 that do to their callers what a test says, byte by byte or answer by answer."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fulfillment.current import varied
from fulfillment.deadline import Deadline

Behaviour = Callable[[socket.socket], None]

DRIP_SECONDS = 0.1


class RawServer:
    """Accepts connections and lets `behaviour` have each on a thread of its own; `accepted` counts them."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.accepted = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.accepted += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self.behaviour(connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextlib.contextmanager
def raw_server(behaviour: Behaviour) -> Iterator[RawServer]:
    """A `RawServer` for a while."""
    server = RawServer(behaviour)
    try:
        yield server
    finally:
        server.close()


def request_of(connection: socket.socket) -> bytes:
    """Read one request's head; b"" when the caller has gone."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return b""
        head += piece
    return head


def says(answer: bytes) -> Behaviour:
    """Answer every request of a connection with these bytes."""

    def behave(connection: socket.socket) -> None:
        while request_of(connection):
            connection.sendall(answer)

    return behave


def stalls(connection: socket.socket) -> None:
    """Read, and never answer."""
    request_of(connection)
    time.sleep(20)


def resets(connection: socket.socket) -> None:
    """Read, then break the connection off."""
    request_of(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drips(answer: bytes, forever: bytes) -> Behaviour:
    """Answer with these bytes, then with those over and over, one at a time."""

    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(answer)
        for byte in itertools.cycle(forever):
            connection.sendall(bytes([byte]))
            time.sleep(DRIP_SECONDS)

    return behave


def drips_before_it_is_asked(connection: socket.socket) -> None:
    """Send a TLS record that never ends, a byte at a time, as the answer to the handshake's first message."""
    connection.sendall(b"\x16\x03\x03\x40\x00")
    for byte in itertools.cycle(b"\x02\x00"):
        connection.sendall(bytes([byte]))
        time.sleep(DRIP_SECONDS)


def floods(piece: bytes) -> Behaviour:
    """Answer with this, over and over, as fast as it goes."""

    def behave(connection: socket.socket) -> None:
        request_of(connection)
        while True:
            connection.sendall(piece * 100)

    return behave


class Certificate:
    """A certificate of 127.0.0.1 that nobody but its holder has signed, as files."""

    def __init__(self, folder: Path) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.datetime.now(datetime.UTC)
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(alternative, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.file, self.key = folder / "certificate.pem", folder / "key.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        self.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


def over_tls(certificate: Certificate, behaviour: Behaviour) -> Behaviour:
    """Do the same inside TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)

    def behave(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inside:
            behaviour(inside)

    return behave


Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A real HTTP server on 127.0.0.1 that does what the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                server.seen.append(
                    (self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
                )
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                with contextlib.suppress(OSError):
                    answer(self)

            do_GET = do_POST = do_PUT = do_HEAD = handle_any  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def words(text: str, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(text)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(text.encode())

    return answer


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def call_of(seconds: float) -> Iterator[None]:
    """A webhook call that began just now and has so many seconds."""
    with varied(deadline=Deadline(time.monotonic(), seconds)):
        yield
