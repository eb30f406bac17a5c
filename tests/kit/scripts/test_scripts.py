"""The scripts as text: lint, form, help."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from bench import ROOT

from deploy.tool.__main__ import SUBJECTS

BIN = Path(sys.executable).parent
OWN = sorted(p for p in (ROOT / "deploy").glob("*.sh") if p.name != "local.sh")
SOURCED = sorted((ROOT / "deploy" / "lib").glob("*.sh"))
NAMES = [p.name for p in OWN]
OF_TOOL = re.compile(r"python3 -m deploy\.tool ([a-z]+) ([a-z-]+|\S+)")


@pytest.mark.long  # tests/run.sh without arguments runs it over all scripts too
def test_shellcheck_finds_nothing_and_nothing_is_excepted() -> None:
    files = [str(p.relative_to(ROOT)) for p in OWN]
    ran = subprocess.run([BIN / "shellcheck", *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout == ""
    assert ran.returncode == 0
    assert not [p for p in OWN + SOURCED if "shellcheck disable" in p.read_text()]


def test_shfmt_would_change_nothing() -> None:
    ran = subprocess.run([BIN / "shfmt", "-i", "2", "-d", *OWN, *SOURCED], capture_output=True, text=True, check=False)
    assert ran.stdout == ""


@pytest.mark.parametrize("script", OWN, ids=NAMES)
def test_every_script_is_strict_executable_and_explains_itself(script: Path) -> None:
    text = script.read_text()
    assert text.startswith("#!/usr/bin/env bash\n# ")
    assert "set -euo pipefail" in text
    assert script.stat().st_mode & 0o111
    ran = subprocess.run([script, "--help"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert f"./deploy/{script.name}" in ran.stdout
    assert len(text.splitlines()) <= 100


@pytest.mark.parametrize("script", [*OWN, *SOURCED], ids=lambda script: str(script.relative_to(ROOT / "deploy")))
def test_what_is_sourced_is_a_part_and_no_executable(script: Path) -> None:
    sourced = re.findall(r"^\s*(?:source|\.) (.*)$", script.read_text(), re.MULTILINE)
    parts = [
        re.fullmatch(r'"(?:\$\{KIT\}|\$\(dirname "\$\{BASH_SOURCE\[0\]\}"\))/lib/([a-z-]+\.sh)"', line)
        for line in sourced
    ]
    assert all(parts), sourced
    files = [ROOT / "deploy/lib" / part[1] for part in parts if part]
    assert [file.name for file in files if not file.is_file() or os.access(file, os.X_OK)] == []


def test_no_script_holds_a_program_in_another_language() -> None:
    scripts = [ROOT / ".ci" / "run", *(ROOT / "deploy").rglob("*.sh"), *(ROOT / "tests").rglob("*.sh")]
    inline = re.compile(r"python[0-9.]*\}?\"? (?:-\w+ )*-c\b")
    assert [script.name for script in scripts if inline.search(script.read_text())] == []


def test_python_is_reached_by_one_command() -> None:
    """Apart from what the user's handlers and the function itself say of themselves."""
    text = "".join(script.read_text() for script in (*OWN, *SOURCED))
    modules, files = re.findall(r"python3? -m ([\w.]+)", text), re.findall(r"python3? (\S+\.py)\b", text)
    assert {module for module in modules if not module.startswith("fulfillment")} == {"deploy.tool", "handlers", "venv"}
    assert [file for file in files if "/fulfillment/" not in file] == []


def test_every_call_of_the_tool_names_what_it_has() -> None:
    calls = {call for script in (*OWN, *SOURCED) for call in OF_TOOL.findall(script.read_text())}
    assert {subject for subject, _ in calls} == set(SUBJECTS)
    for subject, command in calls:
        known = import_module(f"deploy.tool.{subject}").COMMANDS
        assert command in known or command.startswith('"$'), f"{subject} {command}"


def test_the_host_of_a_region_is_written_once() -> None:
    text = "".join(script.read_text() for script in (*OWN, *SOURCED))
    assert len(re.findall(r"https://\S*dialogflow\.googleapis\.com", text)) == 1


@pytest.mark.parametrize("script", ["deploy.sh", "link.sh"])
def test_a_script_finds_its_help_from_wherever_it_is_run(script: str, tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "PROJECT_ID": "my-shop-123", "REGION": "europe-west1"}
    ran = subprocess.run(
        ["bash", script, "--plan", "--bogus"],
        cwd=ROOT / "deploy",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "unknown argument: --bogus" in ran.stderr
    assert f"./deploy/{script}" in ran.stdout
    assert "sed:" not in ran.stderr


STEPS = (
    "enable-apis",
    "runtime-account",
    "firestore",
    "secrets",
    "function",
    "service-identity",
    "grant-invoker",
    "link",
    "alerts",
)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_is_a_script_of_its_own(step: str) -> None:
    assert f"{step}.sh" in NAMES


@pytest.mark.parametrize(
    ("version", "is_told"), [("3.10.12", True), ("2.7.18", True), ("3.11.0rc1", False), ("3.20.1", False)]
)
def test_a_python_that_is_too_old_is_told_before_any_call(tmp_path: Path, version: str, is_told: bool) -> None:
    python = tmp_path / "python3"
    # Like Python it reads what it is given: who writes to it must not find a closed pipe.
    python.write_text(f'#!/bin/sh\n[ "$1" = --version ] || cat >/dev/null\necho Python {version}\n')
    python.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PROJECT_ID": "my-shop-123",
        "REGION": "europe-west1",
    }
    ran = subprocess.run(
        [ROOT / "deploy/enable-apis.sh", "--plan"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    says = f"python3 is Python {version}; the kit needs Python 3.11 or newer"
    assert (ran.returncode, says in ran.stderr) == ((2, True) if is_told else (0, False)), ran.stderr
