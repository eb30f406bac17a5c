"""What the kit ships and what is the user's: the one place that says it.

The kit's own tests call shipped handlers only, never a user's: a made-up booking would be a real one there.
`shipped.sha256` holds the samples as they were shipped. A sample that was changed or replaced is the user's from then
on. Whoever changes a sample for the kit itself renews the list: `python -m tests.kit.shipped`.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from fulfillment import texts
from fulfillment.routing.marks import is_marked
from fulfillment.routing.routes import Routes

ROOT = Path(__file__).parents[2]
HANDLERS = ROOT / "handlers"
LIST = Path(__file__).with_suffix(".sha256")
KIT = ("kit",)
"""The kit's own folders in tests/. Other folders, and test files that stand right in tests/, are the user's."""
SAMPLE_TESTS = "tests/shop"
_SAMPLES = ("handlers/*.py", "handlers/texts/*.toml", "deploy/data/*.json")
_FRAME = ("__init__.py", "__main__.py")


def yours() -> list[str]:
    """Return the user's folders and files of tests/, the samples' tests among them, as paths from the root."""
    tests = ROOT / "tests"
    folders = {folder.name for folder in tests.iterdir() if folder.is_dir() and folder.name.isidentifier()}
    own = folders - {*KIT, "__pycache__"} | {file.name for file in tests.glob("test_*.py")}
    return [f"tests/{name}" for name in sorted(own)]


def sums() -> dict[str, str]:
    """Return the SHA-256 of each sample as it was shipped, by path; none where the list was deleted."""
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    return {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}


def changed() -> list[str]:
    """Return the paths of samples that are there, but no longer as they were shipped."""
    return [path for path, digest in sums().items() if (ROOT / path).exists() and _sum(ROOT / path) != digest]


def unchanged() -> set[str]:
    """Return the paths of samples that stand as they were shipped."""
    return {path for path in sums() if (ROOT / path).exists()} - set(changed())


def handlers() -> list[str]:
    """Return the module names of the handlers that stand as they were shipped, with all that they need."""
    return _standing(unchanged())


def sample_of(test: str) -> str:
    """Return the handler that a file of tests/shop was written for, by both's names; "" where it is neither there nor listed.

    `test_book_table_contention` is book_table's, whatever other handler is called `book`.
    """
    listed = {Path(path).stem for path in sums() if path.endswith(".py")}
    name = test.removeprefix("test_") + "_"
    found = (one for one in listed | {file.stem for file in HANDLERS.glob("*.py")} if name.startswith(f"{one}_"))
    return max(found, key=len, default="")


def may_be_tested() -> list[str]:
    """Return the names of the handlers that the tests of the samples may call.

    Those that stand as they were shipped, or are in the list no more, as whoever keeps a sample's tests has wanted; and
    so do those that they import or lead to by an event. Texts and documents may have changed.
    """
    there = {_path(file) for file in HANDLERS.glob("*.py")} - set(changed())
    return _standing(there | {path for path in sums() if path.endswith(".toml")})


def copy_handlers(into: Path) -> Path:
    """Make a package of the shipped handlers alone, with the texts; return its folder."""
    into.mkdir(parents=True)
    for file in (*_FRAME, *(f"{name}.py" for name in handlers())):
        shutil.copy(HANDLERS / file, into)
    if (HANDLERS / "texts").is_dir():
        shutil.copytree(HANDLERS / "texts", into / "texts")
    return into


@functools.cache
def package() -> ModuleType:
    """Return the shipped handlers as a package `shipped_handlers`; no module of the user's is imported."""
    made: Any = ModuleType("shipped_handlers")
    made.__path__ = [str(HANDLERS)]
    sys.modules[made.__name__] = made
    texts.folder = HANDLERS / "texts"
    modules = [importlib.import_module(f"{made.__name__}.{name}") for name in handlers()]
    found = {id(value): value for module in modules for value in vars(module).values() if is_marked(value)}
    made.routes = Routes(found.values())
    return made


def routes() -> Routes:
    """Return the routes of the shipped handlers; none where all of them were removed or changed."""
    found: Routes = package().routes
    return found


def remove() -> None:
    """Delete the samples with their tests and their list, but for what was changed and what the user's handlers import."""
    kept = {_path(file) for file in HANDLERS.rglob("*.py") if file.name not in _FRAME} - unchanged() | set(changed())
    owners = {test: sample_of(test.stem) for test in (ROOT / SAMPLE_TESTS).glob("test_*.py")}
    while needed := {path for one in kept if one.endswith(".py") for path in _needed_by(one)} - kept:
        kept |= needed
    for path in sorted(sums()):
        if path in kept and (ROOT / path).exists():
            print(f"{path} stays: it was changed, or handlers of yours need it. It is yours now.")
        else:
            (ROOT / path).unlink(missing_ok=True)
    if not any(path.startswith("handlers/") and path in kept for path in sums()):
        shutil.rmtree(ROOT / SAMPLE_TESTS, ignore_errors=True)
    for test, owner in owners.items():
        if owner and not (HANDLERS / f"{owner}.py").exists():
            test.unlink(missing_ok=True)
    LIST.unlink(missing_ok=True)
    print('The samples are removed. docs/handlers.md, "Your first handler", shows how to begin.')


def main(arguments: list[str]) -> None:
    """Print the paths of the user's tests or of the kit's, remove the samples, or write their list anew."""
    if arguments == ["--remove"]:
        remove()
        return
    if arguments:
        for path in yours() if arguments == ["--yours"] else [f"tests/{name}" for name in KIT]:
            print(path)
        return
    files = sorted(file for pattern in _SAMPLES for file in ROOT.glob(pattern) if file.name not in _FRAME)
    LIST.write_text("".join(f"{_sum(file)}  {_path(file)}\n" for file in files))


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_text(encoding="utf-8").encode()).hexdigest()


def _path(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _standing(untouched: set[str]) -> list[str]:
    needed = {path: _needed_by(path) for path in untouched if path.endswith(".py")}
    while broken := {path for path in untouched & needed.keys() if not needed[path] <= untouched}:
        untouched = untouched - broken
    return sorted(Path(path).stem for path in untouched & needed.keys())


_IMPORT = re.compile(
    r"^\s*(?:from\s+(?:\.+|handlers\.?)(\w*)\s+import\s+(\([^)]*\)|.*)|import\s+handlers\.(\w+))", re.MULTILINE
)


def _needed_by(path: str) -> set[str]:
    """Return what a handler imports, the texts that it may say, and the samples that its follow-up events lead to."""
    source = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else ""
    needed: set[str] = set()
    perhaps = set(re.findall(r"""\bFollowUp\(\s*["'](\w+)""", source))
    for module, names, imported in _IMPORT.findall(source):
        if module or imported:
            needed.add(f"handlers/{module or imported}.py")
        else:  # of `from . import a, b` each is a module, or a name of the package's own
            perhaps |= set(re.findall(r"\w+", names))
    needed |= {file for name in perhaps if (ROOT / (file := f"handlers/{name}.py")).exists()}
    texts_read = {text for text in sums() if text.endswith(".toml")} if "texts(" in source else set()
    return needed | texts_read


if __name__ == "__main__":
    main(sys.argv[1:])
