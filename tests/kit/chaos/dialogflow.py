"""Plays Dialogflow at its worst: the same turn twice at once, again after a time-out, over connections that break."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Turn:
    """One turn of a user who books a table: the reservation's name is the turn's own."""

    name: str
    slot_time: str = "12:00"
    guests: int = 2
    intent: str = "book_table"
    named: bool = True

    def body(self) -> bytes:
        """Return what Dialogflow sends, the same at every delivery."""
        moment = f"2026-12-01T{self.slot_time}:00+00:00"
        call: dict[str, Any] = {
            "session": f"projects/p/agent/sessions/{self.name}",
            "queryResult": {
                "queryText": "a table, please",
                "intent": {"displayName": self.intent},
                "allRequiredParamsPresent": True,
                "parameters": {"date": moment, "time": moment, "guests": self.guests, "name": self.name},
            },
        }
        if self.named:
            call["responseId"] = f"response-{self.name}"
        return json.dumps(call).encode()


@dataclass(frozen=True)
class Delivery:
    """One delivery: `at` seconds after the turn began; it gives up after `timeout` seconds.

    `cut`: "before" closes the connection with half of the call sent, "during" when all is sent, "after" when the answer
    begins to arrive.
    """

    at: float = 0.0
    timeout: float = 5.0
    cut: str = ""


@dataclass
class Said:
    """What came of one delivery. `status` is 0 where no whole answer arrived."""

    turn: Turn
    delivery: Delivery
    status: int = 0
    body: bytes = b""
    seconds: float = 0.0
    fault: str = field(default="", repr=False)


def deliver(port: int, turn: Turn, delivery: Delivery) -> Said:
    """Send one delivery now, and return what came of it."""
    said = Said(turn, delivery)
    body = turn.body()
    head = (
        f"POST / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    ).encode()
    begun = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), delivery.timeout) as connection:
            sent = head + body
            connection.sendall(sent[: len(sent) - 40] if delivery.cut == "before" else sent)
            if delivery.cut in ("before", "during"):
                return said
            begun = time.monotonic()
            connection.settimeout(delivery.timeout)
            _read(connection, said, begun)
    except OSError as error:
        said.fault = type(error).__name__
    said.seconds = time.monotonic() - begun
    return said


def _read(connection: socket.socket, said: Said, begun: float) -> None:
    received = b""
    while True:
        left = said.delivery.timeout - (time.monotonic() - begun)
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(65536)
        if said.delivery.cut == "after" and piece:
            return
        if not piece:
            break
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"-1"
    )
    if len(body) == int(length):
        with contextlib.suppress(IndexError, ValueError):
            said.status, said.body = int(head.split()[1]), body
