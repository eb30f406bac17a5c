"""Tracebacks for the log: frames stay whole, the exceptions' own texts may hold what a user said."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from traceback import TracebackException
from typing import Any

from .words import Words

_FRAME = re.compile(r'[ |]*File "(?P<file>[^\n]*)", line \d+, in ')
_REPEATED = re.compile(r"[ |]*\[Previous line repeated ")
_TYPE = re.compile(r"[ |]*(?P<name>[\w.<>]+)(?=:|$)", re.MULTILINE)
_HEADER = re.compile(r"[ |]*Traceback \(most recent call last\):$")

_KIT = str(Path(__file__).parents[1])
_INSTALLED = tuple({sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")})
_FOLDED = "(%d frame%s of the kit and of libraries left out; WEBHOOK_LOG_BODIES=true shows %s)"


def traceback_text(exc_info: Any, keep_out: Sequence[Words] = (), *, fold: bool = False) -> str:
    """Return the traceback of `sys.exc_info()` as Python writes it, without what `keep_out` finds in messages.

    With `fold` the frames that are not the user's own are one line at the end, unless there are no others.
    """
    kind, error, trace = exc_info
    if error is None:
        return "NoneType: None"
    pieces = list(TracebackException(kind, error, trace).format())
    if keep_out:
        types = _types(error)
        # What looks like a frame may be a note that repeats what was said.
        keeps_frames = all(words.keeps_files for words in keep_out)
        pieces = [piece if keeps_frames and _is_frame(piece) else _without(piece, types, keep_out) for piece in pieces]
    if fold and any(_is_users(piece) for piece in pieces):
        pieces = list(_folded(pieces))
    return "".join(pieces).removesuffix("\n")


def _is_frame(piece: str) -> bool:
    return _FRAME.match(piece) is not None or _REPEATED.match(piece) is not None


def _is_users(piece: str) -> bool:
    frame = _FRAME.match(piece)
    if frame is None:
        return False
    file = frame["file"]
    return not file.startswith((_KIT, *_INSTALLED, "<frozen ")) and "site-packages" not in file


def _folded(pieces: Sequence[str]) -> Iterator[str]:
    hidden, of_users, header = 0, False, ""
    for piece in pieces:
        if _HEADER.match(piece):  # shown only where a frame follows
            header, of_users = piece, False
            continue
        if _is_frame(piece):
            # "Previous line repeated" belongs to the frame before it.
            of_users = _is_users(piece) if _FRAME.match(piece) else of_users
            if not of_users:
                hidden += 1
                continue
            yield header
            header = ""
        yield piece
    if hidden:
        yield _FOLDED % ((hidden, "", "it") if hidden == 1 else (hidden, "s", "them"))


def _without(piece: str, types: frozenset[str], keep_out: Sequence[Words]) -> str:
    """Return an exception's line or note without the words; its type stays."""
    kind = _TYPE.match(piece)
    kept = kind.end() if kind is not None and kind["name"] in types else 0
    rest = piece[kept:]
    if not rest.strip(":\n "):
        return piece
    for words in keep_out:
        rest = words.kept_out_of_text(rest)
    return piece[:kept] + rest


def _types(error: BaseException) -> frozenset[str]:
    """Return the names of the types of an exception, of what led to it, and of what is in it, as Python writes them."""
    found: set[str] = set()
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        kind = type(one)
        found |= {kind.__qualname__, f"{kind.__module__}.{kind.__qualname__}"}
        left += [one.__cause__, one.__context__, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
    return frozenset(found)
