"""Connections that end in time: each wait is cut to what is left of the attempt that it serves.

A socket's own time limit starts anew with every byte, so that a server which sends one now and then, or says
`100 Continue` for ever, is never too slow for it. Here it is set before each read and write instead, to end at the
attempt's end; the handshake of TLS is one wait for Python's `ssl`, whatever drips into it.
"""

from __future__ import annotations

import contextvars
import http.client
import io
import socket
import time
from functools import cache
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NameResolutionError, NewConnectionError

from .addresses import PrivateAddress, check_public, resolve

CONNECT_SECONDS = 1.0
"""The most that looking up a name and connecting may take together."""

_LEAST_SECONDS_AN_ADDRESS = 0.3
_CONNECTIONS = 32
_PIECE = 16 * 1024


class Attempt:
    """One try to send a request: when it must be over (a `time.monotonic()` reading, seconds), and how far it came."""

    __slots__ = ("sent", "until")

    def __init__(self, until: float) -> None:
        self.until = until
        self.sent = False

    def seconds_left(self) -> float:
        """Return the time left. Raises `TimeoutError` when it is over."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the attempt's time is over")
        return left


attempt: contextvars.ContextVar[Attempt] = contextvars.ContextVar("attempt")
"""What this thread's connection works for."""


@cache
def adapter(guarded: bool) -> HTTPAdapter:
    """Return what keeps the connections; guarded, it makes them to public addresses only. It repeats nothing."""
    return _GuardedAdapter(pool_maxsize=_CONNECTIONS) if guarded else _Adapter(pool_maxsize=_CONNECTIONS)


class _Reads(io.RawIOBase):
    """A socket's bytes, until the attempt is over."""

    def __init__(self, made: socket.socket, serves: Attempt) -> None:
        self._socket = made
        self._raw = made.makefile("rb", buffering=0)
        self._attempt = serves

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._attempt.seconds_left())
        return cast("io.RawIOBase", self._raw).readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Readable:
    """All that an HTTP response needs of a socket."""

    def __init__(self, made: socket.socket) -> None:
        self._socket = made

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reads(self._socket, attempt.get()))


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(cast("socket.socket", _Readable(sock)), *arguments, **options)


class _Connection(HTTPConnection):
    guarded = False
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        serves = attempt.get()
        try:
            made = self._connected(time.monotonic() + min(CONNECT_SECONDS, serves.seconds_left()))
            made.settimeout(serves.seconds_left())  # for the handshake
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except UnicodeError:
            raise LocationParseError("the host cannot be a name") from None
        except PrivateAddress:
            raise
        except OSError as error:
            raise NewConnectionError(self, "no connection") from error
        return made

    def _connected(self, until: float) -> socket.socket:
        addresses = resolve(self._dns_host, self.port or self.default_port, until - time.monotonic())
        if self.guarded:
            check_public(self.host, addresses)  # and connected to what was checked: no name changes its mind between
        failure: OSError = OSError("no address")
        for tried, (family, kind, protocol, _, address) in enumerate(addresses):
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                made = socket.socket(family, kind, protocol)
            except OSError as error:  # this machine does not know such addresses
                failure = error
                continue
            try:
                for option in self.socket_options or ():
                    made.setsockopt(*option)
                made.settimeout(min(left, max(_LEAST_SECONDS_AN_ADDRESS, left / (len(addresses) - tried))))
                made.connect(address)
            except OSError as error:
                made.close()
                failure = error
            except BaseException:  # the call was given up
                made.close()
                raise
            else:
                return made
        raise failure

    def request(self, *arguments: Any, **options: Any) -> None:
        """Send a request; what fails before that has sent nothing."""
        if self.is_closed:
            self.connect()
        attempt.get().sent = True
        super().request(*arguments, **options)

    def send(self, data: Any) -> None:
        """Send bytes in pieces, each within what is left: a TLS socket counts anew for every record."""
        if not isinstance(data, bytes | bytearray | memoryview):
            super().send(data)
            return
        whole = memoryview(data)
        for start in range(0, len(whole), _PIECE):
            self.sock.settimeout(attempt.get().seconds_left())
            super().send(whole[start : start + _PIECE])


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _GuardedConnection(_Connection):
    guarded = True


class _GuardedTlsConnection(_TlsConnection):
    guarded = True


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _GuardedPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class _GuardedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTlsConnection


class _Adapter(HTTPAdapter):
    pools: dict[str, Any] = {"http": _Pool, "https": _TlsPool}  # noqa: RUF012

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self.pools


class _GuardedAdapter(_Adapter):
    pools: dict[str, Any] = {"http": _GuardedPool, "https": _GuardedTlsPool}  # noqa: RUF012
