"""`oauth`: CX's third-party OAuth. Dialogflow gets a token from the provider (client credentials) and sends it along.

The token must be a JWT; it is checked against the provider's keys (JWKS, RFC 7517): signature, times, issuer, audience,
and which client it was given to. A provider gives tokens to many clients, so the client is the check that matters.
Opaque tokens, which only the provider can explain, are not supported.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

from ..call import Call
from ..environment import bad, commas
from ..problems import not_allowed, unauthenticated
from .certificates import Certificates, KeysUnreadable
from .jwt import bearer_token, key_id_of, verified_claims
from .mechanism import Check, Mechanism

ALGORITHMS = ("RS256", "ES256")
_ALGORITHM_OF = {"RSA": "RS256", "EC": "ES256"}
CLIENT_CLAIMS = ("client_id", "azp", "cid", "appid")
"""Where providers name the client: RFC 9068; Auth0 and Keycloak; Okta; Entra. Without any of them it is `sub`."""


class OAuth(Mechanism):
    """Accepts tokens of one `issuer` for one of `audience`, given to one of `clients`; `keys` is the JWKS's address."""

    name = "oauth"
    cost = 300
    uses_authorization = True
    variables: ClassVar[Mapping[str, str]] = {
        "WEBHOOK_OAUTH_ISSUER": "https://login.example.com/",
        "WEBHOOK_OAUTH_KEYS": "https://login.example.com/.well-known/jwks.json",
        "WEBHOOK_OAUTH_AUDIENCE": "https://shop.example.com/webhook",
        "WEBHOOK_OAUTH_CLIENTS": "dialogflow-agent",
    }
    cannot_be_shown = "a token of your provider's"

    def __init__(
        self, issuer: str = "", keys: str = "", audience: Iterable[str] = (), clients: Iterable[str] = ()
    ) -> None:
        self.issuer = issuer
        self.keys = keys
        self.audience = frozenset(audience)
        self.clients = frozenset(clients)

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read the four WEBHOOK_OAUTH_ variables."""
        issuer, keys, audience, clients = (env.get(variable, "").strip() for variable in cls.variables)
        return cls(issuer, keys, commas(audience), commas(clients))

    def refuse(self, others: Sequence[Mechanism], on_google: bool) -> None:
        """Refuse when one of the four is missing, and keys that come over an open line."""
        found = zip(self.variables.items(), (self.issuer, self.keys, self.audience, self.clients), strict=True)
        for (variable, example), value in found:
            if not value:
                raise bad(variable, "is empty, and WEBHOOK_AUTH asks for oauth", example)
        if not self.keys.startswith("https://"):
            raise bad(
                "WEBHOOK_OAUTH_KEYS",
                "does not start with https://, so anybody on the way could send keys of their own",
                self.variables["WEBHOOK_OAUTH_KEYS"],
            )

    def certificates(self) -> Certificates:
        """Return the provider's keys."""
        return Certificates(self.keys, parse=keys_of, mechanism="oauth")

    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check, which gives "" (a client is no e-mail address) or raises `Problem` 401, 403, or 503."""
        assert certificates is not None
        keys = certificates

        def check(call: Call) -> str:
            token = bearer_token(call.headers.get("authorization"), "oauth: the Authorization header")
            key_id = key_id_of(token, "oauth", ALGORITHMS)
            key = keys.find(key_id, call.received_at + deadline)
            if key is None:
                raise unauthenticated("oauth: the provider has no key with the key id of this token")
            self._judge(verified_claims(token, key_id, key, "oauth"))
            return ""

        return check

    def _judge(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != self.issuer:
            raise unauthenticated("oauth: the issuer (iss) is not WEBHOOK_OAUTH_ISSUER")
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if not any(isinstance(name, str) and name in self.audience for name in named):
            raise unauthenticated("oauth: the audience (aud) is not in WEBHOOK_OAUTH_AUDIENCE")
        if _client(claims) not in self.clients:
            raise not_allowed("oauth: the client that the token was given to is not in WEBHOOK_OAUTH_CLIENTS")


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


MECHANISM = OAuth
