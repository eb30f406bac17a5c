"""`discover` finds every marked function of a package, however its files lie."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fulfillment import discover
from fulfillment.problems import SetupError

HELLO = """
from fulfillment import on

@on.intent("{name}")
def hello():
    return "Hi"
"""
_numbers = itertools.count()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], str]]:
    """Writes files into a package that nobody has imported yet, and returns its name."""
    name = f"some_handlers_{next(_numbers)}"
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(files: dict[str, str]) -> str:
        for path, text in {"__init__.py": "", **files}.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return name

    yield write
    for module in [known for known in sys.modules if known.partition(".")[0] == name]:
        del sys.modules[module]


def _intents(package_name: str) -> list[str]:
    return [mark.name for mark, _ in discover(package_name).table()]


def test_every_module_is_found(package: Callable[[dict[str, str]], str]) -> None:
    files = {
        "a.py": HELLO.format(name="a"),
        "b_2.py": HELLO.format(name="b"),
        "orders/__init__.py": HELLO.format(name="package"),
        "orders/check.py": HELLO.format(name="check"),
        "orders/deep/er/cancel.py": HELLO.format(name="cancel"),
        "no_init/c.py": HELLO.format(name="no init"),
        "texts/en.toml": "",
        "__pycache__/x.py": "raise SystemExit",
    }

    assert _intents(package(files)) == ["a", "b", "cancel", "check", "no init", "package"]


def test_handlers_may_stand_in_the_package_itself(package: Callable[[dict[str, str]], str]) -> None:
    text = HELLO.format(name="own") + "from fulfillment import discover\nroutes = discover(__name__)\n"

    assert _intents(package({"__init__.py": text, "a.py": HELLO.format(name="a")})) == ["a", "own"]


def test_a_handler_that_another_module_imports_is_one(package: Callable[[dict[str, str]], str]) -> None:
    files = {"a.py": HELLO.format(name="a"), "b.py": "from .a import hello\nagain = hello"}

    assert _intents(package(files)) == ["a"]


def test_the_command_of_the_package_is_not_run(package: Callable[[dict[str, str]], str]) -> None:
    assert _intents(package({"__main__.py": "raise SystemExit(1)", "a.py": HELLO.format(name="a")})) == ["a"]


def test_things_that_are_no_handlers_are_passed_over(package: Callable[[dict[str, str]], str]) -> None:
    text = "import flask, json, types\nfrom flask import request, g\nNUMBER = 5\nclass Thing: pass\nthing = Thing()\n"

    assert _intents(package({"a.py": text})) == []


def test_an_empty_package_has_no_routes(package: Callable[[dict[str, str]], str]) -> None:
    assert _intents(package({})) == []


def test_two_handlers_of_one_name_in_two_files_stop_the_start(package: Callable[[dict[str, str]], str]) -> None:
    name = package({"a.py": HELLO.format(name="same"), "b.py": HELLO.format(name="same")})

    with pytest.raises(SetupError) as refused:
        discover(name)

    assert f"{name}.a.hello (" in str(refused.value)
    assert f"{name}/a.py:4) and {name}.b.hello" in str(refused.value)
    assert f"{name}/b.py:4)" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("def broken(:\n", SyntaxError),
        ("import no_such_module_anywhere\n", ModuleNotFoundError),
        ("from fulfillment import Cards\n", ImportError),
        ("1 / 0\n", ZeroDivisionError),
    ],
)
def test_a_broken_module_stops_the_start_with_its_own_error(
    text: str, error: type[Exception], package: Callable[[dict[str, str]], str]
) -> None:
    name = package({"a.py": HELLO.format(name="a"), "broken.py": text})

    with pytest.raises(error):
        discover(name)


def test_a_variable_that_a_module_needs_and_nobody_has_set_is_told(
    package: Callable[[dict[str, str]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAY_URL", raising=False)
    name = package({"pay.py": "import os\n\nURL = os.environ['PAY_URL']\n"})

    with pytest.raises(SetupError, match=r"pay\.py:3 needs the environment variable PAY_URL .*FUNCTION_ENV=PAY_URL="):
        discover(name)


def test_another_key_that_a_module_does_not_find_is_its_own_error(package: Callable[[dict[str, str]], str]) -> None:
    with pytest.raises(KeyError, match="price"):
        discover(package({"pay.py": "PRICE = {}['price']\n"}))


def test_a_broken_module_in_a_folder_is_not_passed_over(package: Callable[[dict[str, str]], str]) -> None:
    name = package({"orders/__init__.py": "import no_such_module_anywhere\n"})

    with pytest.raises(ModuleNotFoundError):
        discover(name)


@pytest.mark.parametrize("second", ["a", "b"])
def test_a_handler_that_another_of_the_same_function_name_replaces_is_told(
    second: str, package: Callable[[dict[str, str]], str]
) -> None:
    with pytest.raises(SetupError, match=r"hello \(.*orders\.py:4\) and hello \(.*orders\.py:10\)\. Rename one"):
        discover(package({"orders.py": HELLO.format(name="a") + HELLO.format(name=second)}))


def test_functions_of_one_name_in_two_modules_are_two_handlers(package: Callable[[dict[str, str]], str]) -> None:
    files = {"a.py": HELLO.format(name="a"), "b.py": f"from .a import hello\n{HELLO.format(name='b')}"}
    assert _intents(package(files)) == ["a", "b"]
