"""The Firestore client: made in the worker process, never at import, never before a fork.

gunicorn imports the function in its master and forks afterwards; a gRPC channel or thread from before the fork hangs
there. So the import of the library and the making of the client happen on a thread that starts right after the fork,
off the way of calls that need no Firestore; where nothing forks, the first lookup starts it (docs/platform.md 5.1).
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from .. import problems
from ..deadline import seconds_left

if TYPE_CHECKING:
    from google.cloud.firestore import Client

log = logging.getLogger(__name__)
_T = TypeVar("_T")

_HEAD_START = 0.2
"""Seconds that a first call which needs no Firestore gets for itself."""

_RENEW_AFTER = 0.25
"""Seconds a channel must have lived before a time-out makes us replace it."""

_SUSPICIOUS_SECONDS = 0.3
"""The first attempt's limit after a time-out: long enough for an answer, short enough to find a dead connection."""


class _Connection:
    """One process's client, and the thread that makes it."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._needed = threading.Event()
        self._thread: threading.Thread | None = None
        self._client: Client | None = None
        self._error: Exception | None = None
        self._made_at = 0.0
        self._suspicious = False

    def warm_up(self) -> None:
        """Start making the client soon, unless it is there or being made; `client` makes it begin at once.

        The first call is often on its way already: importing the library beside it would slow it down.
        """
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._make, name="firestore-warm-up", daemon=True)
                self._thread.start()

    def client(self) -> Client:
        if self._client is not None:
            return self._client
        self._needed.set()
        self.warm_up()
        if not self._ready.wait(seconds_left()):
            raise problems.firestore_unavailable("the client was not ready in time (is there a credential?)")
        with self._lock:
            if self._client is not None:
                return self._client
            error = self._error
            self._thread = None  # the next call tries anew
            self._ready.clear()
        raise problems.firestore_not_configured(str(error)) from error

    def seconds(self, failures: int) -> float:
        """Return the limit of one attempt after so many failed ones of the same call.

        Half of the time left, so that a connection that died while the instance slept is noticed in time. Where the
        last attempt of anyone timed out, a little at first and then more and more: a new connection shows at once
        whether Firestore is back, and a slow Firestore gets its time too.
        """
        left = seconds_left()
        half = left if left < 1.0 else left / 2
        return min(half, _SUSPICIOUS_SECONDS * 2**failures) if self._suspicious else half

    def worked(self) -> None:
        """Trust the connection (again)."""
        self._suspicious = False

    def timed_out(self, failed: Client) -> None:
        """Replace `failed`, whose connection may be dead, unless that has just been done."""
        self._suspicious = True
        with self._lock:
            if self._client is failed and time.monotonic() - self._made_at > _RENEW_AFTER:
                self._client = _new_client()
                self._made_at = time.monotonic()

    def _make(self) -> None:
        self._needed.wait(_HEAD_START)
        try:
            made = _new_client()
        except Exception as error:
            self._error = error
            self._ready.set()
            return
        self._made_at = time.monotonic()
        self._client = made
        self._ready.set()


_connection = _Connection()


def _this_process() -> _Connection:
    global _connection
    if _connection.pid != os.getpid():
        _connection = _Connection()
    return _connection


def client() -> Client:
    """Return this process's `google.cloud.firestore.Client`, making it at the first call.

    Raises the `Problem` `firestore-not-configured` where there is no project or credential.
    """
    return _this_process().client()


def forget() -> None:
    """Make a new client at the next call, from the environment as it is then."""
    global _connection
    _connection = _Connection()


def warm_up() -> None:
    """Import the library and make the client in the background, off the way of calls that need no Firestore."""
    _this_process().warm_up()


def attempt(call: Callable[[Client, float], _T]) -> _T:
    """Run `call(client, seconds)` until it succeeds or the call's time for outside calls is over.

    Raises the 503 `Problem` `firestore-unavailable`, or the 500 one `firestore-refused` for what a retry cannot mend.
    """
    _this_process().client()
    from google.api_core import exceptions, retry

    failures = count()
    retrying = retry.Retry(
        predicate=retry.if_exception_type(*transient()),
        initial=0.05,
        maximum=0.5,
        timeout=seconds_left(),
    )
    try:
        return retrying(lambda: try_once(call, next(failures)))()
    except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
        raise as_problem(error) from error


def try_once(call: Callable[[Client, float], _T], failures: int = 0) -> _T:
    """Run `call(client, seconds)` once, after so many failed attempts, and remember whether the connection answered.

    Raises what the client raises.
    """
    connection = _this_process()
    made = connection.client()
    from google.api_core import exceptions

    try:
        result = call(made, connection.seconds(failures))
    except exceptions.DeadlineExceeded:
        connection.timed_out(made)
        raise
    connection.worked()
    return result


def transient() -> tuple[type[Exception], ...]:
    """Return the exceptions after which the same read may succeed."""
    from google.api_core import exceptions

    return (
        exceptions.ServiceUnavailable,
        exceptions.DeadlineExceeded,
        exceptions.InternalServerError,
        exceptions.TooManyRequests,
        exceptions.Aborted,
    )


def as_problem(error: Exception) -> problems.Problem:
    """Return what a Firestore error means for the call: unavailable, or refused for a reason to mend."""
    from google.api_core import exceptions
    from google.auth import exceptions as auth_exceptions

    cause: BaseException = error
    if isinstance(error, exceptions.RetryError) and error.cause:
        cause = error.cause
    if isinstance(cause, (*transient(), exceptions.RetryError, auth_exceptions.TransportError)):
        return problems.firestore_unavailable(f"{type(cause).__name__}: {_message(cause)}")
    return problems.firestore_refused(f"{type(cause).__name__}: {_message(cause)}")


def outage_behind(error: BaseException) -> problems.Problem | None:
    """Return the `firestore-unavailable` behind what a handler let through, or None for any other error.

    A handler that uses `client()` gets the library's own errors; `transactional` hides an outage behind a `ValueError`.
    """
    loaded = sys.modules.get("google.api_core.exceptions")
    if loaded is None:
        return None
    for found in (error, error.__context__ if isinstance(error, ValueError) else None):
        if isinstance(found, problems.Problem):  # raised by the limits on the client's own calls
            return found
        if isinstance(found, Exception) and isinstance(found, (*transient(), loaded.RetryError)):
            return as_problem(found)
    return None


def _message(error: BaseException) -> str:
    return str(getattr(error, "message", error))[:500]


def _new_client() -> Client:
    import grpc
    from google.cloud import firestore
    from google.cloud.firestore_v1.services.firestore import FirestoreClient
    from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

    from .bounded_channel import LimitToDeadline

    made = firestore.Client(database=os.environ.get("FIRESTORE_DATABASE") or None)
    emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
    channel: Any
    if emulator:
        channel = grpc.insecure_channel(emulator, options=_CHANNEL_OPTIONS)
    else:
        channel = FirestoreGrpcTransport.create_channel(
            FirestoreClient.DEFAULT_ENDPOINT,
            credentials=made._credentials,
            options=[*_CHANNEL_OPTIONS, ("grpc.keepalive_time_ms", 30_000)],
        )
    transport = FirestoreGrpcTransport(
        host=emulator or FirestoreClient.DEFAULT_ENDPOINT, channel=grpc.intercept_channel(channel, LimitToDeadline())
    )
    # The client offers no public way to choose its channel; pinned version, and a test holds it to this.
    made._transport = transport
    made._firestore_api_internal = FirestoreClient(transport=transport)
    return made


_CHANNEL_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # By default gRPC waits up to two minutes before it tries a server again that was away.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2_000),
    ("grpc.max_reconnect_backoff_ms", 500),
    # A new channel must get a new connection, not the dead one of its predecessor.
    ("grpc.use_local_subchannel_pool", 1),
]
