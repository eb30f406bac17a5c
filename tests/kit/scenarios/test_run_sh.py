"""tests/run.sh: which parts it runs, in which order, and what it passes on. Stand-ins take the tools' part."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kit.functions import ROOT

TOOLS = ("python", "ruff", "mypy", "shfmt", "shellcheck", "pytest")
STAND_IN = """#!/bin/bash
printf '%s\\n' "${0##*/} $*" >>did
case "$*" in
  *--kit) echo tests/kit/unit ;;
  *--yours) printf '%s\\n' tests/shop 'tests/test mine.py' ;;
esac
[[ -z "${FAILS:-}" || "${0##*/} $*" != *${FAILS}* ]]
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "tests/run.sh",
        "tests/kit/other-pythons.sh",
        "deploy/local/venv.sh",
        *(f".venv/bin/{tool}" for tool in TOOLS),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(STAND_IN)
        (tmp_path / name).chmod(0o755)
    shutil.copy(ROOT / "tests/run.sh", tmp_path / "tests")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def did(tree: Path, *arguments: str, **environment: str) -> tuple[int, list[str], str]:
    """Return the exit status, the commands that it ran (but for the questions it asked), and what it said."""
    (tree / "did").write_text("")
    ran = subprocess.run(
        ["tests/run.sh", *arguments],
        cwd=tree,
        env={"PATH": f"{os.environ['PATH']}:{os.defpath}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    commands = (tree / "did").read_text().splitlines()
    return ran.returncode, [command for command in commands if "tests.kit.shipped" not in command], ran.stdout


def asks_pytest(command: str, arguments: str = "") -> bool:
    return command.startswith("python -m pytest") and command.endswith(arguments)


def parts(said: str) -> list[str]:
    return [line[3:] for line in said.splitlines() if line.startswith("== ")]


def test_arguments_go_to_pytest_and_nothing_else_runs(tree: Path) -> None:
    code, commands, _ = did(tree, "tests/shop", "-k", "order")
    assert (code, commands[0], len(commands)) == (0, "venv.sh tests/requirements.txt", 2)
    assert asks_pytest(commands[1], "tests/shop -k order")


def test_the_whole_says_which_part_it_is_at(tree: Path) -> None:
    code, commands, said = did(tree)
    assert code == 0
    assert parts(said) == [
        "format",
        "lint",
        "shell scripts: format",
        "shell scripts: lint",
        "requirements",
        "types",
        "tests",
    ]
    assert asks_pytest(commands[-1])
    assert "python -m deploy.local.requirements --all" in commands


def test_the_whole_does_not_begin_the_tests_when_a_quick_check_failed(tree: Path) -> None:
    code, commands, said = did(tree, FAILS="ruff format")
    assert code == 1
    assert parts(said)[-2:] == ["types", "failed"]
    assert "  format: .venv/bin/ruff format ." in said
    assert not [command for command in commands if "pytest" in command]


def test_long_goes_to_pytest_and_to_the_other_pythons(tree: Path) -> None:
    code, commands, said = did(tree, "--long")
    assert (code, commands[-1]) == (0, "other-pythons.sh ")
    assert asks_pytest(commands[-2], "--long")
    assert parts(said)[-1] == "other Pythons"
    assert asks_pytest(did(tree, "--long", "tests/kit/unit")[1][-1], "--long tests/kit/unit")


def test_tests_that_failed_are_the_exit_status_and_the_other_pythons_still_run(tree: Path) -> None:
    code, commands, _ = did(tree, "--long", FAILS="pytest")
    assert (code, commands[-1]) == (1, "other-pythons.sh ")


def test_mine_takes_what_is_the_users_and_leaves_the_kits_tests_out(tree: Path) -> None:
    code, commands, said = did(tree, "--mine", "-k", "order")
    assert code == 0
    assert "ruff format --check handlers tests/shop tests/test mine.py" in commands
    assert [command for command in commands if asks_pytest(command, "--ignore=tests/kit/unit -k order")]
    assert parts(said)[:-1] == ["format", "lint", "handlers", "requirements", "tests", "types"]


@pytest.mark.parametrize("fails", ["ruff format", "ruff check", "mypy", "handlers", "requirements", "pytest"])
def test_mine_goes_on_when_a_part_failed_and_says_so_at_the_end(tree: Path, fails: str) -> None:
    code, _, said = did(tree, "--mine", FAILS=fails)
    assert code == 1
    assert parts(said)[-2:] == ["types", "failed"]


def test_mine_uses_what_is_installed_when_the_installation_failed(tree: Path) -> None:
    (tree / "deploy/local/venv.sh").write_text("#!/bin/bash\nexit 1\n")
    code, commands, said = did(tree, "--mine")
    assert code == 1
    assert "  installation: the end of requirements.txt" in said
    assert [command for command in commands if asks_pytest(command, "--ignore=tests/kit/unit")]
    assert "requirements" not in parts(said)
    assert did(tree)[1] == []


def test_it_runs_from_anywhere_and_tells_how_to_use_it(tree: Path) -> None:
    elsewhere = tree / "elsewhere"
    elsewhere.mkdir()
    asked = subprocess.run(
        [tree / "tests/run.sh", "--help"],
        cwd=elsewhere,
        env={"CDPATH": "/tmp", **os.environ},
        capture_output=True,
        text=True,
    )
    assert asked.returncode == 0
    assert asked.stdout.startswith("Runs the tests:\n")
    assert "--mine" in asked.stdout
    assert not (elsewhere / "did").exists()
