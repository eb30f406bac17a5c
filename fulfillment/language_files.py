"""Reads `<language>.toml` files and finds what would only fail when a user of that language calls.

A text is one string, or a list of strings that say the same (variants). `{name}` in it is filled in by the handler, so
every variant of a key, in every language, names the same values.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .problems import SetupError

Variants = tuple[str, ...]
"""What one key says in one language: at least one text."""

_SHOWN = 20


def tag(language: str) -> str:
    """Return a language's name as files and calls share it: `zh_TW` and `zh-tw` are one."""
    return language.lower().replace("_", "-")


def read(folder: Path, default_language: str) -> dict[str, dict[str, Variants]]:
    """Return the texts of every `*.toml` file in `folder`, by language and key; {} where there is no file.

    Raises `SetupError` that names every fault: a file that is no TOML, a value that is neither a text nor a list of
    texts, a text that cannot be formatted, values that differ between variants or languages, and a key that the
    default language lacks while another has it.
    """
    files: dict[str, Path] = {}
    texts: dict[str, dict[str, Variants]] = {}
    faults: list[str] = []
    for file in sorted(folder.glob("*.toml")):
        language = tag(file.stem)
        if language in files:
            faults.append(f"{file}: {files[language].name} is the same language; keep one of them.")
            continue
        files[language] = file
        texts[language] = _read_file(file, faults)
    if not faults:  # of what could not be read nothing can be compared
        default = tag(default_language)
        texts = {language: texts[language] for language in sorted(texts, key=lambda language: language != default)}
        faults = [*_differing_values(texts, files), *_unknown_to_default(texts, files, default)]
    if faults:
        more = [f"... and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise SetupError("\n".join([*faults[:_SHOWN], *more]))
    return texts


def missing(texts: Mapping[str, Mapping[str, Variants]], default_language: str) -> dict[str, list[str]]:
    """Return, by language, the keys that a call in it takes from the default language; complete ones are left out.

    `zh-tw` takes from `zh` first: what that has is not missing.
    """
    default = texts.get(tag(default_language), {})
    found: dict[str, list[str]] = {}
    for language, own in texts.items():
        known = {*own, *texts.get(language.partition("-")[0], {})}
        if lacks := [key for key in default if key not in known]:
            found[language] = lacks
    return found


def _read_file(file: Path, faults: list[str]) -> dict[str, Variants]:
    import tomllib

    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{file} is not valid TOML: {error}.")
        return {}
    except UnicodeDecodeError as error:
        faults.append(f"{file} is not UTF-8 (byte {error.start}); save it as UTF-8.")
        return {}
    except OSError as error:
        faults.append(f"{file} cannot be read: {error.strerror}.")
        return {}
    texts = {}
    for key, value in entries.items():
        variants = _variants(value)
        if not variants:
            faults.append(f"{file}: {key} is {_kind(value)}; expected a text, or a list of texts.")
        else:
            faults += [f"{file}: {key}: {fault}." for text in variants if (fault := _format_fault(text))]
            texts[key] = variants
    return texts


def _variants(value: Any) -> Variants:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    return ()


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list with something else than texts" if value else "an empty list"
    kinds = {dict: "a table", bool: "true or false", int: "a number", float: "a number"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _format_fault(text: str) -> str:
    """Return why `text.format(**values)` could never work, or ""."""
    try:
        fields = _fields(text)
    except ValueError as error:
        return f"{text[:60]!r} cannot be formatted: {error}. A brace that is meant as one is written twice"
    for name in fields:
        if not name.isidentifier():
            return f"{text[:60]!r} has {{{name}}}; values are filled in by name, for example {{day}}"
    return ""


def _fields(text: str) -> list[str]:
    """Return the names of the values that a text needs. Raises `ValueError` for a text that cannot be formatted."""
    names: list[str] = []
    for _, field, spec, conversion in string.Formatter().parse(text):
        if field is None:
            continue
        if conversion not in (None, "r", "s", "a"):
            raise ValueError(f"!{conversion} is no conversion")
        names.append(field.partition(".")[0].partition("[")[0])
        names += _fields(spec or "")
    return names


def _differing_values(texts: Mapping[str, Mapping[str, Variants]], files: Mapping[str, Path]) -> list[str]:
    """Return a fault for each text that names other values than the first one of its key, the default language's."""
    first: dict[str, tuple[set[str], str]] = {}
    faults = []
    for language, entries in texts.items():
        for key, variants in entries.items():
            for text in variants:
                values = set(_fields(text))
                expected, where = first.setdefault(key, (values, files[language].name))
                if values != expected:
                    faults.append(
                        f"{files[language]}: {key} names {_listed(values)} in {text[:60]!r}; "
                        f"in {where} it names {_listed(expected)}. A handler gives all languages the same values."
                    )
                    break
    return faults


def _listed(values: set[str]) -> str:
    return ", ".join(f"{{{value}}}" for value in sorted(values)) or "no values"


def _unknown_to_default(
    texts: Mapping[str, Mapping[str, Variants]], files: Mapping[str, Path], default: str
) -> Sequence[str]:
    if default not in texts:  # one language alone may be any
        return ()
    return [
        f"{files[default]} lacks {key}, which {files[language].name} has; users of other languages get the text from "
        "there."
        for language, entries in texts.items()
        for key in entries
        if key not in texts[default]
    ]
