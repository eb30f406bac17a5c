"""`access-token`: CX's service agent sends an access token, made for calling Google's APIs (docs/protocol.md 11.4).

Nobody but Google can verify such a token, so this check proves nothing: it only tells a call that came without one. The
settings therefore refuse it unless another mechanism holds as well.
"""

from __future__ import annotations

from ..call import Call
from ..problems import unauthenticated


class AccessToken:
    """Accepts every call that carries some bearer token."""

    def check(self, call: Call) -> str:
        """Return "": an access token names nobody. Raises `Problem` 401."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthenticated("access-token: the Authorization header holds no bearer token")
        return ""
