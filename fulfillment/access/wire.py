"""Text as it was on the wire, for credentials that are compared byte by byte."""

from __future__ import annotations

CONTROL = r"[\x00-\x08\x0a-\x1f\x7f]"
"""A character that no header carries. As text: a start that does not need the pattern does not compile it."""


def wire_bytes(value: str) -> bytes:
    """Return the bytes that a header's text had on the wire.

    WSGI hands header bytes over as latin-1 text, whatever they were. Text that is no latin-1 did not come through WSGI
    (another server, a test); its UTF-8 bytes then stand for it.
    """
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
