"""deploy/local/venv.sh: what it makes and installs, and when it starts over. A stand-in takes Python's part."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kit.functions import ROOT

STAND_IN = """#!/bin/bash
case "$*" in
  --version) echo "Python ${FOUND:-3.11.7}" ;;
  "-m pip --version") ;;
  "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; echo venv >>did; [[ -z "${DIES:-}" ]] ;;
  "-m pip install"*)
    echo install >>did
    printf 'Requirement already satisfied: six==1.17\\nCollecting flask\\nCollecting click (from flask)\\n  Downloading it\\n'
    [[ -z "${FAILS:-}" ]] || { echo "ERROR: No matching distribution" >&2; exit 1; }
    printf 'Installing collected packages: click, flask\\nSuccessfully installed click-8 flask-3\\n'
    [[ "${DIES:-}" != install ]]
    ;;
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


def test_a_python_that_is_too_old_makes_nothing(tree: Path) -> None:
    assert did(tree, FOUND="3.10.12") == []
    assert not (tree / ".venv").exists()


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


def said(tree: Path, **environment: str) -> tuple[int, str]:
    """Return the exit status and what a person reads where the output is no terminal."""
    environment = {"PATH": f"{os.environ['PATH']}:{os.defpath}", "PYTHON": str(tree / "python"), **environment}
    command = [tree / "deploy/local/venv.sh", "requirements.txt"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)  # type: ignore[arg-type]
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_of_pip_only_how_much_was_installed_is_shown(tree: Path) -> None:
    status, text = said(tree)
    assert status == 0
    making, installing, installed = text.splitlines()
    assert making == "Making the virtual environment .venv"
    assert installing == "Installing requirements.txt (the first time takes about a minute)"
    assert re.fullmatch(r"Installed requirements\.txt: 2 packages in \d+ s", installed)
    assert "Downloading it" in (tree / ".venv/pip.log").read_text()


def test_where_pip_fails_all_that_it_said_but_what_was_there_is_shown(tree: Path) -> None:
    status, text = said(tree, FAILS="yes")
    assert status == 1
    assert "pip could not install requirements.txt. It said:\nCollecting flask\n" in text
    assert text.endswith("ERROR: No matching distribution\n")
    assert "already satisfied" not in text
    assert "already satisfied" in (tree / ".venv/pip.log").read_text()
    assert did(tree) == ["install"]


def test_on_a_terminal_it_counts_in_one_line(tree: Path) -> None:
    environment = {"PATH": f"{os.environ['PATH']}:{os.defpath}", "PYTHON": str(tree / "python")}
    main, terminal = pty.openpty()
    script = subprocess.Popen([tree / "deploy/local/venv.sh", "requirements.txt"], env=environment, stderr=terminal)
    os.close(terminal)
    text = b""
    with contextlib.suppress(OSError):  # its end
        while piece := os.read(main, 4096):
            text += piece
    os.close(main)
    assert script.wait() == 0
    making, counted = text.decode().replace("\r\n", "\n").strip().split("\n")
    assert making == "Making the virtual environment .venv"
    shown = [part.replace("\x1b[K", "") for part in counted.split("\r") if part]
    assert shown[:4] == [
        "Installing requirements.txt (the first time takes about a minute)",
        "Installing requirements.txt ... 1 packages found",
        "Installing requirements.txt ... 2 packages found",
        "Installing requirements.txt ... 2 packages are unpacked",
    ]
    assert shown[4].startswith("Installed requirements.txt: 2 packages in ")
