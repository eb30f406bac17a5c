"""Secrets that are none: examples, short ones, and headers that every call carries."""

from __future__ import annotations

EXAMPLE_HEADER = "X-Webhook-Secret: 3f9c..."
EXAMPLE_BASIC = "dialogflow:a-long-password"

EXAMPLES = frozenset(
    {"3f9c...", "3f9c…", "a-long-password", "change-me", "changeme", "your-secret", "secret", "password"}
)
"""Values that documents, error texts and tutorials show: the first that a stranger tries."""

SHORTEST = 16
"""Characters of a secret that strangers may try from everywhere; what `MAKE_ONE` prints has 48."""

MAKE_ONE = "Make one: openssl rand -hex 24"

_CARRIED = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "expect",
        "forwarded",
        "from",
        "function-execution-id",
        "host",
        "keep-alive",
        "origin",
        "pragma",
        "referer",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-client-data",
        "x-cloud-trace-context",
        "x-real-ip",
        "x-request-id",
    }
)
_CARRIED_PREFIXES = ("sec-", "x-forwarded", "x-appengine-", "x-envoy-")


def carried_by_every_call(name: str) -> bool:
    """Return whether clients, proxies or the platform write a header of this name themselves."""
    plain = name.strip().lower()
    return plain in _CARRIED or plain.startswith(_CARRIED_PREFIXES)


def weakness(secret: str) -> str:
    """Return why a password or header value is no secret, as the end of a sentence; "" for a good one.

    The text repeats nothing of the secret.
    """
    if secret.strip().lower().removeprefix("bearer ").strip() in EXAMPLES:
        return f"is an example, which anybody can read. {MAKE_ONE}"
    if len(secret.strip()) < SHORTEST:
        return f"holds a secret of fewer than {SHORTEST} characters, which strangers can guess. {MAKE_ONE}"
    return ""
