"""deploy/local/venv.sh: what it makes and installs, and when it starts over. A stand-in takes Python's part."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.functions import ROOT

STAND_IN = """#!/bin/bash
case "$*" in
  --version) echo "Python ${FOUND:-3.11.7}" ;;
  -c*) ;;
  "-m pip --version") ;;
  "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; echo venv >>did; [[ -z "${DIES:-}" ]] ;;
  "-m pip install"*) echo install >>did; [[ "${DIES:-}" != install ]] ;;
esac
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "deploy/local").mkdir(parents=True)
    shutil.copy(ROOT / "deploy/local/venv.sh", tmp_path / "deploy/local")
    (tmp_path / "requirements.txt").write_text("flask\n")
    (tmp_path / "python").write_text(STAND_IN)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def did(tree: Path, **environment: str) -> list[str]:
    (tree / "did").write_text("")
    environment = {"PATH": f"{os.environ['PATH']}:{os.defpath}", "PYTHON": str(tree / "python"), **environment}
    subprocess.run([tree / "deploy/local/venv.sh", "requirements.txt"], env=environment, capture_output=True)
    return (tree / "did").read_text().split()


def test_it_makes_and_installs_once(tree: Path) -> None:
    assert did(tree) == ["venv", "install"]
    assert did(tree) == []


def test_changed_requirements_are_installed_into_what_is_there(tree: Path) -> None:
    did(tree)
    (tree / "requirements.txt").write_text("flask\nrequests\n")
    assert did(tree) == ["install"]


def test_another_python_gets_an_environment_of_its_own(tree: Path) -> None:
    did(tree)
    assert did(tree, FOUND="3.12.1") == ["venv", "install"]
    assert did(tree, FOUND="3.12.1") == []


def test_another_folder_gets_an_environment_of_its_own(tree: Path) -> None:
    did(tree)
    moved = tree.rename(tree.with_name("moved"))
    assert did(moved) == ["venv", "install"]


def test_one_that_somebody_else_made_is_used_as_it_is(tree: Path) -> None:
    (tree / "theirs/bin").mkdir(parents=True)
    shutil.copy(tree / "python", tree / "theirs/bin")
    (tree / ".venv").symlink_to("theirs")
    assert did(tree) == ["install"]
    assert did(tree, FOUND="3.12.1") == []


def test_what_a_link_leads_to_is_never_removed(tree: Path) -> None:
    (tree / "theirs").mkdir()
    (tree / "theirs/made-by").write_text("another")
    (tree / ".venv").symlink_to("theirs")
    assert did(tree) == ["venv", "install"]
    assert [file.name for file in (tree / "theirs").iterdir()] == ["made-by"]


def test_what_was_only_half_made_is_made_anew(tree: Path) -> None:
    assert did(tree, DIES="while it is made") == ["venv"]
    assert did(tree) == ["venv", "install"]


def test_what_was_only_half_installed_is_installed_again(tree: Path) -> None:
    (tree / "python").write_text(STAND_IN.replace('[[ -z "${DIES:-}" ]]', "true"))
    assert did(tree, DIES="install") == ["venv", "install"]
    assert did(tree) == ["install"]
