"""requests and urllib3, arranged for calls that must end in time. Imported by the first call to the outside."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import Retry, connection

from ..deadline import seconds_left
from . import PAUSES_SECONDS
from .addresses import PrivateAddress, public_address

ATTEMPTS = 3
REDIRECTS = 5
CONNECT_SECONDS = 1.0
_CONNECTIONS = 32
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


class TooLong(requests.RequestException):
    """The answer is larger, or comes more slowly, than fits."""


class Session(requests.Session):
    """One call with its redirects. Neither cookies nor .netrc: nothing of one user's call is there in the next."""

    def __init__(self, url: str, repeatable: bool) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = REDIRECTS
        self._origin = _origin(url)
        self._repeatable = repeatable

    def get_adapter(self, url: str | bytes) -> HTTPAdapter:
        """Return what sends to `url`: where the developer's URL leads is free, a redirect's target must be public."""
        target = _origin(str(url))
        if target[0] not in ("http", "https"):
            raise requests.exceptions.InvalidSchema(f"a redirect to {target[0]}")
        if target == self._origin:
            return _adapter(guarded=False, repeatable=self._repeatable)
        if self._origin[0] == "https" and target[0] == "http":
            raise PrivateAddress("a redirect from https to http")
        return _adapter(guarded=True, repeatable=self._repeatable)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send one hop, so that all its attempts and their pauses fit the time left."""
        limit = (seconds_left() - PAUSES_SECONDS) / ATTEMPTS
        if limit <= 0:
            raise TooLong("no time was left for another hop")
        options["timeout"] = (min(CONNECT_SECONDS, limit), limit)
        return super().send(request, **options)

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Leave headers that were meant for the first host behind when a redirect leaves it."""
        if _origin(prepared_request.url or "") != self._origin:
            prepared_request.headers.clear()
            prepared_request.headers.update(requests.utils.default_headers())


def read_to_the_end(answer: requests.Response, most: int) -> None:
    """Read the body within the time left, at most `most` bytes. Raises `TooLong`."""
    # A server that sends a byte a second never hits the read time-out: take what is there, and look at the clock.
    body = bytearray()
    while piece := answer.raw.read1(16 * 1024, decode_content=True):
        body += piece
        if len(body) > most or seconds_left() <= 0:
            answer.close()
            raise TooLong("the answer was too long or too slow")
    answer.raw.release_conn()
    answer._content = bytes(body)


@cache
def _adapter(guarded: bool, repeatable: bool) -> HTTPAdapter:
    retries = Retry(
        total=ATTEMPTS - 1,
        backoff_factor=0.1,
        backoff_jitter=0.1,
        status_forcelist=(502, 503, 504),
        allowed_methods=None if repeatable else _IDEMPOTENT,
        raise_on_status=False,
        respect_retry_after_header=False,  # it may be longer than the call
    )
    kind = _GuardedAdapter if guarded else HTTPAdapter
    return kind(max_retries=retries, pool_maxsize=_CONNECTIONS)


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _GuardedPool, "https": _GuardedTlsPool}


class _GuardedConnection(HTTPConnection):
    def _new_conn(self) -> Any:
        return _connected(self)


class _GuardedTlsConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _connected(self)


class _GuardedPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class _GuardedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTlsConnection


def _connected(made: HTTPConnection) -> Any:
    # Resolved here and connected to what was checked: a name cannot change its mind in between.
    address = public_address(made.host, made.port or made.default_port)
    return connection.create_connection(
        (address, made.port or made.default_port), made.timeout, socket_options=made.socket_options
    )


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
