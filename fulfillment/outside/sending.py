"""requests and urllib3, arranged for calls that must end in time. Imported by the first call to the outside."""

from __future__ import annotations

import logging
import random
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError
from urllib3.exceptions import SSLError as TlsError

from ..library_logs import keep_addresses_out
from ..problems import outside as problems
from . import GATEWAY_STATUSES, Outgoing
from .addresses import PrivateAddress
from .connections import Attempt, adapter, attempt
from .unavailable import Unavailable

ATTEMPTS = 3
REDIRECTS = 5
MAX_BYTES = 1024 * 1024
PAUSES = (0.1, 0.4)
"""The most seconds before the second and the third attempt; up to half is taken off at random."""

PAUSE_SHARE = 0.1
"""The most of the time left that a pause may take."""

_LEAST_SECONDS = 0.1
"""Less is not worth another attempt."""

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_FOLLOWED = ("GET", "HEAD")
_FAILURES = (requests.RequestException, HTTPError, OSError)
_OUTAGES = (requests.ConnectionError, requests.Timeout, ProtocolError, ReadTimeoutError, TlsError)

log = logging.getLogger("fulfillment.outside")
keep_addresses_out()


class TooLong(requests.RequestException):
    """The answer is larger than fits."""


def send(outgoing: Outgoing, until: float) -> requests.Response:
    """Send a call with its repetitions and redirects; return the answer, read to its end.

    `until` is a `time.monotonic()` reading, in seconds. Raises `Unavailable`.
    """
    host = urlsplit(outgoing.url).hostname
    with Session(outgoing, until) as session:
        try:
            prepared = session.prepare_request(outgoing_request(outgoing))
        except requests.RequestException as error:
            raise Unavailable(f"{host}: {type(error).__name__}", outage=False) from None
        try:
            return session.send(prepared, stream=True, allow_redirects=outgoing.method in _FOLLOWED)
        except _FAILURES as error:
            # The text of some of these holds the query, and so perhaps a key.
            raise Unavailable(f"{host}: {reason_of(error)}", outage=_is_outage(error)) from None


def outgoing_request(outgoing: Outgoing) -> requests.Request:
    """Return a call as requests knows it."""
    headers = dict(outgoing.headers)
    if outgoing.idempotency_key:
        headers["Idempotency-Key"] = outgoing.idempotency_key
    return requests.Request(
        outgoing.method, outgoing.url, headers, params=outgoing.params, json=outgoing.json, data=outgoing.data
    )


class Session(requests.Session):
    """One call with its redirects. Neither cookies nor .netrc: nothing of one user's call is there in the next."""

    def __init__(self, outgoing: Outgoing, until: float) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = REDIRECTS
        self._origin = _origin(outgoing.url)
        self._repeatable = bool(outgoing.idempotency_key) or outgoing.method in _IDEMPOTENT
        self._follows = outgoing.method in _FOLLOWED
        self._until = until

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where an answer leads, None where that is not followed. Raises `InvalidURL` for what is no URL.

        Python's own errors repeat parts of it, and are no failure of the other side for who catches `Unavailable`.
        """
        if not self._follows:
            return None
        try:
            target = super().get_redirect_target(resp)
            _origin(target or "")
        except ValueError:
            raise requests.exceptions.InvalidURL("a redirect to what is no URL") from None
        return target

    def get_adapter(self, url: str | bytes) -> BaseAdapter:
        """Return what sends to `url`: where the developer's URL leads is free, a redirect's target must be public."""
        target = _origin(str(url))
        if target[0] not in ("http", "https"):
            raise requests.exceptions.InvalidSchema(f"a redirect to {target[0]}")
        if self._origin[0] == "https" and target[0] == "http":
            raise PrivateAddress("a redirect from https to http")
        return Hop(self._until, guarded=target != self._origin, repeatable=self._repeatable)

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Leave headers that were meant for the first host behind when a redirect leaves it."""
        if _origin(prepared_request.url or "") != self._origin:
            prepared_request.headers.clear()
            prepared_request.headers.update(requests.utils.default_headers())


