"""python3 -m deploy.tool: what the scripts ask Python for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
from bench import ROOT

from deploy.tool.__main__ import SUBJECTS


def tool(*arguments: str, stdin: str = "", options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, "-m", "deploy.tool", *arguments]
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False)


def test_every_file_of_the_folder_is_a_subject() -> None:
    folder = ROOT / "deploy" / "tool"
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert names - {"__init__", "__main__"} == set(SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_tells_each_of_its_commands(subject: str) -> None:
    told = tool(subject)
    assert told.returncode == 2
    for command in import_module(f"deploy.tool.{subject}").COMMANDS:
        assert f"\n{subject} {command}" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Subjects: calls, cx, "),
        (("secrets",), "Subjects: calls, cx, "),
        (("secret", "open"), "secret number "),
        (("secret", "same"), "secret same FILE"),
        (("operation", "name", "more"), "operation name "),
    ],
)
def test_a_wrong_command_is_told_what_there_is(arguments: tuple[str, ...], says: str) -> None:
    ran = tool(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr


def test_a_command_reads_standard_input_and_prints_its_result() -> None:
    ran = tool("operation", "name", stdin='{"name": "operations/1", "done": false}')
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "operations/1\n", "")


def test_a_no_is_the_exit_code() -> None:
    same = tool("monitoring", "same", str(ROOT / "deploy/monitoring/calls.metric.json"), stdin="{}")
    assert (same.returncode, same.stdout, same.stderr) == (1, "", "")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_it_needs_nothing_but_pythons_own_library(subject: str) -> None:
    ran = tool(subject, options=("-S",))
    assert ran.returncode == 2
    assert "Error" not in ran.stderr
