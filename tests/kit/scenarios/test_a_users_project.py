"""A user's own project: every handler needs a variable that is not set, and asks a service that costs money."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.kit.projects import copy_of_the_tree, files_that_could_notice, git, lend_environment, run

# The names are those of samples: what counts is that the files are not.
HANDLERS = {
    "welcome": '@on.intent("Default Welcome Intent")\ndef welcome() -> str:',
    "fallback": '@on.fallback\n@on.intent("Default Fallback Intent")\ndef fallback() -> str:',
    "check_order": '@on.intent("check_order")\n@on.tag("check_order")\ndef check_order(order_id: str = "") -> str:',
    "book_table": '@on.intent("book_table", slot_filling=True)\n@on.event("book_table")\ndef book_table(guests: int | None) -> str:',
    "a_first": '@on.intent("a first intent")\n@on.action("input.welcome")\ndef a_first(amount: float = 1.0) -> str:',
    "stock_route": '@on.route("/stock", methods=["GET", "POST"])\ndef stock() -> str:',
}
HANDLER = '''"""One of mine."""

import os

from fulfillment import on, outside


{head}
    outside.post("{url}/charges", json={{"amount": 1}})
    return os.environ["PAY_URL"]
'''
MY_TEST = """from handlers import routes


def test_my_intents_have_handlers():
    assert {"check_order", "a first intent"} <= {mark.name for mark, _ in routes.table()}
"""


@pytest.fixture
def charges() -> Iterator[tuple[str, list[str]]]:
    """A payment service on this machine: its URL, and the calls that it got."""
    calls: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            calls.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    thread.join()
    server.server_close()


def write_handlers(tree: Path, url: str) -> None:
    for name, head in HANDLERS.items():
        (tree / "handlers" / f"{name}.py").write_text(HANDLER.format(head=head, url=url))


@pytest.fixture
def project(tmp_path: Path, charges: tuple[str, list[str]]) -> Path:
    """The kit with the samples removed and a user's handlers and tests in their place."""
    tree = copy_of_the_tree(tmp_path)
    lend_environment(tree)
    assert run(tree, ".venv/bin/python", "-m", "tests.kit.shipped", "--remove").returncode == 0
    write_handlers(tree, charges[0])
    (tree / "tests" / "test_mine.py").write_text(MY_TEST)
    git(tree, "init", "-q")
    return tree


def test_a_handler_of_this_project_does_call_the_service(project: Path, charges: tuple[str, list[str]]) -> None:
    call = "from handlers.a_first import a_first; a_first()"
    assert "KeyError: 'PAY_URL'" in run(project, sys.executable, "-c", call).stderr
    assert charges[1] == ["/charges"]


def test_its_own_check_passes_and_calls_no_handler(project: Path, charges: tuple[str, list[str]]) -> None:
    checked = run(project, "./tests/run.sh", "--mine")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "1 passed" in checked.stdout
    assert charges[1] == []


@pytest.mark.long
def test_the_kits_tests_pass_and_call_no_handler(project: Path, charges: tuple[str, list[str]]) -> None:
    functions = ("scenarios/test_readme.py", "scenarios/test_local_run.py", "chaos/test_stall.py")
    files = [*files_that_could_notice(project), *(f"tests/kit/{name}" for name in functions)]
    chosen = ("-k", "not local_run or curl")
    tested = run(project, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *chosen, *files)
    assert tested.returncode == 0, tested.stdout[-5000:] + tested.stderr[-2000:]
    assert charges[1] == []


def test_handlers_that_took_the_place_of_samples_are_not_called_either(
    tmp_path: Path, charges: tuple[str, list[str]]
) -> None:
    tree = copy_of_the_tree(tmp_path)
    lend_environment(tree)
    git(tree, "init", "-q")
    kept = {"__init__.py", "__main__.py"}
    for file in (tree / "handlers").glob("*.py"):
        if file.name not in kept:
            file.unlink()
    write_handlers(tree, charges[0])
    kits = run(
        tree,
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/shop",
        *files_that_could_notice(tree),
    )
    # One test says so: the list names files that are others by now.
    said = [line for line in kits.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    assert all("test_the_samples_are_those_of_the_list" in line for line in said), kits.stdout
    assert charges[1] == []


def test_a_handler_that_needs_a_variable_to_be_loaded_is_told_what_to_do(project: Path) -> None:
    (project / "handlers" / "pay.py").write_text('"""Mine."""\n\nimport os\n\nURL = os.environ["PAY_URL"]\n')
    (project / "tests" / "test_mine.py").unlink()
    checked = run(project, "./tests/run.sh", "--mine")
    assert checked.returncode == 1
    assert "pay.py:5 needs the environment variable PAY_URL" in checked.stdout
    assert "inside of the handler" in checked.stdout
    assert "Traceback" not in checked.stdout


WRONG = {
    "format": ("handlers/a.py", 'x = {  "a":1 }\n', ".venv/bin/ruff format handlers tests/test_mine.py"),
    "lint": ("handlers/a.py", "import os\n", ".venv/bin/ruff check --fix handlers tests/test_mine.py"),
    "types": (
        "handlers/a.py",
        'def size() -> int:\n    return "large"\n',
        "error: Incompatible return value type",
    ),
    "handlers": (
        "handlers/a.py",
        'from fulfillment import on\n\n\n@on.intent("check_order")\ndef again() -> str:\n    return "x"\n',
        "Two handlers for intent 'check_order'",
    ),
    "tests": ("tests/test_mine.py", "def test_mine():\n    assert 1 == 2\n", "assert 1 == 2"),
}


def test_all_that_is_wrong_is_told_in_one_run_with_what_mends_it(project: Path) -> None:
    missing_return = 'from fulfillment import Reply, on\n\n\n@on.intent("b")\ndef b() -> Reply:\n    Reply("x")\n'
    (project / "handlers" / "b.py").write_text(missing_return)
    for file in {file for file, _, _ in WRONG.values()}:
        (project / file).write_text("")
    for file, text, _ in WRONG.values():
        with (project / file).open("a") as sink:
            sink.write(text)
    checked = run(project, "./tests/run.sh", "--mine")
    assert checked.returncode == 1
    said, _, summary = checked.stdout.partition("== failed\n")
    assert [line.split(":")[0].strip() for line in summary.splitlines()] == [
        "format",
        "lint",
        "handlers",
        "tests",
        "types",
    ]
    for _, _, words in WRONG.values():
        assert words in checked.stdout
    assert "handlers/b.py:5: error: Missing return statement" in said


def test_a_package_that_stands_against_the_kits_is_named_and_the_rest_still_checked(project: Path) -> None:
    with (project / "requirements.txt").open("a") as file:
        file.write("flask==0.1\n")
    checked = run(project, "./tests/run.sh", "--mine", PIP_NO_INDEX="1")
    assert checked.returncode == 1
    assert "you ask for flask==0.1, and the kit pins Flask==" in checked.stderr
    assert "installation: the end of requirements.txt" in checked.stdout
    assert "1 passed" in checked.stdout
