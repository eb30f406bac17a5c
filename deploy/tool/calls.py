"""Webhook calls from log entries (JSON of `gcloud logging read`) on standard input.

calls table         errors first, and how many failed
"""

from __future__ import annotations

import json
import sys
from typing import Any

_COLUMNS = ("time", "status", "cause", "intent", "handler", "ms", "of ms", "id")


def row(entry: dict[str, Any]) -> dict[str, str]:
    """One call: a line of the function, or a request that the platform answered itself."""
    payload, request = entry.get("jsonPayload", {}), entry.get("httpRequest", {})
    if payload.get("event") == "call":
        return {
            "time": entry["timestamp"][:19].replace("T", " "),
            "status": f"{payload.get('status', 0):.0f}",
            "cause": str(payload.get("cause", "")),
            "intent": str(payload.get("intent", "")),
            "handler": str(payload.get("handler", "")),
            "ms": f"{payload.get('milliseconds', 0):.0f}",
            "of ms": f"{payload.get('deadline_milliseconds', 0):.0f}",
            "id": str(payload.get("id", "")),
        }
    return {
        **dict.fromkeys(_COLUMNS, ""),
        "time": entry["timestamp"][:19].replace("T", " "),
        "status": str(request.get("status", "")),
        "cause": "(before the function)",
        "ms": f"{float(str(request.get('latency', '0s')).rstrip('s')) * 1000:.0f}",
    }


def rows(entries: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Errors first, newest first among each. A request the function wrote a line about is shown once, by that line."""
    told = {entry.get("trace") for entry in entries if entry.get("jsonPayload", {}).get("event") == "call"}
    shown = [e for e in entries if e.get("jsonPayload", {}).get("event") == "call" or e.get("trace") not in told]
    table = sorted((row(entry) for entry in shown), key=lambda r: r["time"], reverse=True)
    return sorted(table, key=lambda r: r["status"] == "200")


def table(lines: list[dict[str, str]]) -> str:
    """Aligned columns; those that are empty everywhere are left out."""
    columns = [c for c in _COLUMNS if any(line[c] for line in lines)]
    widths = {c: max(len(c), *(len(line[c]) for line in lines)) for c in columns}
    right = ("status", "ms", "of ms")
    text = [[c.rjust(widths[c]) if c in right else c.ljust(widths[c]) for c in columns]]
    text += [[line[c].rjust(widths[c]) if c in right else line[c].ljust(widths[c]) for c in columns] for line in lines]
    return "\n".join("  ".join(cells).rstrip() for cells in text)


def show() -> None:
    """Print the table and a sentence."""
    lines = rows(json.load(sys.stdin))
    if not lines:
        print("No calls. (--since 1d looks further back.)")
        return
    failed = sum(line["status"] != "200" for line in lines)
    print(table(lines))
    print(f"\n{len(lines)} calls, {failed} not answered with 200.")


COMMANDS = {"table": show}
