"""Which addresses a redirect may lead to: public ones."""

from __future__ import annotations

import ipaddress
import socket

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddress(OSError):
    """A redirect led to an address that is not public."""


def public_address(host: str, port: int) -> str:
    """Resolve `host` and return an address to connect to.

    Raises `PrivateAddress` when any of its addresses is not public: a name that resolves to both would otherwise lead
    to the private one at the next try.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not is_public(address):
            raise PrivateAddress(f"{host} leads to an address that is not public")
    return found[0]


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the public network, also the IPv4 one inside an IPv6 one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inside is None and address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return inside.is_global and not inside.is_multicast
    return address.is_global and not address.is_multicast
