"""JSON web tokens: what a call carries, and whose signature it bears (docs/protocol.md 11.3).

google-auth checks the signature, `iat` and `exp`. It takes the algorithm from the token's own header and ignores
`crit`, and it leaves the types of the times to its caller: those checks are here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..problems import Problem, unauthenticated

SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What Cloud Run puts in the place of the signature of a token it has checked (docs/protocol.md 11.3)."""

CLOCK_SKEW = 10  # seconds that the signer's clock and ours may differ
LONGEST_TOKEN = 16 * 1024  # characters; Google's have about a thousand
_LAST_TIME = 1e11  # seconds since 1970, in the year 5138: no sound token lives until then
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


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
