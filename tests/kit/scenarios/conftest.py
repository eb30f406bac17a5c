"""Real functions for scenarios: the sample shop, and the kit alone with the tests' own handlers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.projects import OWN_HANDLERS, copy_of_the_tree, kit_with

__all__ = ["OWN_HANDLERS", "copy_of_the_tree", "kit_with"]


@pytest.fixture(scope="module")
def own_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit with the tests' own handlers only."""
    return kit_with(OWN_HANDLERS, tmp_path_factory.mktemp("own"))
