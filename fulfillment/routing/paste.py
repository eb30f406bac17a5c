"""What the log says about an intent that nobody handles: the nearest known name, and a handler to paste."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from itertools import count, islice
from typing import Any

from ..problems.nearest import MOST_SENT_NAMES, nearest
from ..request import Request
from .newer_files import newer

_LINE_LENGTH = 120
_TYPES = frozenset({"str", "bool", "int", "float", "list", "dict"})
_MOST_CHARACTERS = 4000
"""Characters of arguments in a paste: with them the text fits the log line, which is cut at 8,000."""


def advice(request: Request, known: Sequence[str]) -> str:
    """Return the text for the log. Names come from the request and are quoted, so they cannot forge a line."""
    wanted = request.tag or request.intent
    found = (
        f"No handler for {'tag' if request.tag else 'intent'} {wanted!r}"
        if wanted
        else "No handler for a request without an intent"
    )
    if request.action:
        found += f" (action {request.action!r})"
    meant = nearest(wanted, known)
    hint = f" Did you mean {meant!r}?" if meant else ""
    return (
        f"{found}.{hint} To answer it, put this into handlers/{_function_name(wanted)}.py:\n\n{_paste(request, wanted)}"
    )


def newer_file_advice(request: Request, folders: Sequence[str], imported_at: float) -> str:
    """Return the text for the log where a file of the handlers is newer than the time of their import, else ""."""
    wanted = request.tag or request.intent
    file = newer(folders, imported_at, _function_name(wanted))
    if not file:
        return ""
    what = f"{'tag' if request.tag else 'intent'} {wanted!r}" if wanted else "a request without an intent"
    return (
        f"No handler for {what}, but {file} is newer than the start of this function: start it anew. "
        "(./deploy/local.sh does so by itself; where it did not, it said why.)"
    )


def _paste(request: Request, wanted: str) -> str:
    # A fallback hears every kind of request, and so names no parameters.
    parameters = request.parameters if wanted else {}
    arguments, uses_annotated = _arguments(parameters)
    left_out = len(parameters) - len(arguments)
    mark = f"@on.{'tag' if request.tag else 'intent'}({_quoted(wanted)})" if wanted else "@on.fallback"
    lines = ["from typing import Annotated", ""] if uses_annotated else []
    names = ", ".join((["Parameter"] if uses_annotated else []) + ["Reply", "on"])
    lines += [
        f"from fulfillment import {names}",
        "",
        "",
        mark,
        *([f"# {left_out} more parameters: request.parameters has them all"] if left_out else ()),
        _first_line(_function_name(wanted), arguments),
        '    return Reply("...")',
    ]
    return "\n".join(lines)


def _first_line(name: str, arguments: Sequence[str]) -> str:
    line = f"def {name}({', '.join(arguments)}) -> Reply:"
    if len(line) <= _LINE_LENGTH:
        return line
    return f"def {name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ") -> Reply:"


def _quoted(text: str) -> str:
    """Return a Python literal as the formatter of the kit's own tests writes it."""
    literal = repr(text)
    return literal if '"' in literal else f'"{literal[1:-1]}"'


def _arguments(parameters: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Return the first parameters as arguments: as many as a reader can use, whatever a request holds."""
    arguments: list[str] = []
    uses_annotated = False
    taken: set[str] = set()
    room = _MOST_CHARACTERS
    for name, value in islice(parameters.items(), MOST_SENT_NAMES):
        plain = _free_name(_python_name(name, "value"), taken)
        taken.add(plain)
        hint = _type_of(value)
        renamed = plain != name
        if renamed:
            hint = f"Annotated[{hint}, Parameter({_quoted(name)})]"
        room -= len(plain) + len(hint)
        if room < 0:
            break
        uses_annotated |= renamed
        arguments.append(f"{plain}: {hint}")
    return arguments, uses_annotated


def _free_name(plain: str, taken: Set[str]) -> str:
    """Return `plain`, numbered where it is taken: `size`, `size_2`, `size_3`."""
    numbered = (f"{plain}_{number}" for number in count(2))
    return plain if plain not in taken else next(name for name in numbered if name not in taken)


def _type_of(value: Any) -> str:
    if value is None or value == "":
        return "str | None"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "int" if value == int(value) else "float"
    if isinstance(value, list):
        if not value:
            return "list[str] | None"
        inside = set(map(_type_of, value))
        return f"list[{inside.pop()}]" if len(inside) == 1 else "list"
    return "dict" if isinstance(value, dict) else "str"


def _function_name(wanted: str) -> str:
    name = _python_name(wanted, "intent") if wanted else "fallback"
    # A function of that name would be what "dict" means in its own annotations, where these are read late.
    return f"intent_{name}" if name in _TYPES else name


def _python_name(name: str, prefix: str) -> str:
    # Python compares names in this normal form; letters of any script are welcome in it.
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name).lower()).strip("_")[:60]
    if plain and (not plain.isidentifier() or keyword.iskeyword(plain)):
        plain = f"{prefix}_{plain}"
    return plain if plain.isidentifier() else prefix
