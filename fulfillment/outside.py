"""HTTP calls to third parties inside the call's deadline; a handler passes no time limits.

    answer = outside.get("https://api.example.com/weather", params={"q": city})

Connection errors, time-outs and 502/503/504 are tried again where that is safe (GET, HEAD), as long as time is left.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .deadline import seconds_left

if TYPE_CHECKING:
    from requests import Response, Session

ATTEMPTS = 3
MAX_BYTES = 1024 * 1024
_PAUSES_SECONDS = 0.6
_SAFE = frozenset({"GET", "HEAD"})


class Unavailable(Exception):
    """The other side did not answer, in time or at all. The message names the host, never the query."""


def get(url: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """Send a GET and return the answer, whatever its status. Raises `Unavailable`."""
    return _send("GET", url, params=params, headers=headers)


def post(
    url: str,
    *,
    json: Any = None,
    data: Any = None,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Send a POST, once, and return the answer, whatever its status. Raises `Unavailable`."""
    return _send("POST", url, json=json, data=data, params=params, headers=headers)


def _send(method: str, url: str, **options: Any) -> Response:
    import requests  # 60 ms of import: paid by the first call only

    host = urlsplit(url).hostname
    left = seconds_left() - _PAUSES_SECONDS
    if left <= 0:
        raise Unavailable(f"{host}: no time was left for the call")
    limit = left / (ATTEMPTS if method in _SAFE else 1)
    try:
        answer = _session().request(method, url, timeout=limit, stream=True, **options)
        _read_within_limits(answer, host)
    except requests.RequestException as error:
        raise Unavailable(f"{host}: {type(error).__name__}") from None  # its text holds the query, and so any key
    return answer


def _read_within_limits(answer: Response, host: str | None) -> None:
    # A server that sends a byte a second never hits the read time-out.
    body = bytearray()
    for piece in answer.iter_content(16 * 1024):
        body += piece
        if len(body) > MAX_BYTES or seconds_left() <= 0:
            answer.close()
            raise Unavailable(f"{host}: the answer was too long or too slow")
    answer._content = bytes(body)


_thread = threading.local()


def _session() -> Session:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    session: requests.Session | None = getattr(_thread, "session", None)
    if session is None:
        retries = Retry(
            total=ATTEMPTS - 1,
            backoff_factor=0.1,
            backoff_jitter=0.1,
            status_forcelist=(502, 503, 504),
            allowed_methods=_SAFE,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        session = requests.Session()
        session.mount("https://", HTTPAdapter(max_retries=retries))
        session.mount("http://", HTTPAdapter(max_retries=retries))
        _thread.session = session
    return session
