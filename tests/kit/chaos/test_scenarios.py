"""Every scenario, on the local Firestore and on Google's emulator. They mostly wait, so they run side by side."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.local.firestore import LocalFirestore
from tests.kit.firestores import Emulator, Firestore

from . import scenario
from .scenario import FILES, Outcome


@pytest.fixture(scope="module", params=["local", "emulator", "local-unnamed"])
def outcomes(request: pytest.FixtureRequest) -> Iterator[dict[Path, Future[dict[Path, Outcome]]]]:
    """Play all scenarios; "unnamed" turns have no `responseId`."""
    kind, _, unnamed = request.param.partition("-")
    if kind == "local":
        local: LocalFirestore = request.getfixturevalue("local_server")
        host = local.address
    else:
        emulator: Emulator = request.getfixturevalue("emulator")
        host = emulator.host
    groups = scenario.groups()
    with pytest.MonkeyPatch.context() as environment, ThreadPoolExecutor(len(groups)) as pool:
        environment.setenv("FIRESTORE_EMULATOR_HOST", host)
        environment.setenv("no_grpc_proxy", "127.0.0.1")
        running = [(files, pool.submit(scenario.run, files, Firestore(kind, host), not unnamed)) for files in groups]
        yield {file: future for files, future in running for file in files}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_promises_hold(outcomes: dict[Path, Future[dict[Path, Outcome]]], file: Path) -> None:
    outcome = outcomes[file].result()[file]
    assert outcome.violations == [], outcome.saids
    assert outcome.kills_left == []
    assert outcome.faults_left == []
