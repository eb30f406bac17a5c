"""Prints which handler answers what: `python -m handlers [--json]`."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from ..languages import texts
from .argument_schema import schema
from .handler import Handler
from .marks import Mark
from .routes import Routes


def main(routes: Routes, arguments: list[str] | None = None) -> None:
    """Print the table for a person, or with `--json` an object `{"routes": [...], "texts": {...}}` for scripts.

    Each parameter has its JSON Schema, so that a tool can make a call that fits.
    `texts` has each language of `handlers/texts`, with its keys and those it takes from the default language.

    Under the table stands, for each flexible route, what to paste into its CX webhook resource; in JSON each such row
    has `webhooks`, the same as members of the API's resource, `uri` being a path.
    """
    parser = argparse.ArgumentParser(prog="python -m handlers", description="Print which handler answers what.")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    parser.add_argument("--url", default="", help="the function's URL, for what to paste into CX webhook resources")
    chosen = parser.parse_args(arguments)
    rows = [_row(mark, handler) for mark, handler in routes.table()]
    if chosen.json:
        print(json.dumps({"routes": rows, "texts": _texts()}, indent=2, ensure_ascii=False))
        return
    print(_table(rows))
    if told := _told_of_texts():
        print("\n" + told)
    for mark, handler in routes.table():
        for method in mark.methods:
            from ..dialects.flexible.resource import to_paste

            print("\n" + to_paste(handler, mark.name, method, chosen.url))


def _row(mark: Mark, handler: Handler) -> dict[str, Any]:
    row = {
        "kind": mark.kind,
        "name": mark.name,
        "handler": handler.name,
        "file": os.path.relpath(handler.file),
        "line": handler.line,
        "slot_filling": mark.slot_filling,
        "methods": list(mark.methods),
        "parameters": [
            {
                "name": argument.source,
                "type": argument.type_name,
                "required": argument.required,
                "schema": schema(argument.hint),
            }
            | ({"context": argument.contexts[0]} if argument.contexts and mark.kind != "route" else {})
            for argument in handler.signature.arguments
            if not argument.is_context
        ],
        "contexts": [argument.source for argument in handler.signature.arguments if argument.is_context],
        "required_contexts": [
            {"name": argument.source, "schema": schema(argument.hint)}
            for argument in handler.signature.arguments
            if argument.is_context and argument.required
        ],
    }
    if mark.kind == "route":
        from ..dialects.flexible.resource import resource

        row["webhooks"] = [resource(handler, mark.name, method) for method in mark.methods]
    return row


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return 'No handlers. Put a module into handlers/, for example that of docs/handlers.md, "Your first handler".'
    lines = [("KIND", "NAME", "PARAMETERS", "HANDLER")]
    for row in rows:
        parameters = [
            entry["name"]
            + ("" if entry["required"] else "?")
            + (f" (or context {entry['context']})" if "context" in entry else "")
            for entry in row["parameters"]
        ]
        parameters += [f"context {name}" for name in row["contexts"]]
        name = row["name"] + (" (slot filling)" if row["slot_filling"] else "")
        lines.append((row["kind"], name, ", ".join(parameters) or "-", f"{row['file']}:{row['line']}"))
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)) + f"  {line[3]}"
        for line in lines
    )


def _texts() -> dict[str, dict[str, list[str]]]:
    missing = texts.missing()
    return {
        language: {"keys": list(entries), "missing": missing.get(language, [])}
        for language, entries in texts.read().items()
    }


def _told_of_texts() -> str:
    """Return which languages there are, and what a user of one would get in another."""
    found = _texts()
    if not found:
        return ""
    default = texts.default_language
    lines = ["Texts: " + ", ".join(f"{language} ({len(entry['keys'])})" for language, entry in found.items())]
    for language, entry in found.items():
        if entry["missing"]:
            lines.append(f"  {language} lacks {', '.join(entry['missing'])}: its users get these in {default}.")
    if default.lower() not in found:
        lines.append(f"  There is no {default}.toml: users of other languages get no text, and their call fails.")
    return "\n".join(lines)
