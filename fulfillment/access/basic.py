"""`basic`: `authorization: Basic base64(user:password)` in UTF-8 (docs/protocol.md 11.1: it may hold colons)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from hmac import compare_digest
from typing import TYPE_CHECKING, ClassVar, Self

from ..call import Call
from ..environment import bad, lines
from ..problems import Problem, SetupError, unauthenticated
from ..weak_secrets import EXAMPLE_BASIC, weakness
from .mechanism import Check, Mechanism
from .wire import CONTROL, wire_bytes

if TYPE_CHECKING:
    from .certificates import Certificates


class Basic(Mechanism):
    """Accepts any one of several `user:password` lines, so that a password can be rotated without a gap."""

    name = "basic"
    cost = 3
    uses_authorization = True
    variables: ClassVar[Mapping[str, str]] = {"WEBHOOK_BASIC": EXAMPLE_BASIC}

    def __init__(self, accepted: tuple[str, ...] = ()) -> None:
        self.lines = accepted
        # The encoded forms are compared, which leaves nothing to decode and no second spelling of one credential.
        # surrogateescape: an environment variable that is no UTF-8 still yields the bytes it was set to.
        self._accepted = tuple(base64.b64encode(line.encode("utf-8", "surrogateescape")) for line in accepted)

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read WEBHOOK_BASIC: `user:password`, one a line."""
        accepted = lines(env.get("WEBHOOK_BASIC", ""))
        for number, line in enumerate(accepted, 1):
            user, colon, password = line.partition(":")
            # The line itself may be a password: it is repeated in none of these.
            if not (user and colon and password):
                raise bad("WEBHOOK_BASIC", f"line {number} is not user:password", EXAMPLE_BASIC)
            if line != line.strip():
                raise bad("WEBHOOK_BASIC", f"line {number} begins or ends with a space", EXAMPLE_BASIC)
            if re.search(CONTROL, line):
                raise bad("WEBHOOK_BASIC", f"line {number} holds a control character", EXAMPLE_BASIC)
        return cls(accepted)

    def refuse(self, others: Sequence[Mechanism], on_google: bool) -> None:
        """Refuse no line at all, and on Google passwords that can be guessed."""
        if not self.lines:
            raise bad("WEBHOOK_BASIC", "is empty, and WEBHOOK_AUTH asks for basic", EXAMPLE_BASIC)
        for number, line in enumerate(self.lines if on_google else (), 1):  # the examples may be tried at home
            if wrong := weakness(line.partition(":")[2]):
                raise SetupError(
                    f"WEBHOOK_BASIC line {number} {wrong}, and put it into the agent's fulfillment settings too."
                )

    def secrets(self) -> Iterable[str]:
        """Return the lines, and their passwords."""
        return [text for line in self.lines for text in (line, line.partition(":")[2])]

    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check, which gives "" (a shared secret names nobody) or raises `Problem` 401."""
        return self._check

    def _check(self, call: Call) -> str:
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


MECHANISM = Basic
