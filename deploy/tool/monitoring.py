"""Fills in the files of deploy/monitoring and compares them with what a project has.

monitoring fill FOLDER NAME=VALUE...       writes each file with its @NAME@ replaced to FOLDER; CHANNELS
                                           (comma-separated) become the notification channels of every policy
monitoring near-deadline SECONDS           80 % of that deadline, in milliseconds
monitoring same FILE                       exit 0 when the JSON on standard input has every member of FILE
monitoring named-as FILE                   from a list of policies on standard input: the resource name of the one with
                                           the display name of FILE, or nothing
monitoring one NAME                        from the same list: that resource as JSON
monitoring labelled FUNCTION               from the same list: the names of what the kit made for this function
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_FILES = Path(__file__).resolve().parents[1] / "monitoring"


def filled(text: str, values: dict[str, str]) -> dict[str, Any]:
    """One file with its places filled; a place that is a whole string of digits becomes a number."""
    for name, value in values.items():
        if value.isdigit():
            text = text.replace(f'"@{name}@"', value)
        text = text.replace(f"@{name}@", value)
    content: dict[str, Any] = json.loads(text)
    if "notificationChannels" in content:
        content["notificationChannels"] = [c for c in values.get("CHANNELS", "").split(",") if c]
    return content


def fill(folder: Path, values: dict[str, str]) -> None:
    """Write every file, filled, to `folder`."""
    for file in sorted(_FILES.glob("*.json")):
        (folder / file.name).write_text(json.dumps(filled(file.read_text(), values), indent=2))


def holds(actual: Any, wanted: Any) -> bool:
    """Whether `actual` has all of `wanted`; what Google adds by itself does not count, nor does an empty member."""
    if isinstance(wanted, dict):
        return isinstance(actual, dict) and all(holds(actual.get(k), v) for k, v in wanted.items())
    if isinstance(wanted, list):
        actual = actual or []
        return len(actual) == len(wanted) and all(map(holds, actual, wanted))
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return float(actual or 0) == float(wanted)
    return actual == wanted or (not actual and not wanted)


def resources(answer: Any) -> list[dict[str, Any]]:
    """The resources in a list, or in an answer that wraps one."""
    if isinstance(answer, dict):
        answer = next((v for v in answer.values() if isinstance(v, list)), [])
    return list(answer)


def _fill(folder: str, *values: str) -> None:
    fill(Path(folder), dict(value.split("=", 1) for value in values))


def _near_deadline(seconds: str) -> None:
    print(round(float(seconds) * 800))


def _same(file: str) -> int:
    return 0 if holds(json.load(sys.stdin), json.loads(Path(file).read_text())) else 1


def _named_as(file: str) -> None:
    title = json.loads(Path(file).read_text())["displayName"]
    found = (resource["name"] for resource in resources(json.load(sys.stdin)) if resource.get("displayName") == title)
    print(next(found, ""))


def _one(name: str) -> None:
    found = (json.dumps(resource) for resource in resources(json.load(sys.stdin)) if resource.get("name") == name)
    print(next(found, ""))


def _labelled(function: str) -> None:
    for resource in resources(json.load(sys.stdin)):
        if resource.get("userLabels", {}).get("fulfillment-kit") == function:
            print(resource["name"])


COMMANDS = {
    "fill": _fill,
    "near-deadline": _near_deadline,
    "same": _same,
    "named-as": _named_as,
    "one": _one,
    "labelled": _labelled,
}
