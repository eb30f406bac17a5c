"""`python3 -m fulfillment.settings --check`: would the function start on Google with these variables?

    python3 -m fulfillment.settings --check      judges the variables of the environment
    python3 -m fulfillment.settings --check -    judges those of standard input instead, and no others: NAME=VALUE, one
                                                 a line, or each ended by a NUL byte where values have several lines.
                                                 NAME alone will be set, to a value that nobody knows here.

Secrets come this way because arguments can be seen by everybody on the machine. Exit code 1 and one line on standard
error when something is wrong, or when the function would let nobody in; that line repeats no secret. No package beside
Python's own is loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping

from .access import FILES, mechanism_named
from .environment import bad
from .problems import SetupError

_UNKNOWN = "-a-value-that-is-not-known-here"
"""Added to an example, so that it has the form of the real value and is none of the examples that are refused."""


def main(arguments: list[str], chosen: Callable[[Mapping[str, str]], Collection[str]]) -> int:
    """Judge the settings and return the exit code; `chosen` reads variables and returns the mechanisms, or raises."""
    if arguments == ["--check"]:
        variables: Mapping[str, str] = os.environ
    elif arguments == ["--check", "-"]:
        variables = _variables(sys.stdin.buffer.read().decode("utf-8", "surrogateescape"))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        auth = chosen({**variables, "K_SERVICE": "about-to-be-deployed"})
        if not auth or "none" in auth:
            found = "is 'none'" if auth else "is empty"
            raise bad("WEBHOOK_AUTH", f"{found}, which lets nobody in on Google: none is never deployed", "iam,header")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _variables(text: str) -> dict[str, str]:
    entries = text.split("\0") if "\0" in text else text.splitlines()
    pairs = [entry.partition("=") for entry in entries if entry]
    known = {name: value for name, equals, value in pairs if equals}
    return {**known, **_stand_ins({name for name, equals, _ in pairs if not equals})}


def _stand_ins(names: Collection[str]) -> dict[str, str]:
    """Return values of the right form for what mechanisms read; what nobody here reads needs none."""
    if not names:
        return {}
    examples: dict[str, str] = {}
    for name in FILES:
        examples.update(mechanism_named(name).variables)
    return {name: examples[name] + _UNKNOWN for name in names if name in examples}
