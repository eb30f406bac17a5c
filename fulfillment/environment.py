"""Reading environment variables: each function reads one kind of value, or says what is wrong with it.

Every error is a `SetupError` that names the variable, what is wrong, and a valid example.
"""

from __future__ import annotations

from collections.abc import Mapping

from .problems import SetupError


def bad(variable: str, wrong: str, example: str) -> SetupError:
    """Return the error for a variable; `wrong` goes on after its name and repeats no secret."""
    return SetupError(f"{variable} {wrong}. Example: {variable}='{example}'")


def commas(value: str) -> tuple[str, ...]:
    """Return the parts between commas, without spaces around them and without empty ones."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def lines(value: str) -> tuple[str, ...]:
    """Return the lines that are not blank."""
    # Not splitlines(): that also splits at characters a password may hold, such as U+2028.
    return tuple(line.removesuffix("\r") for line in value.split("\n") if line.strip())


def seconds(env: Mapping[str, str], name: str, default: float, most: float, least: float = 0.5) -> float:
    """Return a number of seconds from `least` to `most`. Raises `SetupError`."""
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not least <= value <= most:
        raise bad(name, f"{text!r} is not a number of seconds from {least:g} to {most:g}", f"{default:g}")
    return value


def whole(env: Mapping[str, str], name: str, default: int, example: int, least: int = 1) -> int:
    """Return a whole number of at least `least`. Raises `SetupError`."""
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise bad(name, f"{text!r} is not a whole number of at least {least}", str(example))
    return int(text)


def one_of(env: Mapping[str, str], name: str, default: str, other: str) -> str:
    """Return one of two words, in lower case. Raises `SetupError`."""
    text = env.get(name, "").strip().lower() or default
    if text not in (default, other):
        raise bad(name, f"{text!r} is neither {default} nor {other}", other)
    return text


def flag(env: Mapping[str, str], name: str) -> bool:
    """Return whether a variable says yes; unset is no. Raises `SetupError`."""
    text = env.get(name, "").strip().lower()
    if text in ("", "false", "0", "no"):
        return False
    if text in ("true", "1", "yes"):
        return True
    raise bad(name, f"{text!r} is neither true nor false", "true")
