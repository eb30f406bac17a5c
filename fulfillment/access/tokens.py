"""`id-token`: `authorization: Bearer <JWT>`, signed by Google and verified here (docs/protocol.md 11.3).

google-auth checks the signature, `iat` and `exp`. It takes the algorithm from the token's own header and ignores
`crit`, and it leaves issuer, e-mail and the types of the times to its caller: those checks are here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..call import Call
from ..problems import Problem, not_allowed, unauthenticated

if TYPE_CHECKING:
    from .certificates import Certificates

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What Cloud Run puts in the place of the signature of a token it has checked (docs/protocol.md 11.3)."""

CLOCK_SKEW = 10  # seconds that the signer's clock and ours may differ
LONGEST_TOKEN = 16 * 1024  # characters; Google's have about a thousand
_LAST_TIME = 1e11  # seconds since 1970, in the year 5138: no sound token lives until then
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class IdToken:
    """Accepts Google's ID tokens of the e-mail addresses in `callers`.

    The e-mail is the check that matters: any Google account can get a token for any audience.
    """

    def __init__(
        self, callers: Iterable[str], audience: Iterable[str], certificates: Certificates, deadline: float
    ) -> None:
        self._callers = lower_case(callers)
        self._audience = frozenset(audience)
        self._certificates = certificates
        self._deadline = deadline

    def check(self, call: Call) -> str:
        """Return the caller's e-mail address. Raises `Problem` 401, 403, or 503 when certificates are missing."""
        token = bearer_token(call.headers.get("authorization"), "id-token: the Authorization header")
        if token.endswith("." + SIGNATURE_REMOVED):
            raise unauthenticated(
                "id-token: the platform has removed the signature, so it checks tokens itself (or this one is forged): "
                "set WEBHOOK_AUTH=iam, or allow unauthenticated calls at the platform"
            )
        key_id = key_id_of(token, "id-token", ("RS256",))
        certificate = self._certificates.find(key_id, call.received_at + self._deadline)
        if certificate is None:
            raise unauthenticated("id-token: no key of Google's has the key id of this token")
        claims = verified_claims(token, key_id, certificate, "id-token")
        if claims.get("iss") not in ISSUERS:
            raise unauthenticated("id-token: the issuer (iss) is not https://accounts.google.com")
        check_audience(claims, self._audience, "id-token", call.path)
        return allowed_email(claims, self._callers, "id-token")


def bearer_token(value: str | None, where: str) -> str:
    """Return the JWT of a `Bearer` header. Raises `Problem` 401; `where` begins its detail."""
    if not value:
        raise unauthenticated(f"{where} is missing")
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer":
        raise unauthenticated(f"{where} is of another scheme than Bearer")
    token = token.lstrip(" ")
    if len(token) > LONGEST_TOKEN or not _COMPACT.fullmatch(token):
        raise unauthenticated(f"{where} holds no signed JWT of three parts (doubled, truncated or an access token?)")
    return token


def lower_case(addresses: Iterable[str]) -> frozenset[str]:
    """Return e-mail addresses in the form in which they are compared."""
    return frozenset(address.lower() for address in addresses)


def check_audience(claims: Mapping[str, Any], accepted: frozenset[str], mechanism: str, path: str = "/") -> None:
    """Check `aud` when WEBHOOK_AUDIENCE is set. Raises `Problem` 401.

    Dialogflow ES documents no audience. CX sends the webhook's URL without its query, so beside what is accepted as it
    stands, the path of this very call may follow it: one base URL stands for all flexible routes.
    """
    audience = claims.get("aud")
    if accepted and not (isinstance(audience, str) and (audience in accepted or _at_path(audience, accepted, path))):
        raise unauthenticated(f"{mechanism}: the audience (aud) {_shown(audience)} is not in WEBHOOK_AUDIENCE")


def _at_path(audience: str, accepted: frozenset[str], path: str) -> bool:
    return path != "/" and any(audience == base.rstrip("/") + path for base in accepted)


