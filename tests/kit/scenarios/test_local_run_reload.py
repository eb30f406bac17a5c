"""./deploy/local.sh takes over what changes: checked first, without a refused call, and the old function as a net."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fulfillment.testing import es_request
from tests.kit.functions import ROOT, running

from .conftest import copy_of_the_tree, kit_with
from .local_run import LocalRun

HANDLER = '''"""A test's own handler."""

import time

from fulfillment import Reply, on


@on.intent("greet")
def greet(seconds: float = 0) -> Reply:
    time.sleep(seconds)
    return Reply("one")
'''
READY_AGAIN = r"^.*: started anew, ready again after \d+\.\d s\.$"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[LocalRun]:
    """A local run in a tree of its own with one handler."""
    tree = copy_of_the_tree(tmp_path)
    for file in (tree / "handlers").glob("*.py"):
        if not file.name.startswith("__"):
            file.unlink()
    shutil.rmtree(tree / "handlers" / "texts", ignore_errors=True)
    handler_of(tree).write_text(HANDLER)
    run = LocalRun(tmp_path, tree)
    try:
        run.wait_until_ready()
        yield run
    finally:
        run.end()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def handler_of(tree: Path) -> Path:
    return tree / "handlers" / "greet.py"


def ask(run: LocalRun, intent: str = "greet", **parameters: Any) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=20)
    try:
        connection.request(
            "POST", "/", json.dumps(es_request(intent, parameters)), {"content-type": "application/json"}
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()).get("fulfillmentText", "")
    finally:
        connection.close()


def processes_in(folder: Path) -> list[int]:
    """Return the processes that work in that folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder and (process / "stat").read_text().split()[2] != "Z":
                found.append(int(process.name))
        except OSError:
            continue
    return found


def wait_until_gone(folder: Path, seconds: float = 20) -> list[int]:
    ends_at = time.monotonic() + seconds
    while (left := processes_in(folder)) and time.monotonic() < ends_at:
        time.sleep(0.05)
    return left


def test_a_change_is_taken_over_with_no_call_refused(run: LocalRun, tree: Path) -> None:
    answers: list[tuple[int, str]] = []
    faults: list[Exception] = []
    over = threading.Event()

    def call_all_the_time() -> None:
        while not over.is_set():
            try:
                answers.append(ask(run))
            except (OSError, http.client.HTTPException, ValueError) as error:
                faults.append(error)

    callers = [threading.Thread(target=call_all_the_time) for _ in range(3)]
    for caller in callers:
        caller.start()
    handler_of(tree).write_text(HANDLER.replace('"one"', '"two"'))
    told = run.wait_for(READY_AGAIN)
    time.sleep(1)  # the old function ends meanwhile
    over.set()
    for caller in callers:
        caller.join()
    assert told.startswith("handlers/greet.py changed: started anew")
    assert faults == []
    assert {status for status, _ in answers} == {200}
    assert answers[0][1] == "one"
    assert answers[-1][1] == "two"


def test_a_call_under_way_is_answered_by_the_old_function(run: LocalRun, tree: Path) -> None:
    answers: list[tuple[int, str]] = []
    caller = threading.Thread(target=lambda: answers.append(ask(run, seconds=4.0)))
    handler_of(tree).write_text(HANDLER.replace('"one"', '"two"'))
    caller.start()
    run.wait_for(READY_AGAIN)
    assert caller.is_alive()
    caller.join()
    assert answers == [(200, "one")]
    assert ask(run) == (200, "two")


def test_quick_edits_of_one_size_are_each_taken_over(run: LocalRun, tree: Path) -> None:
    for number, word in enumerate(("two", "six", "ten"), 1):
        handler_of(tree).write_text(HANDLER.replace('"one"', f'"{word}"'))
        stamp = 1_700_000_000 * 10**9 + number  # within one second, as far as Python's compiled files know
        os.utime(handler_of(tree), ns=(stamp, stamp))
        run.wait_for(READY_AGAIN, times=number)
        assert ask(run) == (200, word)


def test_new_files_and_texts_are_taken_over_and_gone_ones_are_let_go(run: LocalRun, tree: Path) -> None:
    folder = tree / "handlers" / "more"
    folder.mkdir()
    (folder / "second.py").write_text(
        "from fulfillment import on, texts\n\n\n@on.intent('second')\ndef second() -> str:\n    return texts('hi')\n"
    )
    (tree / "handlers" / "texts").mkdir()
    (tree / "handlers" / "texts" / "en.toml").write_text("hi = 'Hi'")
    told = run.wait_for(READY_AGAIN)
    assert told.startswith("handlers/more/second.py is new, handlers/texts/en.toml is new: started anew")
    assert ask(run, "second") == (200, "Hi")

    (tree / "handlers" / "texts" / "en.toml").write_text("hi = 'Hello'")
    run.wait_for(READY_AGAIN, times=2)
    assert ask(run, "second") == (200, "Hello")

    (folder / "second.py").unlink()
    assert run.wait_for(READY_AGAIN, times=3).startswith("handlers/more/second.py is gone: started anew")
    assert ask(run, "second")[0] == 404


BROKEN = {
    "a syntax error": ("handlers/greet.py", "def x(:\n", "SyntaxError"),
    "a bad handler": (
        "handlers/bad.py",
        "from fulfillment import on\n\n\n@on.intent('b')\nasync def b() -> str:\n    return ''\n",
        "expected a plain 'def'",
    ),
    "a broken text": ("handlers/texts/de.toml", "x = [", "is not valid TOML"),
    "a broken entry point": ("main.py", "raise ValueError('not like this')\n", "ValueError: not like this"),
    "a package that is missing": ("handlers/bad.py", "import not_installed_at_all\n", "not_installed_at_all"),
}


def test_a_broken_file_leaves_the_old_function_running(run: LocalRun, tree: Path) -> None:
    for number, (name, text, told) in enumerate(BROKEN.values(), 1):
        before = (tree / name).read_text() if (tree / name).exists() else None
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text(text)
        run.wait_for(r"The function runs on as it was\. The next change is tried again\.", times=number)
        assert told in run.said()
        assert ask(run) == (200, "one")
        if before is None:
            (tree / name).unlink()
        else:
            (tree / name).write_text(before)
        run.wait_for(READY_AGAIN, times=number)
    assert ask(run) == (200, "one")


def test_a_broken_file_is_told_once_and_not_at_every_look(run: LocalRun, tree: Path) -> None:
    handler_of(tree).write_text("def x(:\n")
    run.wait_for("The function runs on as it was")
    time.sleep(1.5)
    assert run.said().count("runs on as it was") == 1


def test_changed_documents_are_told_and_the_function_runs_on(run: LocalRun, tree: Path) -> None:
    function = [pid for pid in processes_in(tree) if pid != run.process.pid]
    (tree / "deploy" / "data").mkdir(exist_ok=True)
    (tree / "deploy" / "data" / "things.json").write_text("{}")
    run.wait_for(r"^deploy/data/things\.json is new: documents are loaded at the start only, by \./deploy/local\.sh\.$")
    assert ask(run) == (200, "one")
    assert [pid for pid in processes_in(tree) if pid != run.process.pid] == function


def test_what_editors_and_python_leave_behind_starts_nothing(run: LocalRun, tree: Path) -> None:
    for name in (".greet.py.swp", "greet.py~", "#greet.py#", "4913", "__pycache__/x.pyc", ".hidden/x.py"):
        file = tree / "handlers" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("x = (")
    (tree / "README.md").write_text("x")
    time.sleep(2)
    assert "changed" not in run.said()
    assert "is new" not in run.said()


def test_a_function_that_dies_after_a_change_is_told_and_comes_back_with_the_next(run: LocalRun, tree: Path) -> None:
    handler_of(tree).write_text(HANDLER.replace('"one"', '"two"'))
    run.wait_for(READY_AGAIN)
    ends_at = time.monotonic() + 20
    while len(masters := masters_of(run, tree)) > 1 and time.monotonic() < ends_at:  # the old one ends meanwhile
        time.sleep(0.05)
    (master,) = masters
    os.killpg(master, signal.SIGKILL)
    run.wait_for(r"^The function ended by itself, with status -9\.\n.*anew when a file changes")
    with pytest.raises(ConnectionRefusedError):
        ask(run)
    handler_of(tree).write_text("def x(:\n")
    run.wait_for(r"The function does not run\. The next change is tried again\.")
    handler_of(tree).write_text(HANDLER.replace('"one"', '"three"'))
    run.wait_for(READY_AGAIN, times=2)
    assert ask(run) == (200, "three")


def masters_of(run: LocalRun, tree: Path) -> list[int]:
    return [pid for pid in processes_in(tree) if parent_of(pid) == run.process.pid]


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_function_that_dies_before_any_change_ends_it_with_status_1(run: LocalRun, tree: Path) -> None:
    (master,) = masters_of(run, tree)
    os.killpg(master, signal.SIGKILL)
    assert run.process.wait(timeout=20) == 1
    assert "The function ended by itself, with status -9." in run.said()
    assert wait_until_gone(tree) == []


IN_THE_MIDDLE = "in the middle of a change"


def test_a_second_ctrl_c_ends_it_without_waiting_for_the_call_under_way(run: LocalRun, tree: Path) -> None:
    answers: list[object] = []

    def call() -> None:
        try:
            answers.append(ask(run, seconds=4.0))
        except (OSError, http.client.HTTPException) as error:
            answers.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    time.sleep(0.5)  # it is under way
    os.kill(run.process.pid, signal.SIGINT)
    run.wait_for("Ending the function and its Firestore")
    os.kill(run.process.pid, signal.SIGINT)
    os.kill(run.process.pid, signal.SIGINT)
    assert run.process.wait(timeout=20) == 0
    caller.join()
    assert isinstance(answers[0], Exception), "nobody waited for the answer"
    assert "Traceback" not in run.said()
    assert wait_until_gone(tree) == []


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGINT, IN_THE_MIDDLE),
        (signal.SIGTERM, IN_THE_MIDDLE),
        (signal.SIGKILL, IN_THE_MIDDLE),
        (signal.SIGKILL, "after a change"),
    ],
    ids=["Ctrl-C", "TERM", "KILL", "KILL-after"],
)
def test_nothing_is_left_behind(number: int, moment: str, run: LocalRun, tree: Path) -> None:
    handler_of(tree).write_text(HANDLER.replace('"one"', '"two"'))
    if moment != IN_THE_MIDDLE:
        run.wait_for(READY_AGAIN)
    else:
        before = processes_in(tree)
        while processes_in(tree) == before:
            time.sleep(0.01)
    if number == signal.SIGKILL:
        os.kill(run.process.pid, number)
        run.process.wait()
    else:
        assert run.end(number) == 0
    assert wait_until_gone(tree) == []


@pytest.mark.long
def test_a_changed_requirement_is_installed_and_one_that_cannot_be_leaves_the_old_function(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    handler_of(tree).write_text(HANDLER)
    an_environment_that_has_everything(tree)
    run = LocalRun(tmp_path, tree, installs=True)
    try:
        run.wait_until_ready()
        requirements = (tree / "requirements.txt").read_text()
        (tree / "requirements.txt").write_text(requirements + "./not-there-1.0-py3-none-any.whl\n")
        run.wait_for(r"requirements\.txt changed: it could not be installed; what pip said stands above\.")
        assert "not-there-1.0-py3-none-any.whl" in run.said()
        assert ask(run) == (200, "one")

        wheel_of_a_module(tree, "tiny_module", "WORD = 'installed'")
        handler_of(tree).write_text(
            HANDLER.replace('"one"', "tiny_module.WORD").replace("time\n", "time\n\nimport tiny_module\n", 1)
        )
        (tree / "requirements.txt").write_text(requirements + "./tiny_module-1.0-py3-none-any.whl\n")
        run.wait_for(READY_AGAIN)
        assert ask(run) == (200, "installed")
    finally:
        run.end()


def an_environment_that_has_everything(tree: Path) -> None:
    """Make .venv, which finds what this test's own environment has: nothing is fetched."""
    import site
    import venv

    venv.create(tree / ".venv", with_pip=True)
    (packages,) = (tree / ".venv").glob("lib/python*/site-packages")
    (packages / "all.pth").write_text("\n".join(site.getsitepackages()))


def wheel_of_a_module(folder: Path, name: str, text: str) -> None:
    import zipfile

    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", text)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_without_a_restart_the_log_says_that_the_file_is_newer(tmp_path: Path) -> None:
    handlers = tmp_path / "own"
    handlers.mkdir()
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(ROOT / "handlers" / name, handlers)
    (tmp_path / "tree").mkdir()
    tree = kit_with(handlers, tmp_path / "tree")
    with running(tree) as function:
        (tree / "handlers" / "greet.py").write_text(HANDLER)
        assert function.call(es_request("greet"))[0] == 404
        (line,) = [line for line in function.lines() if line.get("event") == "call"]
    assert "handlers/greet.py is newer than the start of this function: start it anew" in line["detail"]
    assert line["cause"] == "no-handler"
