"""The outside in your tests: answers of your own, and no call that you did not expect.

    def test_the_weather_is_told(outside_answers):
        outside_answers.get("https://api.example.com/weather", params={"q": "Oslo"}, json={"sky": "clear"})
        assert get_weather("Oslo") == "In Oslo it is clear."

The fixture comes with `pytest_plugins = ["fulfillment.testing.fixtures"]` in `tests/conftest.py`. Only the sending is
replaced: URLs are checked, circuits and the deadline hold as ever. An answer stands for what comes back in the end,
after repetitions and redirects.
"""

from __future__ import annotations

import json as json_format
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from .. import outside
from ..outside import Outgoing, circuit
from ..outside.sending import outgoing_request

__all__ = ["Outgoing", "OutsideAnswers", "OutsideBlocked"]


@dataclass(frozen=True)
class _Answer:
    method: str
    url: str
    query: tuple[tuple[str, str], ...] | None
    status: int
    body: bytes
    headers: Mapping[str, str]
    raises: Exception | type[Exception] | None

    def fits(self, outgoing: Outgoing) -> bool:
        url, query = _address(outgoing.url, outgoing.params)
        return (self.method, self.url) == (outgoing.method, url) and self.query in (None, query)

    def __str__(self) -> str:
        return f"{self.method} {self.url}" + (f" {dict(self.query)}" if self.query is not None else "")


class _InPlace:
    """Sends in the place of the real transport while its block runs; hosts that failed before are forgotten."""

    _before: outside.Transport | None = None

    def __enter__(self) -> Any:
        self._before, outside.transport = outside.transport, self  # type: ignore[assignment]
        circuit.forget()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        outside.transport = self._before
        circuit.forget()


class OutsideAnswers(_InPlace):
    """What the outside answers, and what it was sent. A call without an answer fails the test, and so does the rest.

    `calls` are what was sent, in order: `method`, `url`, `params`, `headers`, `json`, `data`, `idempotency_key`.
    `token` is what `outside.google_token` returns here; `token_scopes` are those it was asked for.
    """

    def __init__(self) -> None:
        self.calls: list[Outgoing] = []
        self.token = "token-for-tests"  # noqa: S105
        self.token_scopes: list[tuple[str, ...]] = []
        self.unexpected: list[str] = []
        self._waiting: list[_Answer] = []
        self._checked = False
        self._lock = threading.Lock()

    def get(self, url: str, **answer: Any) -> None:
        """Expect a GET; see `expect`."""
        self.expect("GET", url, **answer)

    def head(self, url: str, **answer: Any) -> None:
        """Expect a HEAD; see `expect`."""
        self.expect("HEAD", url, **answer)

    def post(self, url: str, **answer: Any) -> None:
        """Expect a POST; see `expect`."""
        self.expect("POST", url, **answer)

    def put(self, url: str, **answer: Any) -> None:
        """Expect a PUT; see `expect`."""
        self.expect("PUT", url, **answer)

    def patch(self, url: str, **answer: Any) -> None:
        """Expect a PATCH; see `expect`."""
        self.expect("PATCH", url, **answer)

    def delete(self, url: str, **answer: Any) -> None:
        """Expect a DELETE; see `expect`."""
        self.expect("DELETE", url, **answer)

    def expect(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        status: int = 200,
        json: Any = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        raises: Exception | type[Exception] | None = None,
    ) -> None:
        """Queue an answer to one call of this method to this URL.

        `params`, or a query in the URL, must be just those of the call; without any, all are taken. The answer is a
        `status` with a body of `json` or `text`, and `headers`; or what the call `raises`: `outside.Unavailable`.
        """
        if json is not None and text is not None:
            raise ValueError("an answer has one body: json, or text")
        body, kind = b"", ""
        if json is not None:
            body, kind = json_format.dumps(json).encode(), "application/json"
        elif text is not None:
            body, kind = text.encode(), "text/plain; charset=utf-8"
        address, query = _address(url, params)
        expected = query if params is not None or query else None
        all_headers = CaseInsensitiveDict({"Content-Type": kind} if kind else {})
        all_headers.update(headers or {})
        self._waiting.append(_Answer(method.upper(), address, expected, status, body, all_headers, raises))

    def send(self, outgoing: Outgoing, until: float) -> requests.Response:
        """Return the answer that was queued for this call. Raises `AssertionError` where there is none."""
        __tracebackhide__ = True
        with self._lock:
            self.calls.append(outgoing)
            answer = next((one for one in self._waiting if one.fits(outgoing)), None)
            if answer is None:
                self.unexpected.append(_unexpected(outgoing, self._waiting))
                raise AssertionError(self.unexpected[-1])
            self._waiting.remove(answer)
        if answer.raises is not None:
            raise _raised(answer.raises, outgoing)
        return _response(answer, outgoing)

    def google_token(self, scopes: tuple[str, ...], until: float) -> str:
        """Return a token that opens nothing."""
        self.token_scopes.append(scopes)
        return self.token

    def check(self) -> None:
        """Raise `AssertionError` where a call was not expected, or an answer not asked for.

        Done at the end of the test, also where a handler's `except Exception` held the first one.
        """
        __tracebackhide__ = True
        self._checked = True
        if self.unexpected:
            raise AssertionError("\n".join(self.unexpected))
        if self._waiting:
            wanted = "; ".join(map(str, self._waiting))
            made = "; ".join(_shown(outgoing) for outgoing in self.calls) or "none"
            raise AssertionError(f"outside was not called as expected: {wanted}. Calls made: {made}.")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if error is None and not self._checked:
            self.check()


