"""HTTP calls to third parties inside the call's deadline; a handler passes no time limits.

    answer = outside.get("https://api.example.com/weather", params={"q": city})
    outside.post("https://pay.example.com/charges", json=charge, idempotency_key=idempotency_key())
    token = outside.google_token("https://www.googleapis.com/auth/calendar")

- Time: looking up, connecting, sending, each wait for data and the whole call, its repetitions included, fit the time
  left, so that a handler can apologise.
- Repeated are GET, HEAD, PUT and DELETE after connection errors, time-outs and 502, 503, 504, with random pauses; POST
  and PATCH only where nothing was sent yet, or with an `idempotency_key`, which goes along as the header
  `Idempotency-Key`: at most three attempts. The log says so by host and attempt alone.
- A host that fails five times in a row is left alone for a while: calls fail at once, so that handlers can apologise
  quickly, then one trial call decides. The log says so at both ends. No answer is a failure, and 502, 503 and 504; any
  other status is an answer, 500 too: one user's odd input must not close the host to everybody.
- Redirects are followed for GET and HEAD only, never from https to http and never to a private address, whatever name
  leads there; headers given here stay at home when the redirect leaves the host.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from ..deadline import HandlerStopped, seconds_left
from ..threads import require_call
from .circuit import circuit_of

if TYPE_CHECKING:
    from requests import Response

    from .unavailable import Unavailable

__all__ = ["Unavailable", "delete", "get", "google_token", "head", "patch", "post", "put", "request"]

LEAST_SECONDS = 0.3
"""With less left nothing is sent."""

GATEWAY_STATUSES = (502, 503, 504)
"""What is said in the place of a service that does not answer."""


@dataclass(frozen=True)
class Outgoing:
    """A call to the outside, as the handler gave it; `method` in capitals."""

    method: str
    url: str
    params: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    data: Any = None
    idempotency_key: str = ""


class Transport(Protocol):
    """What sends. `until` is the `time.monotonic()` reading at which the answer must be there, in seconds."""

    def send(self, outgoing: Outgoing, until: float) -> Response:
        """Return the answer, read to its end, or raise `Unavailable`."""

    def google_token(self, scopes: tuple[str, ...], until: float) -> str:
        """Return an access token, or raise `Unavailable`."""


transport: Transport | None = None
"""What sends in the place of the real one, for all threads; `fulfillment.testing` sets it."""


def __getattr__(name: str) -> Any:
    # It derives from requests' error, whose import takes 60 ms: paid when the first call fails, or is made.
    if name != "Unavailable":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = importlib.import_module(".unavailable", __name__).Unavailable
    return found


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
    outgoing = Outgoing(method.upper(), url, params, dict(headers or {}), json, data, idempotency_key)
    left = seconds_left()
    until = time.monotonic() + left
    if left <= LEAST_SECONDS:
        raise _unavailable(f"{parts.hostname}: no time was left for the call")
    circuit = circuit_of(parts.netloc.rpartition("@")[2])
    if not circuit.lets_through():
        raise _unavailable(f"{parts.hostname}: it failed again and again, and is left alone for a while")
    try:
        answer = _transport("sending").send(outgoing, until)
    except HandlerStopped:
        circuit.note(worked=False)
        raise
    except OSError as error:
        if getattr(error, "outage", False):
            circuit.note(worked=False)
        raise
    circuit.note(answer.status_code not in GATEWAY_STATUSES)
    return answer


def google_token(scopes: str | Sequence[str]) -> str:
    """Return an access token of the account that the function runs as, for `scopes`: one, or several.

        headers = {"Authorization": f"Bearer {outside.google_token('https://www.googleapis.com/auth/calendar')}"}

    On Google Cloud that is the function's service account, elsewhere the application-default credentials. It is kept
    until shortly before it expires and renewed ahead; of many threads that need one, one asks.
    Raises `Unavailable` when none can be had in the time left; `ValueError` where no scope is named; `NoCall` on a
    thread that works for no call.
    """
    require_call("outside.google_token")
    wanted = (scopes,) if isinstance(scopes, str) else tuple(scopes)
    if not wanted or not all(isinstance(scope, str) and scope for scope in wanted):
        raise ValueError(f"google_token needs scopes, such as 'https://www.googleapis.com/auth/calendar': {scopes!r}")
    return _transport("google_tokens").google_token(wanted, time.monotonic() + seconds_left())


def _transport(name: str) -> Transport:
    return transport or importlib.import_module(f".{name}", __name__)  # with requests: paid by the first call only


def _unavailable(message: str) -> Unavailable:
    failure: Unavailable = __getattr__("Unavailable")(message, outage=False)
    return failure
