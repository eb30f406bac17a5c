"""The machinery of a run of tests: what its processes share, and what is left out unless --long is given."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace

import pytest

from tests.kit import parallel
from tests.kit.functions import ROOT
from tests.kit.parallel import PORTS, alone, free_port, once_for_all


def pytest_says(*arguments: str) -> list[str]:
    """The lines of a run of pytest of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "FIRESTORE"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.splitlines()


LEFT_OUT = "{} long tests were left out; ./tests/run.sh --long runs them too."


def test_long_tests_are_left_out_and_counted_in_one_line() -> None:
    random = ("--collect-only", "tests/kit/contract/firestore/test_firestore_random.py")
    without, with_long = pytest_says(*random), pytest_says(*random, "--long")
    always, all_of_them = ({line for line in said if "::" in line} for said in (without, with_long))
    assert always < all_of_them
    assert [line for line in without if "left out" in line] == [LEFT_OUT.format(len(all_of_them) - len(always))]
    assert not [line for line in with_long if "left out" in line]


def test_of_several_processes_they_are_counted_once() -> None:
    said = pytest_says("-n2", "--dist=worksteal", "tests/kit/scripts/test_scripts.py", "-k", "every_step or shellcheck")
    assert [line for line in said if "left out" in line] == [LEFT_OUT.format(1)]
    assert [line for line in said if " passed" in line]


def test_the_processes_of_a_run_make_a_thing_once(pytestconfig: pytest.Config) -> None:
    made: list[int] = []
    together = Barrier(8)

    def make() -> dict[str, int]:
        made.append(1)
        return {"number": len(made)}

    def one(name: str) -> dict[str, int]:
        together.wait(10)
        return once_for_all(pytestconfig, name, make)

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(one, [f"thing-{uuid.uuid4().hex}"] * 8))
    assert got == [{"number": 1}] * 8
    assert len({id(thing) for thing in got}) == 8, "everybody has a copy to change"


def test_what_could_not_be_made_is_tried_again_by_the_next(pytestconfig: pytest.Config) -> None:
    name = f"thing-{uuid.uuid4().hex}"
    with pytest.raises(ZeroDivisionError):
        once_for_all(pytestconfig, name, lambda: 1 // 0)
    assert once_for_all(pytestconfig, name, lambda: "made") == "made"


def test_one_at_a_time_is_in_a_block_of_a_name(tmp_path: Path) -> None:
    inside: list[int] = []

    def enter(_: int) -> int:
        with alone(tmp_path, "block"):
            inside.append(1)
            seen = len(inside)
            inside.pop()
            return seen

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(enter, range(100))) == {1}


def test_each_process_has_ports_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[set[int]] = []
    for worker in ("gw0", "gw1", "gw15"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        ports.append({free_port() for _ in range(50)})
    assert all(port in PORTS for port in set().union(*ports))
    assert not ports[0] & ports[1]
    assert not ports[1] & ports[2]


def test_a_single_file_runs_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    file = f"{__file__}::test_a_single_file_runs_in_one_process"
    asked = [parallel.processes(SimpleNamespace(args=args)) for args in ([file], ["tests"], [file, file])]  # type: ignore[arg-type]
    assert asked == [0, 3, 3]
