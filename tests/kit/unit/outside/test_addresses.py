"""Where a redirect may lead to: public addresses."""

from __future__ import annotations

import pytest

from fulfillment.outside.addresses import PrivateAddress, check_public, is_public, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "192.0.0.1", "192.0.0.192", "fec0::1", "64:ff9b:1::a00:1", "::127.0.0.1", "::8.8.8.8", "100::1",
        "3fff::1", "5f00::1", "2001:db8::1", "::ffff:192.0.0.192", "64:ff9b::c000:c0", "::1", "::", "fe80::1%eth0",
        "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "ff02::1",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public(address: str) -> None:
    assert is_public(address)


def test_a_name_is_resolved_and_all_its_addresses_are_checked() -> None:
    check_public("8.8.8.8", resolve("8.8.8.8", 443, 1.0))
    both = [*resolve("8.8.8.8", 80, 1.0), *resolve("localhost", 80, 1.0)]
    with pytest.raises(PrivateAddress, match="localhost leads to an address that is not public"):
        check_public("localhost", both)
