"""A call of a flexible route: which handler has it, with what, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...problems import replies as problems
from ...request import Request
from ...routing.handler import Handler
from ...routing.routes import Routes
from ...settings import Settings
from .. import Step
from .request import with_json_of_text


class RouteStep(Step):
    """The one step of such a call."""

    __slots__ = ()

    def call(self) -> Any:
        """Read lists and objects in text, bind the arguments, run the function, and return what it returned.

        Raises the 400 `Problem` `missing-parameter` or `bad-parameter`, which name the parameter, and what
        `Handler.run` raises.
        """
        handler = self.handler
        # Nothing fills slots here: arguments() gives some, or raises.
        return handler.run(handler.arguments(with_json_of_text(self.request, handler)) or {})


def seconds(request: Request, settings: Settings) -> float:
    """Return how long CX waits for an answer, as the setting says: its webhook resource decides."""
    return settings.cx_deadline


def first(routes: Routes, request: Request) -> Step:
    """Return the handler of the call's path and method; HEAD is answered by the handler of GET.

    Raises the 405 `Problem` `method-not-allowed`.
    """
    methods = routes.methods_at(request.path)
    handler = methods.get(request.method)
    if handler is None and request.method == "HEAD":
        handler = methods.get("GET")
    if handler is None:
        raise problems.route_method(request.method, request.path, allowed(methods))
    return RouteStep(handler, request)


def allowed(methods: Mapping[str, Handler]) -> list[str]:
    """Return the methods for an `Allow` header."""
    return [*methods, *(["HEAD"] if "GET" in methods and "HEAD" not in methods else ()), "OPTIONS"]
