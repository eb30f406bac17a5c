"""HTTP calls to third parties inside the call's deadline; a handler passes no time limits.

    answer = outside.get("https://api.example.com/weather", params={"q": city})
    outside.post("https://pay.example.com/charges", json=charge, idempotency_key=idempotency_key())

- Time: connecting, each wait for data and the whole call, its repetitions included, fit the time left.
- Repeated are GET, HEAD, PUT and DELETE after connection errors, time-outs and 502, 503, 504, with random pauses; POST
  and PATCH only where nothing was sent yet, or with an `idempotency_key`, which goes along as the header
  `Idempotency-Key`: at most three attempts.
- A host that fails five times in a row is left alone for a while: calls fail at once, so that handlers can apologise
  quickly, then one trial call decides. The log says so at both ends.
- Redirects are followed for GET and HEAD only, never from https to http and never to a private address, whatever name
  leads there; headers given here stay at home when the redirect leaves the host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..deadline import HandlerStopped, seconds_left
from ..threads import require_call
from .circuit import Circuit, circuit_of

if TYPE_CHECKING:
    from requests import Response

__all__ = ["Unavailable", "delete", "get", "head", "patch", "post", "put", "request"]

MAX_BYTES = 1024 * 1024

PAUSES_SECONDS = 0.6
"""Kept back for the pauses between attempts."""

_BROKEN_STATUS = 500


class Unavailable(Exception):
    """The other side did not answer, in time or at all. The message names the host, never the query."""


def get(url: str, **options: Any) -> Response:
    """Send a GET; see `request`."""
    return request("GET", url, **options)


def head(url: str, **options: Any) -> Response:
    """Send a HEAD; see `request`."""
    return request("HEAD", url, **options)


def post(url: str, **options: Any) -> Response:
    """Send a POST; see `request`."""
    return request("POST", url, **options)


def put(url: str, **options: Any) -> Response:
    """Send a PUT; see `request`."""
    return request("PUT", url, **options)


def patch(url: str, **options: Any) -> Response:
    """Send a PATCH; see `request`."""
    return request("PATCH", url, **options)


def delete(url: str, **options: Any) -> Response:
    """Send a DELETE; see `request`."""
    return request("DELETE", url, **options)


def request(
    method: str,
    url: str,
    *,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    data: Any = None,
    idempotency_key: str = "",
) -> Response:
    """Send an HTTP request and return the answer, whatever its status: a `requests.Response`, read to its end.

    `json` and `data` are the body, as requests takes them. `idempotency_key` makes any method repeatable: the other
    side must know the header `Idempotency-Key`.
    Raises `Unavailable` for connection errors, time-outs, forbidden redirects, answers over 1 MiB, and at once while
    the host's circuit is open; `ValueError` for a URL that is none; `NoCall` on a thread that works for no call.
    """
    require_call("outside")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"outside got a URL without http(s)://host: scheme {parts.scheme!r}")
    if seconds_left() <= PAUSES_SECONDS:
        raise Unavailable(f"{parts.hostname}: no time was left for the call")
    circuit = circuit_of(parts.netloc.rpartition("@")[2])
    if not circuit.lets_through():
        raise Unavailable(f"{parts.hostname}: it failed again and again, and is left alone for a while")
    options = {"params": params, "headers": dict(headers or {}), "json": json, "data": data}
    if idempotency_key:
        options["headers"]["Idempotency-Key"] = idempotency_key
    return _through(circuit, method.upper(), url, options, repeatable=bool(idempotency_key))


def _through(circuit: Circuit, method: str, url: str, options: dict[str, Any], *, repeatable: bool) -> Response:
    import requests  # 60 ms of import: paid by the first call only
    from urllib3.exceptions import HTTPError

    from .sending import Session, read_to_the_end

    try:
        with Session(url, repeatable) as session:
            answer = session.request(method, url, stream=True, allow_redirects=method in ("GET", "HEAD"), **options)
            read_to_the_end(answer, MAX_BYTES)
    except (requests.RequestException, HTTPError, OSError) as error:
        circuit.note(worked=False)
        # The text of some of these holds the query, and so perhaps a key.
        raise Unavailable(f"{urlsplit(url).hostname}: {type(error).__name__}") from None
    except HandlerStopped:
        circuit.note(worked=False)
        raise
    circuit.note(answer.status_code < _BROKEN_STATUS)
    return answer