class OutsideBlocked(_InPlace):
    """Lets every call to the outside raise `Unavailable` at once while its block runs: for tests of handlers at large.

    `calls` are those that were tried, `token_scopes` the Google tokens that were asked for.

        with OutsideBlocked() as blocked:
            ...
        assert blocked.calls == []
    """

    def __init__(self) -> None:
        self.calls: list[Outgoing] = []
        self.token_scopes: list[tuple[str, ...]] = []

    def send(self, outgoing: Outgoing, until: float) -> requests.Response:
        """Send nothing."""
        self.calls.append(outgoing)
        raise outside.Unavailable(f"{urlsplit(outgoing.url).hostname}: blocked in this test", outage=False)

    def google_token(self, scopes: tuple[str, ...], until: float) -> str:
        """Ask for nothing."""
        self.token_scopes.append(scopes)
        raise outside.Unavailable("google_token: blocked in this test", outage=False)


def _address(url: str, params: Mapping[str, Any] | None) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a URL without its query, and the query with `params`, as it would be sent."""
    parts = urlsplit(requests.Request("GET", url, params=params).prepare().url or "")
    return f"{parts.scheme}://{parts.netloc}{parts.path}", tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


def _response(answer: _Answer, outgoing: Outgoing) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = HTTPStatus(answer.status).phrase if answer.status in set(HTTPStatus) else ""
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.request = outgoing_request(outgoing).prepare()
    response.url = response.request.url or ""
    response._content = b"" if outgoing.method == "HEAD" else answer.body
    response._content_consumed = True  # type: ignore[attr-defined]
    return response


def _raised(error: Exception | type[Exception], outgoing: Outgoing) -> Exception:
    if isinstance(error, Exception):
        return error
    return error(f"{urlsplit(outgoing.url).hostname}: {error.__name__} in this test")


def _unexpected(outgoing: Outgoing, waiting: Sequence[_Answer]) -> str:
    url, query = _address(outgoing.url, outgoing.params)
    params = f", params={dict(query)}" if query else ""
    return (
        f"outside was called unexpectedly: {_shown(outgoing)}. Expected: {'; '.join(map(str, waiting)) or 'no call'}. "
        f'To answer it: outside_answers.{outgoing.method.lower()}("{url}"{params}, json=...)'
    )


def _shown(outgoing: Outgoing) -> str:
    url, query = _address(outgoing.url, outgoing.params)
    return f"{outgoing.method} {url}" + (f" {dict(query)}" if query else "")
