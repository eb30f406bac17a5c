"""What the scripts of deploy/ ask Python for. Run at the root of the checkout.

python3 -m deploy.tool                                  lists the subjects
python3 -m deploy.tool SUBJECT                          tells what a subject can do
python3 -m deploy.tool SUBJECT COMMAND ARGUMENTS...     does it

JSON comes on standard input, results go to standard output. Exit code 1 is a "no" or a refusal, 2 a wrong command.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from types import ModuleType

SUBJECTS = (
    "calls",
    "cx",
    "doctor",
    "documents",
    "export",
    "fulfillment",
    "function",
    "indexes",
    "intents",
    "monitoring",
    "operation",
    "price",
    "secret",
    "service",
    "source",
    "talk",
)


def main(*arguments: str) -> int:
    """Run one command of a subject; the exit code. Only that subject is loaded."""
    if not arguments or arguments[0] not in SUBJECTS:
        print(f"{__doc__}\nSubjects: {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    subject = importlib.import_module(f"deploy.tool.{arguments[0]}")
    command = _commands(subject).get(arguments[1]) if len(arguments) > 1 else None
    if command is None or not _fits(command, arguments[2:]):
        print(subject.__doc__, file=sys.stderr)
        return 2
    return command(*arguments[2:]) or 0


def _commands(subject: ModuleType) -> dict[str, Callable[..., int | None]]:
    commands: dict[str, Callable[..., int | None]] = subject.COMMANDS
    return commands


def _fits(command: Callable[..., int | None], arguments: tuple[str, ...]) -> bool:
    try:
        inspect.signature(command).bind(*arguments)
    except TypeError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
