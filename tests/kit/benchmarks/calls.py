"""A lean HTTP client: one socket, one prepared request, so that the server is what is measured."""

from __future__ import annotations

import json
import socket
import statistics
import threading
import time
from typing import Any


def webhook_request(intent: str, parameters: dict[str, Any]) -> bytes:
    body = json.dumps(
        {
            "responseId": "8f2c0c7e-0000-4000-8000-1d2e3f405162-b4ef8d5f",
            "session": "projects/p/agent/sessions/7a1c0c7e-0000-4000-8000-1d2e3f405162",
            "queryResult": {
                "queryText": "where is my order A-1001",
                "parameters": parameters,
                "allRequiredParamsPresent": True,
                "fulfillmentText": "",
                "fulfillmentMessages": [{"text": {"text": [""]}}],
                "outputContexts": [
                    {
                        "name": "projects/p/agent/sessions/7a1c0c7e-0000-4000-8000-1d2e3f405162/contexts/"
                        "__system_counters__",
                        "parameters": {"no-input": 0.0, "no-match": 0.0, **parameters},
                    }
                ],
                "intent": {"name": "projects/p/agent/intents/0f1c0c7e", "displayName": intent},
                "intentDetectionConfidence": 0.83,
                "languageCode": "en",
            },
            "originalDetectIntentRequest": {"source": "DIALOGFLOW_CONSOLE", "payload": {}},
        }
    ).encode()
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nUser-Agent: Google-Dialogflow\r\n"
        f"Accept: */*\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """A kept-alive connection that counts nothing but the time to the answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Send one request; return status and body. A connection that the server closed is opened anew, once."""
        for _ in range(2):
            try:
                return self._send(request)
            except (ConnectionError, IndexError):
                self.close()
        raise ConnectionError(f"port {self._port} closes every connection")

    def _send(self, request: bytes) -> tuple[int, bytes]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), 15)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = self._socket.recv(65536)
        while b"\r\n\r\n" not in data:
            piece = self._socket.recv(65536)
            if not piece:
                raise ConnectionError("closed")
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split()[0])
        while len(body) < length:
            body += self._socket.recv(65536)
        return int(head[9:12]), body

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def milliseconds(connection: Connection, request: bytes, count: int) -> list[float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        status, body = connection.send(request)
        times.append((time.perf_counter() - started) * 1000)
        assert status == 200, body
    return times


def p50(times: list[float]) -> float:
    return statistics.median(times)


def per_second(port: int, request: bytes, connections: int, seconds: float) -> float:
    """Calls answered with 200 a second, over that many connections with one call under way each."""
    counts = [0] * connections
    ends_at = time.monotonic() + seconds

    def keep_calling(index: int) -> None:
        connection = Connection(port)
        while time.monotonic() < ends_at:
            counts[index] += connection.send(request)[0] == 200
        connection.close()

    threads = [threading.Thread(target=keep_calling, args=(index,)) for index in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds
