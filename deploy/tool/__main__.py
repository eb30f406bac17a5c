"""What the scripts of deploy/ ask Python for. Run at the root of the checkout.

python3 -m deploy.tool                                  lists the subjects
python3 -m deploy.tool SUBJECT                          tells what a subject can do
python3 -m deploy.tool SUBJECT COMMAND ARGUMENTS...     does it

JSON comes on standard input, results go to standard output. Exit code 1 is a "no" or a refusal, 2 a wrong command.
"""

from __future__ import annotations

import importlib
import sys
from types import FunctionType, ModuleType

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

_ANY_NUMBER = 0x04
"""The flag of a function with `*arguments`."""


def main(*arguments: str) -> int:
    """Run one command of a subject; the exit code. Only that subject is loaded."""
    if not arguments or arguments[0] not in SUBJECTS:
        print(f"{__doc__}\nSubjects: {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    subject = importlib.import_module(f"deploy.tool.{arguments[0]}")
    command = _commands(subject).get(arguments[1]) if len(arguments) > 1 else None
    if command is None or not _takes(command, len(arguments) - 2):
        print(subject.__doc__, file=sys.stderr)
        return 2
    return command(*arguments[2:]) or 0


def _commands(subject: ModuleType) -> dict[str, FunctionType]:
    commands: dict[str, FunctionType] = subject.COMMANDS
    return commands


def _takes(command: FunctionType, count: int) -> bool:
    # The module `inspect` would take longer to load than most commands take.
    code = command.__code__
    return count == code.co_argcount or (count > code.co_argcount and bool(code.co_flags & _ANY_NUMBER))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
