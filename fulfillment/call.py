"""One HTTP exchange, free of any web framework: a `Call` comes in, an `Answer` goes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

ReadBody = Callable[[float], bytes]
"""Reads a body that is still on its way, until a `time.monotonic()` moment in seconds. Raises a `Problem`: 400
`body-incomplete`, 408 `body-too-slow`, 413 `body-too-large`."""


@dataclass(frozen=True, slots=True)
class Call:
    """What arrived over HTTP.

    Header names are lower-case. A header that came twice is one value joined with a comma, as WSGI does.
    `query` is the raw query string. `peer` is the address of the other end of the connection ("" if unknown).
    `received_at` is a `time.monotonic()` reading in seconds: every deadline counts from it.
    `read_body` is given by a door that leaves the body where it is until the caller has been checked; `body` is empty
    until then.
    """

    method: str = "POST"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""
    received_at: float = field(default_factory=time.monotonic)
    read_body: ReadBody | None = None

    def with_body(self, until: float) -> Call:
        """Return this call with its body, read now if it was not before. Raises what `read_body` raises."""
        return self if self.read_body is None else replace(self, body=self.read_body(until), read_body=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP: a status, headers and the encoded body."""

    status: int
    body: bytes
    headers: Mapping[str, str]
