"""`none`: nothing is asked, so only programs on this very machine may call.

A tunnel or proxy also connects from loopback. It betrays itself by the headers it adds, or by the public name it keeps
in the Host header, which a web page that rebinds its own name to 127.0.0.1 keeps too. A plain TCP tunnel adds nothing
and lets its caller write any Host: no check can see it, so a tunnel always needs a mechanism.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from ..call import Call
from ..problems import Problem, access_not_configured
from ..weak_secrets import EXAMPLE_HEADER
from .mechanism import Check, Mechanism

if TYPE_CHECKING:
    from .certificates import Certificates

# Only what a proxy adds. Trace headers (traceparent, x-cloud-trace-context) stay allowed: local clients set them too,
# and every Google front end adds x-forwarded-for besides.
_PROXY_HEADERS = frozenset(
    {
        "forwarded",
        "via",
        "cdn-loop",
        "client-ip",
        "true-client-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-host",
        "x-proxyuser-ip",
        "x-real-ip",
    }
)
_PROXY_PREFIXES = (
    "cf-",
    "fastly-",
    "fly-",
    "ngrok-",
    "tailscale-",
    "x-amzn-",
    "x-appengine-",
    "x-arr-",
    "x-azure-",
    "x-envoy-",
    "x-forwarded",
    "x-ms-",
    "x-ngrok-",
    "x-original-",
    "x-remote-",
    "x-tunnel-",
    "x-vercel-",
)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
_OWN_SITES = frozenset({"same-origin", "same-site", "none"})
_MOST_REMEMBERED = 100
_CHOOSE = (
    "Without a mechanism only this machine may call. Set WEBHOOK_AUTH before letting anyone else in, for example "
    f"WEBHOOK_AUTH=header WEBHOOK_HEADERS='{EXAMPLE_HEADER}', and the same header in the agent's "
    "fulfillment settings"
)


class LoopbackOnly(Mechanism):
    """Accepts direct calls from this machine to a loopback name, and nothing else."""

    name = "none"
    cost = 1

    def __init__(self) -> None:
        # Names and hosts that were looked at before and are harmless: the same ones come with every call.
        self._harmless: set[str] = set()
        self._loopback_hosts: set[str] = set()

    def checking(self, certificates: Certificates | None, deadline: float) -> Check:
        """Return the check, which gives "" or raises `Problem` 403 `access-not-configured`."""
        return self._check

    def _check(self, call: Call) -> str:
        # An unknown peer is refused: a server on a Unix socket has a proxy in front of it.
        if call.peer not in _LOOPBACK and not _is_loopback_address(call.peer):
            raise _refusal(f"the connection comes from {_address(call.peer)}, not from this machine")
        for name in call.headers:
            if name in self._harmless:
                continue
            if name in _PROXY_HEADERS or name.startswith(_PROXY_PREFIXES):
                raise _refusal(f"the call came through a proxy or tunnel: it has the header {_family(name)}")
            _remember(self._harmless, name)
        host = call.headers.get("host", "")
        if host not in self._loopback_hosts:
            if not _is_loopback_host(host):
                raise _refusal("the Host header is not localhost, 127.x.x.x or [::1]: a tunnel, or a rebound name")
            _remember(self._loopback_hosts, host)
        origin = call.headers.get("origin")
        if origin is not None and not _is_loopback_origin(origin):
            raise _refusal("a web page of another origin made the call")
        # Browsers send no Origin with a GET, as an image's, but say where it comes from. A page of this machine may
        # be of another site (localhost and 127.0.0.1): then its Origin has just been looked at.
        site = call.headers.get("sec-fetch-site")
        if site is not None and origin is None and site.strip().lower() not in _OWN_SITES:
            raise _refusal("a web page of another site made the call (Sec-Fetch-Site)")
        return ""


def _remember(known: set[str], text: str) -> None:
    if len(known) < _MOST_REMEMBERED:
        known.add(text)


def _is_loopback_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_loopback_host(host: str) -> bool:
    """Whether a Host header (with or without a port) names this machine only."""
    name, colon, port = host.lower().rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host.lower(), "0"
    if not (port.isascii() and port.isdigit()):
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    if name.startswith("["):
        return name == "[::1]"
    return name.startswith("127.") and _is_loopback_address(name)


def _is_loopback_origin(origin: str) -> bool:
    scheme, separator, host = origin.partition("://")
    return bool(separator) and scheme in ("http", "https") and _is_loopback_host(host)


def _address(peer: str) -> str:
    try:
        return str(ipaddress.ip_address(peer))
    except ValueError:
        return "an unknown address"


def _family(name: str) -> str:
    """Name the header without repeating what a caller wrote: a name from the lists above."""
    if name in _PROXY_HEADERS:
        return name
    return next(prefix for prefix in _PROXY_PREFIXES if name.startswith(prefix)) + "*"


def _refusal(found: str) -> Problem:
    return access_not_configured(f"none: {found}. {_CHOOSE}")


MECHANISM = LoopbackOnly
