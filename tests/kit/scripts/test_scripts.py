"""The scripts as text: lint, form, help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from bench import ROOT

BIN = Path(sys.executable).parent
OWN = sorted(p for p in (ROOT / "deploy").glob("*.sh") if p.name != "local.sh")
SOURCED = sorted((ROOT / "deploy" / "lib").glob("*.sh"))
NAMES = [p.name for p in OWN]


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
    assert len(text.splitlines()) <= 320


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
