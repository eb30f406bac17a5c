"""Writes what pages show of the code: the messages with their JSON, what dialects make of parts, the rooms.

A page marks the place: `<!-- made from the code: NAME -->` to `<!-- end -->`. Run it after a
change of the code; a test compares.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import re
import subprocess
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fulfillment
from fulfillment import Context, EndSlotFilling, Reply, Request, on
from fulfillment.dialects.losses import DIALECTS, markdown, way
from fulfillment.messages import google
from fulfillment.parts import Part
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings
from fulfillment.testing import Agent
from tests.kit.contract.message_examples import CHAPTERS, IN_A_DIALECT
from tests.kit.contract.pages import DOCS
from tests.kit.functions import ROOT

MARK = "<!-- made from the code: {} -->\n"
END = "<!-- end -->"
NAMES: dict[str, Any] = {name: getattr(fulfillment, name) for name in fulfillment.__all__} | vars(google)
V2BETA1 = "API version v2beta1 only"


def parts() -> dict[str, type[Part]]:
    """Return the public parts and what they are made of, by name."""
    return {
        name: NAMES[name] for name in fulfillment.__all__ if isinstance(NAMES[name], type) and _is_part(NAMES[name])
    }


def _is_part(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) and issubclass(kind, Part.__mro__[-2])  # the base of what checks itself


def messages() -> str:
    """Return the chapters of docs/messages.md."""
    lines: list[str] = []
    shown: set[str] = set()
    for chapter, examples in CHAPTERS.items():
        lines += [f"## {chapter}", ""]
        for name, example in examples.items():
            lines += _part(name, example, shown)
    return _formatted("\n".join(lines))


def _part(name: str, example: str, shown: set[str]) -> list[str]:
    lines = [f"### {name}", "", _doc(NAMES[name]), "", *_fields(name)]
    for other in sorted(parts().keys() & set(re.findall(r"(\w+)\(", example)) - {name} - shown):
        if other not in CHAPTERS_OF:
            shown.add(other)
            lines += [f"`{other}`: {_doc(NAMES[other])}", "", *_fields(other)]
    lines += ["```python", *_imports(example), "", f"Reply({example})", "```", ""]
    made = eval(example, NAMES)
    return lines + _answers(name, made if isinstance(made, tuple) else (made,))


CHAPTERS_OF = {name for examples in CHAPTERS.values() for name in examples}


def _imports(example: str) -> list[str]:
    used = set(re.findall(r"\b([A-Za-z_]+)\(", example))
    public = sorted(used & set(fulfillment.__all__) | {"Reply"})
    asks = sorted(name for name in used if name.startswith("ask_"))
    lines = [f"from fulfillment import {', '.join(public)}"]
    return lines + ([f"from fulfillment.messages.google import {', '.join(asks)}"] if asks else [])


def _formatted(text: str) -> str:
    """Return a text with its Python blocks as ruff formats them, all in one run."""
    blocks = re.findall(r"(?<=```python\n).*?(?=```)", text, re.DOTALL)
    command = [sys.executable, "-m", "ruff", "format", "-"]
    between = "# between two blocks\n"
    done = subprocess.run(
        command, input=between.join(blocks), capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    for block, formatted in zip(blocks, done.split(between), strict=True):
        text = text.replace(f"```python\n{block}", f"```python\n{formatted.strip()}\n", 1)
    return text


def _doc(kind: type) -> str:
    return " ".join((inspect.getdoc(kind) or "").split("\n\nRaises")[0].split())


def _fields(name: str) -> list[str]:
    kind = NAMES[name]
    hints = {field.name: field.type for field in dataclasses.fields(kind)}
    parameters = [one for one in inspect.signature(kind).parameters.values() if one.name != "self"]
    if not parameters:
        return []
    rows = ["| argument | type | default |", "|---|---|---|"]
    for one in parameters:
        stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(one.kind.name, "")
        kept = one.annotation if one.annotation is not one.empty else hints.get(one.name, "")
        factory = type(one.default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS"
        default = "" if one.default is one.empty else "`{}`" if factory else f"`{one.default!r}`"
        rows.append(f"| `{stars}{one.name}` | `{_type(name, one.name, kept)}` | {default} |")
    return [*rows, ""]


def _type(part: str, argument: str, annotation: Any) -> str:
    """Return a type as people write it, with the words of a `Literal` instead of its alias."""
    hint = typing.get_type_hints(NAMES[part]).get(argument)
    text = str(hint) if typing.get_origin(hint) is typing.Literal else str(annotation)
    return re.sub(r"\b(?:typing|collections\.abc)\.", "", text).replace("|", "\\|")


def _answers(name: str, parts: tuple[Part, ...]) -> list[str]:
    """Return the JSON of each dialect; equal ones once, and one line for those that do not have the part."""
    said: dict[str, list[str]] = {}
    for dialect, title in DIALECTS.items():
        found = way(name, dialect)
        assert found, f"{name} has no row in the table of conversions"
        if found.kind == "dropped":
            said.setdefault(f": dropped. {found.note}.", []).append(title)
        else:
            beta = f" ({V2BETA1})" if V2BETA1 in found.note else ""
            said.setdefault(
                f"{beta}:\n\n```json\n{_json(_body(dialect, IN_A_DIALECT.get((name, dialect), parts)))}\n```", []
            ).append(title)
    lines = []
    for text, titles in said.items():
        lines += [f"{', '.join(titles)}{text}", ""]
    return lines


def _body(dialect: str, parts: tuple[Part, ...]) -> Any:
    """Return the webhook's answer to a turn whose reply has these parts."""

    @on.intent("example")
    def example() -> Reply:
        return Reply(*parts)

    @on.event("table_full")
    def table_full() -> str:
        return "We are full."

    world: Any = "es" if dialect == "messenger" else dialect
    agent = Agent(
        Routes([example, table_full]),
        dialect=world,
        channel="messenger" if dialect == "messenger" else "",
        settings=Settings(api_version="v2beta1"),
    )
    if isinstance(parts[0], EndSlotFilling):
        agent.remember(Context("example_dialog_context", 2))
    page: dict[str, Any] = {"page": "Example", "form": {"guests": None}} if dialect == "cx" else {}
    filling: dict[str, Any] = {"slot_filling": True} if isinstance(parts[0], EndSlotFilling) else {}
    turn = agent.ask("example", follow=False, **page, **filling)
    assert turn.status == 200, (parts, turn.body)
    return json.loads(re.sub(r"(?<=/sessions/)[\w-]+", "SESSION", json.dumps(turn.body)))


