"""What to paste into a CX webhook resource, so that it calls a flexible route and maps the answer back.

Source of the notation: Google's page on CX webhooks. References in a URL stand as they are, references in a body in
quotes, paths into the answer start with `$.`.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from typing import Any

from ...routing.argument_types import is_optional
from ...routing.handler import Handler

WITH_BODY = ("POST", "PUT", "PATCH")


def resource(handler: Handler, path: str, method: str) -> dict[str, Any]:
    """Return the members of a webhook resource (REST names of GenericWebService), `uri` without scheme and host.

    Arguments become references to session parameters of the same name: in the body where the method has one, else in
    the URL. `parameterMapping` maps what the function's return type names; without one it is empty.
    """
    names = [argument.source for argument in handler.signature.arguments if not argument.is_context]
    uri, body = path, ""
    if method in WITH_BODY:
        body = json.dumps({name: f"$session.params.{name}" for name in names}, indent=2, ensure_ascii=False)
    elif names:
        uri += "?" + "&".join(f"{name}=$session.params.{name}" for name in names)
    return {
        "webhookType": "FLEXIBLE",
        "httpMethod": method,
        "uri": uri,
        "requestBody": body,
        "parameterMapping": _paths(_returned(handler), "$", ""),
    }


def to_paste(handler: Handler, path: str, method: str, url: str = "") -> str:
    """Return the lines for the console's form, in its order and with its labels."""
    found = resource(handler, path, method)
    lines = [
        f"Flexible webhook {path} ({handler.name})",
        f"  Webhook URL             {url.rstrip('/') or 'https://YOUR-FUNCTION-URL'}{found['uri']}",
        "  Subtype                 Flexible",
        f"  Method                  {method}",
    ]
    if found["requestBody"]:
        body = found["requestBody"].replace("\n", "\n" + " " * 26)
        lines.append(f"  Request body            {body}")
    label = "  Response configuration  "
    for name, path_in_answer in found["parameterMapping"].items():
        lines.append(f"{label}{name} = {path_in_answer}")
        label = " " * len(label)
    if not found["parameterMapping"]:
        lines.append(f"{label}(let {handler.function.__name__} return a dataclass, and the paths stand here)")
    return "\n".join(lines)


def _returned(handler: Handler) -> Any:
    return is_optional(typing.get_type_hints(handler.function).get("return"))[1]


def _paths(kind: Any, path: str, prefix: str) -> dict[str, str]:
    if typing.is_typeddict(kind):
        members = typing.get_type_hints(kind)
    elif dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        members = {field.name: hints[field.name] for field in dataclasses.fields(kind)}
    else:
        return {}
    mapping: dict[str, str] = {}
    for name, hint in members.items():
        inner = _paths(is_optional(hint)[1], f"{path}.{name}", f"{prefix}{name}_")
        mapping |= inner or {f"{prefix}{name}": f"{path}.{name}"}
    return mapping
