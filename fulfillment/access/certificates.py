"""Google's signing certificates: fetched at first need, kept as long as Cache-Control allows, never fetched per call.

- One fetch at a time, on a thread of its own: name resolution and a dripping server know no time limit, so callers
  wait for the fetch and not in it. A fetch that hangs is given up and replaced after a while.
- Keys are renewed ahead, at three quarters of their life and without anybody waiting, so that an outage of the
  certificate server is bridged by the last quarter (of about six hours). Past their life they are never used: Google
  sends `must-revalidate`, and a key that was withdrawn must not live on because a fetch fails. Then it is 503.
- An unknown key id leads to one fetch, then to none for a minute, whatever strangers write into their tokens.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..library_logs import keep_addresses_out
from ..problems import credentials_unavailable

GOOGLE_CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
"""Where Google publishes the certificates of its ID tokens: a JSON object of key id to PEM (docs/protocol.md 11.3)."""

LONGEST_WAIT = 1.5  # seconds a call waits for a fetch, when its deadline leaves twice that
FETCH_TIMEOUT = 3.0  # seconds a fetch may take: what comes too late for one call still serves the next
GIVE_UP_AFTER = 10.0  # seconds until a hanging fetch is replaced
RETRY_AFTER = 1.0  # seconds between a failed fetch and the next
RENEW_AGAIN_AFTER = 30.0  # seconds, the same while the present keys are still good
UNKNOWN_KEY_INTERVAL = 60.0  # seconds between two fetches that only an unknown key id asked for
SHORTEST_LIFE = 60.0  # seconds; also when Cache-Control says no-cache, since a fetch per call would be an outage
DEFAULT_LIFE = 3600.0  # seconds, when there is no Cache-Control
LONGEST_LIFE = 86400.0  # seconds, whatever Cache-Control says
LARGEST_BODY = 256 * 1024

_log = logging.getLogger(__name__)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE | re.ASCII)
_NOT_CACHED = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.IGNORECASE | re.ASCII)


class KeysUnreadable(Exception):
    """Why keys could not be fetched or read, in words for the log."""


@dataclass(frozen=True, slots=True)
class _Keys:
    by_id: Mapping[str, str]
    renew_at: float
    fresh_until: float


@dataclass(slots=True, eq=False)
class _Fetch:
    started: float
    for_unknown_key: bool
    done: threading.Event = field(default_factory=threading.Event)
    failure: str = ""


class Certificates:
    """The certificates at `url`, by key id. Safe for many threads.

    `clock` returns seconds and decides about age; tests move it. Waiting always follows real time. `parse` makes keys
    in PEM by key id of what is fetched, and raises `KeysUnreadable`; by default it reads Google's certificates.
    """

    def __init__(
        self,
        url: str = GOOGLE_CERTIFICATES,
        clock: Callable[[], float] = time.monotonic,
        parse: Callable[[bytes], dict[str, str]] | None = None,
        mechanism: str = "id-token",
    ) -> None:
        self._url = url
        self._host = urlsplit(url).hostname or "an address without a host"
        self._parse = parse or _certificates
        self._mechanism = mechanism
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: _Keys | None = None
        self._fetch: _Fetch | None = None
        self._failure = ""
        self._retry_at = float("-inf")
        self._unknown_again_at = float("-inf")

    def find(self, key_id: str, until: float) -> str | None:
        """Return the PEM certificate of `key_id`, or None when Google has no such key.

        `until` is a `time.monotonic()` reading in seconds; at most half of the time left until then is spent waiting.
        Raises `Problem` 503 `certificates-unavailable` when the answer needs a fetch and that fails or takes too long.
        """
        keys, now = self._keys, self._clock()
        fresh = keys is not None and now < keys.fresh_until
        if keys is not None and fresh:
            certificate = keys.by_id.get(key_id)
            if certificate is not None:
                if now >= keys.renew_at:
                    self._begin(keys)
                return certificate
            if now < self._unknown_again_at:
                return None
        failure = self._renew(keys, until, for_unknown_key=fresh)
        keys = self._keys
        if keys is not None and self._clock() < keys.fresh_until:
            certificate = keys.by_id.get(key_id)
            if certificate is not None or not failure:
                return certificate
        raise credentials_unavailable(
            f"{self._mechanism}: no certificates from {self._host}: {failure or 'they have expired'}"
        )

    def warm(self) -> None:
        """Begin the first fetch, without waiting for it."""
        if self._keys is None:
            self._begin(None)

    def _renew(self, seen: _Keys | None, until: float, *, for_unknown_key: bool) -> str:
        """Wait for newer keys than `seen`; return what went wrong, or ""."""
        fetch = self._begin(seen, for_unknown_key=for_unknown_key)
        if fetch is None:
            return "" if self._keys is not seen else self._failure
        seconds = max(0.0, min(LONGEST_WAIT, (until - time.monotonic()) / 2))
        if not fetch.done.wait(seconds):
            return f"no answer within {seconds:.1f} s"
        return fetch.failure

    def _begin(self, seen: _Keys | None, *, for_unknown_key: bool = False) -> _Fetch | None:
        """Return the fetch under way, begun now if need be; None when there are newer keys or it is too soon."""
        with self._lock:
            if self._keys is not seen:
                return None
            now = self._clock()
            if self._fetch is not None and now - self._fetch.started < GIVE_UP_AFTER:
                return self._fetch
            if now < self._retry_at:
                return None
            fetch = self._fetch = _Fetch(now, for_unknown_key)
        thread = threading.Thread(target=self._run, args=(fetch,), name="certificates", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._finish(fetch, None, "no thread can be started")
        return fetch

    def _run(self, fetch: _Fetch) -> None:
        keys, failure = None, ""
        try:
            by_id, life = _download(self._url, FETCH_TIMEOUT, self._parse)
            keys = _Keys(by_id, fetch.started + life * 0.75, fetch.started + life)
        except KeysUnreadable as error:
            failure = str(error)
        except Exception as error:  # Whatever it was: those who wait must be told.
            failure = type(error).__name__
        if failure:
            # The host alone: path and query of a provider's address may hold a key.
            _log.warning("Certificates could not be fetched from %s: %s", self._host, failure)
        self._finish(fetch, keys, failure)

    def _finish(self, fetch: _Fetch, keys: _Keys | None, failure: str) -> None:
        with self._lock:
            fetch.failure = failure
            if self._fetch is fetch:  # A fetch that was given up must not overwrite what its successor brought.
                self._fetch = None
                self._failure = failure
                if keys is None:
                    self._retry_at = self._next_try()
                else:
                    if fetch.for_unknown_key:
                        self._unknown_again_at = self._clock() + UNKNOWN_KEY_INTERVAL
                    self._keys = keys
        fetch.done.set()

    def _next_try(self) -> float:
        now = self._clock()
        good_until = self._keys.fresh_until if self._keys is not None else now
        return max(now + RETRY_AFTER, min(now + RENEW_AGAIN_AFTER, good_until))


def _download(url: str, seconds: float, parse: Callable[[bytes], dict[str, str]]) -> tuple[dict[str, str], float]:
    """Return certificates by key id, and for how many seconds they may be kept. Raises `KeysUnreadable`."""
    import requests  # 30 ms and more: only for id-token, and only when it is needed.

    keep_addresses_out()
    ends = time.monotonic() + seconds
    body = bytearray()
    try:
        with requests.get(url, timeout=seconds / 2, stream=True, allow_redirects=False, verify=True) as response:
            if response.status_code != 200:
                raise KeysUnreadable(f"the status is {response.status_code}, not 200")
            while chunk := response.raw.read1(64 * 1024, decode_content=True):
                body += chunk
                if len(body) > LARGEST_BODY or time.monotonic() > ends:
                    raise KeysUnreadable("the answer is too large or too slow")
            headers = response.headers
    except requests.RequestException as error:
        # The type alone: the text may hold the address of a proxy, and with it that proxy's password.
        raise KeysUnreadable(f"the request failed with {type(error).__name__}") from None
    return parse(bytes(body)), _life(headers.get("cache-control", ""), headers.get("age", ""))


def _certificates(body: bytes) -> dict[str, str]:
    """Return the usable certificates of the answer: RSA of 2,048 bits and more, by key id."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import load_pem_x509_certificate

    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise KeysUnreadable("the answer is not a JSON object of key id to certificate")
    usable: dict[str, str] = {}
    for key_id, certificate in document.items():
        try:
            key = load_pem_x509_certificate(str(certificate).encode()).public_key()
        except (ValueError, UnsupportedAlgorithm):  # one that nobody knows yet must not spoil the others
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= 2048:
            usable[key_id] = certificate
    if not usable:
        raise KeysUnreadable("the answer holds no RSA certificate")
    return usable


def _life(cache_control: str, age: str) -> float:
    """Return for how many seconds an answer may be kept: max-age less its age in caches on the way."""
    if _NOT_CACHED.search(cache_control):
        return SHORTEST_LIFE
    found = _MAX_AGE.search(cache_control)
    if not found:
        return DEFAULT_LIFE
    spent = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0
    return min(LONGEST_LIFE, max(SHORTEST_LIFE, float(int(found[1]) - spent)))
