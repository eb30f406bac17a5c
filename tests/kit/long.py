"""The option --long: rare and long matrices run under it alone; a sample of each always runs."""

from __future__ import annotations

from typing import Any

import pytest

_LEFT_OUT: pytest.StashKey[int] = pytest.StashKey()


def add_option(parser: pytest.Parser) -> None:
    """Add --long."""
    parser.addoption("--long", action="store_true", help="also run what is rare and long: docs/testing-the-kit.md")


def add_marker(config: pytest.Config) -> None:
    """Add the mark of the tests that run under --long alone."""
    config.addinivalue_line("markers", "long: rare or long; runs under --long alone: docs/testing-the-kit.md")


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the tests so marked out of `items` unless they were asked for, and remember how many those are."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if not item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    note(config, {"left_out": len(left_out)})
    if hasattr(config, "workeroutput"):  # this is a process of pytest-xdist; each of them collects the same
        config.workeroutput["left_out"] = len(left_out)


def note(config: pytest.Config, output: dict[str, Any]) -> None:
    """Remember how many were left out, as this process or another one tells."""
    if "left_out" in output:
        config.stash[_LEFT_OUT] = output["left_out"]


def summary(config: pytest.Config) -> str:
    """The line about what was left out; "" when nothing was."""
    count = config.stash.get(_LEFT_OUT, 0)
    return f"{count} long tests were left out; ./tests/run.sh --long runs them too." if count else ""
