"""Requests of real agents and libraries, collected outside of this project; read where they lie, never copied."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "PROTOCOL_CASES"
FOLDER = Path(os.environ.get(VARIABLE, Path(__file__).parents[4] / "shared" / "protocol" / "cases"))


def cases(dialect: str) -> list[Any]:
    """Return one pytest parameter for each request, or a single one that is skipped with the reason."""
    files = sorted((FOLDER / dialect).glob("*.json"))
    if not files:
        reason = f"no requests of {dialect} at {FOLDER}; {VARIABLE} names another folder"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="none")]
    return [pytest.param(json.loads(file.read_text()), id=file.stem) for file in files]
