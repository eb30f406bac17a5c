"""`header`: secrets in headers of the operator's choice.

Callers of the Dialogflow API can override a configured header for one call (`queryParams.webhookHeaders`), which only
makes that call fail: a header still works as a secret, and never as data to trust (docs/protocol.md 11.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest

from ..call import Call
from ..problems import unauthenticated


def wire_bytes(value: str) -> bytes:
    """Return the bytes that a header's text had on the wire.

    WSGI hands header bytes over as latin-1 text, whatever they were. Text that is no latin-1 did not come through WSGI
    (another server, a test); its UTF-8 bytes then stand for it.
    """
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


class Header:
    """Every configured name must arrive with one of the values configured for it."""

    def __init__(self, headers: Mapping[str, tuple[str, ...]]) -> None:
        self._accepted = tuple(
            (name.lower(), tuple(value.encode("utf-8", "surrogateescape") for value in values))
            for name, values in headers.items()
        )

    def check(self, call: Call) -> str:
        """Return "": a shared secret names nobody. Raises `Problem` 401."""
        for name, accepted in self._accepted:
            value = call.headers.get(name)
            if not value:
                raise unauthenticated(f"header: {name} is missing")
            found = wire_bytes(value)
            matches = 0
            for one in accepted:  # All of them, always: the time taken does not tell which one came close.
                matches |= compare_digest(found, one)
            if not matches:
                raise unauthenticated(f"header: {name} has none of the values in WEBHOOK_HEADERS")
        return ""
