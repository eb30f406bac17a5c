"""Picks a value out of a JSON answer as a CX webhook resource does: `$.routes[0].legs[0].distance.value`."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def pick(answer: Any, path: str) -> Any:
    """Return the value at `path`. Raises `KeyError` or `IndexError` where there is none, `ValueError` for no path."""
    if not path.startswith("$") or _STEP.sub("", path[1:]):
        raise ValueError(f"{path!r} is no path; expected for example $.a.b[0].c")
    value = answer
    for name, index in _STEP.findall(path):
        value = value[name] if name else value[int(index)]
    return value
