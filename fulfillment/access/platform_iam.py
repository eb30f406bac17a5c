"""`iam`: Cloud Run has checked the token before the call arrives, and has replaced its signature by a mark.

The setting is the operator's word that unauthenticated calls are impossible for this service; the function cannot see
whether that is true. So the settings allow `iam` on a Google runtime only, and this check refuses what shows that no
token was checked:

- No token: a private service never passes on a call without one.
- A token with a signature: the platform has not looked at it, because the service is public, or because the caller
  sent `X-Serverless-Authorization`. When that header is there, the platform checks it INSTEAD of Authorization and
  passes Authorization on as it came (docs/protocol.md 11.3), so it proves nothing and only the other is read.

Nothing here tells the platform's mark from one that a caller wrote. On a service that is public by mistake a forged
token passes, with any e-mail address: this is why `iam,header` is the recommended pair.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ..call import Call
from ..problems import unauthenticated
from .callers import VARIABLES, allowed_email, audience_in, callers_in, check_audience, lower_case
from .jwt import SIGNATURE_REMOVED, bearer_token
from .mechanism import Check, Mechanism

if TYPE_CHECKING:
    from .certificates import Certificates


class PlatformIam(Mechanism):
    """Accepts calls with a token that the platform has checked; of `callers` only, when there are any."""

    name = "iam"
    cost = 10
    uses_authorization = True
    relies_on_platform = True
    variables: ClassVar[Mapping[str, str]] = VARIABLES
    cannot_be_combined: ClassVar[Mapping[str, str]] = {
        "id-token": "the platform strips the token's signature before the function sees it, "
        "so it cannot be verified again"
    }

    def __init__(self, callers: Iterable[str] = (), audience: Iterable[str] = ()) -> None:
        self.callers = lower_case(callers)
        self.audience = frozenset(audience)

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read WEBHOOK_CALLERS and WEBHOOK_AUDIENCE."""
        return cls(callers_in(env), audience_in(env))

    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check, which gives the token's e-mail address ("" if it has none) or raises `Problem`."""
        return self._check

    def _check(self, call: Call) -> str:
        name = "x-serverless-authorization" if "x-serverless-authorization" in call.headers else "authorization"
        token = bearer_token(call.headers.get(name), f"iam: the header {name}")
        _, payload, signature = token.split(".")
        if signature != SIGNATURE_REMOVED:
            raise unauthenticated(
                f"iam: the token in {name} still has a signature, so the platform has not checked it: the service is "
                "public. Take roles/run.invoker from allUsers, or set WEBHOOK_AUTH=id-token"
            )
        claims = _claims(payload)
        check_audience(claims, self.audience, "iam", call.path)
        if self.callers:
            return allowed_email(claims, self.callers, "iam")
        email = claims.get("email")
        return email.lower() if isinstance(email, str) and claims.get("email_verified") is True else ""


def _claims(payload: str) -> dict[str, Any]:
    claims = None
    with suppress(ValueError, RecursionError):  # An error's text repeats the token, so nothing of it goes further.
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if not isinstance(claims, dict):
        raise unauthenticated("iam: the token's claims are not base64url of a JSON object")
    return claims


MECHANISM = PlatformIam
