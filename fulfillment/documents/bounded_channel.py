"""Bounds every Firestore call, also one that a handler makes on the client itself, by the call's deadline."""

from __future__ import annotations

from typing import Any

import grpc

from .. import problems
from ..deadline import seconds_left


class LimitToDeadline(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc]
    """Shortens each attempt to the time left; with none left it ends the client's own retries by a `Problem`."""

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Run a unary call within the time left."""
        return continuation(_bounded(details), request)

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Run a streaming call within the time left."""
        return continuation(_bounded(details), request)


def _bounded(details: Any) -> Any:
    left = seconds_left()
    if left <= 0:
        raise problems.firestore_unavailable("no time was left for another attempt")
    if details.timeout is not None and details.timeout <= left:
        return details
    return details._replace(timeout=left)
