"""Requests of public traffic, collected outside of this project: read where they lie, never copied into it.

`PROTOCOL_CORPUS` names a folder with the subfolders `es`, `cx` and `v1`, a request body in each `*.json`. Without it
the tests over the corpus are not collected (conftest.py beside this file).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "PROTOCOL_CORPUS"


def files(dialect: str) -> list[Path]:
    """Return the request files of a dialect, sorted. Raises `pytest.UsageError` where the variable names none."""
    named = os.environ.get(VARIABLE, "")
    if not named:
        raise pytest.UsageError(f"{VARIABLE} is not set; expected a folder of public requests (docs/protocol.md)")
    found = sorted(Path(named, dialect).glob("*.json"))
    if not found:
        raise pytest.UsageError(f"{VARIABLE}: {named}/{dialect} holds no *.json; expected one request body in each")
    return found


def cases(dialect: str) -> list[Any]:
    """Return one pytest parameter for each request of a dialect."""
    return [pytest.param(json.loads(file.read_text()), id=file.stem) for file in files(dialect)]
