"""`basic`: `authorization: Basic base64(user:password)` in UTF-8 (docs/protocol.md 11.1: it may hold colons)."""

from __future__ import annotations

import base64
import binascii
from hmac import compare_digest

from ..call import Call
from ..problems import Problem, unauthenticated
from .header import wire_bytes


class Basic:
    """Accepts any one of several `user:password` lines, so that a password can be rotated without a gap."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        # The encoded forms are compared, which leaves nothing to decode and no second spelling of one credential.
        # surrogateescape: an environment variable that is no UTF-8 still yields the bytes it was set to.
        self._accepted = tuple(base64.b64encode(line.encode("utf-8", "surrogateescape")) for line in lines)

    def check(self, call: Call) -> str:
        """Return "": a shared secret names nobody. Raises `Problem` 401."""
        value = call.headers.get("authorization")
        if not value:
            raise unauthenticated("basic: there is no Authorization header")
        scheme, _, text = value.partition(" ")
        credential = wire_bytes(text.lstrip(" "))
        matches = 0
        for accepted in self._accepted:  # All of them, always: the time taken does not tell which one came close.
            matches |= compare_digest(credential, accepted)
        if scheme.lower() == "basic" and matches:
            return ""
        raise _refusal(scheme, credential)


def _refusal(scheme: str, credential: bytes) -> Problem:
    if scheme.lower() != "basic":
        return unauthenticated("basic: the Authorization header is of another scheme than Basic")
    try:
        plain = base64.b64decode(credential, validate=True)
    except binascii.Error:
        return unauthenticated("basic: the credential is not base64 (doubled, truncated or not encoded at all?)")
    if b":" not in plain:
        return unauthenticated("basic: the credential is not user:password")
    return unauthenticated("basic: user and password match no line of WEBHOOK_BASIC")
