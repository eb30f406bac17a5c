"""Fixtures: the bench with an empty project, and with a deployed one that many tests look at."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bench import AGENT_NUMBER, AGENT_PROJECT, FRESH_APIS, INTENTS, NUMBER, PROJECT, Bench
from deployments import Deployment, deployment, settings
from standin.island import Island

from tests.kit.parallel import once_for_all

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "gcloud: runs the real gcloud against the local stand-in")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE not in item.path.parents:
            continue
        if "bench" in getattr(item, "fixturenames", ()) and not shutil.which("gcloud"):
            item.add_marker(pytest.mark.skip(reason="gcloud is not installed"))


@pytest.fixture(scope="session")
def island() -> Iterator[Island]:
    island = Island()
    yield island
    island.close()


@pytest.fixture(scope="session")
def _bench(island: Island, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("bench"), island)
    yield bench
    bench.close()


@pytest.fixture(scope="session")
def _empty(_bench: Bench) -> dict[str, Any]:
    _bench.cloud.add_project(PROJECT, NUMBER, FRESH_APIS)
    _bench.cloud.add_project(AGENT_PROJECT, AGENT_NUMBER, FRESH_APIS)
    _bench.agent()
    secret = f"projects/{PROJECT}/secrets/weather-api-key"
    _bench.cloud.things[secret] = {"name": secret}
    for version in ("1", "2"):
        full = f"{secret}/versions/{version}"
        _bench.cloud.things[full] = {"name": full, "state": "ENABLED", "payload": {"data": "a2V5"}}
    return _bench.cloud.snapshot()


@pytest.fixture
def bench(_bench: Bench, _empty: dict[str, Any], tmp_path: Path) -> Iterator[Bench]:
    """An empty project that has an agent, and the settings of a plain deployment with `iam,header`."""
    _bench.cloud.restore(_empty)
    _bench.settings = settings(tmp_path)
    _bench.handlers(*INTENTS)
    _bench.gcloud_calls.unlink(missing_ok=True)
    yield _bench
    assert _bench.cloud.problems == [], "requests that Google's discovery documents do not allow"


@pytest.fixture(scope="session")
def first(
    _bench: Bench, _empty: dict[str, Any], tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Deployment:
    """The first run of deploy.sh on the empty project, made once for every test of the run that looks at it."""

    def deploy() -> Deployment:
        _bench.cloud.restore(_empty)
        _bench.settings = settings(tmp_path_factory.mktemp("first"))
        _bench.forget()
        return deployment(_bench, "./deploy/deploy.sh")

    return once_for_all(pytestconfig, "first-deployment", deploy)
