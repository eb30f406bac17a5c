"""One HTTP exchange, free of any web framework: a `Call` comes in, an `Answer` goes out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """What arrived over HTTP.

    Header names are lower-case. A header that came twice is one value joined with a comma, as WSGI does.
    `query` is the raw query string. `peer` is the address of the other end of the connection ("" if unknown).
    `received_at` is a `time.monotonic()` reading in seconds: every deadline counts from it.
    """

    method: str = "POST"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""
    received_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP: a status, headers and the encoded body."""

    status: int
    body: bytes
    headers: Mapping[str, str]
