"""Fixtures that every kind of test shares."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from deploy.local.firestore import LocalFirestore
from tests.kit import long, parallel
from tests.kit.firestores import (
    Emulator,
    Firestore,
    emulator_of_the_run,
    emulator_summary,
    stop_emulator_of_the_run,
    wanted_firestores,
    why_no_emulator,
)

pytest_plugins = ["fulfillment.testing.fixtures"]


@pytest.fixture(scope="session")
def local_server() -> Iterator[LocalFirestore]:
    """The kit's local Firestore, one for the whole run, in this process."""
    with LocalFirestore() as server:
        yield server


@pytest.fixture(scope="session")
def emulator(pytestconfig: pytest.Config) -> Emulator:
    """Google's emulator, one for the whole run; tests that ask for it are skipped where it is absent."""
    if reason := why_no_emulator():
        pytest.skip(reason)
    return emulator_of_the_run(pytestconfig)


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
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """Fold the tests that lack Google's emulator into one line of the report."""
    report = yield
    if report.skipped and ("firestore", "emulator") in report.user_properties:
        report.longrepr = (__file__, None, report.longrepr[2])
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    long.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    long.add_marker(config)
    parallel.make_shared_folder(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """What `-n auto` means."""
    return parallel.processes(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Before pytest-xdist starts a process."""
    parallel.tell_shared_folder(node.config, node.workerinput)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """After a process of pytest-xdist has ended."""
    long.note(node.config, getattr(node, "workeroutput", {}))


@pytest.hookimpl(trylast=True)  # after other conftests have set their markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    long.leave_out(config, items)
    parallel.begin_with_the_longest(config, items)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say in the last lines what was left out, and whether the Firestore tests also ran against Google's emulator."""
    if not parallel.is_worker(config):
        stop_emulator_of_the_run(config)
        parallel.remove_shared_folder(config)
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if not terminal:
        return
    for line in (long.summary(config), emulator_summary(terminal.stats)):
        if line:
            terminal.write_line(line)
