"""Reads the answer of `gcloud secrets versions access --format=json` on standard input.

secret number       the version's number
secret same FILE    exit 0 when the secret's text is that of FILE (blanks at line ends do not count)
secret both FILE    FILE's lines, then those of the secret that FILE lacks; nothing when the texts are the same
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any


def lines(text: str) -> list[str]:
    """The lines that count, without blanks around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def both(new: list[str], old: list[str]) -> list[str]:
    """What a function that knows the new and the old text is given; the agent sends the first."""
    return [] if new == old else new + [line for line in old if line not in new]


def _text(answer: dict[str, Any]) -> str:
    # gcloud prints the base64 of either alphabet.
    data = answer["payload"].get("data", "").replace("-", "+").replace("_", "/")
    return base64.b64decode(data).decode()


def _number() -> None:
    print(json.load(sys.stdin)["name"].rpartition("/")[2])


def _same(file: str) -> int:
    return 0 if lines(_text(json.load(sys.stdin))) == lines(Path(file).read_text()) else 1


def _both(file: str) -> None:
    print("\n".join(both(lines(Path(file).read_text()), lines(_text(json.load(sys.stdin))))))


COMMANDS = {"number": _number, "same": _same, "both": _both}
