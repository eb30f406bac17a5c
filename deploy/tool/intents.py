"""Handlers (JSON of `python -m handlers --json`) against the intents of an ES agent (JSON of agent.intents.list).

intents paths                  from the handlers on standard input: the paths of their routes, one a line
intents updates HANDLERS       from the intents on standard input: the body of intents:batchUpdate that makes every
                               intent with a handler call the webhook; empty when all do
intents report HANDLERS        the same as sentences: `changed NAME`, `there N`, `missing NAME`, `unhandled NAME`
intents names                  from the intents on standard input: those that a new agent does not have
intents next-page              from an answer of agent.intents.list on standard input: the token of the next, or nothing
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ON = "WEBHOOK_STATE_ENABLED"
ON_FOR_SLOTS = "WEBHOOK_STATE_ENABLED_FOR_SLOT_FILLING"
NEW_AGENT = ("Default Welcome Intent", "Default Fallback Intent")


@dataclass
class Match:
    """Which intents have a handler, which of them must change, and which handlers have no intent."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    fine: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unhandled: list[str] = field(default_factory=list)


def paths(routes: list[dict[str, Any]]) -> list[str]:
    """The paths of handlers marked `@on.route`; the kit's own root is no audience of its own."""
    return sorted({route["name"] for route in routes if route["kind"] == "route" and route["name"] != "/"})


def match(routes: list[dict[str, Any]], intents: list[dict[str, Any]]) -> Match:
    """Pair handlers with intents by name, then by action; fallback intents fall to the fallback handler."""
    result = Match()
    by_name = {route["name"]: route for route in routes if route["kind"] == "intent"}
    by_action = {route["name"]: route for route in routes if route["kind"] == "action"}
    fallback = next((route for route in routes if route["kind"] == "fallback"), None)
    seen_names, seen_actions = set(), set()
    for intent in intents:
        name, action = intent["displayName"], intent.get("action", "")
        seen_names.add(name)
        seen_actions.add(action)
        handler = by_name.get(name) or by_action.get(action) or (fallback if intent.get("isFallback") else None)
        state = intent.get("webhookState", "")
        if handler is None:
            if state in (ON, ON_FOR_SLOTS):
                result.unhandled.append(name)
            continue
        wanted = ON_FOR_SLOTS if handler.get("slot_filling") else ON
        if state == wanted or (state == ON_FOR_SLOTS and wanted == ON):
            result.fine.append(name)
        else:
            result.changes.append({"name": intent["name"], "displayName": name, "webhookState": wanted})
    result.missing = sorted(by_name.keys() - seen_names) + sorted(by_action.keys() - seen_actions)
    return result


def updates(changes: list[dict[str, Any]]) -> str:
    """The body of intents:batchUpdate; empty when nothing is to change."""
    if not changes:
        return ""
    return json.dumps({"intentBatchInline": {"intents": changes}, "updateMask": "webhookState"})


def intents_on(text: str) -> list[dict[str, Any]]:
    """The intents of one or several answers of agent.intents.list, one after the other."""
    decoder, found, text = json.JSONDecoder(), [], text.strip()
    while text:
        page, end = decoder.raw_decode(text)
        found += page.get("intents", [])
        text = text[end:].lstrip()
    return found


def _matched(handlers: str) -> Match:
    return match(json.loads(Path(handlers).read_text())["routes"], intents_on(sys.stdin.read()))


def _paths() -> None:
    print("\n".join(paths(json.load(sys.stdin)["routes"])))


def _updates(handlers: str) -> None:
    print(updates(_matched(handlers).changes))


def _report(handlers: str) -> None:
    matched = _matched(handlers)
    for change in matched.changes:
        slots = " (also while filling slots)" if change["webhookState"] == ON_FOR_SLOTS else ""
        print(f"changed {change['displayName']}{slots}")
    if matched.fine:
        print(f"there webhook call of {len(matched.fine)} intents")
    for name in matched.missing:
        print(f"missing {name}")
    for name in matched.unhandled:
        print(f"unhandled {name}")


def _names() -> None:
    names = [intent["displayName"] for intent in intents_on(sys.stdin.read())]
    print("\n".join(name for name in names if name not in NEW_AGENT))


def _next_page() -> None:
    print(json.load(sys.stdin).get("nextPageToken", ""))


COMMANDS = {"paths": _paths, "updates": _updates, "report": _report, "names": _names, "next-page": _next_page}
