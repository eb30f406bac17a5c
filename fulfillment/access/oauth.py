"""`oauth`: CX's third-party OAuth. Dialogflow gets a token from the provider (client credentials) and sends it along.

The token must be a JWT; it is checked against the provider's keys (JWKS, RFC 7517): signature, times, issuer, audience,
and which client it was given to. A provider gives tokens to many clients, so the client is the check that matters.
Opaque tokens, which only the provider can explain, are not supported.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..call import Call
from ..problems import not_allowed, unauthenticated
from .certificates import Certificates, KeysUnreadable
from .tokens import bearer_token, key_id_of, verified_claims

ALGORITHMS = ("RS256", "ES256")
_ALGORITHM_OF = {"RSA": "RS256", "EC": "ES256"}
CLIENT_CLAIMS = ("client_id", "azp", "cid", "appid")
"""Where providers name the client: RFC 9068; Auth0 and Keycloak; Okta; Entra. Without any of them it is `sub`."""


class OAuth:
    """Accepts tokens of one issuer for one of `audience`, given to one of `clients`."""

    def __init__(
        self, issuer: str, audience: Iterable[str], clients: Iterable[str], keys: Certificates, deadline: float
    ) -> None:
        self._issuer = issuer
        self._audience = frozenset(audience)
        self._clients = frozenset(clients)
        self._keys = keys
        self._deadline = deadline

    def check(self, call: Call) -> str:
        """Return "": a client is no e-mail address. Raises `Problem` 401, 403, or 503 when keys are missing."""
        token = bearer_token(call.headers.get("authorization"), "oauth: the Authorization header")
        key_id = key_id_of(token, "oauth", ALGORITHMS)
        key = self._keys.find(key_id, call.received_at + self._deadline)
        if key is None:
            raise unauthenticated("oauth: the provider has no key with the key id of this token")
        claims = verified_claims(token, key_id, key, "oauth")
        if claims.get("iss") != self._issuer:
            raise unauthenticated("oauth: the issuer (iss) is not WEBHOOK_OAUTH_ISSUER")
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if not any(isinstance(name, str) and name in self._audience for name in named):
            raise unauthenticated("oauth: the audience (aud) is not in WEBHOOK_OAUTH_AUDIENCE")
        if _client(claims) not in self._clients:
            raise not_allowed("oauth: the client that the token was given to is not in WEBHOOK_OAUTH_CLIENTS")
        return ""


def _client(claims: Mapping[str, Any]) -> str:
    name = next((claims[claim] for claim in CLIENT_CLAIMS if claims.get(claim)), claims.get("sub"))
    return name if isinstance(name, str) else ""


def keys_of(body: bytes) -> dict[str, str]:
    """Return the public keys of a JWKS in PEM, by key id: RSA of 2,048 bits and more, and P-256.

    Raises `KeysUnreadable` for a body that is none, or holds no such key. Keys for encryption are left out.
    """
    try:
        document = json.loads(body)
        entries = document["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise KeysUnreadable("the answer is not a JSON object with a list of keys") from None
    usable: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str) and _is_for_signatures(entry):
            pem = _pem(entry)
            if pem:
                usable[entry["kid"]] = pem
    if not usable:
        raise KeysUnreadable("the answer holds no RSA or P-256 key for signatures")
    return usable


def _is_for_signatures(entry: Mapping[str, Any]) -> bool:
    """Whether none of the three members that tell a key's purpose (RFC 7517, 4.2 to 4.4) names another one."""
    uses = entry.get("key_ops", ["verify"])
    algorithm = _ALGORITHM_OF.get(str(entry.get("kty")))
    return (
        entry.get("use", "sig") == "sig"
        and isinstance(uses, list)
        and "verify" in uses
        and entry.get("alg", algorithm) == algorithm
    )


def _pem(entry: Mapping[str, Any]) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
        if entry.get("kty") == "RSA":
            key = rsa.RSAPublicNumbers(_number(entry["e"]), _number(entry["n"])).public_key()
            if key.key_size < 2048:
                return ""
        elif entry.get("kty") == "EC" and entry.get("crv") == "P-256":
            point = ec.EllipticCurvePublicNumbers(_number(entry["x"]), _number(entry["y"]), ec.SECP256R1())
            key = point.public_key()
        else:
            return ""
    except (ValueError, KeyError, TypeError, UnsupportedAlgorithm):
        return ""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
