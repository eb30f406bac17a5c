"""The local Firestore as its command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.unit.local_firestore.command import Command, Run


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Start the command with arguments, on a free port unless told; ended with the test."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "set by Command.client")
    monkeypatch.setenv("no_grpc_proxy", "127.0.0.1")
    started: list[Command] = []

    def start(*arguments: object) -> Command:
        started.append(Command(*arguments))
        return started[-1]

    yield start
    for command in started:
        command.process.kill()
        command.process.communicate()
