"""Method, path, query and body -> the parameters of a flexible route.

What is not documented is read in every form it could take (docs/protocol.md 9): a session parameter that is not set
may arrive as the literal reference, as null, or as an empty string; each counts as missing.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from ... import json_text
from ...call import Call
from ...problems import Problem, bad_body, bad_parameter
from ...request import Request
from ...routing.handler import Handler

MAX_QUERY = 64 * 1024
"""Characters of a query; Google documents no limit, and URLs of more than 8 KiB rarely get through."""

MAX_FIELDS = 1000
"""Values in a query."""

MAX_TEXT = 64 * 1024
"""Characters of text that is read as a JSON list or object."""

_REFERENCE = re.compile(r"\$(session|flow|page|intent|request)\.[\w.\-\[\]]+")


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
