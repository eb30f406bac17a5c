"""Fills in the files of deploy/monitoring and compares them with what a project has.

monitoring.py fill FOLDER NAME=VALUE...       writes each file with its @NAME@ replaced to FOLDER; CHANNELS
                                              (comma-separated) become the notification channels of every policy
monitoring.py same FILE                       exit 0 when the JSON on standard input has every member of FILE
monitoring.py find DISPLAY-NAME               from a list of policies or dashboards on standard input: the resource name
monitoring.py one NAME                        from the same list: that resource as JSON
monitoring.py labelled FUNCTION               from the same list: the names of what the kit made for this function
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


def main(command: str, *arguments: str) -> int:
    """Run one of the commands above."""
    if command == "fill":
        fill(Path(arguments[0]), dict(argument.split("=", 1) for argument in arguments[1:]))
        return 0
    answer = json.load(sys.stdin)
    if command == "same":
        return 0 if holds(answer, json.loads(Path(arguments[0]).read_text())) else 1
    if command == "labelled":
        labelled = [r for r in resources(answer) if r.get("userLabels", {}).get("fulfillment-kit") == arguments[0]]
        print("\n".join(resource["name"] for resource in labelled))
        return 0
    key = "displayName" if command == "find" else "name"
    for resource in resources(answer):
        if resource.get(key) == arguments[0]:
            print(resource["name"] if command == "find" else json.dumps(resource))
            break
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
