"""What the kit's own tests take for shipped, and what for the user's."""

from __future__ import annotations

import json
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


def of_the_shop(tree: Path) -> tuple[set[str], str]:
    """Return the files of tests/shop that would run, and all that pytest says."""
    asked = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "tests/shop"]
    ran = subprocess.run(asked, cwd=tree, capture_output=True, text=True, check=False)
    return {line.partition("::")[0] for line in ran.stdout.splitlines() if "::" in line}, ran.stdout


needs_the_shop = pytest.mark.skipif(
    shipped.changed() != [] or "table_full" not in shipped.handlers(), reason="the samples are not there"
)


@needs_the_shop
def test_a_handler_whose_name_begins_like_a_removed_sample_is_not_tested_in_its_place(tree: Path) -> None:
    for name in ("book_table", "table_full"):
        (tree / "handlers" / f"{name}.py").unlink()
    (tree / "handlers" / "book.py").write_text("")
    files, _ = of_the_shop(tree)
    assert "tests/shop/test_welcome.py" in files
    assert [file for file in files if "book" in file] == []


@needs_the_shop
def test_what_leads_to_a_changed_sample_is_not_tested(tree: Path) -> None:
    with (tree / "handlers" / "table_full.py").open("a") as file:
        file.write("# mine\n")
    files, said = of_the_shop(tree)
    assert [file for file in files if "book" in file or "table" in file] == []
    assert "handlers/book_table.py, or what it imports or leads to, is no longer the sample" in said


@needs_the_shop
def test_a_sample_that_is_kept_with_its_tests_is_tested_and_a_test_of_no_handler_is_told(tree: Path) -> None:
    with (tree / "handlers" / "welcome.py").open("a") as file:
        file.write("# mine\n")
    listed = tree / "tests" / "kit" / "shipped.sha256"
    kept = [line for line in listed.read_text().splitlines(keepends=True) if "welcome" not in line]
    listed.write_text("".join(kept))
    (tree / "tests" / "shop" / "test_of_mine.py").write_text("def test_mine():\n    assert True\n")
    files, said = of_the_shop(tree)
    assert "tests/shop/test_welcome.py" in files
    assert "tests/shop/test_of_mine.py was left out: it is named after no handler" in said


@needs_the_shop
def test_removed_samples_take_their_own_tests_along_and_no_others(tree: Path) -> None:
    with (tree / "handlers" / "welcome.py").open("a") as file:
        file.write("# mine\n")
    (tree / "tests" / "shop" / "test_of_mine.py").touch()
    subprocess.run([sys.executable, "-m", "tests.kit.shipped", "--remove"], cwd=tree, capture_output=True, check=True)
    left = {file.name for file in (tree / "tests" / "shop").glob("test_*.py")}
    assert left == {"test_welcome.py", "test_of_mine.py"}


@needs_the_shop
@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("mine.py", "from .check_inventory import check_inventory"),
        ("mine.py", "from handlers.check_inventory import check_inventory"),
        ("mine.py", "import handlers.check_inventory"),
        ("mine.py", "from handlers import check_inventory, routes"),
        ("mine.py", "from . import (\n    check_inventory,\n)"),
        ("deep/mine.py", "from ..check_inventory import check_inventory"),
    ],
)
def test_a_sample_that_a_handler_of_yours_imports_stays(tree: Path, file: str, line: str) -> None:
    mine = tree / "handlers" / file
    mine.parent.mkdir(exist_ok=True)
    mine.write_text(line + "\n")
    subprocess.run([sys.executable, "-m", "tests.kit.shipped", "--remove"], cwd=tree, capture_output=True, check=True)
    assert {path.name for path in (tree / "handlers").glob("*.py")} - {"__init__.py", "__main__.py", "mine.py"} == {
        "check_inventory.py"
    }
