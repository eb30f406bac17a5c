"""Looking up where a host is, in time, and which addresses a redirect may lead to: public ones."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any

_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # of protocols, and of carriers' own networks
        "::/96",  # an IPv4 address as it was once written
        "64:ff9b:1::/48",  # NAT64 inside a network
        "100::/64",  # thrown away
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # private networks as they were once
    )
)
"""Networks that the table in Python's `ipaddress` takes for public, in one version or another (3.11.7)."""

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
"""As `socket.getaddrinfo` gives it; the last member is what a socket connects to."""


class PrivateAddress(OSError):
    """A redirect led to an address that is not public."""


def resolve(host: str, port: int, seconds: float) -> Sequence[Address]:
    """Return the addresses of `host`, at least one.

    Raises `TimeoutError` after `seconds`, `socket.gaierror` for a name that leads nowhere, `UnicodeError` for what
    cannot be a name.
    """
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host.partition("%")[0])
        return _look_up(host, port)  # written as numbers: nobody is asked
    # The resolver knows no time limit. One that hangs is left to a thread of its own, until it gives up (30 s or so).
    answers: SimpleQueue[Sequence[Address] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_look_up(host, port))
        except Exception as error:  # Whatever it was: it belongs to the one who waits.
            answers.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        found = answers.get(timeout=max(0.0, seconds))
    except Empty:
        raise TimeoutError(f"{host} was not looked up in time") from None
    if isinstance(found, Exception):
        raise found
    return found


def _look_up(host: str, port: int) -> Sequence[Address]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def check_public(host: str, addresses: Sequence[Address]) -> None:
    """Raise `PrivateAddress` when any of a host's addresses is not public.

    Of a name that leads to both kinds, the private one would be reached at the next try.
    """
    if not all(is_public(str(address[4][0])) for address in addresses):
        raise PrivateAddress(f"{host} leads to an address that is not public")


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the public network, also the IPv4 one inside an IPv6 one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inside is None and address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
    return address.is_global and not address.is_multicast and not any(address in network for network in _NOT_PUBLIC)
