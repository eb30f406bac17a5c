"""A call of a CX flexible webhook: where the values of session parameters are put, as Google's page describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .. import dialects
from ..problems import Problem
from ..routing.routes import Routes
from .said import as_cx

_WITH_BODY = ("POST", "PUT", "PATCH")


def placed(query: str, parameters: Mapping[str, Any], method: str) -> tuple[str, Any]:
    """Return the URL's query and the body of a call: lists and objects go into a URL as JSON text.

    None is a session parameter that is not set: then its reference stays where it is.
    """
    values = {name: f"$session.params.{name}" if value is None else _plain(value) for name, value in parameters.items()}
    if method in _WITH_BODY:
        return query, values
    pairs = [f"{quote(name, safe='')}={quote(_text(value), safe='')}" for name, value in values.items()]
    return "&".join([*([query] if query else []), *pairs]), b""


def dialect_of(body: bytes, routes: Routes, path: str) -> str:
    """Return the name of the dialect that a body speaks; "flexible" at a route's path, "es" for what nobody knows."""
    try:
        decoded = json.loads(body) if body.strip() else None
        found: Any = dialects.of(decoded) if isinstance(decoded, dict) else None
    except (ValueError, Problem):
        found = None
    if found is None:
        return "flexible" if routes.methods_at(path) else "es"
    return str(found.__name__).rpartition(".")[2]


def _plain(value: Any) -> Any:
    # Numbers stay: into a URL goes the text "4". Dates are CX's objects.
    return value if isinstance(value, bool | int | float | str | list | dict) else as_cx(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
