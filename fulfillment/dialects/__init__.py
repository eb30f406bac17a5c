"""Wire formats: one file (or folder) knows one of them. This module tells which one a body speaks."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Protocol

from .. import problems
from ..call import Call
from ..reply import Reply
from ..request import Request
from ..settings import ASSISTANT_DEADLINE, Settings


class Dialect(Protocol):
    """A module that knows one wire format."""

    def decode(self, body: Mapping[str, Any], call: Call) -> Request:
        """Read a call's JSON body."""

    def encode(self, reply: Reply, request: Request, settings: Settings) -> bytes:
        """Return the JSON body that says `reply` to `request`."""


def of(body: Mapping[str, Any]) -> Dialect:
    """Return the dialect of a decoded body; its code is loaded when first needed.

    Raises a 400 `Problem` for a body that no dialect explains.
    """
    if isinstance(body.get("queryResult", body.get("query_result")), dict):
        return _load("es")
    members = ", ".join(repr(name)[:40] for name in list(body)[:8]) or "no members"
    raise problems.not_a_dialect(f"an object with {members}")


def seconds_for(request: Request, settings: Settings) -> float:
    """Return how long Dialogflow waits for the answer to `request`, less a reserve, in seconds.

    The Assistant's longer time counts only where the operator says so: a caller controls `channel`.
    """
    if settings.assistant and request.channel == "google":
        return ASSISTANT_DEADLINE
    return settings.deadline


_loaded: dict[str, Dialect] = {}


def _load(name: str) -> Dialect:
    dialect = _loaded.get(name)
    if dialect is None:
        module: Any = importlib.import_module(f"{__name__}.{name}")
        dialect = _loaded[name] = module
    return dialect
