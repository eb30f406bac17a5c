"""The name that was probably meant, at a cost that does not depend on who sent the names."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST_NAMES = 1000
"""Names of a project's own handlers that are compared: each takes some microseconds."""

MOST_SENT_NAMES = 50
"""Names of a request that are compared or repeated in the log: whoever sends them chooses how alike they are."""

_LONGEST = 100
"""Characters: comparing two texts takes time with the square of their length."""


def nearest(wanted: str, known: Iterable[str], most: int = MOST_NAMES) -> str:
    """Return the one of the first `most` names that is most like `wanted`, "" when none is."""
    if not 0 < len(wanted) <= _LONGEST:
        return ""
    import difflib  # only for what went wrong: a start does not pay for it

    names = [name for name in islice(known, most) if len(name) <= _LONGEST]
    return next(iter(difflib.get_close_matches(wanted, names, n=1)), "")