def allowed_email(claims: Mapping[str, Any], callers: frozenset[str], mechanism: str) -> str:
    """Return the token's verified e-mail address if it is one of `callers`. Raises `Problem` 403."""
    email = claims.get("email")
    if not isinstance(email, str) or not email:
        raise not_allowed(f"{mechanism}: the token names no e-mail address, so it cannot be in WEBHOOK_CALLERS")
    if claims.get("email_verified") is not True:
        raise not_allowed(f"{mechanism}: the token's e-mail address is not verified (email_verified is not true)")
    if not email.isascii() or email.lower() not in callers:  # Lower case turns a Kelvin sign into a k.
        raise not_allowed(
            f"{mechanism}: {_shown(email)} is not in WEBHOOK_CALLERS. If that is your agent's service account "
            "(mind the project number), add it"
        )
    return email.lower()


def key_id_of(token: str, mechanism: str, algorithms: Sequence[str]) -> str:
    """Return the id of the key that a JWT says it is signed with. Raises `Problem` 401."""
    from google.auth import jwt  # 40 ms: only for id-token, and only when it is needed.

    header = None
    with suppress(ValueError, RecursionError):  # An error's text repeats the token, so nothing of it goes further.
        header = jwt.decode_header(token)  # type: ignore[no-untyped-call]
    if header is None:
        raise unauthenticated(f"{mechanism}: the token's parts are not base64url of JSON objects")
    if header.get("alg") not in algorithms:
        raise unauthenticated(f"{mechanism}: the algorithm (alg) is not {' or '.join(algorithms)}")
    if "crit" in header:
        raise unauthenticated(f"{mechanism}: the token demands an extension (crit), and none is known")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise unauthenticated(f"{mechanism}: the token names no key (kid)")
    return key_id


def verified_claims(token: str, key_id: str, certificate: str, mechanism: str) -> Mapping[str, Any]:
    """Return the claims of a JWT whose signature and times hold. Raises `Problem` 401."""
    from google.auth import exceptions, jwt

    problem: Problem | None = None
    claims: Mapping[str, Any] = {}
    try:
        claims = jwt.decode(  # type: ignore[no-untyped-call]
            token, certs={key_id: certificate}, clock_skew_in_seconds=CLOCK_SKEW
        )
    except exceptions.InvalidValue:
        found = (
            f"the token has expired (exp), or its time has not come yet (iat); {CLOCK_SKEW} s of difference between "
            "clocks are allowed. Is this machine's clock right?"
            if _key_fits(token, certificate)
            else "the key with this key id (kid) is of another kind than the algorithm (alg) needs"
        )
        problem = unauthenticated(f"{mechanism}: {found}")
    except (ValueError, TypeError):
        problem = unauthenticated(
            f"{mechanism}: the signature is wrong, or the times (exp, iat) are missing or no numbers"
        )
    if problem is None and not _has_sound_times(claims):
        problem = unauthenticated(f"{mechanism}: a time (exp, iat, nbf) is no number, or not yet reached (nbf)")
    if problem is not None:
        raise problem  # Out here, it has no context: the library's errors repeat parts of the token.
    return claims


def _key_fits(token: str, pem: str) -> bool:
    """Whether a public key is of the kind that the token's algorithm needs; google-auth tells both alike."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from google.auth import jwt

    if "CERTIFICATE" in pem:  # Google's: kept where they are RSA, for the one algorithm that id-token takes
        return True
    algorithm: str = jwt.decode_header(token)["alg"]  # type: ignore[no-untyped-call]
    return isinstance(load_pem_public_key(pem.encode()), RSAPublicKey) == algorithm.startswith("RS")


def _has_sound_times(claims: Mapping[str, Any]) -> bool:
    """Whether the times are numbers of this age (JSON's NaN would never expire), and whether `nbf` has come."""
    times = [claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)]
    if not all(type(value) in (int, float) and abs(value) < _LAST_TIME for value in times):
        return False
    return bool(times[2] <= time.time() + CLOCK_SKEW)


def _shown(claim: object) -> str:
    """A claim for the log: escaped, and short whatever it is."""
    return repr(claim if isinstance(claim, str) else type(claim).__name__)[:200]
