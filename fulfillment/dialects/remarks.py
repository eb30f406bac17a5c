"""What an encoder has to say beside the bytes: what of a reply was dropped, cut, or will not be shown."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

log = logging.getLogger(__name__)

_told: set[tuple[str, str]] = set()


class Remark(NamedTuple):
    """One sentence about a reply, for the log. With `once` it is the same at every call, and told once per handler."""

    text: str
    level: int = logging.WARNING
    once: bool = False


class Encoded(NamedTuple):
    """A reply as it goes out, and what there is to remark on it."""

    body: bytes
    remarks: Sequence[Remark] = ()


def tell(remarks: Sequence[Remark], handler: str) -> None:
    """Log the remarks on a reply of that handler."""
    for remark in remarks:
        if remark.once:
            if (handler, remark.text) in _told:
                continue
            _told.add((handler, remark.text))
        log.log(remark.level, "%s: %s", handler, remark.text)
