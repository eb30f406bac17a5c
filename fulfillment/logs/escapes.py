"""Text as it reads without its escapes, and where each of its characters stood.

A word reaches a log as it is, in a URL (%C3%BC), in JSON (\\u00fc), in a `repr` (\\xfc, \\'), or in one inside another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    r"|(?P<bytes>(?:\\x[0-9A-Fa-f]{2})+)"
    r"|(?P<units>(?:\\u[0-9A-Fa-f]{4})+)"
    r"|\\U(?P<point>[0-9A-Fa-f]{8})"
    r"|\\(?P<letter>.)",
    re.DOTALL,
)
_LEVELS = 3
"""Escapes inside escapes that are read: a `repr` of JSON that holds a URL."""

_BLANK = "nrtbf"


def unescaped(text: str) -> Iterator[tuple[str, list[int]]]:
    """Yield the text without its escapes, and again without theirs, as long as there are any: at most three times.

    Beside it stands, for each character and for the end, the position in `text` where it began.
    """
    positions = list(range(len(text) + 1))
    for _ in range(_LEVELS):
        if "%" not in text and "\\" not in text:
            return
        plain, starts = _once(text)
        if plain == text:
            return
        positions = [positions[start] for start in starts]
        text = plain
        yield text, positions


def _once(text: str) -> tuple[str, list[int]]:
    pieces: list[str] = []
    starts: list[int] = []
    end = 0
    for match in _ESCAPE.finditer(text):
        pieces.append(text[end : match.start()])
        starts.extend(range(end, match.start()))
        plain, widths = _plain(match)
        pieces.append(plain)
        end = match.start()
        for width in widths:
            starts.append(end)
            end += width
        end = match.end()
    pieces.append(text[end:])
    starts.extend(range(end, len(text) + 1))
    return "".join(pieces), starts


def _plain(match: re.Match[str]) -> tuple[str, list[int]]:
    """Return what a run of escapes means, and how long the escape of each character is."""
    escape = match[0]
    if percent := match["percent"]:
        return _decoded(bytes.fromhex(percent.replace("%", "")), "utf-8", 3, escape)
    if escaped := match["bytes"]:
        found = bytes.fromhex(escaped.replace("\\x", ""))
        try:
            found.decode()
        except UnicodeDecodeError:
            return _decoded(found, "latin-1", 4, escape)  # the repr of text
        return _decoded(found, "utf-8", 4, escape)  # the repr of bytes
    if units := match["units"]:
        return _decoded(bytes.fromhex(units.replace("\\u", "")), "utf-16-be", 3, escape)
    if point := match["point"]:
        return (chr(int(point, 16)) if int(point, 16) <= 0x10FFFF else "?"), [len(escape)]
    letter = match["letter"]
    return " " if letter in _BLANK else letter, [len(escape)]


def _decoded(found: bytes, encoding: str, characters_a_byte: int, escape: str) -> tuple[str, list[int]]:
    try:
        plain = found.decode(encoding)
        return plain, [len(letter.encode(encoding)) * characters_a_byte for letter in plain]
    except UnicodeDecodeError:
        return "?", [len(escape)]
