"""Access tokens of the account that the function runs as, for Google's other APIs.

google-auth waits and repeats by its own measures, looking names up included. So one thread a set of scopes fetches,
and callers wait for it as long as their own call allows; what comes too late for one call serves the next. A token
is renewed ahead, while it is still good and without anybody waiting.
"""

from __future__ import annotations

import datetime
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import google.auth
import google.auth.transport
import requests
from google.auth import exceptions
from urllib3.exceptions import HTTPError

from ..problems import outside as problems
from .sending import Hop, reason_of
from .unavailable import Unavailable

FETCH_SECONDS = 4.0  # what one fetch's requests may take together
GIVE_UP_AFTER = 10.0  # seconds until a hanging fetch is replaced
RETRY_AFTER = 1.0  # seconds between a failed fetch and the next
RENEW_AGAIN_AFTER = 30.0  # seconds, the same while the present token is still good
RENEW_BEFORE = 225.0  # seconds before its end; the metadata server gives a new one from 300 s before
UNSAFE_BEFORE = 30.0  # seconds before its end from which a token is no longer given out
LIFE = 300.0  # seconds, of a token that does not say

log = logging.getLogger("fulfillment.outside")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    ends: float


@dataclass(slots=True, eq=False)
class _Fetch:
    started: float
    done: threading.Event = field(default_factory=threading.Event)
    failure: str = ""


class _Account:
    """The tokens for one set of scopes. Safe for many threads."""

    def __init__(self, scopes: Sequence[str]) -> None:
        self._scopes = scopes
        self._lock = threading.Lock()
        self._token: _Token | None = None
        self._fetch: _Fetch | None = None
        self._failure = ""
        self._again_at = float("-inf")

    def token(self, until: float) -> str:
        """Return a token that is good for half a minute and more, or raise `Unavailable`."""
        token, now = self._token, time.monotonic()
        if token and now < token.ends - UNSAFE_BEFORE:
            if now >= token.ends - RENEW_BEFORE:
                self._begin()
            return token.text
        fetch = self._begin()
        if fetch is not None and not fetch.done.wait(max(0.0, until - time.monotonic())):
            raise Unavailable("google_token: no answer in time")
        token = self._token
        if token and time.monotonic() < token.ends:
            return token.text
        raise Unavailable(f"google_token: {(fetch.failure if fetch else '') or self._failure}")

    def _begin(self) -> _Fetch | None:
        """Return the fetch under way, begun now if need be; None when the last one failed just now."""
        with self._lock:
            now = time.monotonic()
            if self._fetch is not None and now - self._fetch.started < GIVE_UP_AFTER:
                return self._fetch
            if now < self._again_at:
                return None
            fetch = self._fetch = _Fetch(now)
        threading.Thread(target=self._run, args=(fetch,), name="google-token", daemon=True).start()
        return fetch

    def _run(self, fetch: _Fetch) -> None:
        token, failure = None, ""
        try:
            token = _fetched(self._scopes, fetch.started + FETCH_SECONDS)
        except exceptions.GoogleAuthError as error:
            failure = f"{type(error).__name__}: {str(error.args[0] if error.args else '')[:300]}"
        except Exception as error:  # Whatever it was: those who wait must be told.
            failure = type(error).__name__
        if failure:
            log.warning(problems.no_google_token(failure))
        with self._lock:
            fetch.failure = failure
            if self._fetch is fetch:  # A fetch that was given up must not overwrite what its successor brought.
                self._fetch = None
                self._failure = failure
                self._token = token or self._token
                self._again_at = self._next_try()
        fetch.done.set()

    def _next_try(self) -> float:
        now = time.monotonic()
        good_until = self._token.ends - UNSAFE_BEFORE if self._token else now
        return max(now + RETRY_AFTER, min(now + RENEW_AGAIN_AFTER, good_until))


_accounts: dict[tuple[str, ...], _Account] = {}
_lock = threading.Lock()


def google_token(scopes: tuple[str, ...], until: float) -> str:
    """Return an access token for these scopes; `until` is a `time.monotonic()` reading. Raises `Unavailable`."""
    with _lock:
        account = _accounts.setdefault(tuple(sorted(set(scopes))), _Account(scopes))
    return account.token(until)


def forget() -> None:
    """Ask anew at the next call, with the credentials of the environment as it is then."""
    with _lock:
        _accounts.clear()


def _fetched(scopes: Sequence[str], until: float) -> _Token:
    request = _Request(until)
    credentials: Any = google.auth.default(scopes=scopes, request=request)[0]
    credentials.refresh(request)
    if not credentials.token:
        raise exceptions.RefreshError("the answer holds no token")  # type: ignore[no-untyped-call]
    life = LIFE
    if credentials.expiry:  # in UTC, and without saying so
        life = (credentials.expiry.replace(tzinfo=datetime.UTC) - datetime.datetime.now(datetime.UTC)).total_seconds()
    return _Token(credentials.token, time.monotonic() + life)


class _Request(google.auth.transport.Request):
    """What google-auth sends through: every request ends in time, whatever time limit it is given, or none."""

    def __init__(self, until: float) -> None:
        self._until = until

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Answer:
        until = min(self._until, time.monotonic() + (timeout or FETCH_SECONDS))
        prepared = requests.Request(method, url, dict(headers or {}), data=body).prepare()
        try:
            return _Answer(Hop(until, guarded=False, repeatable=False, attempts=1).send(prepared))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise exceptions.TransportError(f"{reason_of(error)} of {url.partition('?')[0]}") from None  # type: ignore[no-untyped-call]


class _Answer(google.auth.transport.Response):
    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content
