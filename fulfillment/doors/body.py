"""A request body that stays on its connection until somebody asks for it: read within a size and until a moment.

What gunicorn does by itself, and what is done about it here:

- It reads a body with one `recv` after the other, and a time limit of the socket counts for each of them anew. So the
  socket is replaced while a body is read: each `recv` gets the time that is left for all.
- It reads an unread body to its end before the next request of a connection: for 5 s, on the thread. So a connection
  whose body is not complete is closed.
- When it closes one, its main loop waits up to 2 s for what the client still sends, and accepts nobody meanwhile. So
  the connection is shut for reading: then there is nothing to wait for.
- It ignores a `Connection: close` of the application; `force_close` of its response object is what it listens to.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Any, Protocol

from ..json_text import MAX_BODY
from ..problems import body_incomplete, body_too_large, body_too_slow

_PIECE = 64 * 1024
_LEFT_OVER = 64 * 1024
"""Bytes of a body that nobody read: as much is taken off a connection that is to serve another call."""

_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class Body(Protocol):
    """A body that has not been read yet."""

    def read(self, until: float) -> bytes:
        """Return the whole body. `until` is a `time.monotonic()` reading in seconds.

        Raises a `Problem`: 413 `body-too-large` over `MAX_BODY` (at once where the length was announced), 408
        `body-too-slow` when it is not there by `until`, 400 `body-incomplete` when it ends early or is damaged.
        """

    def leave(self) -> None:
        """Nobody will read on: make sure that what is left costs neither a thread nor the server any time."""


class StreamedBody:
    """A body of which only a stream is known, as under Flask's own server: its size is bounded, one `read` is not."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = dict(environ)  # as it is now: the application gets an empty stream

    def read(self, until: float) -> bytes:
        """Read piece by piece; see `Body`."""
        from werkzeug.exceptions import BadRequest
        from werkzeug.wsgi import get_input_stream

        stream = get_input_stream(self._environ)
        body = bytearray()
        while True:
            try:
                piece = stream.read(_PIECE)
            except (OSError, BadRequest) as error:
                raise body_incomplete(type(error).__name__) from None
            if not piece:
                return bytes(body)
            body += piece
            if len(body) > MAX_BODY:
                raise body_too_large(MAX_BODY)
            if time.monotonic() > until:
                raise body_too_slow()

    def leave(self) -> None:
        """Nothing is known of the connection."""


class ConnectionBody:
    """A body on a connection of gunicorn's: `response` is gunicorn's response object, `connection` its socket."""

    __slots__ = ("_complete", "_connection", "_environ", "_input", "_length", "_response", "_started")

    def __init__(self, environ: Mapping[str, Any], response: Any, connection: socket.socket) -> None:
        self._environ = environ
        self._input = environ["wsgi.input"]
        self._response = response
        self._connection = connection
        length = environ.get("CONTENT_LENGTH")
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        self._length = None if chunked else int(length or 0)  # gunicorn let nothing but digits through
        self._complete = self._length == 0
        self._started = False

    def read(self, until: float) -> bytes:
        """Read what was announced; see `Body`."""
        if self._complete:
            return b""
        if self._length is not None and self._length > MAX_BODY:
            raise body_too_large(MAX_BODY)
        self._started = True
        most = MAX_BODY + 1 if self._length is None else self._length
        found = self._taken(most, _TimedSocket(self._connection, until, self._waits_for_word()))
        if len(found) > MAX_BODY:
            raise body_too_large(MAX_BODY)
        if self._length is not None and len(found) < self._length:
            raise body_incomplete(f"{len(found)} of {self._length} bytes came")
        self._complete = True
        return found

    def leave(self) -> None:
        """Take what has arrived of an unread body; close the connection where that was not all, or none will follow."""
        if not self._complete and not self._started and not self._waits_for_word():
            self._complete = self._rest_is_there()
        if not self._complete:
            self._response.force_close()
        if not self._complete or self._response.must_close or self._response.req.should_close():
            try:
                self._connection.shutdown(socket.SHUT_RD)
            except OSError:  # the client was faster
                return

    def _taken(self, most: int, through: _TimedSocket) -> bytes:
        unreader = self._response.req.unreader
        unreader.sock = through
        try:
            found: bytes = self._input.read(most)
        except (TimeoutError, BlockingIOError):
            raise body_too_slow() from None
        except Exception as error:  # a connection that broke, or gunicorn's word for what is no chunk
            raise body_incomplete(type(error).__name__) from None
        finally:
            unreader.sock = self._connection
            if through.used:
                self._connection.settimeout(None)
        return found

    def _rest_is_there(self) -> bool:
        if self._length is not None and self._length > _LEFT_OVER:
            return False
        try:
            found = self._taken(_LEFT_OVER, _TimedSocket(self._connection, None, False, most=2 * _LEFT_OVER))
        except Exception:  # why it is not there makes no difference: it was not wanted
            return False
        return len(found) == self._length if self._length is not None else len(found) < _LEFT_OVER

    def _waits_for_word(self) -> bool:
        """Whether the client waits to be told to go on, and gunicorn has not told it (see `continuing`)."""
        return (
            self._environ.get("HTTP_EXPECT", "").lower() == "100-continue"
            and getattr(self._response.req, "version", (1, 0)) >= (1, 1)
            and getattr(self._response.req, "_expected_100_continue", True) is False
        )


class _TimedSocket:
    """Stands for a connection while its body is read; all its `recv` together end at `until`.

    Without `until` nothing is waited for. `most` bytes are received, framing included.
    """

    __slots__ = ("_connection", "_left", "_tell_to_go_on", "_until", "used")

    def __init__(
        self, connection: socket.socket, until: float | None, tell_to_go_on: bool, most: int = 64 * MAX_BODY
    ) -> None:
        self._connection = connection
        self._until = until
        self._tell_to_go_on = tell_to_go_on
        self._left = most
        self.used = False

    def recv(self, size: int) -> bytes:
        """Receive up to `size` bytes. Raises `TimeoutError` or `BlockingIOError` when the time is over."""
        self.used = True
        seconds = 0.0 if self._until is None else self._until - time.monotonic()
        if self._left <= 0 or (self._until is not None and seconds <= 0):
            raise TimeoutError
        if self._tell_to_go_on:
            self._tell_to_go_on = False
            self._connection.sendall(_GO_ON)
        self._connection.settimeout(seconds)
        found = self._connection.recv(size)
        self._left -= len(found)
        return found


def body_of(environ: Mapping[str, Any], start_response: object) -> Body:
    """Return the body of a WSGI request, unread."""
    connection = environ.get("gunicorn.socket")
    response = getattr(start_response, "__self__", None)
    unreader = getattr(getattr(response, "req", None), "unreader", None)
    if getattr(unreader, "sock", None) is connection and isinstance(connection, socket.socket):
        return ConnectionBody(environ, response, connection)
    return StreamedBody(environ)