class Hop(BaseAdapter):
    """Sends one request, and again where that is safe and may help, until the call's time is over."""

    def __init__(self, until: float, *, guarded: bool, repeatable: bool, attempts: int = ATTEMPTS) -> None:
        super().__init__()
        self._until = until
        self._guarded = guarded
        self._repeatable = repeatable
        self._attempts = attempts

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Return the answer, read to its end. Raises what requests and urllib3 raise, `TooLong`, `PrivateAddress`."""
        for number in range(1, self._attempts):
            serves = Attempt(self._end_of_attempt())
            try:
                answer = self._once(request, serves, options)
            except _FAILURES as error:
                if not self._may_repeat(error, serves) or not self._pause(number):
                    raise
                reason = reason_of(error)
            else:
                if not self._repeatable or answer.status_code not in GATEWAY_STATUSES or not self._pause(number):
                    return answer
                reason = f"status {answer.status_code}"
            log.warning(problems.repeated(number + 1, self._attempts, _host(request.url or ""), reason))
            if not isinstance(request.body, str | bytes | None):
                requests.utils.rewind_body(request)
        return self._once(request, Attempt(self._until), options)

    def _once(self, request: requests.PreparedRequest, serves: Attempt, options: dict[str, Any]) -> requests.Response:
        before = attempt.set(serves)
        try:
            seconds = serves.seconds_left()
            answer = adapter(self._guarded).send(
                request, stream=True, timeout=seconds, verify=options.get("verify", True), cert=options.get("cert")
            )
            serves.until = self._until  # it has begun: now it may take what there is
            _read_to_the_end(answer)
        finally:
            attempt.reset(before)
        return answer

    def _end_of_attempt(self) -> float:
        """Return when an attempt must be over: at about half of the time left, so that the next one has a chance.

        What cannot be repeated once it is sent gets all of it; connecting is limited besides.
        """
        now = time.monotonic()
        return now + (self._until - now) * (1 - PAUSE_SHARE) / 2 if self._repeatable else self._until

    def _may_repeat(self, error: Exception, serves: Attempt) -> bool:
        if isinstance(_root(error), ssl.SSLCertVerificationError):  # it will be as wrong the next time
            return False
        return _is_outage(error) and (self._repeatable or not serves.sent)

    def _pause(self, number: int) -> bool:
        """Wait before the next attempt; return whether there is time for one."""
        left = self._until - time.monotonic()
        if left < _LEAST_SECONDS:
            return False
        time.sleep(min(PAUSES[number - 1], left * PAUSE_SHARE) * random.uniform(0.5, 1))  # noqa: S311
        return True

    def close(self) -> None:
        """Do nothing: the connections are kept for other calls."""


def _read_to_the_end(answer: requests.Response) -> None:
    body = bytearray()
    while piece := answer.raw.read1(16 * 1024, decode_content=True):
        body += piece
        if len(body) > MAX_BYTES:
            answer.close()
            raise TooLong("the answer is too long")
    answer.raw.release_conn()
    answer._content = bytes(body)


def reason_of(error: BaseException) -> str:
    """Return a failure's name, that of what is behind it where that says more: `ConnectionRefusedError`.

    Never its text, which often holds the URL.
    """
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return type(error).__name__
    return type(_root(error)).__name__


def _root(error: BaseException) -> BaseException:
    """Return the failure behind a failure. Not by `__context__`: that may be what a handler was just mending."""
    while True:
        behind = [getattr(error, "reason", None), *error.args, error.__cause__]
        found = next((one for one in behind if isinstance(one, Exception)), None)
        if found is None:
            return error
        error = found


def _is_outage(error: BaseException) -> bool:
    return isinstance(error, _OUTAGES) and not isinstance(_root(error), PrivateAddress)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
