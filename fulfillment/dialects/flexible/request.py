"""Method, path, query and body -> the handler of a flexible route, and its parameters.

What is not documented is read in every form it could take (docs/protocol.md 9): a session parameter that is not set
may arrive as the literal reference, as null, or as an empty string; each counts as missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from ... import json_text
from ...call import Call
from ...problems import Problem, bad_body, bad_parameter
from ...problems import replies as problems
from ...request import Request
from ...routes import Handler

MAX_QUERY = 64 * 1024
"""Characters of a query; Google documents no limit, and URLs of more than 8 KiB rarely get through."""

MAX_FIELDS = 1000
"""Values in a query."""

MAX_TEXT = 64 * 1024
"""Characters of text that is read as a JSON list or object."""

_REFERENCE = re.compile(r"\$(session|flow|page|intent|request)\.[\w.\-\[\]]+")


def handler_for(methods: Mapping[str, Handler], call: Call) -> Handler | None:
    """Return the handler of the call's method; None for OPTIONS where no handler wants it: then `Allow` is the answer.

    HEAD is answered by the handler of GET. Raises the 405 `Problem` `method-not-allowed`.
    """
    handler = methods.get(call.method)
    if handler is None and call.method == "HEAD":
        handler = methods.get("GET")
    if handler is None and call.method != "OPTIONS":
        raise problems.route_method(call.method, call.path, allowed(methods))
    return handler


def allowed(methods: Mapping[str, Handler]) -> list[str]:
    """Return the methods for an `Allow` header."""
    return [*methods, *(["HEAD"] if "GET" in methods and "HEAD" not in methods else ()), "OPTIONS"]


def body_of(call: Call) -> Any:
    """Return the JSON value of a body, whatever its content type says, and None for no body: GET has none.

    Raises a 400 `Problem` for a body that is no JSON.
    """
    return json_text.read_value(call.body) if call.body.strip() else None


def decode(body: Any, call: Call) -> Request:
    """Read a call: the query's values as text, the body's as they are; the body decides where both name one.

    A body that is no object is the parameter `body`. Raises a 400 `Problem` `not-understood` for a query of more than
    `MAX_QUERY` characters or `MAX_FIELDS` values.
    """
    query = {name: values[0] if len(values) == 1 else values for name, values in _pairs(call.query).items()}
    given: dict[str, Any] = dict(query)
    if isinstance(body, dict):
        given.update(body)
    elif body is not None:
        given["body"] = body
    parameters = {name: "" if _is_unset(value, in_url=name in query) else value for name, value in given.items()}
    return Request(
        dialect="flexible",
        parameters=parameters,
        all_required_params_present=True,
        method=call.method,
        path=call.path,
        query=query,
        headers=call.headers,
        body=body if isinstance(body, dict) else {},
        raw=call.body,
    )


def with_json_of_text(request: Request, handler: Handler) -> Request:
    """Read text that looks like a JSON list or object as one, where an argument's type is not `str`.

    So lists and objects arrive in a URL. To be called on the handler's thread: reading takes of the handler's time.
    Raises a 400 `Problem` `bad-parameter` for such text of more than `MAX_TEXT` characters.
    """
    found: dict[str, Any] = {}
    for argument in handler.signature.arguments:
        value = request.parameters.get(argument.source)
        if argument.is_text or argument.is_context or not isinstance(value, str) or value[:1] not in ("[", "{"):
            continue
        if len(value) > MAX_TEXT:
            wrong = f"found {len(value)} characters of text; a list or object in text may have {MAX_TEXT}"
            raise bad_parameter(argument.source, argument.type_name, value, wrong)
        found[argument.source] = _json_or_text(value)
    return replace(request, parameters={**request.parameters, **found}) if found else request


def _pairs(query: str) -> dict[str, list[str]]:
    fields = query.count("&") + 1
    if len(query) > MAX_QUERY or fields > MAX_FIELDS:
        raise bad_body(
            f"a query of {len(query)} characters and {fields} values",
            f"a query of at most {MAX_QUERY} characters and {MAX_FIELDS} values; the body may hold more",
        )
    return parse_qs(query, keep_blank_values=True, errors="replace")


def _is_unset(value: Any, *, in_url: bool) -> bool:
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    return bool(_REFERENCE.fullmatch(value)) or (in_url and value == "null")


def _json_or_text(value: str) -> Any:
    with suppress(Problem):
        return json_text.read_value(value.encode())
    return value