def _json(value: Any, width: int = 110) -> str:
    """Return JSON with one line for what fits on one."""
    one_line = json.dumps(value, ensure_ascii=False)
    if len(one_line) <= width or not isinstance(value, dict | list):
        return one_line
    if isinstance(value, dict):
        inside = [f"{json.dumps(name)}: {_json(one, width - 2)}" for name, one in value.items()]
    else:
        inside = [_json(one, width - 2) for one in value]
    text = ",\n".join(inside).replace("\n", "\n  ")
    return f"{'{' if isinstance(value, dict) else '['}\n  {text}\n{'}' if isinstance(value, dict) else ']'}"


def rooms() -> str:
    """Return the table of rooms in fulfillment/: what each is, and which others it imports."""
    folder = ROOT / "fulfillment"
    files = {path: path.relative_to(folder).parts[0].removesuffix(".py") for path in sorted(folder.rglob("*.py"))}
    imports: dict[str, set[str]] = {}
    first: dict[str, str] = {}
    for path, room in files.items():
        if room == "__init__":
            continue
        tree = ast.parse(path.read_text())
        imports.setdefault(room, set()).update(_imported(tree, path, folder) & set(files.values()) - {room})
        if path in (folder / f"{room}.py", folder / room / "__init__.py"):
            first[room] = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
    lines = ["| room | is | imports |", "|---|---|---|"]
    for room in sorted(first):
        lines.append(f"| `{room}` | {first[room]} | {', '.join(f'`{name}`' for name in sorted(imports[room]))} |")
    return "\n".join(lines).replace("`Part`: ", "") + "\n"


def _imported(tree: ast.Module, path: Path, folder: Path) -> set[str]:
    checking = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found: set[str] = set()
    depth = len(path.relative_to(folder).parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in checking and node.level == depth:
            found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
    return found


def request() -> str:
    """Return what a handler may read of a request: the class's own words, then its members with their types."""
    lines = [inspect.getdoc(Request) or "", "", "| member | type |", "|---|---|"]
    lines += [f"| `{field.name}` | `{_shown(field.type)}` |" for field in dataclasses.fields(Request)]
    for name, value in vars(Request).items():
        getter = value.fget if isinstance(value, property) else getattr(value, "func", None)
        if getter:
            lines.append(f"| `{name}` | `{_shown(getter.__annotations__['return'])}` |")
    return "\n".join(lines) + "\n"


def _shown(annotation: Any) -> str:
    return str(annotation).replace("|", "\\|")


MADE: dict[str, tuple[str, Callable[[], str]]] = {
    "messages": ("messages", messages),
    "parts": ("parts", lambda: markdown().strip() + "\n"),
    "request": ("handlers", request),
    "rooms": ("architecture", rooms),
}
"""By mark: the page of docs/, and what makes the text."""


def with_made(text: str, mark: str, made: str) -> str:
    """Return a page with the text between a mark and its end."""
    before, found, rest = text.partition(MARK.format(mark))
    assert found, f"no mark for {mark}"
    return f"{before}{found}\n{made.strip()}\n\n{END}{rest.partition(END)[2]}"


def main() -> None:
    """Write all of them into their pages."""
    for mark, (page, make) in MADE.items():
        file = DOCS / f"{page}.md"
        file.write_text(with_made(file.read_text(), mark, make()))


if __name__ == "__main__":
    main()
