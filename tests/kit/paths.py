"""What CX does around a flexible webhook: references out of session parameters, paths into the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def pick(answer: Any, path: str) -> Any:
    """Return the value at `path`. Raises `KeyError` or `IndexError` where there is none, `ValueError` for no path."""
    if not path.startswith("$") or _STEP.sub("", path[1:]):
        raise ValueError(f"{path!r} is no path; expected for example $.a.b[0].c")
    value = answer
    for name, index in _STEP.findall(path):
        value = value[name] if name else value[int(index)]
    return value


def called(resource: Mapping[str, Any], session: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return URL and body of a call, with the references replaced as Google's page describes it."""

    def text(match: re.Match[str]) -> str:
        value = session[match[1]]
        return quote(value if isinstance(value, str) else json.dumps(value), safe="")

    url = re.sub(r"\$session\.params\.([\w-]+)", text, resource["uri"])
    body = re.sub(
        r'"\$session\.params\.([\w-]+)"', lambda match: json.dumps(session[match[1]]), resource["requestBody"]
    )
    return url, body.encode()
