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

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "gcloud: runs the real gcloud against the local stand-in")
    config.addinivalue_line("markers", "matrix: the full matrix; only ./tests/scripts/run.sh runs it")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--matrix", action="store_true", help="also run the full matrix of faults")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = [item for item in items if HERE in item.path.parents]
    for item in here:
        if item.get_closest_marker("matrix") and not config.getoption("--matrix", default=False):
            item.add_marker(pytest.mark.skip(reason="part of the full matrix: ./tests/scripts/run.sh"))
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
def first(_bench: Bench, _empty: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The first run of deploy.sh on the empty project, made once for every test that looks at it."""
    _bench.cloud.restore(_empty)
    _bench.settings = settings(tmp_path_factory.mktemp("first"))
    _bench.forget()
    return deployment(_bench, "./deploy/deploy.sh")
