"""Fixtures that every kind of test shares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.firestore import LocalFirestore
from tests.firestores import Emulator, Firestore, emulator_summary, wanted_firestores, why_no_emulator

pytest_plugins = ["fulfillment.testing.fixtures"]


@pytest.fixture(scope="session")
def local_server() -> Iterator[LocalFirestore]:
    """The kit's local Firestore, one for the whole run, in this process."""
    with LocalFirestore() as server:
        yield server


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Google's emulator, one for the whole run; tests that ask for it are skipped where it is absent."""
    if reason := why_no_emulator():
        pytest.skip(reason)
    emulator = Emulator(tmp_path_factory.mktemp("emulator"))
    try:
        emulator.wait()
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture
def local_firestore(local_server: LocalFirestore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firestore]:
    """The local Firestore with an empty project for this test, found by every client through the environment."""
    with Firestore("local", local_server.address) as firestore:
        firestore.set_environment(monkeypatch)
        yield firestore


@pytest.fixture(params=wanted_firestores())
def firestore(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firestore]:
    """An empty project on the local Firestore, and in a second run of the test on Google's emulator."""
    request.node.user_properties.append(("firestore", request.param))
    if request.param == "local":
        yield request.getfixturevalue("local_firestore")
        return
    emulator: Emulator = request.getfixturevalue("emulator")
    emulator.check()
    with Firestore("emulator", emulator.host) as found:
        found.set_environment(monkeypatch)
        yield found
    emulator.check()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[Any]:
    """Fold the tests that lack Google's emulator into one line of the report."""
    report = yield
    if report.skipped and ("firestore", "emulator") in report.user_properties:
        report.longrepr = (__file__, None, report.longrepr[2])
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say in the last line whether the Firestore tests also ran against Google's emulator."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal and (line := emulator_summary(terminal.stats)):
        terminal.write_line(line)
