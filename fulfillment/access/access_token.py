"""`access-token`: CX's service agent sends an access token, made for calling Google's APIs (docs/protocol.md 11.4).

Nobody but Google can verify such a token, so this check proves nothing: it only tells a call that came without one. The
settings therefore refuse it unless another mechanism holds as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..call import Call
from ..environment import bad
from ..problems import unauthenticated
from .mechanism import Check, Mechanism

if TYPE_CHECKING:
    from .certificates import Certificates


class AccessToken(Mechanism):
    """Accepts every call that carries some bearer token."""

    name = "access-token"
    cost = 20  # It takes none, and proves nothing: what proves something is asked before.
    uses_authorization = True
    cannot_be_shown = "a token of Google's"

    def refuse(self, others: Sequence[Mechanism], on_google: bool) -> None:
        """Refuse it alone."""
        if not others:
            raise bad(
                "WEBHOOK_AUTH",
                "asks for access-token alone: such a token is made for calling Google, nobody else can verify it, so "
                "anything would be believed. Add header or mtls, or let the agent send an ID token",
                "access-token,header",
            )

    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check, which gives "" (an access token names nobody) or raises `Problem` 401."""
        return _check


def _check(call: Call) -> str:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated("access-token: the Authorization header holds no bearer token")
    return ""


MECHANISM = AccessToken
