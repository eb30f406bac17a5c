"""What the kit's own tests take for shipped, and what for the user's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit import shipped
from tests.kit.projects import copy_of_the_tree

FOUND = "import json; from tests.kit import shipped; print(json.dumps([shipped.handlers(), shipped.yours()]))"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_of_the_tree(tmp_path)


def found_in(tree: Path) -> tuple[list[str], list[str]]:
    ran = subprocess.run([sys.executable, "-c", FOUND], cwd=tree, capture_output=True, text=True, check=True)
    handlers, yours = json.loads(ran.stdout)
    return handlers, yours


def test_the_samples_are_those_of_the_list() -> None:
    assert shipped.changed() == [], (
        "These are no longer as the kit shipped them, so its tests leave them alone. If they are yours now, delete "
        "their lines in tests/kit/shipped.sha256. If the kit itself was changed: python -m tests.kit.shipped"
    )


def test_a_changed_sample_and_what_imports_it_are_the_users(tree: Path) -> None:
    before, _ = found_in(tree)
    with (tree / "handlers" / "check_inventory.py").open("a") as file:
        file.write("# mine\n")
    after, _ = found_in(tree)
    assert set(before) - set(after) == {"check_inventory", "stock_route"} & set(before)


def test_a_handler_of_the_user_is_never_loaded(tree: Path) -> None:
    (tree / "handlers" / "own.py").write_text("raise RuntimeError('loaded')\n")
    handlers, _ = found_in(tree)
    loaded = "from tests.kit import shipped; print(len(shipped.routes().handlers))"
    ran = subprocess.run([sys.executable, "-c", loaded], cwd=tree, capture_output=True, text=True, check=True)
    assert "own" not in handlers
    assert int(ran.stdout) == len(handlers)


def test_without_its_list_nothing_counts_as_shipped(tree: Path) -> None:
    (tree / "tests" / "kit" / "shipped.sha256").unlink(missing_ok=True)
    assert found_in(tree)[0] == []


def test_test_files_and_folders_that_are_not_the_kits_are_the_users(tree: Path) -> None:
    _, before = found_in(tree)
    (tree / "tests" / "mine").mkdir()
    (tree / "tests" / "test_orders.py").touch()
    assert set(found_in(tree)[1]) - set(before) == {"tests/mine", "tests/test_orders.py"}


def test_every_folder_of_the_kit_is_there() -> None:
    assert [name for name in shipped.KIT if not (shipped.ROOT / "tests" / name).is_dir()] == []


def test_a_copy_for_the_kits_tests_holds_nothing_of_the_users(tree: Path, tmp_path: Path) -> None:
    (tree / "handlers" / "own.py").write_text("raise RuntimeError('loaded')\n")
    (tree / "tests" / "test_own.py").write_text("raise RuntimeError('loaded')\n")
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    copy = (
        f"from pathlib import Path; from tests.kit.projects import *; copy_of_the_tree(Path({str(tmp_path / 'x')!r}))"
    )
    subprocess.run([sys.executable, "-c", copy], cwd=tree, check=True)
    names = {file.name for file in (tmp_path / "x").rglob("*.py")}
    assert "conftest.py" in names
    assert not names & {"own.py", "test_own.py"}


def test_every_shipped_handler_has_a_file_of_tests() -> None:
    files = {file.stem.removeprefix("test_") for file in (shipped.ROOT / shipped.SAMPLE_TESTS).glob("test_*.py")}
    assert set(shipped.handlers()) - files == set()


def test_the_samples_tests_can_be_copied_by_a_user() -> None:
    files = sorted((shipped.ROOT / shipped.SAMPLE_TESTS).glob("test_*.py"))
    assert [file.name for file in files if re.search(r"^\s*(from|import) tests\b", file.read_text(), re.M)] == []
