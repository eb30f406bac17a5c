"""Every script does what it says whatever the shell exports: a search path for cd, another home for Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.functions import ROOT

PARTS = (".ci", "deploy", "fulfillment", "handlers", "tests", "main.py", "requirements.txt")
ALL = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / ".ci" / "run", *(ROOT / "deploy").rglob("*.sh"), *(ROOT / "tests").rglob("*.sh"))
)
SCRIPTS = [name for name in ALL if os.access(ROOT / name, os.X_OK)]
DEPLOY = [name for name in SCRIPTS if name.startswith("deploy/") and name.count("/") == 1]
# The others are stopped where they look at Python for the first time: a stand-in says in which folder that is.
OTHERS = {name: [] for name in SCRIPTS if name not in DEPLOY} | {
    "deploy/local/venv.sh": ["requirements.txt"],
    "tests/kit/live/run.sh": [],
}
STAND_IN = '#!/bin/sh\npwd -P >>"${0}.ran-in"\nexit 1\n'
DECOY = '#!/bin/sh\necho "a decoy ran"\nexit 0\n'


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("own")
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "settings*.env"))
        else:
            shutil.copy(ROOT / name, tree)
    return tree


@pytest.fixture
def hostile(tmp_path: Path) -> dict[str, str]:
    """An environment in which cd finds other folders of the same names first, each with scripts that tell on it."""
    decoy = tmp_path / "decoy"
    for name in ALL:
        (decoy / name).parent.mkdir(parents=True, exist_ok=True)
        (decoy / name).write_text(DECOY)
        (decoy / name).chmod(0o755)
    (tmp_path / "empty").mkdir()
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CDPATH": f"{decoy}:.",
        "PYTHONHOME": str(tmp_path / "empty"),
        "PYTHONSAFEPATH": "1",
    }


def run(tree: Path, environment: dict[str, str], script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", script, *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.mark.parametrize("script", DEPLOY)
def test_a_deployment_script_shows_its_own_help(script: str, tree: Path, hostile: dict[str, str]) -> None:
    shown = run(tree, hostile, script, "--help")
    assert shown.returncode == 0, shown.stderr
    assert f"./{script}" in shown.stdout
    assert "decoy" not in shown.stdout
    assert shown.stderr == ""


@pytest.mark.parametrize("script", OTHERS)
def test_a_script_works_in_its_own_checkout(script: str, tree: Path, hostile: dict[str, str], tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    ran = run(tree, hostile | {"PYTHON": str(python)}, script, *OTHERS[script])
    assert ran.returncode != 0
    assert "decoy" not in ran.stdout + ran.stderr
    if script == "tests/kit/live/run.sh":  # without a project it shows what it would do
        assert "./tests/kit/live/run.sh PROJECT_ID" in ran.stdout
    else:
        assert set((tmp_path / "python.ran-in").read_text().split()) == {str(tree)}


def test_the_plan_reads_the_handlers_of_its_own_checkout(tree: Path, hostile: dict[str, str]) -> None:
    settings = {
        "PROJECT_ID": "my-shop-123",
        "REGION": "europe-west1",
        "WEBHOOK_AUTH": "iam",
        "CLOUDSDK_CONFIG": hostile["HOME"],
    }
    planned = run(tree, hostile | settings, "deploy/link.sh", "--plan")
    assert planned.returncode == 0, planned.stderr
    assert "my-shop-123" in planned.stdout
    assert "decoy" not in planned.stdout
