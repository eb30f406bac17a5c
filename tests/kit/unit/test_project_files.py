"""What tools expect of a project: one version, types, hooks that can run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import fulfillment
from tests.kit.functions import ROOT

HOOKS = (ROOT / ".pre-commit-config.yaml").read_text()


def test_the_version_stands_in_one_place() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in settings["project"]
    assert settings["project"]["dynamic"] == ["version"]
    assert settings["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "fulfillment.__version__"}
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+)?", fulfillment.__version__)


def test_type_checkers_are_told_that_the_kit_has_types() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert (ROOT / "fulfillment" / "py.typed").is_file()
    assert settings["tool"]["setuptools"]["package-data"]["fulfillment"] == ["py.typed"]


@pytest.mark.parametrize("entry", re.findall(r"^ +entry: (.+)$", HOOKS, re.MULTILINE))
def test_each_hook_runs_a_tool_that_the_tests_install(entry: str, tmp_path: Path) -> None:
    tool, *options = entry.split()
    assert tool.startswith(".venv/bin/")
    installed = Path(sys.executable).parent / Path(tool).name
    assert installed.is_file()
    if installed.name == "mypy":  # ./tests/run.sh runs it over everything
        assert options == []
        return
    file = tmp_path / ("a.sh" if "sh" in installed.name else "a.py")
    file.write_text("#!/usr/bin/env bash\nset -euo pipefail\n" if file.suffix == ".sh" else '"""A."""\n')
    given = [] if installed.name == "python" else [str(file)]
    ran = subprocess.run([installed, *options, *given], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_hooks_load_nothing_from_elsewhere() -> None:
    assert set(re.findall(r"^ *- repo: (.+)$", HOOKS, re.MULTILINE)) == {"local"}
    assert set(re.findall(r"^ +language: (.+)$", HOOKS, re.MULTILINE)) == {"system"}
