"""Servers that the tests of outside calls ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.kit.outside_servers import Server


@pytest.fixture
def servers() -> Iterator[Callable[[], Server]]:
    started: list[Server] = []

    def start() -> Server:
        started.append(Server())
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def server(servers: Callable[[], Server]) -> Server:
    return servers()
