"""Whom a Google token must name: WEBHOOK_CALLERS and WEBHOOK_AUDIENCE, which `iam` and `id-token` read alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..environment import bad, commas
from ..problems import not_allowed, unauthenticated

EXAMPLE_CALLER = "service-123456789012@gcp-sa-dialogflow.iam.gserviceaccount.com"
VARIABLES = {"WEBHOOK_CALLERS": EXAMPLE_CALLER, "WEBHOOK_AUDIENCE": "https://shop.example.com/webhook"}
_EMAIL = r"[^@:*\s]+@[^@:*\s]+"  # as text: only a start that reads addresses compiles it


def callers_in(env: Mapping[str, str]) -> frozenset[str]:
    """Return WEBHOOK_CALLERS, in lower case. Raises `SetupError` for what is no e-mail address."""
    addresses = commas(env.get("WEBHOOK_CALLERS", "").lower())
    for address in addresses:
        if not re.fullmatch(_EMAIL, address):
            raise bad(
                "WEBHOOK_CALLERS",
                f"holds {address!r}, which is no e-mail address (no 'serviceAccount:', no pattern, commas between)",
                EXAMPLE_CALLER,
            )
    return frozenset(addresses)


def audience_in(env: Mapping[str, str]) -> frozenset[str]:
    """Return WEBHOOK_AUDIENCE; empty is not checked."""
    return frozenset(commas(env.get("WEBHOOK_AUDIENCE", "")))


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


def _shown(claim: object) -> str:
    """A claim for the log: escaped, and short whatever it is."""
    return repr(claim if isinstance(claim, str) else type(claim).__name__)[:200]
