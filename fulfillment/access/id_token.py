"""`id-token`: `authorization: Bearer <JWT>`, signed by Google and verified here (docs/protocol.md 11.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from ..call import Call
from ..environment import bad
from ..problems import unauthenticated
from .callers import EXAMPLE_CALLER, VARIABLES, allowed_email, audience_in, callers_in, check_audience, lower_case
from .jwt import SIGNATURE_REMOVED, bearer_token, key_id_of, verified_claims
from .mechanism import Check, Mechanism

if TYPE_CHECKING:
    from .certificates import Certificates

ISSUERS = ("https://accounts.google.com", "accounts.google.com")


class IdToken(Mechanism):
    """Accepts Google's ID tokens of the e-mail addresses in `callers`.

    The e-mail is the check that matters: any Google account can get a token for any audience.
    """

    name = "id-token"
    cost = 200
    uses_authorization = True
    variables: ClassVar[Mapping[str, str]] = VARIABLES
    cannot_be_shown = "a token that Google signs"

    def __init__(self, callers: Iterable[str] = (), audience: Iterable[str] = ()) -> None:
        self.callers = lower_case(callers)
        self.audience = frozenset(audience)

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read WEBHOOK_CALLERS and WEBHOOK_AUDIENCE."""
        return cls(callers_in(env), audience_in(env))

    def refuse(self, others: Sequence[Mechanism], on_google: bool) -> None:
        """Refuse to let in every Google account there is."""
        if not self.callers:
            raise bad(
                "WEBHOOK_CALLERS",
                "is empty, and WEBHOOK_AUTH asks for id-token: any Google account can get a token for your URL, "
                "so the caller's e-mail is the check that matters",
                EXAMPLE_CALLER,
            )

    def certificates(self) -> Certificates:
        """Return Google's."""
        from .certificates import Certificates

        return Certificates()

    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check, which gives the caller's e-mail address or raises `Problem` 401, 403, or 503."""
        assert certificates is not None
        keys = certificates

        def check(call: Call) -> str:
            token = bearer_token(call.headers.get("authorization"), "id-token: the Authorization header")
            if token.endswith("." + SIGNATURE_REMOVED):
                raise unauthenticated(
                    "id-token: the platform has removed the signature, so it checks tokens itself (or this one is "
                    "forged): set WEBHOOK_AUTH=iam, or allow unauthenticated calls at the platform"
                )
            key_id = key_id_of(token, "id-token", ("RS256",))
            certificate = keys.find(key_id, call.received_at + deadline)
            if certificate is None:
                raise unauthenticated("id-token: no key of Google's has the key id of this token")
            claims = verified_claims(token, key_id, certificate, "id-token")
            if claims.get("iss") not in ISSUERS:
                raise unauthenticated("id-token: the issuer (iss) is not https://accounts.google.com")
            check_audience(claims, self.audience, "id-token", call.path)
            return allowed_email(claims, self.callers, "id-token")

        return check


MECHANISM = IdToken
