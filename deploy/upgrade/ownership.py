"""Whose each file is: the one list of what an upgrade replaces, offers anew, or never touches."""

from __future__ import annotations

import enum
import fnmatch
from pathlib import PurePosixPath


class Owner(enum.Enum):
    """What an upgrade does with a file."""

    KIT = "replaced; the upgrade stops where it was changed"
    ADJUSTABLE = "replaced where it stands as shipped; one that was changed stays"
    SAMPLE = "replaced where it stands as shipped; one that was changed or deleted stays so"
    LINES = "the kit's lines are replaced; yours stay below the line `# yours`"
    SAMPLE_LIST = "names the samples that stand as shipped"
    YOURS = "never touched"


RECORD = "deploy/upgrade/installed.sha256"
"""In a project: what the last upgrade put there."""

NOT_READ = frozenset(
    {".git", ".kit-upgrade", ".local", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__"}
)
"""Folders that hold nothing of a project's own source; `.venv` and its likes besides."""

_TESTS_OF_THE_KIT = (
    "kit", "benchmarks", "chaos", "contract", "fuzz", "live", "mutation", "scenarios", "scripts", "unit"
)  # fmt: skip
_PATTERNS = (
    # The first that fits counts. `*` goes over slashes too.
    (Owner.YOURS, (RECORD, "*.pyc", "deploy/agent/*", "deploy/agent-cx/*", "deploy/data/*")),
    (Owner.ADJUSTABLE, ("deploy/settings.example.env", "deploy/firestore.indexes.json", "deploy/prices.tsv")),
    (Owner.ADJUSTABLE, ("deploy/monitoring/*", ".vscode/*", ".pre-commit-config.yaml")),
    (Owner.YOURS, (".env", "*.env", "*.pem", "*.key")),
    (Owner.LINES, ("requirements.txt", "tests/requirements.txt", ".gitignore", ".gcloudignore")),
    (Owner.SAMPLE_LIST, ("tests/shipped.sha256", "tests/kit/shipped.sha256")),
    (Owner.KIT, ("main.py", "pyproject.toml", "handlers/__init__.py", "handlers/__main__.py")),
    (Owner.KIT, ("fulfillment/*", "deploy/*", "docs/*")),
    (Owner.KIT, tuple(f"tests/{folder}/*" for folder in _TESTS_OF_THE_KIT)),
    (Owner.SAMPLE, ("handlers/*", "tests/shop/*", "tests/conversations/*")),
    (Owner.SAMPLE, ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", ".ci/*", ".github/*")),
    (Owner.YOURS, ("tests/test_*", "tests/*/*")),
    (Owner.KIT, ("tests/*",)),  # what stands right there and is no test: tests/run.sh, tests/conftest.py
)


def owner(path: str) -> Owner:
    """Return whose the file at `path` is, a path from the root with slashes. What no line names is the user's."""
    for found, patterns in _PATTERNS:
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
            return found
    return Owner.YOURS


def is_listed(path: str) -> bool:
    """Return whether a line of the list names `path`: what is new at the top has to be put somewhere."""
    return any(fnmatch.fnmatchcase(path, pattern) for _, patterns in _PATTERNS for pattern in patterns)


def goes_with_its_samples(path: str) -> bool:
    """Return whether a sample that is new goes into a project that has its folder: what its tests share."""
    at = PurePosixPath(path)
    return path.startswith("tests/shop/") and not at.name.startswith("test_")


def stays_without_the_kit(path: str) -> bool:
    """Return whether a sample that the kit no longer ships stays: a handler may be in use."""
    return not path.startswith("tests/")
