"""Files that the kit and the user share line by line: the kit's above the line `# yours`, the user's below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

YOURS = "# yours"


def above(text: str) -> str:
    """Return the kit's part of a file, the line `# yours` with it; all of it where the line is missing."""
    lines = text.splitlines()
    end = _line_of_yours(lines)
    return "\n".join(lines if end is None else lines[: end + 1]) + "\n"


def merged(new: str, theirs: str, shipped: Sequence[Sequence[str]], is_known: Callable[[str], bool]) -> str | None:
    """Return the kit's lines of `new` with the user's of `theirs` below; None where the kit's own were changed.

    `shipped` holds the lines of versions without the line `# yours`: what is not among them is the user's. `is_known`
    tells whether the kit has shipped that text.
    """
    own = _own_lines(theirs, shipped, is_known)
    if own is None:
        return None
    while own and not own[-1].strip():
        own.pop()
    return above(new) + "".join(f"{line}\n" for line in own)


def _own_lines(theirs: str, shipped: Sequence[Sequence[str]], is_known: Callable[[str], bool]) -> list[str] | None:
    lines = theirs.splitlines()
    end = _line_of_yours(lines)
    if is_known(above(theirs)):
        return [] if end is None else lines[end + 1 :]
    if end is not None:
        return None
    found = (_besides(lines, version) for version in shipped if _line_of_yours(version) is None)
    return next((own for own in found if own is not None), None)


def _besides(lines: Sequence[str], version: Sequence[str]) -> list[str] | None:
    """Return the lines that `version` does not have; None where one of its own is missing. Its comments may be."""
    wanted = [line.strip() for line in version if _says_something(line)]
    comments = {line.strip() for line in version}
    own = []
    for line in lines:
        if wanted and line.strip() == wanted[0]:
            wanted.pop(0)
        elif line.strip() not in comments or _says_something(line):
            own.append(line)
    return None if wanted else own


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def _line_of_yours(lines: Sequence[str]) -> int | None:
    return next((number for number, line in enumerate(lines) if line.strip().lower() == YOURS), None)
